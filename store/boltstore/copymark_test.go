package boltstore

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"bdc/store"
)

// TestMarker writes a stream with marks in pieces of any size.
func TestMarker(t *testing.T) {
	mark := newCopyMark()
	stream := bytes.Join([][]byte{mark, mark[1:9], []byte("between"), mark[:9], mark, mark, mark[:16]}, nil)
	want := bytes.Clone(stream)
	for i := 0; ; i += copyMarkSize {
		at := bytes.Index(want[i:], mark)
		if at < 0 {
			break
		}
		i += at
		want[i+copyMarkSize-1] = copied
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var got bytes.Buffer
		m := marker{w: &got, random: mark[:copyMarkSize-1]}
		for rest := stream; len(rest) > 0; {
			n := min(1+random.IntN(40), len(rest))
			if _, err := m.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := m.flush(); err != nil || m.marked != 3 || !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("got %d marks, error %v and\n%q, want 3 and\n%q", m.marked, err, got.Bytes(), want)
		}
	}
}

// TestMarkerWithoutMark makes no copy that does not say that it is one.
func TestMarkerWithoutMark(t *testing.T) {
	mark := newCopyMark()
	m := marker{w: io.Discard, random: mark[:copyMarkSize-1]}
	if _, err := m.Write(mark[:copyMarkSize-1]); err != nil {
		t.Fatal(err)
	}
	if err := m.flush(); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("got error %v, want one that wraps ErrDamaged", err)
	}
}

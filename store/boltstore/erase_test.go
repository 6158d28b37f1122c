package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// A file that came again with another message stays with that one; who erases both erases
// the file.
func TestFileOfTwoMessages(t *testing.T) {
	day := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	now := day
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"),
		boltstore.Options{Create: true, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file := []byte("the blank form")
	for i, from := range []string{"lou@example.org", "zoe@example.org"} {
		now = day.AddDate(0, 0, i)
		if err := s.Keep(t.Context(), [][]byte{file}); err != nil {
			t.Fatal(err)
		}
		in := order.Intake{At: now, Message: order.Message{
			Key: order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: uint32(i + 1)}, From: from,
			Parts: []order.Part{{Name: "form.xlsx", Hash: order.Sum(file)}},
		}}
		if r := s.Record(t.Context(), store.Fence{}, []order.Intake{in}); r[0].Err != nil {
			t.Fatal(r[0].Err)
		}
	}
	for i, from := range []string{"lou@example.org", "zoe@example.org"} {
		got, err := s.Erase(t.Context(), store.KindMessage, store.Erasure{Address: from, Actor: "bdc", At: now})
		if err != nil || got.Count != 1 {
			t.Fatalf("erase %s: %+v, error %v", from, got, err)
		}
		_, err = s.Blob(t.Context(), order.Sum(file))
		if there := err == nil; there != (i == 0) {
			t.Errorf("%s is erased: got the file there %t, error %v", from, there, err)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// BenchmarkErase says how long the longest transaction of an erasure takes, among as many
// orders as BDC_BENCH_ORDERS says.
func BenchmarkErase(b *testing.B) {
	orders := 2000
	if text := os.Getenv("BDC_BENCH_ORDERS"); text != "" {
		if _, err := fmt.Sscan(text, &orders); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		b.StopTimer()
		s, err := boltstore.Open(filepath.Join(b.TempDir(), "bdc.db"), boltstore.Options{Create: true})
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; i < orders; i += 100 {
			var batch []order.Intake
			for j := range 100 {
				in := intake(uint32(i + j + 1))
				in.Orders[0].Status = order.Opened
				in.Message.Text = string(bytes.Repeat([]byte("Bonjour, voici ma commande. "), 40))
				in.Replies = nil
				batch = append(batch, in)
			}
			for _, r := range s.Record(b.Context(), store.Fence{}, batch) {
				if r.Err != nil {
					b.Fatal(r.Err)
				}
			}
		}
		b.StartTimer()
		var longest time.Duration
		for _, kind := range store.ErasableKinds() {
			e := store.Erasure{Before: time.Now().AddDate(10, 0, 0), Actor: "bdc", At: time.Now()}
			for calls := 0; calls == 0 || e.After != ""; calls++ {
				begun := time.Now()
				got, err := s.Erase(b.Context(), kind, e)
				if err != nil {
					b.Fatal(err)
				}
				longest, e.After = max(longest, time.Since(begun)), got.Next
			}
		}
		b.ReportMetric(float64(longest.Microseconds())/1000, "ms/longest")
		if err := errors.Join(s.Close()); err != nil {
			b.Fatal(err)
		}
	}
}

package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"bdc/order"
	"bdc/store/boltstore"
)

func TestRetentionAge(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		text string
		want time.Time // zero: refused
	}{
		{"3 years", time.Date(2023, 11, 21, 9, 0, 0, 0, time.UTC)},
		{"18 months", time.Date(2025, 5, 21, 9, 0, 0, 0, time.UTC)},
		{"90 days", time.Date(2026, 8, 23, 9, 0, 0, 0, time.UTC)},
		{"29 days", time.Time{}},
		{"-3 years", time.Time{}},
		{"3", time.Time{}},
		{"for ever", time.Time{}},
		{"3 weeks", time.Time{}},
		{"9999 years", time.Time{}},
	} {
		var f faults
		r := Retention{Attachments: tt.text}
		f.retention(&r)
		if tt.want.IsZero() {
			if len(f) != 1 {
				t.Errorf("%q: got faults %v, want one", tt.text, f)
			}
			continue
		}
		if got := r.attachments.before(now); len(f) != 0 || !got.Equal(tt.want) {
			t.Errorf("%q: got %s and faults %v, want %s", tt.text, got, f, tt.want)
		}
	}
}

// What is old enough is erased when the daemon starts, and nothing where nothing
// is configured.
func TestEraserSweeps(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	came := now.AddDate(-1, 0, 0)
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Clock: func() time.Time { return came }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	old, young := []byte("old"), []byte("young")
	if err := s.Keep(t.Context(), [][]byte{old, young}); err != nil {
		t.Fatal(err)
	}
	came = now.AddDate(0, -1, 0)
	if err := s.Keep(t.Context(), [][]byte{young}); err != nil { // it came again
		t.Fatal(err)
	}
	sweep := func(text string) {
		t.Helper()
		var f faults
		k := eraser{store: s, retention: Retention{Attachments: text}, clock: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
		if f.retention(&k.retention); len(f) > 0 {
			t.Fatal(f)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if text == "" { // it returns by itself
			defer cancel()
			k.run(ctx)
			return
		}
		defer cancel()
		if _, err := k.sweep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	there := func(data []byte) bool {
		_, err := s.Blob(t.Context(), order.Sum(data))
		return err == nil
	}
	sweep("")
	if !there(old) || !there(young) {
		t.Fatal("something was erased that nobody asked for")
	}
	sweep("6 months")
	if there(old) || !there(young) {
		t.Errorf("got old %t and young %t, want the young one alone", there(old), there(young))
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

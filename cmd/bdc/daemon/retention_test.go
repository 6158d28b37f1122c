package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/order"
	"bdc/store/boltstore"
)

// What is old enough is erased when the daemon starts, and nothing where nothing
// is configured.
func TestEraserSweeps(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	came := now.AddDate(-1, 0, 0)
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"),
		boltstore.Options{Create: true, Clock: func() time.Time { return came }})
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
	sweep := func(kept config.Age) {
		t.Helper()
		k := eraser{
			store: s, retention: config.Retention{AttachmentsFor: kept}, clock: func() time.Time { return now },
			log: slog.New(slog.DiscardHandler),
		}
		ctx, cancel := context.WithCancel(t.Context())
		if kept == (config.Age{}) { // it returns by itself
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
	sweep(config.Age{})
	if !there(old) || !there(young) {
		t.Fatal("something was erased that nobody asked for")
	}
	sweep(config.Age{Months: 6})
	if there(old) || !there(young) {
		t.Errorf("got old %t and young %t, want the young one alone", there(old), there(young))
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/order"
	"bdc/store"
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
		if err := k.sweep(ctx); err != nil {
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

// Each kind is erased after its own time, and one that no key names is kept.
func TestEraserDoesAllKinds(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	year, month := config.Age{Years: 1}, config.Age{Months: 1}
	for _, tt := range []struct {
		name string
		kept config.Retention
		want string
	}{
		{"nothing", config.Retention{}, ""},
		{"messages", config.Retention{MessagesFor: year}, "messages 2025, replies 2025"},
		{"all", config.Retention{
			AttachmentsFor: month, MessagesFor: year, CasesFor: year, OrdersFor: month, AuditFor: year,
		}, "attachments 2026, messages 2025, replies 2025, cases 2025, orders 2026, audit 2025"},
	} {
		told := &erasedKinds{}
		k := eraser{
			store: told, retention: tt.kept, clock: func() time.Time { return now },
			log: slog.New(slog.DiscardHandler),
		}
		err := k.sweep(t.Context())
		if got := strings.Join(told.asked, ", "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if (err != nil) != strings.Contains(tt.want, "cases") {
			t.Errorf("%s: got error %v, want that of the cases alone", tt.name, err)
		}
	}
}

// erasedKinds is a store that says what it was asked to erase. It fails to erase cases.
type erasedKinds struct {
	store.Retention
	asked []string
}

func (s *erasedKinds) EraseAttachments(ctx context.Context, e store.Erasure) (store.Erased, error) {
	return s.Erase(ctx, "attachments", e)
}

func (s *erasedKinds) Erase(_ context.Context, kind store.Kind, e store.Erasure) (store.Erased, error) {
	if e.After == "" { // each kind takes two calls
		s.asked = append(s.asked, fmt.Sprint(kind, " ", e.Before.Year()))
		if kind == store.KindCase {
			return store.Erased{}, errors.New("disk full")
		}
		return store.Erased{Next: "x"}, nil
	}
	return store.Erased{Count: 1}, nil
}

package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/store/storetest"
)

// open opens a store that its test closes.
func open(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// opened opens a new store, which is checked and closed when its test ends.
func opened(t *testing.T) *boltstore.Store {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "bdc.db"))
	t.Cleanup(func() {
		if err := errors.Join(s.Check(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	var passed atomic.Int64 // nanoseconds by which the engine's clock is ahead
	clock := func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	storetest.Run(t, func(t *testing.T, path string) store.Store {
		s, err := boltstore.Open(path, boltstore.Options{Create: true, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, func(d time.Duration) { passed.Add(int64(d)) })
}

// TestRecordOneByOne has intakes that no key or no JSON can hold among others.
func TestRecordOneByOne(t *testing.T) {
	s := opened(t)
	unkeyable, unprintable, misdirected := intake(2), intake(4), intake(5)
	unkeyable.Message.Key.Account = strings.Repeat("x", 40000)
	unprintable.Message.Date = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	misdirected.Replies[0].Results[0].Order = 1
	receipts := s.Record(t.Context(), store.Fence{},
		[]order.Intake{intake(1), unkeyable, intake(3), unprintable, misdirected, intake(6)})
	for i, want := range []string{"CNS-2026-000001", "", "CNS-2026-000002", "", "", "CNS-2026-000003"} {
		r := receipts[i]
		if want == "" {
			if r.Err == nil || len(r.Numbers)+len(r.Replies) != 0 {
				t.Errorf("intake %d: got %+v, want an error and nothing else", i, r)
			}
			if errors.Is(r.Err, store.ErrSeen) || errors.Is(r.Err, store.ErrStale) {
				t.Errorf("intake %d: got error %v, want the engine's", i, r.Err)
			}
		} else if r.Err != nil || len(r.Numbers) != 1 || r.Numbers[0] != want {
			t.Errorf("intake %d: got %+v, want number %s", i, r, want)
		}
	}
	st, err := s.Status(t.Context())
	if want := (store.Status{Messages: 3, Orders: 3, Unsent: 3}); err != nil || st != want {
		t.Errorf("got status %+v and error %v, want %+v", st, err, want)
	}
}

func TestRecordLongReference(t *testing.T) {
	s := opened(t)
	in := intake(1)
	in.Orders[0].Reference = strings.Repeat("réf. ", 8000)
	if r := s.Record(t.Context(), store.Fence{}, []order.Intake{in})[0]; r.Err != nil {
		t.Errorf("got error %v, want none: keys are short whatever was typed", r.Err)
	}
	p, err := s.Past(t.Context(), order.Query{Forms: []order.QueryForm{{Reference: in.Orders[0].ReferenceKey()}}})
	if err != nil || p.Forms[0].Reused != "CNS-2026-000001" {
		t.Errorf("got past %+v and error %v, want the order found by its reference", p, err)
	}
}

func TestSettleTakenCaseCode(t *testing.T) {
	s := opened(t)
	in := intake(1)
	in.Cases = []order.Case{{Code: "D-7K2Q9F", State: order.Waiting}}
	for _, r := range s.Record(t.Context(), store.Fence{}, []order.Intake{in, intake(2)}) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	if _, err := s.Claim(t.Context(), store.Fence{Holder: "a"}, noon(), time.Minute, 2); err != nil {
		t.Fatal(err)
	}
	taken, free := order.Case{Code: "d-7k2q9f", State: order.Waiting},
		order.Case{Code: "D-22222C", State: order.Waiting}
	refused := store.Settlement{Reply: 1, Outcome: store.Failed, At: noon(), Case: &taken}
	err := s.Settle(t.Context(), "a",
		[]store.Settlement{refused, {Reply: 2, Outcome: store.Failed, At: noon(), Case: &free}})
	if !errors.Is(err, store.ErrStale) {
		t.Errorf("got error %v, want one that wraps ErrStale", err)
	}
	if err := s.Settle(t.Context(), "a", []store.Settlement{{Reply: 2, Outcome: store.Sent}}); !errors.Is(err,
		store.ErrClaim) {
		t.Errorf("the other: got error %v, want it settled already", err)
	}
	refused.Case.Code = "D-22222D"
	if err := s.Settle(t.Context(), "a", []store.Settlement{refused}); err != nil {
		t.Errorf("under another code: %v", err)
	}
}

// TestOpenEndsLeases hands what a dead process had leased, marked and claimed to the next at
// once.
func TestOpenEndsLeases(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	s := open(t, path)
	for _, r := range s.Record(t.Context(), store.Fence{}, []order.Intake{intake(1), intake(2), intake(3)}) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	epoch, err := s.Lease(t.Context(), "inbox", "a", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	dead := store.Fence{Lease: "inbox", Holder: "a", Epoch: epoch}
	if err := s.Mark(t.Context(), dead, []order.Key{key(8)}, true); err != nil {
		t.Fatal(err)
	}
	_, err = s.Claim(t.Context(), store.Fence{Holder: "a"}, noon(), time.Hour, 3)
	later := store.Settlement{Reply: 2, Outcome: store.Later, At: noon(), Next: noon().Add(time.Minute)}
	sent := store.Settlement{Reply: 3, Outcome: store.Sent, At: noon()}
	if err := errors.Join(err,
		s.Seal(t.Context(), "a", []store.Sealed{{Reply: 1, Mail: []byte("mail")}}),
		s.Settle(t.Context(), "a", []store.Settlement{later, sent}),
		s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if epoch, err = s.Lease(t.Context(), "inbox", "b", time.Hour); err != nil || epoch <= dead.Epoch {
		t.Errorf("leased anew: got epoch %d and error %v, want it above %d", epoch, err, dead.Epoch)
	}
	suspects, err := s.Recover(t.Context(), store.Fence{Lease: "inbox", Holder: "b", Epoch: epoch})
	if err != nil || !slices.Equal(suspects, []store.Suspect{{Key: key(8), Deaths: 1}}) {
		t.Errorf("got suspects %v and error %v, want what the dead had marked", suspects, err)
	}
	claims, err := s.Claim(t.Context(), store.Fence{Holder: "b"}, noon(), time.Hour, 3)
	if err != nil || len(claims) != 1 || claims[0].ID != 1 || claims[0].Attempt != 2 ||
		string(claims[0].Mail) != "mail" {
		t.Errorf("got claims %+v and error %v, want the second attempt of reply 1, with its mail", claims, err)
	}
	if err := s.Seal(t.Context(), "a", []store.Sealed{{Reply: 1}}); !errors.Is(err, store.ErrClaim) {
		t.Errorf("sealed by the dead: got error %v, want one that wraps ErrClaim", err)
	}
}

// TestLeasesAreForgotten a day after their time: each run of the daemon leaves one behind if
// it is killed.
func TestLeasesAreForgotten(t *testing.T) {
	now := noon()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"),
		boltstore.Options{Create: true, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	last := uint64(0)
	for i, want := range []int{1, 2, 2} { // the third forgets the first
		epoch, err := s.Lease(t.Context(), fmt.Sprint("daemon/", i), fmt.Sprint(i), time.Minute)
		if err != nil || epoch <= last {
			t.Fatalf("got epoch %d after %d and error %v", epoch, last, err)
		}
		last = epoch
		if all, err := s.Leases(t.Context()); err != nil || len(all) != want {
			t.Errorf("lease %d: got %v and error %v, want %d", i, all, err, want)
		}
		now = now.Add(13 * time.Hour)
	}
}

// TestOrdersPastTheMillionth lists by rising number where text would not.
func TestOrdersPastTheMillionth(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	setCounter(t, path, 2026, 999_998)
	s := open(t, path)
	defer s.Close()
	for uid := range uint32(3) {
		if r := s.Record(t.Context(), store.Fence{}, []order.Intake{intake(uid + 1)})[0]; r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	orders, err := s.Orders(t.Context(), "CNS-2026-999999", 9)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range orders {
		got = append(got, o.Number)
	}
	if want := "[CNS-2026-1000000 CNS-2026-1000001]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestCounterBehind loses no order to a counter that was damaged.
func TestCounterBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	filled(t, path)
	setCounter(t, path, 2026, 7)
	s := open(t, path)
	defer s.Close()
	if r := s.Record(t.Context(), store.Fence{}, []order.Intake{intake(99)})[0]; !errors.Is(r.Err, store.ErrDamaged) ||
		r.Numbers != nil {
		t.Errorf("got receipt %+v, want an error that wraps ErrDamaged", r)
	}
	o, err := s.Order(t.Context(), "CNS-2026-000008")
	if err != nil || o.Reference != "R8" {
		t.Errorf("got order %+v and error %v, want the one that has the number", o, err)
	}
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "bdc")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s, err := boltstore.Open(filepath.Join(dir, "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	for _, r := range s.Record(context.Background(), store.Fence{}, []order.Intake{intake(1), intake(2)}) {
		fmt.Println(r.Numbers, r.Err)
	}
	// Output:
	// [CNS-2026-000001] <nil>
	// [CNS-2026-000002] <nil>
}

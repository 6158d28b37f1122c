package boltstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

var update = flag.Bool("update", false, "write testdata/v3.db and what it holds anew; never once it was released")

// TestFrozen opens a data file of each earlier format, and wants everything that was in it.
// The JSON beside it says what that is. TestFrozenThird does so for the present format.
func TestFrozen(t *testing.T) {
	for _, frozen := range []string{"testdata/v1", "testdata/v2"} {
		data, err := os.ReadFile(frozen + ".db")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(frozen + ".json")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "bdc.db")
		writeFile(t, path, data)
		s := open(t, path)
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", frozen, err)
		}
		if got := printed(t, s); !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", frozen, got, want)
		}
		// The marks of a file that knew no leases are found by whoever takes the inbox's lease.
		epoch, err := s.Lease(t.Context(), "inbox", "a", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		suspects, err := s.Recover(t.Context(), store.Fence{Lease: "inbox", Holder: "a", Epoch: epoch})
		if err != nil || !slices.Equal(suspects, []store.Suspect{{Key: key(8), Deaths: 1}}) {
			t.Errorf("%s: got suspects %v and error %v, want the message that was marked", frozen, suspects, err)
		}
		if r := s.Record(t.Context(), store.Fence{}, []order.Intake{intake(1000)})[0]; r.Err != nil ||
			r.Numbers[0] != "CNS-2026-000004" {
			t.Errorf("%s: got receipt %+v, want the next number, CNS-2026-000004", frozen, r)
		}
		if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
			t.Errorf("%s, written to: %v", frozen, err)
		}
	}
}

// printed is everything that a store lets one read, as JSON.
func printed(t *testing.T, s *boltstore.Store) []byte {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var all struct {
		Status    store.Status
		Message   order.Message
		Seen      order.Folder
		Past      order.Past
		Orders    []order.Order
		Cases     []order.Case
		Replies   []store.Claimed
		Due       time.Time
		Audit     []order.Event
		OrderRows []store.OrderRow
		CaseRows  []store.CaseRow
		Users     []order.User
		Session   order.Session
		Days      []store.Day
		Imports   []order.Import
		Blob      string
		Register  string
		Import    order.Import
		Suspected []store.Suspect
	}
	var err error
	all.Status, err = s.Status(ctx)
	must(err)
	all.Message, err = s.Message(ctx, key(1))
	must(err)
	seen, err := s.Seen(ctx, []order.Key{key(1)})
	must(err)
	all.Seen = seen[key(1)].Folder
	q := intake(1).Query
	q.Numbers, q.OriginalIDs = []string{"CNS-2026-000001"}, []string{intake(2).Replies[0].MessageID}
	all.Past, err = s.Past(ctx, q)
	must(err)
	all.Orders, err = s.Orders(ctx, "", 100)
	must(err)
	all.Cases, err = s.Cases(ctx, "", "", 100)
	must(err)
	for id := range uint64(3) {
		c, err := s.Reply(ctx, id+1)
		must(err)
		all.Replies = append(all.Replies, c)
	}
	all.Due, err = s.Due(ctx)
	must(err)
	all.Audit, err = s.Audit(ctx, 0, 100)
	must(err)
	all.OrderRows, err = s.OrderRows(ctx, store.OrderFilter{Words: "lycee 3133091234560"}, "", 100)
	must(err)
	all.CaseRows, err = s.CaseRows(ctx, store.CaseFilter{State: order.Closed}, "", 100)
	must(err)
	all.Users, err = s.Users(ctx)
	must(err)
	all.Session, _, err = s.Session(ctx, "session", noon())
	must(err)
	all.Days, err = s.Days(ctx, noon(), noon())
	must(err)
	all.Imports, err = s.Imports(ctx, "annuaire")
	must(err)
	blob, err := s.Blob(ctx, order.Sum([]byte("a form")))
	must(err)
	all.Blob = string(blob)
	data, imported, err := s.Register(ctx, "annuaire")
	must(err)
	all.Register, all.Import = string(data), imported
	all.Suspected, err = s.Recover(ctx, store.Fence{})
	must(err)
	text, err := json.MarshalIndent(all, "", "  ")
	must(err)
	return append(text, '\n')
}

// filledSmall returns a small store with something in every bucket that formats 1 and 2 had.
func filledSmall(t *testing.T) *boltstore.Store {
	t.Helper()
	ctx := t.Context()
	s := opened(t)
	in := intake(1)
	in.Cases = []order.Case{
		{Code: "D-7K2Q9F", State: order.Waiting, Reason: "uai.unknown", Message: key(1)},
		{Code: "D-22222C", State: order.Waiting, Reason: "mail.noform", Message: key(1)},
	}
	err := errors.Join(
		s.Keep(ctx, [][]byte{[]byte("a form")}),
		s.Swap(ctx, "annuaire", []byte("schools"), order.Import{Register: "annuaire", At: noon(), Entries: 1}),
		s.Mark(ctx, store.Fence{}, []order.Key{key(8)}, true),
		s.AddUser(ctx, order.User{
			Name: "claire", FullName: "Claire Morel", Role: order.Sales, Password: "$argon2id$…",
			CreatedAt: noon(),
		}, "bdc", noon()),
		s.Enter(ctx, order.Session{ID: "session", User: "claire", At: noon(), Until: noon().Add(time.Hour)}),
	)
	second := intake(2)
	second.Message.Header = order.Sum([]byte("its header"))
	second.Replies[0].RateLimit = "strangers"
	for _, r := range s.Record(ctx, store.Fence{}, []order.Intake{in, second}) {
		err = errors.Join(err, r.Err)
	}
	_, claimErr := s.Claim(ctx, store.Fence{Holder: "a"}, noon(), time.Minute, 2)
	o := intake(3).Orders[0]
	_, decideErr := s.Decide(ctx, store.Fence{}, order.Decision{
		Case: "D-7K2Q9F", Revision: 1, Actor: "claire", At: noon(), State: order.Closed, Note: "vu au téléphone",
		Order: &o, Reply: &intake(3).Replies[0],
	})
	err = errors.Join(err, claimErr, decideErr,
		s.Seal(ctx, "a", []store.Sealed{{Reply: 1, Mail: []byte("mail 1")}, {Reply: 2, Mail: []byte("mail 2")}}),
		s.Settle(ctx, "a", []store.Settlement{
			{Reply: 1, Outcome: store.Sent, At: noon(), Words: "250 ok", Unfiled: true},
			{
				Reply: 2, Outcome: store.Failed, At: noon(), Words: "550 no",
				Case: &order.Case{Code: "D-22222D", State: order.Waiting},
			},
		}),
		s.BackedUp(ctx, noon()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

package boltstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// TestFrozenThird opens a data file of format 3, which is a copy, wants everything that was
// in it, and makes it the record.
func TestFrozenThird(t *testing.T) {
	if *update {
		freezeThird(t)
	}
	s, printed := openThird(t)
	defer s.Close()
	want, err := os.ReadFile("testdata/v3.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(printed, want) {
		t.Errorf("got\n%s\nwant\n%s", printed, want)
	}
	if err := errors.Join(
		s.TakeOver(t.Context(), store.Takeover{Actor: "claire.morel", At: noon()}),
		s.Listed(t.Context(), store.Listing{Actor: "bdc", At: noon()}),
		s.SendDoubtful(t.Context(), 3, "claire.morel", noon()),
	); err != nil {
		t.Fatal(err)
	}
	o, err := s.Ownership(t.Context())
	if err != nil || o.Restores != 3 || o.Doubt != store.NoDoubt {
		t.Errorf("got %+v and error %v, want the third restore, and no doubt", o, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("written to: %v", err)
	}
}

// openThird opens a copy of the frozen file, checks it, and returns what it has.
func openThird(t *testing.T) (*boltstore.Store, []byte) {
	t.Helper()
	data, err := os.ReadFile("testdata/v3.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bdc.db")
	writeFile(t, path, data)
	s := open(t, path)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	return s, append(printed(t, s), printedThird(t, s)...)
}

// printedThird is what a file of format 3 has besides what earlier formats had, as JSON.
func printedThird(t *testing.T, s *boltstore.Store) []byte {
	t.Helper()
	ctx := t.Context()
	var all struct {
		Ownership store.Ownership
		Known     []bool
		Doubtful  []store.Answer
		Unfiled   []uint64
		Undoable  []order.Import
		Before    string
		User      order.User
		Leases    []store.LeaseState
	}
	var errs [8]error
	var before []byte
	all.Ownership, errs[0] = s.Ownership(ctx)
	all.Known, errs[1] = s.Known(ctx, []store.HeaderID{
		{MessageID: intake(1).Message.MessageID},
		{Hash: order.Sum([]byte("its header"))},
		{Hash: order.Sum([]byte("another")), MessageID: intake(2).Message.MessageID},
	})
	all.Doubtful, errs[2] = s.Doubtful(ctx, 0, 9)
	all.Unfiled, _, errs[3] = s.Unfiled(ctx, 9)
	all.Undoable, errs[4] = s.Undoable(ctx, "annuaire")
	before, errs[5] = s.Before(ctx, "annuaire")
	all.Before = string(before)
	all.User, errs[6] = s.User(ctx, "claire.morel")
	all.Leases, errs[7] = s.Leases(ctx)
	for i := range all.Leases {
		all.Leases[i].Until = time.Time{} // of the clock of whoever wrote the file
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err := errors.Join(append(errs[:], err)...); err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// freezeThird writes a small file of format 3 with something in every bucket, and what it
// has.
func freezeThird(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	s := filledSmall(t)
	first := store.Generation{Number: 1, Nonce: "00112233445566778899aabbccddeeff"}
	second := store.Generation{Number: 2, Nonce: "ffeeddccbbaa99887766554433221100"}
	lost := store.LostReply{
		To: "contact@librairie.example", Subject: "Commande", Date: noon(),
		Told: []order.Told{{Kind: order.ReplyAck, Number: "CNS-2026-000009", Case: "D-22222F"}},
	}
	change := store.UserChange{User: "claire", Revision: 1, Actor: "bdc", At: noon()}
	var file bytes.Buffer
	epoch, err := s.Lease(ctx, "inbox", "a", time.Hour)
	err = errors.Join(err,
		s.Mark(ctx, store.Fence{Lease: "inbox", Holder: "a", Epoch: epoch}, []order.Key{key(9)}, false),
		s.Swap(ctx, "annuaire", []byte("more schools"), order.Import{Register: "annuaire", At: noon(), Entries: 2}),
		s.Rename(ctx, change, "claire.morel", "Claire Morel"),
		s.TakeOver(ctx, store.Takeover{Restores: 2, CopiedAt: noon().Add(-time.Hour), Actor: "bdc", At: noon()}),
		s.Listed(ctx, store.Listing{Actor: "bdc", At: noon(), Lost: []store.LostReply{lost}}),
		s.Swap(ctx, "catalogue", []byte("titles"), order.Import{Register: "catalogue", At: noon(), Entries: 1}),
		s.Intend(ctx, first), s.Commit(ctx, first), s.Intend(ctx, second),
		s.Disown(ctx, store.Behind, "génération 4", noon()),
		s.Backup(ctx, &file),
	)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, "testdata/v3.db", file.Bytes())
	frozen, printed := openThird(t)
	if err := frozen.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "testdata/v3.json", printed)
}

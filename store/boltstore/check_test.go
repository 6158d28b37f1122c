package boltstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// TestCheckFinds breaks each invariant in turn.
func TestCheckFinds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bdc.db")
	s := open(t, path)
	in := intake(1)
	in.Cases = []order.Case{{Code: "D-7K2Q9F", State: order.Waiting, Message: key(1)}}
	for _, r := range s.Record(t.Context(), store.Fence{}, []order.Intake{in, intake(2), intake(3)}) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	if _, err := s.Claim(t.Context(), store.Fence{Holder: "a"}, noon(), time.Minute, 2); err != nil {
		t.Fatal(err)
	}
	o := intake(4).Orders[0]
	_, err := s.Decide(t.Context(), store.Fence{},
		order.Decision{Case: "D-7K2Q9F", Revision: 1, At: noon(), State: order.Closed, Order: &o})
	_, leaseErr := s.Lease(t.Context(), "inbox", "a", time.Hour)
	if err := errors.Join(
		err,
		s.Keep(t.Context(), [][]byte{[]byte("a form")}),
		s.Mark(t.Context(), store.Fence{}, []order.Key{key(4)}, false),
		leaseErr,
		s.Seal(t.Context(), "a", []store.Sealed{{Reply: 1, Mail: []byte("mail")}}),
		s.Settle(t.Context(), "a", []store.Settlement{
			{Reply: 1, Outcome: store.Sent},
			{Reply: 2, Outcome: store.Failed},
		}),
		s.Swap(t.Context(), "annuaire", []byte("schools"), order.Import{}),
		s.Check(t.Context()),
	); err != nil {
		t.Fatal(err)
	}
	var sound bytes.Buffer
	if err := errors.Join(s.Backup(t.Context(), &sound), s.Close()); err != nil {
		t.Fatal(err)
	}

	dropFirst := func(b *bolt.Bucket) error {
		k, _ := b.Cursor().First()
		return b.Delete(k)
	}
	dropLast := func(b *bolt.Bucket) error {
		k, _ := b.Cursor().Last()
		return b.Delete(k)
	}
	// moveFirst puts the first value under another key that sorts after all.
	moveFirst := func(b *bolt.Bucket) error {
		k, v := b.Cursor().First()
		other := bytes.Repeat([]byte{0x7f}, len(k))
		return errors.Join(b.Put(other, bytes.Clone(v)), b.Delete(bytes.Clone(k)))
	}
	spoilFirst := func(b *bolt.Bucket) error {
		k, _ := b.Cursor().First()
		return b.Put(bytes.Clone(k), []byte("spoilt"))
	}
	tests := []struct {
		bucket string
		edit   func(*bolt.Bucket) error
		want   string
	}{
		{"messages", dropFirst, "has no message"},
		{"messages", moveFirst, "is under the key"},
		{"messages", spoilFirst, "invalid character"},
		{"intakes", dropFirst, "has no intake"},
		{"intakes", moveFirst, "is under the key"},
		{"contents", dropFirst, "is not found by its content"},
		{"contents", spoilFirst, "points at"},
		{"headers", dropFirst, "is not found by its header"},
		{"headers", spoilFirst, "which is not in messages"},
		{"meta", func(b *bolt.Bucket) error { return b.Delete([]byte("identity")) }, "the record has no identity"},
		{"meta", func(b *bolt.Bucket) error { return b.Delete([]byte("copy")) }, "does not say whether it is a copy"},
		{"flights", moveFirst, "is under the key"},
		{"orders", dropFirst, "which is not there"},
		{"orders", moveFirst, "is under the key"},
		{"years", dropFirst, "is beyond its year's counter"},
		{"years", func(b *bolt.Bucket) error {
			k, _ := b.Cursor().First()
			return b.Put(bytes.Clone(k), []byte{0, 0, 0, 0, 0, 0, 0, 3})
		}, "order CNS-2026-000004 is beyond its year's counter, 3"},
		{"identities", dropFirst, "is not found by its identity"},
		{"identities", moveFirst, "which is another"},
		{"identities", spoilFirst, "which is not there"},
		{"references", dropFirst, "is not found by its reference"},
		{"references", moveFirst, "which is another"},
		{"schools", dropFirst, "is not found by its school"},
		{"schools", func(b *bolt.Bucket) error { return b.Put([]byte("0990011Z\x00"), []byte("{}")) }, "schools has"},
		{"cases", dropFirst, "is not in cases"},
		{"cases", moveFirst, "is not found by its code"},
		{"case_codes", dropFirst, "is not found by its code"},
		{"case_codes", func(b *bolt.Bucket) error {
			_, v := b.Cursor().First()
			return b.Put([]byte("D-OTHER"), bytes.Clone(v))
		}, "case_codes has 2 entries for 1 in cases"},
		{"case_states", dropFirst, "is not found by its state"},
		{
			"case_states", func(b *bolt.Bucket) error { return b.Put([]byte("waiting\x0012345678"), nil) },
			"case_states has 2 entries",
		},
		{"order_tags", dropFirst, "is not found by account:01234567"},
		{"order_tags", func(b *bolt.Bucket) error { return b.Put([]byte("account:0\x00"), nil) }, "order_tags has"},
		{"case_tags", func(b *bolt.Bucket) error { return b.Put([]byte("account:0\x00"), nil) }, "case_tags has"},
		{"order_sketches", dropFirst, "of order_rows is in no sketch"},
		{"order_sketches", func(b *bolt.Bucket) error {
			k, v := b.Cursor().First()
			return b.Put(bytes.Clone(k), make([]byte, len(v)))
		}, "of order_rows is in its sketch in part"},
		{"case_sketches", spoilFirst, "of case_rows is in no sketch"},
		{"intakes", func(b *bolt.Bucket) error { return b.SetSequence(7) }, "intakes has 3 entries, not 7"},
		{"orders", func(b *bolt.Bucket) error { return b.SetSequence(7) }, "orders has 4 entries, not 7"},
		{"meta", func(b *bolt.Bucket) error { return b.Put([]byte("epoch"), make([]byte, 8)) }, "beyond the last, 0"},
		{
			"meta", func(b *bolt.Bucket) error { return b.Put([]byte("lease.inbox"), []byte("spoilt")) },
			`lease "inbox": invalid`,
		},
		{"replies", dropLast, "has no reply"},
		{"replies", moveFirst, "is under the key"},
		{"answers", dropFirst, "reply 1 is not found by the message that it answers"},
		{"answers", func(b *bolt.Bucket) error { return b.Put([]byte("other"), nil) }, "answers has"},
		{"outbox", dropFirst, "replies has 3 entries for 2 in outbox"},
		{"outbox_due", dropFirst, "is not found when it is due"},
		{
			"outbox_due", func(b *bolt.Bucket) error { return b.Put(make([]byte, 16), nil) },
			"outbox_due has 2 entries, not 1",
		},
		{"outbox_failed", dropFirst, "is not found among the failed"},
		{
			"outbox_failed", func(b *bolt.Bucket) error { return b.Put(make([]byte, 8), nil) },
			"outbox_failed has 2 entries, not 1",
		},
		{"outbox_doubtful", func(b *bolt.Bucket) error { return b.Put(make([]byte, 8), nil) }, "outbox_doubtful has 1"},
		{"mails", dropFirst, "piece 1 is missing"},
		{"mails", func(b *bolt.Bucket) error { return b.Put(make([]byte, 8), nil) }, "mails has 2 entries, not 1"},
		{"blobs", spoilFirst, "has the bytes of"},
		{"blobs", dropFirst, "piece 1 is missing"},
		{"blob_hashes", dropFirst, "blobs has 1 entries, not 0"},
		{"registers", dropFirst, "register_data has 1 entries, not 0"},
		{"register_data", dropFirst, "piece 1 is missing"},
		{"audit", moveFirst, "is under the key"},
		{"days", dropLast, "the days count 0 messages, not 3"},
		{"days", dropLast, "the days count 0 orders, not 4"},
		{"days", moveFirst, "is under the key"},
	}
	for _, tt := range tests {
		path := filepath.Join(t.TempDir(), "bdc.db")
		writeFile(t, path, sound.Bytes())
		edit(t, path, func(tx *bolt.Tx) error { return tt.edit(tx.Bucket([]byte(tt.bucket))) })
		s := open(t, path)
		err := s.Check(t.Context())
		if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one that says %q", tt.bucket, err, tt.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// setCounter sets a year's counter behind the store's back.
func setCounter(t *testing.T, path string, year uint32, rank uint64) {
	t.Helper()
	edit(t, path, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("years")).Put(binary.BigEndian.AppendUint32(nil, year),
			binary.BigEndian.AppendUint64(nil, rank))
	})
}

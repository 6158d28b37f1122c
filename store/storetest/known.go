package storetest

import (
	"testing"

	"bdc/order"
	"bdc/store"
)

func knownTests() []test {
	return []test{
		{"by the hash of the header", testKnownHeader},
		{"by the Message-ID, if the header has no hash", testKnownMessageID},
	}
}

func (r *rig) known(ids ...store.HeaderID) []bool {
	r.t.Helper()
	known, err := r.Known(r.t.Context(), ids)
	if err != nil {
		r.t.Fatalf("known: %v", err)
	}
	return known
}

func testKnownHeader(t *testing.T, r *rig) {
	in := letter(1)
	in.Message.Header = order.Sum([]byte("its header"))
	r.record(in)
	again := letter(2) // a second delivery
	again.Message.Header = in.Message.Header
	r.record(again)
	r.die()
	other := order.Sum([]byte("another header"))
	wantEqual(t, "known", r.known(
		store.HeaderID{Hash: in.Message.Header, MessageID: in.Message.MessageID},
		store.HeaderID{Hash: in.Message.Header},
		store.HeaderID{Hash: other, MessageID: in.Message.MessageID}, // another mail under the same Message-ID
		store.HeaderID{Hash: other},
		store.HeaderID{},
	), []bool{true, true, false, false, false})
	wantEqual(t, "none asked for", len(r.known()), 0)
}

func testKnownMessageID(t *testing.T, r *rig) {
	with, without := letter(1), letter(2)
	without.Message.MessageID = ""
	without.Query.Content = without.Message.Content()
	r.record(with)
	r.record(without)
	hash := order.Sum([]byte("its header"))
	wantEqual(t, "known", r.known(
		store.HeaderID{Hash: hash, MessageID: with.Message.MessageID},
		store.HeaderID{MessageID: with.Message.MessageID},
		store.HeaderID{Hash: hash, MessageID: "<other@librairie.example>"},
		store.HeaderID{Hash: hash},
		store.HeaderID{},
	), []bool{true, true, false, false, false})
}

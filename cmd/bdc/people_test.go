package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// A bookseller asks for what is held and to have it erased. The order stays, under its
// number, and is not examined again; the same order in another mail is the same.
func TestPeople(t *testing.T) {
	const address = "bookseller@test.local"
	o := newOffice(t)
	o.accounts(ourAccount)
	if code := o.receive("R-1"); code != "" {
		t.Fatalf("the order was not accepted: case %s", code)
	}
	erase := func(args ...string) (string, int) {
		code, stdout, stderr := call(t, append([]string{"people", "erase", address, "-c", o.config}, args...)...)
		if stderr != "" {
			t.Errorf("erase %v: %s", args, stderr)
		}
		return stdout, code
	}
	said, _ := erase("--yes")
	if !strings.Contains(said, "of an order that is neither opened nor cancelled (CNS-2026-000001)") ||
		!strings.Contains(said, "of a reply that has not left") || strings.Contains(said, "orders: 1 erased") {
		t.Fatalf("an order that waits to be opened: got\n%s", said)
	}
	o.serve(t)
	zip := filepath.Join(o.dir, "held.zip")
	said = want(t, "people", "export", address, "-o", zip, "-c", o.config)
	if !strings.Contains(said, "messages: 1") || !strings.Contains(said, "orders: 1") ||
		!strings.Contains(said, "with 2 files and mails") {
		t.Errorf("export: got\n%s\nwant the message, the order, its workbook and our mail", said)
	}
	if said, code := erase(); code != exitFound || !strings.Contains(said, "can be erased, for ever: call again") {
		t.Errorf("without --yes: got exit code %d and\n%s", code, said)
	}
	if shown := want(t, "orders", "show", "CNS-2026-000001", "-c", o.config); !strings.Contains(shown, address) {
		t.Error("something was erased without --yes")
	}
	said, code := erase("--yes")
	for _, line := range []string{"messages: 1 erased", "replies: 1 erased", "orders: 1 erased", "1 of a register"} {
		if !strings.Contains(said, line) {
			t.Errorf("got\n%s\nwant %q", said, line)
		}
	}
	if code != exitFound { // the account has the address
		t.Errorf("got exit code %d, want 1", code)
	}
	if dump := o.dump(); strings.Contains(dump, address) || !strings.Contains(dump, "CNS-2026-000001") {
		t.Errorf("the record names the person, or lost the number: %s", dump)
	}
	if said := want(t, "replay", "-c", o.config); !strings.Contains(said, "0 forms examined, 0 would change") ||
		!strings.Contains(said, "1 forms can't be examined again") {
		t.Errorf("replay: %q", said)
	}
	if said := want(t, "orders", "list", "-c", o.config); !strings.Contains(said, order.ErasedWord) {
		t.Errorf("list: %q", said)
	}
	o.receive("R-1")
	if list := want(t, "orders", "list", "-c", o.config); strings.Contains(list, "CNS-2026-000002") {
		t.Errorf("the same order got another number: %s", list)
	}
}

// serve sends all replies, and opens the first order.
func (o *office) serve(t *testing.T) {
	t.Helper()
	s := o.open()
	defer o.close(s)
	now := time.Now().UTC()
	claims, err := s.Claim(t.Context(), store.Fence{Holder: "t"}, now, time.Minute, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claims {
		if err := s.Seal(t.Context(), "t", []store.Sealed{{Reply: c.ID, Mail: []byte("Bonjour")}}); err != nil {
			t.Fatal(err)
		}
		sent := store.Settlement{Reply: c.ID, Outcome: store.Sent, At: now}
		if err := s.Settle(t.Context(), "t", []store.Settlement{sent}); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct{ seen, next order.Status }{
		{order.Received, order.Checked}, {order.Checked, order.Opened},
	} {
		_, err := s.Advance(t.Context(), "CNS-2026-000001", step.seen, order.Step{Status: step.next, At: now})
		if err != nil {
			t.Fatal(err)
		}
	}
}

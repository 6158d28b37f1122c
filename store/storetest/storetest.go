// Package storetest holds the tests that every engine of package store passes. They cover
// each duty that the contract states, and what happens when the program dies in between,
// or when two callers want the same thing.
//
// An engine runs it from one test, with a function that opens it, and one that lets time
// pass by its clock:
//
//	storetest.Run(t, func(t *testing.T, path string) store.Store {
//		s, err := myengine.Open(path)
//		if err != nil {
//			t.Fatal(err)
//		}
//		return s
//	}, time.Sleep)
//
// The suite calls Check on every store before it closes the store: a test that leaves
// damage behind fails, even if all that it looked at was right.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// Opener opens the store at a path. It creates a new one if there is nothing at the path;
// otherwise it opens what an earlier call left there, or what Backup wrote there.
type Opener func(t *testing.T, path string) store.Store

// Run tests an engine: each of the suite's tests is a subtest of t. pass returns once so much
// time has passed by the engine's clock, by which leases end; it is never more than a second.
func Run(t *testing.T, open Opener, pass func(time.Duration)) {
	suites := map[string][]test{
		"Intake":     intakeTests(),
		"Known":      knownTests(),
		"Numbers":    numberTests(),
		"Marks":      markTests(),
		"Leases":     leaseTests(),
		"Pulse":      pulseTests(),
		"Outbox":     outboxTests(),
		"Pause":      pauseTests(),
		"Notices":    noticeTests(),
		"RateLimit":  rateLimitTests(),
		"Past":       pastTests(),
		"Review":     reviewTests(),
		"Audit":      auditTests(),
		"Lists":      listTests(),
		"Acts":       actTests(),
		"TakeUp":     takeUpTests(),
		"People":     peopleTests(),
		"Threads":    threadTests(),
		"Registers":  registerTests(),
		"Retention":  retentionTests(),
		"Statistics": statisticsTests(),
		"Ownership":  ownershipTests(),
		"Backup":     backupTests(),
	}
	for name, tests := range suites {
		t.Run(name, func(t *testing.T) {
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) { tt.run(t, newRig(t, open, pass)) })
			}
		})
	}
}

type test struct {
	name string
	run  func(t *testing.T, r *rig)
}

// rig is a store under test, and what it takes to stop and start it.
type rig struct {
	store.Store
	t    *testing.T
	open Opener
	pass func(time.Duration)
	path string

	fence store.Fence // of working
}

func newRig(t *testing.T, open Opener, pass func(time.Duration)) *rig {
	r := &rig{t: t, open: open, pass: pass, path: filepath.Join(t.TempDir(), "store")}
	r.Store = open(t, r.path)
	t.Cleanup(r.close)
	return r
}

func (r *rig) close() {
	r.t.Helper()
	if err := r.Check(context.Background()); err != nil {
		r.t.Errorf("check: %v", err)
	}
	if err := r.Close(); err != nil {
		r.t.Errorf("close: %v", err)
	}
}

// die stops the store without Rest, as a crash of the program would, and opens
// it again.
func (r *rig) die() {
	r.t.Helper()
	r.close()
	r.Store = r.open(r.t, r.path)
}

// recover dies, takes the inbox over as another holder, and returns the deaths of the
// suspects that it finds then.
func (r *rig) recover() map[order.Key]int {
	r.t.Helper()
	r.die()
	r.succeed()
	return r.suspects()
}

// suspects returns the deaths of the messages that Recover takes over.
func (r *rig) suspects() map[order.Key]int {
	r.t.Helper()
	suspects, err := r.Recover(r.t.Context(), r.working())
	if err != nil {
		r.t.Fatalf("recover: %v", err)
	}
	deaths := make(map[order.Key]int)
	for _, s := range suspects {
		if _, twice := deaths[s.Key]; twice {
			r.t.Errorf("recover: %v came twice", s.Key)
		}
		deaths[s.Key] = s.Deaths
	}
	return deaths
}

// record records an intake that must be taken.
func (r *rig) record(in order.Intake) store.Receipt {
	r.t.Helper()
	receipts := r.Record(r.t.Context(), store.Fence{}, []order.Intake{in})
	if len(receipts) != 1 {
		r.t.Fatalf("record: got %d receipts, want 1", len(receipts))
	}
	if receipts[0].Err != nil {
		r.t.Fatalf("record: %v", receipts[0].Err)
	}
	return receipts[0]
}

// try records an intake, and returns the error of its receipt.
func (r *rig) try(in order.Intake) error {
	return r.Record(r.t.Context(), store.Fence{}, []order.Intake{in})[0].Err
}

// judged asks for the past that bears on an intake, as its examination would.
func (r *rig) judged(in order.Intake) order.Intake {
	r.t.Helper()
	p, err := r.Past(r.t.Context(), in.Query)
	if err != nil {
		r.t.Fatalf("past: %v", err)
	}
	in.Past = p
	return in
}

// audited returns all events after a sequence number.
func (r *rig) audited(after uint64) []order.Event {
	r.t.Helper()
	events, err := r.Audit(r.t.Context(), after, 1<<20)
	if err != nil {
		r.t.Fatalf("audit: %v", err)
	}
	return events
}

func (r *rig) status() store.Status {
	r.t.Helper()
	st, err := r.Status(r.t.Context())
	if err != nil {
		r.t.Fatalf("status: %v", err)
	}
	return st
}

// noon is when intakes of the suite happen unless they say otherwise.
func noon() time.Time { return time.Date(2026, 11, 20, 11, 0, 0, 123456789, time.UTC) }

func key(uid uint32) order.Key {
	return order.Key{Account: "commandes", Folder: "INBOX", UIDValidity: 7, UID: uid}
}

// letter is an intake of a mail without a form: a message, and nothing else.
func letter(uid uint32) order.Intake {
	m := order.Message{
		Key:        key(uid),
		MessageID:  fmt.Sprintf("<%d@librairie.example>", uid),
		From:       "contact@librairie.example",
		FromName:   "Librairie des Écoles",
		Subject:    "Commande",
		Date:       noon().Add(-time.Minute),
		ReceivedAt: noon(),
		References: []string{"<earlier@librairie.example>"},
		Text:       "Bonjour,\nveuillez trouver <notre> commande & merci.",
	}
	return order.Intake{
		Message: m,
		At:      noon(),
		Folder:  order.FolderAttention,
		Outcome: "letter",
		Query:   order.Query{Content: m.Content()},
	}
}

// forms is an intake of a mail with an order for each reference, acknowledged.
func forms(uid uint32, references ...string) order.Intake {
	in := letter(uid)
	in.Folder, in.Outcome = order.FolderProcessed, "accepted"
	reply := order.Reply{
		Kind:      order.ReplyAck,
		To:        in.Message.From,
		Subject:   in.Message.Subject,
		MessageID: fmt.Sprintf("<ack-%d@cns.example>", uid),
		InReplyTo: in.Message.MessageID,
		Message:   in.Message.Key,
	}
	in.Past = order.NoPast(len(references))
	for i, reference := range references {
		o := anOrder(reference)
		o.MessageID = in.Message.MessageID
		in.Orders = append(in.Orders, o)
		in.Query.Forms = append(in.Query.Forms, queryForm(&o))
		reply.Results = append(reply.Results, order.Result{
			Part: o.Part, Kind: order.ReplyAck, Order: i,
			Reference: reference, UAI: o.UAI, Lines: o.Lines,
		})
	}
	in.Replies = []order.Reply{reply}
	return in
}

// anOrder is an accepted order under a reference; "" for none.
func anOrder(reference string) order.Order {
	price := order.Cents(1250)
	return order.Order{
		Status:        order.Received,
		Verdict:       order.Accepted,
		ReceivedAt:    noon(),
		From:          "contact@librairie.example",
		Account:       "01234567",
		Reference:     reference,
		UAI:           mustUAI("0750647W"),
		Establishment: "Lycée d’Exemple",
		Postcode:      "75004",
		Town:          "Paris",
		Fields:        map[string]string{order.FieldReference: reference},
		Lines: []order.Line{
			{
				EAN: mustEAN("3133091234560"), Quantity: 30, Title: "Maths 2de", Duration: "1 an", UnitPrice: &price,
				Sheet: "BdC", Row: 20,
			},
			{
				EAN: mustEAN("9782090000313"), Quantity: 1, Title: "Français 1re", Duration: "1 an", Sheet: "BdC",
				Row: 21,
			},
		},
		Part: "BdC.xlsx",
	}
}

func queryForm(o *order.Order) order.QueryForm {
	l := order.QueryForm{Identity: o.Identity()}
	if o.Reference != "" {
		l.Reference = o.ReferenceKey()
	}
	return l
}

// aCase is a case for staff, opened by a message.
func aCase(code string, message order.Key) order.Case {
	o := anOrder("R-" + code)
	return order.Case{
		Code:    code,
		State:   order.Waiting,
		Reason:  "uai.unknown",
		Message: message,
		From:    "contact@librairie.example",
		Subject: "Commande",
		Account: o.Account,
		UAI:     o.UAI,
		Attempts: []order.Attempt{{
			At: noon(), Message: message, Part: o.Part, Verdict: order.Held, Order: &o,
			Findings: []order.Finding{{
				Code: "uai.unknown", Severity: order.Hold, Sheet: "BdC", Cell: "C13",
				Value: "0750647W",
			}},
		}},
	}
}

func mustUAI(s string) order.UAI {
	u, err := order.ParseUAI(s)
	if err != nil {
		panic(err)
	}
	return u
}

func mustEAN(s string) order.EAN {
	e, err := order.ParseEAN(s)
	if err != nil {
		panic(err)
	}
	return e
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want one that wraps %q", what, err, want)
	}
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

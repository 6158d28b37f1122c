package storetest

import (
	"fmt"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func statisticsTests() []test {
	return []test{
		{"what a day brought", testDays},
		{"days of France", testDaysOfFrance},
		{"what a person decided", testDaysDecided},
		{"an act undone", testDaysUndone},
		{"how long answers took", testDaysAnswers},
		{"what is refused is not counted", testDaysRefused},
		{"more accounts than a day tells apart", testDaysAccounts},
	}
}

// days are all of the suite's.
func (r *rig) days() []store.Day {
	r.t.Helper()
	days, err := r.Days(r.t.Context(), noon().AddDate(-1, 0, 0), noon().AddDate(1, 0, 0))
	if err != nil {
		r.t.Fatalf("days: %v", err)
	}
	return days
}

// sentBack is an intake of a form of an account that goes back with errors.
func sentBack(uid uint32, account string, codes ...order.Code) order.Intake {
	in := letter(uid)
	c := aCase(fmt.Sprintf("D-%06d", uid), in.Message.Key)
	c.State = order.SentBack
	a := &c.Attempts[0]
	a.Verdict, a.Order.Account, a.Findings = order.Rejected, account, nil
	for _, code := range codes {
		a.Findings = append(a.Findings, order.Finding{Code: code, Severity: order.Error})
	}
	a.Findings = append(a.Findings, order.Finding{Code: "reference.missing", Severity: order.Warning})
	in.Cases = []order.Case{c}
	return in
}

func testDays(t *testing.T, r *rig) {
	wantEqual(t, "of an empty store", r.days(), []store.Day{})
	held := letter(3)
	held.Cases = []order.Case{aCase("D-22222C", held.Message.Key)}
	bare := letter(4)
	bare.Cases = []order.Case{{
		Code: "D-22222D", State: order.Waiting,
		Attempts: []order.Attempt{{Findings: []order.Finding{{Code: "mail.noform", Severity: order.Hold}}}},
	}}
	receipts := r.Record(t.Context(), store.Fence{},
		[]order.Intake{forms(1, "A", "B"), sentBack(2, "01", "uai.key", "line.ean.key", "line.ean.key"), held, bare})
	for _, receipt := range receipts {
		if receipt.Err != nil {
			t.Fatal(receipt.Err)
		}
	}
	again := letter(5)
	again.At = after(24 * time.Hour)
	again.Continued = []order.Continuation{{
		Case: "D-000002", State: order.SentBack,
		Attempt: sentBack(5, "01", "uai.key").Cases[0].Attempts[0], Order: -1,
	}}
	r.record(again)
	r.die()
	want := []store.Day{
		{
			Date: "2026-11-20", Messages: 4, Accepted: 2, SentBack: 1, Held: 1,
			Errors:      map[order.Code]int{"uai.key": 1, "line.ean.key": 1, "uai.unknown": 1},
			Booksellers: map[string]int{"01": 1},
		},
		{
			Date: "2026-11-21", Messages: 1, SentBack: 1, Errors: map[order.Code]int{"uai.key": 1},
			Booksellers: map[string]int{"01": 1},
		},
	}
	wantEqual(t, "days", r.days(), want)
	for _, tt := range []struct {
		from, to time.Time
		want     []store.Day
	}{
		{noon(), noon(), want[:1]},
		{noon(), after(24 * time.Hour), want},
		{after(24 * time.Hour), after(48 * time.Hour), want[1:]},
		{after(24 * time.Hour), noon(), []store.Day{}},
	} {
		got, err := r.Days(t.Context(), tt.from, tt.to)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, fmt.Sprintf("from %v to %v", tt.from, tt.to), got, tt.want)
	}
}

func testDaysOfFrance(t *testing.T, r *rig) {
	for i, at := range []time.Time{
		time.Date(2026, 11, 20, 22, 59, 59, 0, time.UTC), time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC),
		time.Date(2026, 7, 1, 21, 59, 0, 0, time.UTC), time.Date(2026, 7, 1, 22, 0, 0, 0, time.UTC),
	} {
		in := letter(uint32(i + 1))
		in.At = at
		r.record(in)
	}
	wantEqual(t, "days", r.days(),
		[]store.Day{
			{Date: "2026-07-01", Messages: 1},
			{Date: "2026-07-02", Messages: 1},
			{Date: "2026-11-20", Messages: 1},
			{Date: "2026-11-21", Messages: 1},
		})
}

// testDaysDecided: the program itself decides, in nobody's name, about what only
// waited for a register.
func testDaysDecided(t *testing.T, r *rig) {
	codes := r.opened(3)
	for i, actor := range []string{"claire", "bdc"} {
		o := anOrder(fmt.Sprint("A", i))
		r.decide(order.Decision{
			Kind: order.ActAccept, Case: codes[i], Revision: 1, Actor: actor, At: noon(),
			State: order.Closed, Order: &o,
		})
	}
	r.decide(order.Decision{
		Kind: order.ActRefuse, Case: codes[2], Revision: 1, Actor: "claire",
		At: after(24 * time.Hour), State: order.Closed,
	})
	days := r.days()
	wantEqual(t, "accepted and decided", []int{days[0].Accepted, days[0].Decided, days[0].Held}, []int{1, 1, 3})
	wantEqual(t, "the day after", days[1], store.Day{Date: "2026-11-21", Refused: 1})
}

func testDaysUndone(t *testing.T, r *rig) {
	code := r.opened(1)[0]
	r.accept(code, "A")
	if err := r.Undo(t.Context(), order.Undo{
		Case: code, Revision: 2, Actor: "claire",
		At: after(24 * time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	refusal := order.Reply{Kind: order.ReplyRefused}
	r.decide(order.Decision{
		Kind: order.ActRefuse, Case: code, Revision: 3, Actor: "claire", At: noon(),
		State: order.Closed, Reply: &refusal, Delay: time.Minute,
	})
	if err := r.Undo(t.Context(), order.Undo{
		Case: code, Revision: 4, Actor: "claire",
		At: after(24 * time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "days", r.days(),
		[]store.Day{{Date: "2026-11-20", Messages: 1, Held: 1, Errors: map[order.Code]int{"uai.unknown": 1}}})
}

// testDaysAnswers: what a machine answers took since its message arrived, what a
// person answers since the form did.
func testDaysAnswers(t *testing.T, r *rig) {
	in := forms(1, "A")
	in.Message.ReceivedAt = after(-10 * time.Second)
	late := forms(2, "B")
	late.Message.ReceivedAt = time.Time{}
	failed := forms(3, "C")
	for _, in := range []order.Intake{in, late, failed} {
		r.record(in)
	}
	waiting := letter(4)
	waiting.Cases = []order.Case{aCase("D-22222C", waiting.Message.Key)}
	r.record(waiting)
	r.accept("D-22222C", "D")
	claims := r.claim("a", after(time.Hour), 9)
	if len(claims) != 4 {
		t.Fatalf("got %d claims, want 4", len(claims))
	}
	r.settle("a",
		store.Settlement{Reply: claims[0].ID, Outcome: store.Sent, At: noon()},
		store.Settlement{Reply: claims[1].ID, Outcome: store.Later, At: noon(), Next: after(time.Minute)},
		store.Settlement{Reply: claims[2].ID, Outcome: store.Failed, At: noon()},
		store.Settlement{Reply: claims[3].ID, Outcome: store.Sent, At: after(time.Hour)})
	r.die()
	again := r.claim("b", after(time.Hour), 9)
	if len(again) != 1 {
		t.Fatalf("got %d claims, want the one that was put off", len(again))
	}
	r.settle("b", store.Settlement{Reply: again[0].ID, Outcome: store.Sent, At: after(24 * time.Hour)})
	days := r.days()
	wantEqual(t, "answers", days[0].Answers, store.Spans{store.SpanOf(10 * time.Second): 1})
	wantEqual(t, "decisions", days[0].Decisions, store.Spans{store.SpanOf(time.Hour): 1})
	wantEqual(t, "answers, the day after", days[1].Answers, store.Spans{store.SpanOf(24 * time.Hour): 1})
}

func testDaysRefused(t *testing.T, r *rig) {
	r.record(forms(1, "A"))
	again := []order.Intake{forms(1, "A"), forms(2, "A")} // seen, and stale
	for _, receipt := range r.Record(t.Context(), store.Fence{}, again) {
		if receipt.Err == nil {
			t.Error("got an intake recorded that is refused")
		}
	}
	wantEqual(t, "days", r.days(), []store.Day{{Date: "2026-11-20", Messages: 1, Accepted: 1}})
}

func testDaysAccounts(t *testing.T, r *rig) {
	for i := range uint32(store.DayAccounts + 20) {
		r.record(sentBack(i+1, fmt.Sprint("account ", i%(store.DayAccounts+10))))
	}
	got := r.days()[0].Booksellers
	wantEqual(t, "accounts, with the rest", len(got), store.DayAccounts+1)
	wantEqual(t, "the rest", got[""], 10)
	wantEqual(t, "the first", got["account 0"], 2)
}

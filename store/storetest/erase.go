package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// years is a moment so late that all that the suite records is old.
func years() time.Time { return time.Now().AddDate(10, 0, 0) }

// erase erases all of a kind that an erasure is about, and returns how many.
func (r *rig) erase(kind store.Kind, e store.Erasure) (n int) {
	r.t.Helper()
	e.Actor, e.At = "bdc", noon()
	for calls := 0; calls == 0 || e.After != ""; calls++ {
		got, err := r.Erase(r.t.Context(), kind, e)
		if err != nil || calls > 1000 {
			r.t.Fatalf("erase %s, call %d: %+v, error %v", kind, calls, got, err)
		}
		n, e.After = n+got.Count, got.Next
	}
	return n
}

// holdings returns all that names an address.
func (r *rig) holdings(address string) (list []store.Holding) {
	r.t.Helper()
	for after, calls := "", 0; calls == 0 || after != ""; calls++ {
		page, err := r.Holdings(r.t.Context(), address, after)
		if err != nil || calls > 1000 {
			r.t.Fatalf("holdings, call %d: error %v", calls, err)
		}
		list, after = append(list, page.List...), page.Next
	}
	return list
}

// secret stands in all texts of people, and in nothing else.
const secret = "Zwetschgenkuchen"

// personal is an intake with an order of which all fields of people have the secret.
func personal(uid uint32, reference, address string, files ...[]byte) order.Intake {
	in := forms(uid, reference+" "+secret)
	m := &in.Message
	m.From, m.FromName, m.Subject, m.Text = address, secret, secret+" commande", "Bonjour, "+secret+" à "+address
	m.MessageID = fmt.Sprintf("<%d.%s@librairie.example>", uid, secret)
	in.Query.Content = m.Content()
	for _, f := range files {
		m.Parts = append(m.Parts, order.Part{Name: secret + ".xlsx", Type: "xlsx", Size: len(f), Hash: order.Sum(f)})
	}
	in.Query.Content = m.Content()
	o := &in.Orders[0]
	o.From, o.MessageID, o.Part, o.Message = address, m.MessageID, secret+".xlsx", &m.Key
	o.Fields = map[string]string{
		order.FieldBookseller: secret, order.FieldBookMail: address, order.FieldContactMail: address,
		order.FieldAddress: secret, order.FieldReference: o.Reference, "contact_nom": secret,
	}
	o.Lines[0].Remark = secret
	o.Findings = []order.Finding{{Code: "postcode.format", Severity: order.Fixed, Value: secret}}
	if len(files) > 0 {
		o.Workbook = order.Sum(files[0])
	}
	in.Query.Forms[0] = queryForm(o)
	in.Query.Forms[0].School, in.Query.Forms[0].Lines = o.UAI, o.Gists()
	reply := &in.Replies[0]
	reply.To, reply.Subject, reply.InReplyTo = address, m.Subject, m.MessageID
	reply.Results[0].Reference, reply.Results[0].Bookstore, reply.Results[0].Part = o.Reference, secret, o.Part
	return in
}

// send claims, seals and settles all replies.
func (r *rig) send() {
	r.t.Helper()
	claims := r.claim("a", time.Now().Add(time.Hour), 100)
	for _, c := range claims {
		mail := store.Sealed{Reply: c.ID, Mail: []byte("Bonjour " + secret)}
		r.seal("a", mail)
		r.settle("a", store.Settlement{Reply: c.ID, Outcome: store.Sent, At: noon(), Words: "250 " + secret})
	}
}

// serve gives an order the status opened.
func (r *rig) serve(number string) {
	r.t.Helper()
	for _, s := range []struct{ seen, next order.Status }{
		{order.Received, order.Checked}, {order.Checked, order.Opened},
	} {
		step := order.Step{Status: s.next, At: noon(), Actor: "zoe", Note: "vu avec " + secret}
		if _, err := r.Advance(r.t.Context(), number, s.seen, step); err != nil {
			r.t.Fatal(err)
		}
	}
}

// testErase erases a mail with its order, case and replies. No method finds its words
// again, and the same mail and the same order are known as before.
func testErase(t *testing.T, r *rig) {
	ctx := t.Context()
	workbook, pdf := []byte("workbook of "+secret), []byte("pdf of "+secret)
	if err := r.Keep(ctx, [][]byte{workbook, pdf}); err != nil {
		t.Fatal(err)
	}
	in := personal(1, "R1", "lou@example.org", workbook, pdf)
	k := aCase("D-222222", in.Message.Key)
	k.State, k.From, k.Subject, k.Reference = order.Closed, in.Message.From, in.Message.Subject, in.Orders[0].Reference
	k.Attempts[0].Order, k.Attempts[0].Text, k.Attempts[0].Parts = &in.Orders[0], secret, in.Message.Parts
	in.Cases = []order.Case{k}
	in = r.judged(in)
	number := r.record(in).Numbers[0]
	if _, err := r.Decide(ctx, store.Fence{}, order.Decision{
		Case: k.Code, Revision: 1, Actor: "zoe", At: noon(), Kind: order.ActNote, State: order.Closed, Note: secret,
	}); err != nil {
		t.Fatal(err)
	}
	r.send()
	r.serve(number)
	again := in
	again.Message.Key = key(2)
	past := r.judged(again).Past
	if past.Earlier == nil || past.Forms[0].Same != number {
		t.Fatalf("got the past %+v, want the message and order %s", past, number)
	}

	old := store.Erasure{Before: years()}
	for _, kind := range store.ErasableKinds() {
		wantEqual(t, "too young, "+string(kind), r.erase(kind, store.Erasure{Before: noon().AddDate(-1, 0, 0)}), 0)
	}
	for kind, n := range map[store.Kind]int{
		store.KindMessage: 1, store.KindReply: 1, store.KindCase: 1, store.KindOrder: 1, store.KindNotice: 0,
	} {
		wantEqual(t, "erased "+string(kind), r.erase(kind, old), n)
		wantEqual(t, "erased twice "+string(kind), r.erase(kind, old), 0)
	}
	r.die()
	if n := r.erase(store.KindEvent, old); n < 5 {
		t.Errorf("got %d erased lines of the audit, want those of a message, an order and a case", n)
	}
	r.die()

	o, err := r.Order(ctx, number)
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Message(ctx, in.Message.Key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Case(ctx, k.Code)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := r.Answers(ctx, in.Message.Key)
	if err != nil || len(answers) != 1 {
		t.Fatalf("got the answers %+v, error %v, want one", answers, err)
	}
	reply, err := r.Reply(ctx, answers[0].Reply.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(reply.Mail) > 0 {
		t.Error("the composed mail is there")
	}
	for what, v := range map[string]any{
		"order": o, "message": m, "case": c, "answer": answers, "audit": r.audited(0),
		"rows": r.allRows(t), "deliveries": answers[0].Delivery,
	} {
		if text := printed(t, v); strings.Contains(text, secret) || strings.Contains(text, "lou@example.org") {
			t.Errorf("%s: has words of a person:\n%s", what, text)
		}
	}
	if o.Erased == nil || m.Erased == nil || c.Erased == nil || reply.Erased == nil {
		t.Error("something does not say that it was erased")
	}
	for _, blob := range [][]byte{workbook, pdf} {
		_, err := r.Blob(ctx, order.Sum(blob))
		wantError(t, "file", err, store.ErrNotFound)
	}
	for _, words := range []string{secret, "lou@example", "commande"} {
		rows, err := r.OrderRows(ctx, store.OrderFilter{Words: words}, "", 10)
		if err != nil || len(rows) > 0 {
			t.Errorf("orders with %q: got %+v, error %v, want none", words, rows, err)
		}
		cases, err := r.CaseRows(ctx, store.CaseFilter{Words: words}, "", 10)
		if err != nil || len(cases) > 0 {
			t.Errorf("cases with %q: got %+v, error %v, want none", words, cases, err)
		}
	}
	rows, err := r.OrderRows(ctx, store.OrderFilter{Words: "exemple 3133091234560", Account: "01234567"}, "", 10)
	if err != nil || len(rows) != 1 || !rows[0].Erased || rows[0].Number != number || rows[0].Lines != 2 {
		t.Errorf("orders by school, EAN and account: got %+v, error %v, want the erased one", rows, err)
	}
	cases, err := r.CaseRows(ctx, store.CaseFilter{Words: k.Code}, "", 10)
	if err != nil || len(cases) != 1 || !cases[0].Erased {
		t.Errorf("cases by code: got %+v, error %v, want the erased one", cases, err)
	}

	seen, err := r.Seen(ctx, []order.Key{in.Message.Key})
	if err != nil || seen[in.Message.Key].Folder != in.Folder {
		t.Errorf("the same key: got %v, error %v, want its folder", seen, err)
	}
	known, err := r.Known(ctx, []store.HeaderID{{MessageID: in.Message.MessageID}})
	if err != nil || !slices.Equal(known, []bool{true}) {
		t.Errorf("the same header: got %v, error %v, want it known", known, err)
	}
	wantError(t, "the same key", r.Record(ctx, store.Fence{}, []order.Intake{in})[0].Err, store.ErrSeen)
	wantEqual(t, "the past of the same content", r.judged(again).Past.Earlier, past.Earlier)
	wantEqual(t, "the past of the same order", r.judged(again).Past.Forms, past.Forms)
	next := r.record(forms(9, "R9"))
	wantEqual(t, "the next number", next.Numbers, []string{"CNS-2026-000002"})

	// Cancelling takes the erased order out of the indexes, as any other.
	step := order.Step{Status: order.Cancelled, At: noon(), Actor: "zoe", Note: secret}
	if _, err := r.Advance(ctx, number, order.Opened, step); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "the same order, once it is cancelled", r.judged(again).Past.Forms[0].Same, "")
	wantEqual(t, "a later note", r.erase(store.KindOrder, old), 1)
	if o, err := r.Order(ctx, number); err != nil || strings.Contains(printed(t, o), secret) {
		t.Errorf("got the order %+v, error %v, want it without its later note", o, err)
	}
	for _, e := range r.audited(0) {
		if e.Verb == "messages.erased" && (e.Detail != "1" || e.Actor != "bdc") {
			t.Errorf("got the event %+v, want the count", e)
		}
	}
}

// allRows returns the rows of all orders and cases.
func (r *rig) allRows(t *testing.T) any {
	orders, err := r.OrderRows(t.Context(), store.OrderFilter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := r.CaseRows(t.Context(), store.CaseFilter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return []any{orders, cases}
}

func printed(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// testEraseNot erases nothing that is still worked on, and nothing that belongs to it, by
// age or by address.
func testEraseNot(t *testing.T, r *rig) {
	const address = "lou@example.org"
	file := []byte("pdf")
	if err := r.Keep(t.Context(), [][]byte{file}); err != nil {
		t.Fatal(err)
	}
	everything := func(want map[store.Kind]int) {
		t.Helper()
		for _, e := range []store.Erasure{{Before: years()}, {Address: address}} {
			for _, kind := range []store.Kind{store.KindMessage, store.KindReply, store.KindCase, store.KindOrder} {
				n := want[kind]
				if e.Address != "" { // what could be is erased already
					n = 0
				}
				wantEqual(t, fmt.Sprintf("%s by %q", kind, e.Address), r.erase(kind, e), n)
			}
		}
	}
	in := personal(1, "R1", address, file)
	number := r.record(r.judged(in)).Numbers[0]
	everything(nil) // the reply waits
	r.send()
	everything(nil) // the order is not opened
	withCase := letter(2)
	withCase.Message.From = address
	withCase.Message.Parts = in.Message.Parts // the same file
	k := aCase("D-222222", withCase.Message.Key)
	k.From = address
	withCase.Cases = []order.Case{k}
	r.record(withCase)
	r.serve(number)
	// The first message and its order are done, the case is open, and so is its message.
	everything(map[store.Kind]int{store.KindMessage: 1, store.KindReply: 1, store.KindOrder: 1})
	if _, err := r.Blob(t.Context(), order.Sum(file)); err != nil {
		t.Errorf("the file of an open case: %v", err)
	}
	if _, err := r.Decide(t.Context(), store.Fence{}, order.Decision{
		Case: k.Code, Revision: 1, Actor: "zoe", At: noon(), Kind: order.ActClose, State: order.Closed,
	}); err != nil {
		t.Fatal(err)
	}
	everything(map[store.Kind]int{store.KindMessage: 1, store.KindCase: 1})
	_, err := r.Blob(t.Context(), order.Sum(file))
	wantError(t, "the file of the closed case", err, store.ErrNotFound)
}

// testEraseAddress erases what names an address, and nothing of anybody else.
func testEraseAddress(t *testing.T, r *rig) {
	mine, theirs := []byte("mine"), []byte("theirs")
	if err := r.Keep(t.Context(), [][]byte{mine, theirs}); err != nil {
		t.Fatal(err)
	}
	one, other := personal(1, "R1", "lou@example.org", mine), personal(2, "R2", "milou@example.org", theirs)
	one.At, other.At = time.Now().UTC(), time.Now().UTC() // as their files were kept
	both := []string{r.record(r.judged(one)).Numbers[0], r.record(r.judged(other)).Numbers[0]}
	told := letter(3)
	told.Message.Text = "Écrivez plutôt à LOU@example.org."
	r.record(told)
	r.send()
	for _, number := range both {
		r.serve(number)
	}
	if err := r.Notify(t.Context(), store.Notice{
		Name: "outbox", Begun: noon(), Ended: noon(), Words: "550 <lou@example.org> unknown",
	}, noon(), nil); err != nil {
		t.Fatal(err)
	}
	before := r.audited(0)
	e := store.Erasure{Address: "Lou@Example.org"}
	for kind, n := range map[store.Kind]int{
		store.KindMessage: 2, store.KindReply: 1, store.KindCase: 0, store.KindOrder: 1, store.KindEvent: 0,
		store.KindNotice: 1,
	} {
		wantEqual(t, "erased "+string(kind), r.erase(kind, e), n)
		wantEqual(t, "erased twice "+string(kind), r.erase(kind, e), 0)
	}
	r.die()
	wantEqual(t, "holdings", len(r.holdings("lou@example.org")), 0)
	if n := len(r.holdings("milou@example.org")); n != 3 {
		t.Errorf("got %d holdings of the other, want the message, the reply and the order", n)
	}
	for _, event := range r.audited(before[len(before)-1].Seq) {
		if strings.Contains(event.Detail, "lou") {
			t.Errorf("got the event %+v, which names the person", event)
		}
	}
	_, err := r.Blob(t.Context(), order.Sum(theirs))
	if err != nil {
		t.Errorf("the other's file: %v", err)
	}
	_, err = r.Blob(t.Context(), order.Sum(mine))
	wantError(t, "the person's file", err, store.ErrNotFound)
}

// testHoldings finds a person in each place, and says what hinders an erasure.
func testHoldings(t *testing.T, r *rig) {
	const address = "lou@example.org"
	in := personal(1, "R1", "LOU@example.org")
	k := aCase("D-222222", in.Message.Key)
	k.Attempts[0].Text = "mon adresse : " + address
	in.Cases = []order.Case{k}
	r.record(r.judged(in))
	user := order.User{Name: "lou", FullName: "Lou <" + address + ">", Role: order.Sales, Password: "$argon2id$x"}
	if err := r.AddUser(t.Context(), user, "bdc", noon()); err != nil {
		t.Fatal(err)
	}
	session := order.Session{ID: order.Sum([]byte("token")), User: "lou", At: noon(), Until: noon().Add(time.Hour)}
	if err := r.Enter(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if err := r.Refuse(t.Context(), store.Refusal{From: address, At: noon()}); err != nil {
		t.Fatal(err)
	}
	notice := store.Notice{Name: "outbox", Begun: noon(), Words: address}
	if err := r.Notify(t.Context(), notice, noon(), nil); err != nil {
		t.Fatal(err)
	}
	imported := order.Import{Register: "libraires", Skipped: []string{"ligne 3 : " + address}}
	if err := r.Swap(t.Context(), "libraires", []byte("x"), imported); err != nil {
		t.Fatal(err)
	}
	got := map[store.Kind]store.Hindrance{}
	for _, h := range r.holdings(address) {
		got[h.Kind] = h.Hindrance
		if bytes.Contains(h.Value, []byte("argon2id")) || bytes.Contains(h.Value, []byte(session.ID)) {
			t.Errorf("%s: got a secret: %s", h.Kind, h.Value)
		}
		if h.Kind == store.KindCase && h.Name != k.Code || h.Kind == store.KindOrder && h.Name != "CNS-2026-000001" {
			t.Errorf("%s: got the name %q", h.Kind, h.Name)
		}
	}
	wantEqual(t, "holdings", got, map[store.Kind]store.Hindrance{
		store.KindMessage: store.Unopened, store.KindReply: store.Unsent, store.KindCase: store.OpenCase,
		store.KindOrder: store.Unopened, store.KindEvent: "", store.KindNotice: store.Lasting,
		store.KindUser: store.Console, store.KindSession: store.Console, store.KindImport: store.Elsewhere,
	})
	wantEqual(t, "holdings of nobody", len(r.holdings("nobody@example.org")), 0)
}

// testErasedCase refuses decisions about an erased case, and joins no message to it.
func testErasedCase(t *testing.T, r *rig) {
	in := letter(1)
	k := aCase("D-222222", in.Message.Key)
	k.State = order.Closed
	in.Cases = []order.Case{k}
	r.record(in)
	next := letter(2)
	next.Query.From, next.Query.Accounts, next.Query.Mentions = k.From, []string{k.Account}, []string{k.Code}
	next = r.judged(next)
	wantEqual(t, "mentioned before", next.Past.Mentioned.Case, k.Code)
	wantEqual(t, "erased", r.erase(store.KindCase, store.Erasure{Before: years()}), 1)
	wantError(t, "judged before", r.Record(t.Context(), store.Fence{}, []order.Intake{next})[0].Err, store.ErrStale)
	wantEqual(t, "mentioned now", r.judged(next).Past.Mentioned, order.Thread{})
	r.record(r.judged(next))
	_, err := r.Decide(t.Context(), store.Fence{}, order.Decision{
		Case: k.Code, Revision: 2, Actor: "zoe", At: noon(), Kind: order.ActReopen, State: order.Waiting,
	})
	wantError(t, "reopen", err, store.ErrErased)
	wantError(t, "undo", r.Undo(t.Context(), order.Undo{Case: k.Code, Revision: 2, Actor: "zoe", At: noon()}),
		store.ErrErased)
}

// testEraseMany takes several calls, each with its line in the audit.
func testEraseMany(t *testing.T, r *rig) {
	const many = 250
	intakes := make([]order.Intake, many)
	for i := range intakes {
		intakes[i] = letter(uint32(i + 1))
	}
	for i, receipt := range r.Record(t.Context(), store.Fence{}, intakes) {
		if receipt.Err != nil {
			t.Fatalf("record %d: %v", i, receipt.Err)
		}
	}
	wantEqual(t, "erased", r.erase(store.KindMessage, store.Erasure{Before: years()}), many)
	counts := 0
	for _, e := range r.audited(0) {
		if e.Verb == "messages.erased" {
			var n int
			if _, err := fmt.Sscan(e.Detail, &n); err != nil || n > 100 {
				t.Errorf("got the event %+v, want a count of at most 100", e)
			}
			counts += n
		}
	}
	wantEqual(t, "told by the audit", counts, many)
	wantEqual(t, "messages", r.status().Messages, many)
}

func testEraseUnknown(t *testing.T, r *rig) {
	for _, kind := range []store.Kind{"", "users", store.KindImport} {
		if slices.Contains(store.ErasableKinds(), kind) {
			t.Errorf("%q can be erased", kind)
		}
		_, err := r.Erase(t.Context(), kind, store.Erasure{Before: years()})
		wantError(t, "erase "+string(kind), err, store.ErrNotFound)
	}
}

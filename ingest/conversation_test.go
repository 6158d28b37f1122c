package ingest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"bdc/order"
	"bdc/store"
)

// bookseller is one conversation as a person would follow it: what was sent, what
// must come of it, and nothing of how that is done.
type bookseller struct {
	uai, wrongUAI, reference string

	state   order.State // of the case; "" while there is none
	ordered bool
	offered bool   // the last report offers, and nothing has come between
	code    string // of the case
	report  string // the Message-ID of the last report
	reports []string
	sent    []order.Mail // by the shop, to be sent once more
	times   [4]int       // how often each form was sent
}

// expected is what must come of one mail.
type expected struct {
	of     *bookseller
	reply  order.ReplyKind // or "" for none
	orders int
}

// town is all the booksellers at once, and the mailbox between.
type town struct {
	*testing.T
	rig    *rig
	rand   *rand.Rand
	blank  *zip.Reader
	uid    uint32
	wanted map[uint32]expected
	got    map[uint32]order.Intake
	number map[string]bool
}

// TestConversations: a thousand booksellers send forms, right and wrong, and
// answer what they get in every way there is. Each conversation ends as it
// should, nothing is ordered twice, and no mail gets two answers. BDC_TEST_SOAK=1
// makes it 10,000.
func TestConversations(t *testing.T) {
	count, rounds := 1000, 5
	if slowdown > 1 || testing.Short() {
		count = 120
	}
	if os.Getenv("BDC_TEST_SOAK") != "" {
		count = 10_000
	}
	form := filled(t, nil, "28")
	blank, err := zip.NewReader(bytes.NewReader(form), int64(len(form)))
	if err != nil {
		t.Fatal(err)
	}
	w := &town{
		T: t, rig: newRig(t, newBox()), rand: rand.New(rand.NewPCG(20261121, 1)), blank: blank,
		wanted: map[uint32]expected{}, got: map[uint32]order.Intake{}, number: map[string]bool{},
	}
	w.rig.Examiner = trusting(t)
	w.rig.Recorded = w.recorded
	booksellers := make([]*bookseller, count)
	for i := range booksellers {
		digits := fmt.Sprintf("%07d", 990_000+i)
		key := strings.IndexByte(letters, keyOf(digits))
		booksellers[i] = &bookseller{
			uai: digits + letters[key:key+1], wrongUAI: digits + letters[(key+1)%len(letters):][:1],
			reference: "R-" + strconv.Itoa(i),
		}
	}
	for round := range rounds {
		for _, b := range booksellers {
			if round == 0 {
				w.begin(b)
			} else {
				w.goOn(b)
			}
		}
		w.deliver()
	}
	orders := 0
	for _, b := range booksellers {
		if b.ordered {
			orders++
		}
		if b.code == "" {
			continue
		}
		c, err := w.rig.store.Case(t.Context(), b.code)
		if err != nil {
			t.Fatal(err)
		}
		if c.State != b.state || (len(c.Orders) == 1) != b.ordered || len(c.Orders) > 1 {
			t.Errorf("%s, case %s: got %s with orders %v, want %s, ordered: %t", b.reference, b.code, c.State, c.Orders,
				b.state, b.ordered)
		}
	}
	list, err := w.rig.store.Orders(t.Context(), "", 2*count)
	if err != nil {
		t.Fatal(err)
	}
	references := map[string]bool{}
	for _, o := range list {
		if references[o.Reference] {
			t.Errorf("%s is ordered twice", o.Reference)
		}
		references[o.Reference] = true
	}
	if len(list) != orders || len(w.number) != orders || orders < count/2 {
		t.Errorf("got %d orders under %d numbers, want %d, of at least half the conversations", len(list),
			len(w.number), orders)
	}
	t.Logf("%d conversations of %d mails, %d orders", count, w.uid, orders)
}

const letters = "ABCDEFGHJKLMNPRSTUVWXYZ"

func keyOf(digits string) byte {
	n, _ := strconv.Atoi(digits)
	return letters[n%23]
}

// Forms that booksellers send: right, with one error that has a proposal, with
// one that has none, or with both.
const (
	noFault = iota
	badLetter
	badPostcode
	badBoth
)

// form is the bookseller's order with that many things wrong.
func (w *town) form(b *bookseller, kind int) attachment {
	replace := []string{"R-1<", b.reference + "<", "0990011Z", b.uai}
	if kind == badLetter || kind == badBoth {
		replace[3] = b.wrongUAI
	}
	if kind == badPostcode || kind == badBoth {
		replace = append(replace, ">99010<", ">99<")
	}
	var out bytes.Buffer
	pack := zip.NewWriter(&out)
	for _, f := range w.blank.File {
		if !strings.HasPrefix(f.Name, "xl/sharedStrings") && !strings.HasPrefix(f.Name, "xl/worksheets/") {
			if err := pack.Copy(f); err != nil {
				w.Fatal(err)
			}
			continue
		}
		r, err := f.Open()
		if err != nil {
			w.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			w.Fatal(err)
		}
		to, err := pack.CreateHeader(&zip.FileHeader{Name: f.Name})
		if err != nil {
			w.Fatal(err)
		}
		if _, err := io.WriteString(to, strings.NewReplacer(replace...).Replace(string(data))); err != nil {
			w.Fatal(err)
		}
	}
	if err := pack.Close(); err != nil {
		w.Fatal(err)
	}
	return attachment{"BdC.xlsx", out.Bytes()}
}

// mail puts a mail of an address into the mailbox, and notes what must come of it.
func (w *town) mail(b *bookseller, from, header, text string, want expected, files ...attachment) {
	w.uid++
	if b.report != "" && !strings.Contains(header, "In-Reply-To") {
		header += "In-Reply-To: " + b.report + "\r\n"
	}
	m := says(w.uid, from, proof+header, text, files...)
	m.Received = at
	want.of = b
	w.wanted[w.uid], w.rig.box.mails[w.uid] = want, m
	if from == shop {
		b.sent = append(b.sent, m)
	}
}

const shop = "Shop@test.local"

// begin sends the first form.
func (w *town) begin(b *bookseller) {
	switch n := w.rand.IntN(20); {
	case n < 10:
		w.sends(b, badLetter)
	case n < 14:
		w.sends(b, badPostcode)
	case n < 18:
		w.sends(b, badBoth)
	default:
		w.sends(b, noFault)
	}
}

// sends sends a form of the shop.
func (w *town) sends(b *bookseller, kind int) {
	want := expected{reply: order.ReplyReport}
	b.times[kind]++
	switch {
	case b.times[kind] > maxEchoes:
		want.reply, b.offered = "", false
		if kind != noFault {
			b.state = order.Waiting
		}
	case kind == noFault && b.ordered:
		want.reply = order.ReplyDuplicate
	case kind == noFault:
		want.reply, want.orders, b.ordered = order.ReplyAck, 1, true
		if b.state != "" {
			b.state = order.Closed
		}
	default:
		b.state, b.offered = order.SentBack, kind == badLetter
	}
	w.mail(b, shop, "", "Bonjour", want, w.form(b, kind))
}

// agrees says OK to the last report.
func (w *town) agrees(b *bookseller) {
	want := expected{}
	switch {
	case b.state == order.SentBack && b.offered:
		want, b.state, b.ordered = expected{reply: order.ReplyAck, orders: 1}, order.Closed, true
	default:
		b.state, b.offered = order.Waiting, false
	}
	texts := []string{
		"OK", "D’accord, merci.\n\nCordialement\nLibrairie d’essai\n01 23 45 67 89",
		"Bonjour,\noui, je confirme.\nBonne journée", "c'est bon pour moi",
	}
	w.mail(b, shop, "", texts[w.rand.IntN(len(texts))], want)
}

// goOn does one of the things that booksellers do next.
func (w *town) goOn(b *bookseller) {
	silent := expected{}
	switch n := w.rand.IntN(22); {
	case n < 3: // leaves it
	case n == 3: // moved back to the inbox, or delivered twice
		w.uid++
		m := b.sent[w.rand.IntN(len(b.sent))]
		m.Key.UID = w.uid
		silent.of = b
		w.wanted[w.uid], w.rig.box.mails[w.uid] = silent, m
	case b.state == "": // ordered at once: all that is left is to send it again
		w.sends(b, noFault)
	case n == 4:
		w.mail(b, shop, "Auto-Submitted: auto-replied\r\n", "Absente jusqu’à lundi.", silent)
	case n == 5:
		b.state, b.offered = order.Waiting, false
		w.mail(b, shop, "", "Voici le bon d’engagement.", silent,
			attachment{"engagement.pdf", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")})
	case n == 6:
		b.state, b.offered = order.Waiting, false
		w.mail(b, shop, "", "Merci, mais est-ce bien le bon lycée ?", silent)
	case n == 7: // a colleague, who is registered for the same account
		b.state, b.offered = order.Waiting, false
		w.mail(b, "achats@test.local", "", "OK", silent)
	case n == 8: // somebody else: a case of its own
		w.mail(b, "anna@test.local", "", "OK", silent)
	case n == 9 && len(b.reports) > 1: // to a report that a later one has replaced
		b.state, b.offered = order.Waiting, false
		w.mail(b, shop, "In-Reply-To: "+b.reports[0]+"\r\n", "OK", silent)
	case n < 12 && !b.ordered: // partly corrected, or otherwise wrong
		w.sends(b, []int{badLetter, badPostcode, badBoth}[w.rand.IntN(3)])
	case n < 14:
		w.sends(b, noFault)
	case n < 16:
		w.sends(b, noFault)
		w.sends(b, noFault)
	case n < 18:
		w.agrees(b)
		w.agrees(b)
	default:
		w.agrees(b)
	}
}

// deliver takes in what is in the mailbox, and compares what came of each mail.
func (w *town) deliver() {
	w.Helper()
	keys, err := (&fakeSession{w.rig.box}).Pending(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	p := w.rig.begin(w.Context(), 1, false) // so that each bookseller's come in their order
	if err := p.finish(p.fetch(w.Context(), &fakeSession{w.rig.box}, keys, false)); err != nil {
		w.Fatal(err)
	}
	for _, k := range keys {
		delete(w.rig.box.mails, k.UID)
		want, b := w.wanted[k.UID], w.wanted[k.UID].of
		in, recorded := w.got[k.UID]
		kind := order.ReplyKind("")
		if len(in.Replies) > 0 {
			kind = in.Replies[0].Kind
		}
		if !recorded || kind != want.reply || len(in.Replies) > 1 || len(in.Orders) != want.orders {
			w.Fatalf("mail %d of %s, recorded: %t: got %s, want %d orders and the reply %q", k.UID, b.reference,
				recorded, told(in), want.orders, want.reply)
		}
		if kind == order.ReplyReport {
			b.report = in.Replies[0].MessageID
			b.reports = append(b.reports, b.report)
			b.code = in.Replies[0].Results[0].Case
		}
	}
}

// recorded notes what was recorded.
func (w *town) recorded(in order.Intake, r store.Receipt) {
	uid := in.Message.Key.UID
	if _, twice := w.got[uid]; twice {
		w.Errorf("mail %d is recorded twice", uid)
	}
	if len(r.Replies) != len(in.Replies) {
		w.Errorf("mail %d: %d replies are stored of %d", uid, len(r.Replies), len(in.Replies))
	}
	w.got[uid] = in
	for _, n := range r.Numbers {
		if w.number[n] {
			w.Errorf("mail %d: got the number %s again", uid, n)
		}
		w.number[n] = true
	}
}

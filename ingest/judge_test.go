package ingest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

var at = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func newExaminer(t testing.TB) *Examiner {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	none := registry.New(nil, nil, nil)
	return &Examiner{
		Form: form, Registry: func() validate.Registry { return none }, AnySender: true,
		OwnAddresses: []string{"orders@test.local"},
		Domain:       "test.local",
		Sheet:        sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
}

// filled is an order that passes every check, but for what change says.
func filled(t testing.TB, change map[string]string, quantity string) []byte {
	t.Helper()
	return filledLines(t, change, map[string]string{order.ColumnEAN: "3133091001018", order.ColumnQuantity: quantity})
}

// elsewhere is what makes of a form one for another school, with a reference of its own.
func elsewhere() map[string]string {
	return map[string]string{
		order.FieldReference: "R-2", order.FieldUAI: "0990022L", order.FieldEstablishment: "Collège Emmy Noether",
	}
}

func filledLines(t testing.TB, change map[string]string, lines ...map[string]string) []byte {
	t.Helper()
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		order.FieldBookseller: "Librairie d’essai", order.FieldAccount: "01002001",
		order.FieldBookMail: "shop@test.local", order.FieldReference: "R-1",
		order.FieldUAI: "0990011Z", order.FieldEstablishment: "Collège Ada Lovelace",
		order.FieldAddress: "1 rue du Tilleul", order.FieldPostcode: "99010",
		order.FieldTown: "Valmorin", order.FieldSchoolMail: "ce@test.local", "contact_nom": "Dupont",
		order.FieldContactMail: "dupont@test.local",
	}
	for id, v := range change {
		values[id] = v
	}
	data, err := form.Fill(definition, values, lines)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type attachment struct {
	name string
	data []byte
}

// mail is a message as fetched, with a header line more if extra has one.
func mail(uid uint32, extra string, files ...attachment) order.Mail {
	var m bytes.Buffer
	fmt.Fprintf(&m,
		"From: Shop <Shop@test.local>\r\nMessage-ID: <%d@test.local>\r\n%sSubject: Commande\r\nMIME-Version: "+
			"1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+
			"--b\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n", uid, extra)
	for _, f := range files {
		fmt.Fprintf(&m,
			"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "+
				"filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n", f.name)
		for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(f.data)), 76) {
			m.Write(append(chunk, "\r\n"...))
		}
	}
	m.WriteString("--b--\r\n")
	return order.Mail{
		Key: order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: uid}, Received: at,
		Size: int64(m.Len()), Raw: m.Bytes(),
	}
}

// nothing is what an empty record answers.
func nothing(q order.Query) order.Past {
	return order.NoPast(len(q.Forms))
}

// told sums an intake up: folder, then orders, cases by state and reason, and
// each reply's kind with those of its results.
func told(in order.Intake) string {
	words := []string{string(in.Folder), fmt.Sprintf("orders:%d", len(in.Orders))}
	for _, c := range in.Cases {
		words = append(words, fmt.Sprintf("%s:%s", c.State, c.Reason))
	}
	for _, c := range in.Continued {
		words = append(words, fmt.Sprintf("goes on:%s", c.State))
	}
	for _, r := range in.Replies {
		kinds := make([]string, len(r.Results))
		for i, result := range r.Results {
			kinds[i] = string(result.Kind)
		}
		words = append(words, fmt.Sprintf("reply:%s(%s)", r.Kind, strings.Join(kinds, ",")))
	}
	return strings.Join(words, " ")
}

func TestJudge(t *testing.T) {
	good := filled(t, nil, "28")
	other := filled(t, map[string]string{order.FieldReference: "R-2"}, "28")
	more := filled(t, nil, "29") // the same reference, another quantity
	wrong := filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")
	another := filled(t, elsewhere(), "28")
	noCode := filled(t, map[string]string{order.FieldUAI: "", order.FieldNoUAI: "Oui"}, "28")
	pdf := []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	tests := []struct {
		name  string
		mail  order.Mail
		past  func(order.Past) order.Past
		want  string
		parts int
	}{
		{"a perfect order", mail(1, "", attachment{"BdC.xlsx", good}), nil, "processed orders:1 reply:ack(ack)", 1},
		{
			"its commitment goes with it", mail(1, "", attachment{"BdC.xlsx", good}, attachment{"engagement.pdf", pdf}),
			nil, "processed orders:1 reply:ack(ack)", 2,
		},
		{
			"a wrong form", mail(1, "", attachment{"BdC.xlsx", wrong}), nil,
			"rejected orders:0 sentback:uai.key reply:report(report)", 1,
		},
		{
			"a doubtful form", mail(1, "", attachment{"BdC.xlsx", noCode}), nil,
			"attention orders:0 waiting:uai.none reply:held(held)", 1,
		},
		{
			"a truncated form", mail(1, "", attachment{"BdC.xlsx", good[:len(good)/2]}), nil,
			"rejected orders:0 sentback:form.unreadable.truncated reply:unreadable(unreadable)", 1,
		},
		{
			"a good and a wrong form", mail(1, "", attachment{"a.xlsx", another}, attachment{"b.xlsx", wrong}), nil,
			"rejected orders:1 sentback:uai.key reply:report(ack,report)", 2,
		},
		{
			"a wrong and a doubtful form", mail(1, "", attachment{"a.xlsx", wrong}, attachment{"b.xlsx", noCode}), nil,
			"attention orders:0 sentback:uai.key waiting:uai.none reply:report(report,held)", 2,
		},
		{
			"the same form twice", mail(1, "", attachment{"a.xlsx", good}, attachment{"b.xlsx", good}), nil,
			"processed orders:1 reply:duplicate(ack,duplicate)", 2,
		},
		{
			"one reference, two orders", mail(1, "", attachment{"a.xlsx", good}, attachment{"b.xlsx", more}), nil,
			"attention orders:0 waiting:order.several waiting:order.several reply:held(held,held)", 2,
		},
		{"no attachment", mail(1, ""), nil, "attention orders:0 waiting:mail.noform", 0},
		{"only a PDF", mail(1, "", attachment{"question.pdf", pdf}), nil, "attention orders:0 waiting:mail.noform", 1},
		{
			"a damaged file of that name", mail(1, "", attachment{"BdC.xlsx", []byte{0, 1, 2, 3}}), nil,
			"rejected orders:0 sentback:form.unreadable.unknown reply:unreadable(unreadable)", 1,
		},
		{
			"the lock of Excel beside it",
			mail(1, "", attachment{"BdC.xlsx", good}, attachment{"~$BdC.xlsx", []byte("\x05Claire\x00\x00")}), nil,
			"processed orders:1 reply:ack(ack)", 2,
		},
		{
			"what macOS keeps beside it",
			mail(1, "", attachment{"BdC.xlsx", []byte("\x00\x05\x16\x07\x00\x02")}, attachment{"BdC.xlsx", good},
				attachment{"._BdC.xlsx", []byte{0}}), nil, "processed orders:1 reply:ack(ack)", 3,
		},
		{
			"a form by the name of a lock", mail(1, "", attachment{"~$BdC.xlsx", good}), nil,
			"processed orders:1 reply:ack(ack)", 1,
		},
		{
			"an automatic mail", mail(1, "Auto-Submitted: auto-replied\r\n"), nil,
			"attention orders:0 waiting:mail.automatic", 0,
		},
		{
			"an automatic mail with an order", mail(1, "Precedence: bulk\r\n", attachment{"BdC.xlsx", good}), nil,
			"attention orders:0 waiting:mail.automatic", 1,
		},
		{"no bytes at all", order.Mail{}, nil, "attention orders:0 waiting:mail.noform", 0},
		{"ordered before", mail(1, "", attachment{"BdC.xlsx", good}), func(p order.Past) order.Past {
			p.Forms[0].Same = "CNS-2026-000007"
			return p
		}, "processed orders:0 reply:duplicate(duplicate)", 1},
		{"another order has the reference", mail(1, "", attachment{"BdC.xlsx", other}), func(p order.Past) order.Past {
			p.Forms[0].Reused = "CNS-2026-000007"
			return p
		}, "attention orders:0 waiting:order.reference.reused reply:held(held)", 1},
		{"delivered again once ordered", mail(1, "", attachment{"BdC.xlsx", good}), func(p order.Past) order.Past {
			p.Earlier = &order.Earlier{Folder: order.FolderProcessed}
			return p
		}, "processed orders:0", 1},
		{"delivered again, now right", mail(1, "", attachment{"BdC.xlsx", good}), func(p order.Past) order.Past {
			p.Earlier = &order.Earlier{Folder: order.FolderRejected, Outcome: "before the directory was imported"}
			return p
		}, "processed orders:1 reply:ack(ack)", 1},
	}
	e := newExaminer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := e.Open(test.mail)
			past := nothing(x.Query)
			if test.past != nil {
				past = test.past(past)
			}
			in := e.Judge(x, past, at)
			if got := told(in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if len(in.Message.Parts) != test.parts || len(x.Blobs) != test.parts {
				t.Errorf("got %d parts and %d blobs, want %d", len(in.Message.Parts), len(x.Blobs), test.parts)
			}
		})
	}
}

// TestJudgeRepeatSilent: what was sent back is not sent back a second time for
// the same bytes, unless its outcome has changed.
func TestJudgeRepeatSilent(t *testing.T) {
	e := newExaminer(t)
	x := e.Open(mail(1, "", attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")}))
	past := nothing(x.Query)
	first := e.Judge(x, past, at)
	past.Earlier = &order.Earlier{Folder: first.Folder, Outcome: first.Outcome}
	if again := e.Judge(x, past, at.Add(time.Hour)); told(again) != "rejected orders:0" {
		t.Errorf("the second delivery came to %s, want no more than its folder", told(again))
	}
}

// TestJudgeTooLarge tells the sender of a message that was not even fetched.
func TestJudgeTooLarge(t *testing.T) {
	e := newExaminer(t)
	m := mail(1, "")
	m.TooLarge, m.Size = true, 26<<20
	x := e.Open(m)
	in := e.Judge(x, nothing(x.Query), at)
	if got, want := told(in), "attention orders:0 waiting:message.toolarge reply:unreadable(unreadable)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if f := in.Replies[0].Results[0].Findings[0]; f.Args["actual"] != "26" || f.Args["limit"] != "25" {
		t.Errorf("the finding says %v, want 26 of 25 Mo", f.Args)
	}
}

// TestJudgeReply: the Message-ID carries the case, and the answer joins the
// bookseller's thread.
func TestJudgeReply(t *testing.T) {
	e := newExaminer(t)
	x := e.Open(mail(7, "References: <a@test.local> <b@test.local>\r\n",
		attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")}))
	in := e.Judge(x, nothing(x.Query), at)
	r := in.Replies[0]
	if !strings.HasPrefix(r.MessageID, "<"+in.Cases[0].Code+".") || !strings.HasSuffix(r.MessageID, "@test.local>") {
		t.Errorf("the reply's Message-ID is %s, want one that starts with the case %s", r.MessageID, in.Cases[0].Code)
	}
	if r.To != "shop@test.local" || r.InReplyTo != "<7@test.local>" ||
		!slices.Equal(r.References, []string{"<a@test.local>", "<b@test.local>", "<7@test.local>"}) {
		t.Errorf("the reply goes to %s, in reply to %s, after %v", r.To, r.InReplyTo, r.References)
	}
}

// takeIn examines a message, judges it at the given time and records it.
func takeIn(t *testing.T, s *boltstore.Store, e *Examiner, m order.Mail, now time.Time) (order.Intake, store.Receipt) {
	t.Helper()
	x := e.Open(m)
	past, err := s.Past(t.Context(), x.Query)
	if err != nil {
		t.Fatal(err)
	}
	in := e.Judge(x, past, now)
	receipt := s.Record(t.Context(), store.Fence{}, []order.Intake{in})[0]
	if receipt.Err != nil {
		t.Fatal(receipt.Err)
	}
	return in, receipt
}

// newStore opens a store for the length of a test, and checks its file at the end.
func newStore(t *testing.T) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

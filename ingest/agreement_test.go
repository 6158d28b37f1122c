package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/validate"
	"bdc/validate/registry"
)

const (
	ordered = "processed orders:1 goes on:closed reply:ack(ack)"
	toStaff = "attention orders:0 goes on:waiting"
)

// TestAgree: an OK makes an order if it can only mean one thing. Otherwise it waits for
// staff in its case.
func TestAgree(t *testing.T) {
	wrong := func(t *testing.T) attachment {
		return attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")}
	}
	worse := func(t *testing.T) attachment {
		return attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A", order.FieldPostcode: "7"},
			"28")}
	}
	logo := attachment{"image001.png", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 2000)...)}
	act := func(k *talk, kind order.ActKind, state order.State) {
		c := k.file()
		_, err := k.store.Decide(k.Context(), store.Fence{},
			order.Decision{
				Case: c.Code, Revision: c.Revision, Actor: "claire", At: at.Add(3 * time.Hour), Kind: kind,
				State: state, Note: "vu",
			})
		if err != nil {
			k.Fatal(err)
		}
	}
	tests := []struct {
		name string
		talk func(*talk) order.Intake // after a report that offers a correction
		want string
	}{
		{"OK", func(k *talk) order.Intake { return k.send("", "OK") }, ordered},
		{"with courtesy and a signature", func(k *talk) order.Intake {
			return k.send("",
				"Bonjour,\n\nc’est d’accord, merci.\n\nBien cordialement,\nClaire Morel\nLibrairie d’essai\n01 23 "+
					"45 67 89", logo)
		}, ordered},
		{"by the thread alone", func(k *talk) order.Intake {
			return k.send("References: <a@test.local> "+k.last.MessageID+
				" <b@test.local>\r\nIn-Reply-To: <b@test.local>\r\n", "OK")
		}, ordered},
		{"by the subject alone", func(k *talk) order.Intake {
			return k.send("Subject: RE: [À corriger "+k.code+"] Re: Commande\r\n", "OK")
		}, ordered},
		{"by both", func(k *talk) order.Intake {
			return k.send("In-Reply-To: "+k.last.MessageID+"\r\nSubject: RE: ["+k.code+"]\r\n", "OK")
		}, ordered},
		{"in a thread that was about another case before", func(k *talk) order.Intake {
			return k.send("References: <D-222222.abcdefghij234567@test.local> "+k.last.MessageID+"\r\n", "OK")
		}, ordered},
		{"whose own subject speaks of another case", func(k *talk) order.Intake {
			return k.send("In-Reply-To: "+k.last.MessageID+"\r\nSubject: RE: [À corriger "+k.code+
				"] Re: Suite de D-222222\r\n", "OK")
		}, ordered},
		{"after an absence was noted", func(k *talk) order.Intake {
			report := k.last.MessageID
			k.send("Auto-Submitted: auto-replied\r\nIn-Reply-To: "+report+"\r\n", "Je suis absent.")
			return k.send("In-Reply-To: "+report+"\r\n", "OK")
		}, ordered},
		{"to the second report", func(k *talk) order.Intake {
			k.send("", "Bonjour", wrong(k.T))
			return k.send("", "OK")
		}, ordered},
		{"delivered twice", func(k *talk) order.Intake {
			m := says(50, "Shop@test.local", proof+"In-Reply-To: "+k.last.MessageID+"\r\n", "OK")
			k.take(m)
			m.Key.UID = 51
			return k.take(m)
		}, "processed orders:0"},

		{
			"nothing is named", func(k *talk) order.Intake { return k.send("Subject: OK\r\n", "OK") },
			"attention orders:0 waiting:mail.other",
		},
		{"sent twice", func(k *talk) order.Intake {
			header := "In-Reply-To: " + k.last.MessageID + "\r\n"
			k.send(header, "OK")
			return k.send(header, "OK")
		}, toStaff},
		{"to the first of two reports", func(k *talk) order.Intake {
			first := k.last.MessageID
			k.send("", "Bonjour", wrong(k.T))
			return k.send("In-Reply-To: "+first+"\r\n", "OK")
		}, toStaff},
		{"to one of two reports, by the subject", func(k *talk) order.Intake {
			k.send("", "Bonjour", wrong(k.T))
			return k.send("Subject: RE: ["+k.code+"]\r\n", "OK")
		}, toStaff},
		{
			"to a second report that offers nothing",
			func(k *talk) order.Intake { k.send("", "Bonjour", worse(k.T)); return k.send("", "OK") }, toStaff,
		},
		{"the subject names another case", func(k *talk) order.Intake {
			return k.send("In-Reply-To: "+k.last.MessageID+"\r\nSubject: RE: [D-222222]\r\n", "OK")
		}, toStaff},
		{"after a question", func(k *talk) order.Intake {
			header := "In-Reply-To: " + k.last.MessageID + "\r\n"
			k.send(header, "Est-ce le bon lycée ?")
			return k.send(header, "OK")
		}, toStaff},
		{"a question", func(k *talk) order.Intake { return k.send("", "OK ?") }, toStaff},
		{"thanks", func(k *talk) order.Intake { return k.send("", "Merci beaucoup") }, toStaff},
		{"a condition", func(k *talk) order.Intake { return k.send("", "OK mais livrez lundi") }, toStaff},
		{"with another file", func(k *talk) order.Intake {
			return k.send("", "OK", attachment{"bon.pdf", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")})
		}, toStaff},
		{"with a photograph", func(k *talk) order.Intake {
			return k.send("", "OK", attachment{"IMG_1.png", append(bytes.Clone(logo.data), make([]byte, 200<<10)...)})
		}, toStaff},
		{"forwarded", func(k *talk) order.Intake { return k.send("Subject: TR: ["+k.code+"]\r\n", "OK") }, toStaff},
		{"a note was made", func(k *talk) order.Intake {
			act(k, order.ActNote, order.SentBack)
			return k.send("", "OK")
		}, toStaff},
		{"a person closed it", func(k *talk) order.Intake {
			act(k, order.ActClose, order.Closed)
			return k.send("", "OK")
		}, toStaff},
		{"from a colleague", func(k *talk) order.Intake {
			return k.take(says(60, "achats@test.local", proof+"In-Reply-To: "+k.last.MessageID+"\r\n", "OK"))
		}, toStaff},
		{"from a stranger", func(k *talk) order.Intake {
			return k.take(says(60, "anna@test.local", proof+"In-Reply-To: "+k.last.MessageID+"\r\n", "OK"))
		}, "attention orders:0 waiting:mail.agreed"},
		{"without proof", func(k *talk) order.Intake {
			return k.take(says(60, "Shop@test.local",
				strings.Replace(proof, "pass", "fail", 1)+"In-Reply-To: "+k.last.MessageID+"\r\n", "OK"))
		}, "attention orders:0 waiting:mail.unauthenticated"},
		{"without a policy, where that is let in", func(k *talk) order.Intake {
			k.exam.DMARCOptional = true
			return k.take(says(60, "Shop@test.local",
				strings.Replace(proof, "pass", "none", 1)+"In-Reply-To: "+k.last.MessageID+"\r\n", "OK"))
		}, "attention orders:0 waiting:mail.agreed"}, // who has no proof joins no case
		{
			"proof is no longer asked for",
			func(k *talk) order.Intake { k.exam.AuthservID = ""; return k.send("", "OK") },
			toStaff,
		},
		{"the bookseller is no longer registered", func(k *talk) order.Intake {
			none := registry.New(nil, nil,
				[]order.Account{{Number: "01002001", Name: "Librairie d’essai", Emails: []string{"autre@test.local"}}})
			k.exam.Registry = func() validate.Registry { return none }
			return k.send("", "OK")
		}, toStaff},
		{"the school is known otherwise by now", func(k *talk) order.Intake {
			uai, _ := order.ParseUAI("0990011Z")
			now := registry.New([]order.School{
				{UAI: uai, Name: "Lycée Émilie du Châtelet", Town: "Port-Clairvaux", Postcode: "99030"},
			}, nil,
				[]order.Account{{Number: "01002001", Name: "Librairie d’essai", Emails: []string{"shop@test.local"}}})
			k.exam.Registry = func() validate.Registry { return now }
			return k.send("", "OK")
		}, toStaff},
		{"ordered meanwhile, under another reference", func(k *talk) order.Intake {
			report := k.last.MessageID
			k.send("Subject: Commande 2\r\n", "Bonjour",
				attachment{"BdC.xlsx", filled(k.T, map[string]string{order.FieldReference: "R-2"}, "28")})
			return k.send("In-Reply-To: "+report+"\r\n", "OK")
		}, toStaff},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := newTalk(t)
			if in := k.send("", "Bonjour", wrong(t)); len(in.Replies) != 1 || !in.Replies[0].Results[0].Offered {
				t.Fatalf("got %s, want a report that offers", told(in))
			}
			in := test.talk(k)
			if got := told(in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			c := k.file()
			if test.want == toStaff && (c.State != order.Waiting ||
				c.Attempts[len(c.Attempts)-1].Message != in.Message.Key) {
				t.Errorf("the case is %s, with its last message %d, want it waiting with message %d", c.State,
					c.Attempts[len(c.Attempts)-1].Message.UID, in.Message.Key.UID)
			}
			if test.want == ordered && (c.State != order.Closed || len(c.Orders) != 1) {
				t.Errorf("the case is %s with orders %v, want it closed with one", c.State, c.Orders)
			}
			if err := k.store.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAgreeRemembers: the order, its case and the audit say that an OK made the order.
func TestAgreeRemembers(t *testing.T) {
	k := newTalk(t)
	k.send("", "Bonjour", attachment{
		"BdC.xlsx",
		filledLines(t, map[string]string{order.FieldUAI: "0990011A"},
			map[string]string{order.ColumnEAN: "3133091002022", order.ColumnQuantity: "3"}),
	})
	in := k.send("", "Oui, merci")
	if got := told(in); got != ordered {
		t.Fatalf("got  %s\nwant %s", got, ordered)
	}
	a := k.file().Attempts[0]
	o, err := k.store.Order(t.Context(), "CNS-2026-000001")
	if err != nil {
		t.Fatal(err)
	}
	if o.UAI.String() != "0990011Z" || o.Lines[0].Quantity != 10 || o.Case != k.code || *o.Message != a.Message ||
		!o.ReceivedAt.Equal(in.Message.ReceivedAt) || o.Verdict != order.Accepted || o.Status != order.Received {
		t.Errorf("got the order %+v, want it as corrected, of the form's mail and its case, and the day of the OK", o)
	}
	c := k.file()
	a = c.Attempts[1]
	if !a.Agreed || a.Text != "Oui, merci" || a.Workbook != c.Attempts[0].Workbook || a.Proposed != nil {
		t.Errorf("got the attempt %+v, want one that was agreed to, of the same workbook", a)
	}
	if len(a.Corrections) != 2 || a.Corrections[0].Actor != order.Bookseller || a.Corrections[0].Was != "0990011A" ||
		!a.Corrections[1].At.Equal(in.Message.ReceivedAt) || a.Corrections[1].Row != 27 {
		t.Errorf("got the corrections %+v, want both by the bookseller at the time of the OK", a.Corrections)
	}
	if c.Attempts[0].Order.UAI.String() != "" || c.Attempts[0].Proposed == nil {
		t.Errorf("got the first attempt %+v, want it as it came", c.Attempts[0])
	}
	var said []string
	for _, c := range in.Replies[0].Results[0].Changes {
		said = append(said, spoken(c))
	}
	if got, want := strings.Join(said, "; "), "uai 0: 0990011A → 0990011Z; line_quantite 27: 3 → 10"; got != want {
		t.Errorf("the acknowledgement says %q, want %q", got, want)
	}
	said = nil
	for _, f := range o.Findings {
		if f.Code == codeAgreedTo {
			said = append(said, fmt.Sprintf("%s %s %s → %s", f.Field, f.Cell, f.Value, f.Proposal))
		}
	}
	if got, want := strings.Join(said, "; "), "uai C13 0990011A → 0990011Z; line_quantite D27 3 → 10"; got != want {
		t.Errorf("the order says %q, want %q", got, want)
	}
	events, err := k.store.Audit(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var verbs []string
	for _, e := range events {
		if e.Message == in.Message.Key.String() {
			verbs = append(verbs, e.Verb+" "+e.Case+e.Order)
		}
	}
	if got, want := strings.Join(verbs, ", "),
		"message.recorded , order.accepted CNS-2026-000001, case.continued "+k.code+
			"CNS-2026-000001, reply.intended "; got != want {
		t.Errorf("the audit says %q\nwant %q", got, want)
	}
	// What was agreed to is examined again as the order that it made.
	workbook, err := k.store.Blob(t.Context(), a.Workbook)
	if err != nil {
		t.Fatal(err)
	}
	if r := k.exam.Replay(a, &in.Message, workbook); r.Changed || r.After != order.Accepted {
		t.Errorf("replayed: got %+v, want it accepted as before", r)
	}
}

// TestAgreeAndCorrectedAtOnce: an OK and the corrected form make one order together, in
// whichever order they are recorded, or in one commit.
func TestAgreeAndCorrectedAtOnce(t *testing.T) {
	wrong, right := filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28"), filled(t, nil, "28")
	for _, test := range []struct {
		name string
		mail func(report string, uid uint32) []order.Mail
		last order.State
	}{
		{"OK, then the form", func(report string, uid uint32) []order.Mail {
			return []order.Mail{
				says(uid, "Shop@test.local", proof+"In-Reply-To: "+report+"\r\n", "OK"),
				says(uid+1, "Shop@test.local", proof+"In-Reply-To: "+report+"\r\n", "Bonjour",
					attachment{"BdC.xlsx", right}),
			}
		}, order.Closed},
		{"the form, then OK", func(report string, uid uint32) []order.Mail {
			return []order.Mail{
				says(uid, "Shop@test.local", proof+"In-Reply-To: "+report+"\r\n", "Bonjour",
					attachment{"BdC.xlsx", right}),
				says(uid+1, "Shop@test.local", proof+"In-Reply-To: "+report+"\r\n", "OK"),
			}
		}, order.Waiting},
		{"many OKs", func(report string, uid uint32) []order.Mail {
			var list []order.Mail
			for i := range uint32(20) {
				list = append(list, says(uid+i, "Shop@test.local", proof+"In-Reply-To: "+report+"\r\n", "OK"))
			}
			return list
		}, order.Waiting},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newBox(says(1, "Shop@test.local", proof, "Bonjour", attachment{"BdC.xlsx", wrong})))
				r.Examiner, r.Workers = trusting(t), 1 // so that they come in their order
				r.run(t, time.Minute)
				cases, err := r.store.Cases(t.Context(), order.SentBack, "", 2)
				if err != nil || len(cases) != 1 || cases[0].Attempts[0].Proposed == nil {
					t.Fatalf("got the cases %+v (%v), want one with an offer", cases, err)
				}
				for _, m := range test.mail(cases[0].Attempts[0].Proposed.Report, 2) {
					r.box.mails[m.Key.UID] = m
				}
				r.run(t, 2*time.Minute)
				c, err := r.store.Case(t.Context(), cases[0].Code)
				if err = errors.Join(err, r.store.Check(t.Context())); err != nil {
					t.Fatal(err)
				}
				if n := r.orders(t); n != 1 || c.State != test.last || len(c.Orders) != 1 {
					t.Errorf("got %d orders and the case %s with %v, want one order and %s", n, c.State, c.Orders,
						test.last)
				}
			})
		})
	}
}

// TestAgreeMeanwhile: if somebody changes a case while an OK to it is examined, the OK
// makes no order.
func TestAgreeMeanwhile(t *testing.T) {
	note := func(k *talk) {
		c := k.file()
		if _, err := k.store.Decide(k.Context(), store.Fence{},
			order.Decision{
				Case: c.Code, Revision: c.Revision, Actor: "claire", At: at, Kind: order.ActNote,
				State: order.SentBack, Note: "rappelé",
			}); err != nil {
			k.Fatal(err)
		}
	}
	nothing := func(*talk) {}
	for _, test := range []struct {
		name                  string
		beforePast, afterPast func(*talk)
		want                  string
		stale                 bool
	}{
		{"nobody", nothing, nothing, ordered, false},
		{"after the form was read", note, nothing, toStaff, false},
		{"after the record was asked", nothing, note, ordered, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newTalk(t)
			k.send("", "Bonjour", attachment{
				"BdC.xlsx",
				filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28"),
			})
			x := k.exam.Open(says(9, "Shop@test.local", proof+"In-Reply-To: "+k.last.MessageID+"\r\n", "OK"))
			if err := k.exam.ResolveAgreement(t.Context(), x, k.store); err != nil || x.agreed == nil {
				t.Fatalf("got %+v (%v), want an agreement", x.agreed, err)
			}
			test.beforePast(k)
			past, err := k.store.Past(t.Context(), x.Query)
			if err != nil {
				t.Fatal(err)
			}
			test.afterPast(k)
			in := k.exam.Judge(x, past, at)
			if got := told(in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if err := k.store.Record(t.Context(), store.Fence{}, []order.Intake{in})[0].Err; errors.Is(err,
				store.ErrStale) != test.stale {
				t.Errorf("got the error %v, want a stale one: %t", err, test.stale)
			}
		})
	}
}

// lame is a store that fails to return the parts of a case.
type lame struct {
	CaseReader
	fault error
}

func (l lame) Blob(context.Context, order.Hash) ([]byte, error) { return nil, l.fault }

// TestAgreeTrouble: if the workbook was erased, the OK waits for staff. If the store
// fails, the mail stays in the mailbox.
func TestAgreeTrouble(t *testing.T) {
	k := newTalk(t)
	k.send("", "Bonjour", attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")})
	broken := errors.New("input/output error")
	for _, test := range []struct{ fault, want error }{{store.ErrNotFound, nil}, {broken, broken}} {
		x := k.exam.Open(says(9, "Shop@test.local", proof+"In-Reply-To: "+k.last.MessageID+"\r\n", "OK"))
		if err := k.exam.ResolveAgreement(t.Context(), x, lame{k.store, test.fault}); !errors.Is(err, test.want) ||
			x.agreed != nil {
			t.Errorf("on %v: got the error %v and %+v, want the error %v and nothing", test.fault, err, x.agreed,
				test.want)
		}
	}
}

// TestAgreeBesideOthers: if only one of several forms in a mail was rejected, an OK is
// about that form.
func TestAgreeBesideOthers(t *testing.T) {
	k := newTalk(t)
	in := k.send("", "Bonjour", attachment{"bon.xlsx", filled(t, elsewhere(), "3")},
		attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")})
	if got, want := told(in), "rejected orders:1 sentback:uai.key reply:report(ack,report)"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	in = k.send("", "OK")
	if got := told(in); got != ordered || in.Orders[0].Reference != "R-1" {
		t.Errorf("got %s, want %s, of R-1", got, ordered)
	}
}

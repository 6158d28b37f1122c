package ingest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store/boltstore"
)

// desk takes mail into a real store, one message an hour.
type desk struct {
	*testing.T
	store *boltstore.Store
	exam  *Examiner
}

func newDesk(t *testing.T, e *Examiner) desk {
	t.Helper()
	return desk{t, newStore(t), e}
}

func (d desk) take(m order.Mail) order.Intake {
	d.Helper()
	m.Received = at.Add(time.Duration(m.Key.UID) * time.Hour)
	in, _ := takeIn(d.T, d.store, d.exam, m, m.Received)
	return in
}

// The acknowledgement of a corrected form says what was wrong at first, however
// many tries there were.
func TestAcknowledgementTellsChanges(t *testing.T) {
	d := newDesk(t, newExaminer(t))
	thread := ""
	for i, change := range []map[string]string{
		{order.FieldUAI: "0990011A", order.FieldPostcode: "9901"},
		{order.FieldUAI: "0990011B"},
	} {
		in := d.take(mail(uint32(i+1), thread, attachment{"BdC.xlsx", filled(t, change, "beaucoup")}))
		if len(in.Replies) != 1 || in.Replies[0].Kind != order.ReplyReport || in.Replies[0].Results[0].Changes != nil {
			t.Fatalf("got %s, want a report without changes", told(in))
		}
		thread = "In-Reply-To: " + in.Replies[0].MessageID + "\r\n"
	}
	in := d.take(mail(3, thread, attachment{"BdC.xlsx", filled(t, nil, "28")}))
	if got, want := told(in), "processed orders:1 goes on:closed reply:ack(ack)"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	var got []string
	for _, c := range in.Replies[0].Results[0].Changes {
		got = append(got, strings.TrimSpace(spoken(c)))
	}
	const want = "uai 0: 0990011A → 0990011Z; etablissement_code_postal 0: 9901 → 99010; line_quantite 27: " +
		"beaucoup → 28"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
}

// The reply to an order that was ordered before has the date of the first order.
func TestDuplicateTellsTheFirst(t *testing.T) {
	d := newDesk(t, newExaminer(t))
	form := attachment{"BdC.xlsx", filled(t, nil, "28")}
	d.take(mail(1, "", form))
	for _, test := range []struct {
		name string
		in   order.Intake
		want time.Time
	}{
		{"in another mail", d.take(mail(5, "", form)), at.Add(time.Hour)},
		{
			"twice in one mail", d.take(mail(6, "",
				attachment{"a.xlsx", filled(t, map[string]string{order.FieldReference: "R-2"}, "3")},
				attachment{"b.xlsx", filled(t, map[string]string{order.FieldReference: "R-2"}, "3")})),
			at.Add(6 * time.Hour),
		},
	} {
		results := test.in.Replies[0].Results
		if r := results[len(results)-1]; r.Kind != order.ReplyDuplicate || !r.First.Equal(test.want) {
			t.Errorf("%s: got %s of %s, want a duplicate of %s", test.name, r.Kind, r.First, test.want)
		}
	}
}

// TestFormless: if the configuration says so, a bookseller who writes for the first time
// without a form is told how to order, and nobody else is. Staff get a case for each.
func TestFormless(t *testing.T) {
	const waits, answered = "attention orders:0 waiting:mail.noform",
		"attention orders:0 waiting:mail.noform reply:noform(noform)"
	plain := []byte("x") // no form, no workbook
	for _, test := range []struct {
		name   string
		change func(*Examiner)
		header string
		from   string
		files  []attachment
		want   string
	}{
		{"a registered sender", nil, "", "", nil, answered},
		{"a PDF", nil, "", "", []attachment{{"bon.pdf", []byte("%PDF-1.7\n")}}, answered},
		{"not configured", func(e *Examiner) { e.AnswerFormless = false }, "", "", nil, waits},
		{"an unregistered sender", nil, "", "nobody@example.org", nil, waits},
		{
			"an unregistered sender, where anybody may order", func(e *Examiner) { e.AnySender = true }, "",
			"nobody@example.org", nil, waits,
		},
		{
			"without proof, where it is asked for", func(e *Examiner) { e.AuthservID = "mx.test.local" }, "", "", nil,
			"attention orders:0 waiting:mail.unauthenticated",
		},
		{"automatic", nil, "Auto-Submitted: auto-replied\r\n", "", nil, "attention orders:0 waiting:mail.automatic"},
		{"a mailing list", nil, "Precedence: list\r\n", "", nil, "attention orders:0 waiting:mail.automatic"},
		{
			"staff", func(e *Examiner) { e.StaffAddresses = []string{"shop@test.local"} }, "", "", nil,
			"attention orders:0 waiting:mail.staff",
		},
		{
			"ourselves", func(e *Examiner) { e.OwnAddresses = []string{"shop@test.local"} }, "", "", nil,
			"attention orders:0 waiting:mail.staff",
		},
		{"an answer to our acknowledgement", nil, "In-Reply-To: <bdc.abcdefghij234567@test.local>\r\n", "", nil, waits},
		{"an answer to anybody", nil, "References: <a@b>\r\n", "", nil, waits},
		{"about a case", nil, "Subject: RE: [D-7K2Q9F]\r\n", "", nil, "attention orders:0 waiting:mail.other"},
		{
			"a file that can't be read", nil, "", "",
			[]attachment{{"BdC.xlsx", plain}},
			"rejected orders:0 sentback:form.unreadable.text reply:unreadable(unreadable)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := registered(t)
			e.AnswerFormless = true
			if test.change != nil {
				test.change(e)
			}
			m := mail(1, test.header, test.files...)
			if strings.Contains(test.header, "Subject") {
				m.Raw = bytes.Replace(m.Raw, []byte("Subject: Commande\r\n"), nil, 1)
			}
			if test.from != "" {
				m.Raw = bytes.Replace(m.Raw, []byte("Shop@test.local"), []byte(test.from), 1)
			}
			in := newDesk(t, e).take(m)
			if got := told(in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if test.want == answered {
				if r := in.Replies[0]; r.Results[0].Case != in.Cases[0].Code || !e.isOurs(r.MessageID) ||
					!strings.HasPrefix(r.MessageID, "<"+in.Cases[0].Code) || r.RateLimit != formless {
					t.Errorf("got reply %+v, want one under the rate limit %q that names the case %s", r, formless,
						in.Cases[0].Code)
				}
			}
		})
	}
}

// All that follows a reply to a mail without a form belongs to one case: thanks get no
// reply, nor does a mail that is delivered twice, and a form closes the case.
func TestFormlessConversation(t *testing.T) {
	e := registered(t)
	e.AnswerFormless = true
	d := newDesk(t, e)
	first := d.take(mail(1, ""))
	if len(first.Replies) != 1 {
		t.Fatalf("got %s, want one reply", told(first))
	}
	thread := "In-Reply-To: " + first.Replies[0].MessageID + "\r\n"
	again := mail(2, "")
	again.Raw = bytes.Replace(again.Raw, []byte("<2@test.local>"), []byte("<1@test.local>"), 1)
	for _, step := range []struct {
		name, want string
		mail       order.Mail
	}{
		{"delivered again", "attention orders:0", again},
		{"thanks", "attention orders:0 goes on:waiting", mail(3, thread)},
		{
			"the form", "processed orders:1 goes on:closed reply:ack(ack)",
			mail(4, thread, attachment{"BdC.xlsx", filled(t, nil, "28")}),
		},
	} {
		in := d.take(step.mail)
		if got := told(in); got != step.want {
			t.Errorf("%s: got %s, want %s", step.name, got, step.want)
		}
		for _, r := range in.Replies {
			if r.Results[0].Changes != nil {
				t.Errorf("%s: got the changes %v, want none: there was no form before", step.name, r.Results[0].Changes)
			}
		}
	}
}

package ingest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// TestConversation follows what a bookseller sends about one order, message by
// message, through a real store.
func TestConversation(t *testing.T) {
	wrong := map[string]string{order.FieldUAI: "0990011A"}
	stillWrong := map[string]string{order.FieldPostcode: "75"}
	anonymous := map[string]string{order.FieldUAI: "0990011A", order.FieldReference: ""}
	right := filled(t, nil, "28")
	form := func(change map[string]string) []attachment {
		return []attachment{{"BdC.xlsx", filled(t, change, "28")}}
	}
	type step struct {
		extra    string // header lines; %s stands for the case code
		files    []attachment
		from     string // another sender's address
		want     string
		state    order.State // of the first case, after it
		attempts int
		coded    bool // the files are the returned workbook, with the code in it
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"corrected under the same reference", []step{
			{
				"", form(stillWrong), "", "rejected orders:0 sentback:postcode.format reply:report(report)",
				order.SentBack, 1, false,
			},
			{
				"", form(map[string]string{order.FieldPostcode: "7"}), "",
				"rejected orders:0 goes on:sentback reply:report(report)", order.SentBack, 2, false,
			},
			{
				"",
				[]attachment{{"BdC.xlsx", right}},
				"", "processed orders:1 goes on:closed reply:ack(ack)",
				order.Closed, 3, false,
			},
		}},
		{"corrected without a reference, in the thread", []step{
			{
				"", form(anonymous), "", "rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1,
				false,
			},
			{
				"In-Reply-To: <%s.aaaaaaaaaaaaaaaa@test.local>\r\n", form(map[string]string{order.FieldReference: ""}),
				"",
				"processed orders:1 goes on:closed reply:ack(ack)", order.Closed, 2, false,
			},
		}},
		{"corrected without a reference, by the subject", []step{
			{
				"", form(anonymous), "", "rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1,
				false,
			},
			{
				"Subject: RE: [À corriger %s] Commande\r\n", form(map[string]string{order.FieldReference: ""}), "",
				"processed orders:1 goes on:closed reply:ack(ack)", order.Closed, 2, false,
			},
		}},
		{"the returned workbook in a new mail", []step{
			{
				"", form(anonymous), "", "rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1,
				false,
			},
			{"", nil, "", "processed orders:1 goes on:closed reply:ack(ack)", order.Closed, 2, true},
		}},
		{"a question about it", []step{
			{"", form(wrong), "", "rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1, false},
			{"Subject: RE: [%s]\r\n", nil, "", "attention orders:0 goes on:waiting", order.Waiting, 2, false},
		}},
		{"out of office", []step{
			{"", form(wrong), "", "rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1, false},
			{
				"Auto-Submitted: auto-replied\r\nIn-Reply-To: <%s.aaaaaaaaaaaaaaaa@test.local>\r\n", nil, "",
				"attention orders:0 goes on:sentback", order.SentBack, 2, false,
			},
		}},
		{"somebody else names it", []step{
			{"", form(wrong), "", "rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1, false},
			{
				"Subject: RE: [%s]\r\n", form(
					map[string]string{order.FieldAccount: "7654321", order.FieldUAI: "0990022B"}), "other@test.local",
				"rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1, false,
			},
		}},
		{"two forms under one case", []step{
			{"", form(wrong), "", "rejected orders:0 sentback:uai.key reply:report(report)", order.SentBack, 1, false},
			{
				"Subject: RE: [%s]\r\n", append(form(stillWrong),
					attachment{"autre.xlsx", filled(t,
						map[string]string{order.FieldReference: "R-2", order.FieldPostcode: "75"}, "3")}), "",
				"rejected orders:0 sentback:postcode.format goes on:sentback reply:report(report,report)",
				order.SentBack, 2, false,
			},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStore(t)
			e := newExaminer(t)
			code := ""
			for i, step := range test.steps {
				if step.coded { // the code is known only now
					step.files = form(map[string]string{order.FieldReference: "", "dossier": code})
				}
				m := mail(uint32(i+1), strings.ReplaceAll(step.extra, "%s", code), step.files...)
				if step.from != "" {
					m.Raw = bytes.Replace(m.Raw, []byte("Shop@test.local"), []byte(step.from), 1)
				}
				in, _ := takeIn(t, s, e, m, at.Add(time.Duration(i)*time.Hour))
				if got := told(in); got != step.want {
					t.Fatalf("message %d: got  %s\nwant %s", i+1, got, step.want)
				}
				if i == 0 {
					code = in.Cases[0].Code
				}
				c, err := s.Case(t.Context(), code)
				if err != nil {
					t.Fatal(err)
				}
				if c.State != step.state || len(c.Attempts) != step.attempts {
					t.Errorf("after message %d the case is %s with %d attempts, want %s with %d", i+1, c.State,
						len(c.Attempts), step.state, step.attempts)
				}
			}
		})
	}
}

// A form within a mail of ours that comes back is the one that we sent back: it is
// no order, neither beside the corrected one nor alone.
func TestOurMailComesBack(t *testing.T) {
	const ours = "From: orders@test.local\r\nMessage-ID: <D-7K2Q9F.abcdefghij234567@test.local>\r\nSubject: Votre " +
		"bon\r\nMIME-Version: 1.0\r\n"
	wrong := filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")
	inner := string(mail(9, "", attachment{"BdC corrigé.xlsx", wrong}).Raw)
	inner = strings.NewReplacer("boundary=b", "boundary=c", "\n--b",
		"\n--c").Replace(inner[strings.Index(inner, "Content-Type: multipart"):])
	tests := []struct {
		name   string
		header string
		files  []attachment
		want   string
	}{
		{
			"beside the corrected form", ours,
			[]attachment{{"BdC.xlsx", filled(t, nil, "28")}},
			"processed orders:1 reply:ack(ack)",
		},
		{"alone", ours, nil, "attention orders:0 waiting:mail.noform"},
		{
			"another's mail", strings.Replace(ours, "@test.local>", "@other.local>", 1), nil,
			"rejected orders:0 sentback:uai.key reply:report(report)",
		},
	}
	e := newExaminer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := mail(1, "", test.files...)
			m.Raw = bytes.Replace(m.Raw, []byte("--b--"),
				[]byte("--b\r\nContent-Type: message/rfc822\r\n\r\n"+test.header+inner+"\r\n--b--"), 1)
			x := e.Open(m)
			if got := told(e.Judge(x, nothing(x.Query), at)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if got, want := len(x.Message.Parts), len(test.files)+1; got != want {
				t.Errorf("got %d parts, want %d: all are kept", got, want)
			}
		})
	}
}

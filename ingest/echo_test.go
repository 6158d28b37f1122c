package ingest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"bdc/order"
)

// TestFormsThatComeBack: a form that comes back unchanged, in mails that name nothing of
// ours, is answered twice at most, whatever is written beside it; then it waits in one case.
// Whoever changes it is answered.
func TestFormsThatComeBack(t *testing.T) {
	form := func(change map[string]string, quantity string) []byte { return filled(t, change, quantity) }
	anonymous := map[string]string{order.FieldUAI: "0990011A", order.FieldReference: ""}
	const report = "rejected orders:0 goes on:sentback reply:report(report)"
	const silent = "attention orders:0 goes on:waiting"
	type step struct{ text, want string }
	tests := []struct {
		name  string
		forms func(i int, code string) []byte
		steps []step
		cases int
	}{
		{
			"the same without a reference", func(int, string) []byte { return form(anonymous, "28") }, []step{
				{"Bonjour", "rejected orders:0 sentback:uai.key reply:report(report)"},
				{"", report},
				{"", silent},
				{"", silent},
				{"Pourquoi ?", silent},
			}, 1,
		},
		{
			"other words each time", func(int, string) []byte { return form(anonymous, "28") }, []step{
				{"Ticket 1", "rejected orders:0 sentback:uai.key reply:report(report)"},
				{"Ticket 2", report},
				{"Ticket 3", silent},
				{"Ticket 4", silent},
			}, 1,
		},
		{
			"what we sent back", func(i int, code string) []byte {
				if i == 0 {
					return form(anonymous, "28")
				}
				return form(map[string]string{
					order.FieldUAI: "0990011A", order.FieldReference: "", "dossier": code,
				}, "28")
			}, []step{
				{"Bonjour", "rejected orders:0 sentback:uai.key reply:report(report)"},
				{"Bonjour", report},
				{"Bonjour", silent},
			}, 1,
		},
		{
			"an order", func(int, string) []byte { return form(nil, "28") }, []step{
				{"", "processed orders:1 reply:ack(ack)"},
				{"", "processed orders:0 reply:duplicate(duplicate)"},
				{"", "attention orders:0 waiting:mail.echo"},
				{"", silent},
			}, 1,
		},
		{
			"no workbook that can be read", func(int, string) []byte { return []byte("PK\x03\x04 broken") }, []step{
				{"", "rejected orders:0 sentback:form.unreadable.damaged reply:unreadable(unreadable)"},
				{"", "rejected orders:0 goes on:sentback reply:unreadable(unreadable)"},
				{"", silent},
			}, 1,
		},
		{
			"corrected each time", func(i int, _ string) []byte {
				return form([]map[string]string{
					{order.FieldPostcode: "75"}, {order.FieldPostcode: "7"}, {order.FieldPostcode: "76"}, nil,
				}[i], "28")
			}, []step{
				{"Bonjour", "rejected orders:0 sentback:postcode.format reply:report(report)"},
				{"Bonjour", report},
				{"Bonjour", report},
				{"Bonjour", "processed orders:1 goes on:closed reply:ack(ack)"},
			}, 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, e := newStore(t), newExaminer(t)
			code, cases := "", 0
			for i, step := range tt.steps {
				m := mail(uint32(i+1), "", attachment{fmt.Sprintf("BdC %d.xlsx", i), tt.forms(i, code)})
				m.Raw = bytes.Replace(m.Raw, []byte("\r\n\r\nBonjour\r\n"),
					[]byte("\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"+step.text+"\r\n"), 1)
				in, _ := takeIn(t, s, e, m, at.Add(time.Duration(i)*time.Hour))
				if got := told(in); got != step.want {
					t.Errorf("message %d: got  %s\nwant %s", i+1, got, step.want)
				}
				if cases += len(in.Cases); code == "" && len(in.Cases) > 0 {
					code = in.Cases[0].Code
				}
			}
			if cases != tt.cases {
				t.Errorf("got %d cases, want %d", cases, tt.cases)
			}
		})
	}
}

// Also of a mail with several forms, an echo sends nothing back and opens nothing further.
func TestEchoOfTwoForms(t *testing.T) {
	s, e := newStore(t), newExaminer(t)
	var forms []attachment
	for _, reference := range []string{"A-1", "B-2"} {
		forms = append(forms, attachment{
			reference + ".xlsx",
			filled(t, map[string]string{order.FieldUAI: "0990011A", order.FieldReference: reference}, "28"),
		})
	}
	for uid := range uint32(4) {
		in, _ := takeIn(t, s, e, mail(uid+1, "", forms...), at.Add(time.Duration(uid)*time.Hour))
		got := told(in)
		if uid < maxEchoes {
			if len(in.Replies) != 1 {
				t.Errorf("mail %d: got %s, want an answer", uid+1, got)
			}
		} else if want := "attention orders:0 goes on:waiting"; got != want {
			t.Errorf("mail %d: got %s, want %s", uid+1, got, want)
		}
	}
}

// A mail that is only delivered once more, for instance because the folder's UIDs are new,
// counts as no echo, and changes nothing.
func TestDeliveredOnceMoreIsNoEcho(t *testing.T) {
	s, e := newStore(t), newExaminer(t)
	wrong := attachment{"BdC.xlsx", filled(t, map[string]string{order.FieldUAI: "0990011A"}, "28")}
	first := mail(1, "", wrong)
	takeIn(t, s, e, first, at)
	for uid := uint32(2); uid < 5; uid++ {
		first.Key.UID = uid
		takeIn(t, s, e, first, at)
	}
	in, _ := takeIn(t, s, e, mail(9, "", wrong), at)
	if got, want := told(in), "rejected orders:0 goes on:sentback reply:report(report)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

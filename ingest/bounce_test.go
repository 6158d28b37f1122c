package ingest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// TestBounces: a bounce of a reply joins the reply's case. It is recognised by the reply's
// Message-ID, which only somebody who got the reply can know.
func TestBounces(t *testing.T) {
	wrong := map[string]string{order.FieldUAI: "0990011A"}
	const (
		bounce = "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nContent-Type: multipart/report; " +
			"report-type=delivery-status; boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: " +
			"message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nAction: %s\r\n" +
			"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: orders@test.local\r\nMessage-ID: %s\r\nSubject: " +
			"x\r\n\r\nBonjour\r\n--b--\r\n"
		headers = "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; " +
			"boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: %s\r\n--b\r\nContent-Type: " +
			"text/rfc822-headers\r\n\r\nMessage-ID: %s\r\n--b--\r\n"
		answer = "From: postmaster@mx.example\r\nSubject: Undelivered Mail%.0s\r\nIn-Reply-To: %s\r\n\r\nNot " +
			"delivered.\r\n"
		named = "From: Shop <shop@test.local>\r\nX-Auto-Response-Suppress: All%.0s\r\nIn-Reply-To: " +
			"%s\r\nContent-Type: application/octet-stream; name=BdC.xlsx\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		away = "From: Shop <shop@test.local>\r\nAuto-Submitted: auto-replied%.0s\r\nIn-Reply-To: %s\r\nSubject: " +
			"Absence\r\n\r\nJe suis absent.\r\n"
	)
	form := base64.StdEncoding.EncodeToString(filled(t, nil, "29"))
	tests := []struct {
		name   string
		form   map[string]string
		mail   string
		action string
		forge  func(id string) string
		want   string
		state  order.State // of the report's case
	}{
		{"a bounce of a report", wrong, bounce, "failed", nil, "attention orders:0 goes on:waiting", order.Waiting},
		{"with its header alone", wrong, headers, "failed", nil, "attention orders:0 goes on:waiting", order.Waiting},
		{"as an answer", wrong, answer, "", nil, "attention orders:0 goes on:waiting", order.Waiting},
		{"late, not lost", wrong, bounce, "delayed", nil, "attention orders:0 goes on:sentback", order.SentBack},
		{"out of office", wrong, away, "", nil, "attention orders:0 goes on:sentback", order.SentBack},
		{
			"a form under an automatic header", wrong, named + form, "", nil, "attention orders:0 goes on:waiting",
			order.Waiting,
		},
		{
			"forged: the code alone", wrong, bounce, "failed",
			func(id string) string { return id[:10] + "aaaaaaaaaaaaaaaa@test.local>" },
			"attention orders:0 waiting:mail.automatic", order.SentBack,
		},
		{
			"of somebody else", wrong, bounce, "failed", func(string) string { return "<a@b>" },
			"attention orders:0 waiting:mail.automatic", order.SentBack,
		},
		{"a bounce of an acknowledgement", nil, bounce, "failed", nil, "attention orders:0 waiting:mail.bounced", ""},
		{
			"a form under an automatic header after an acknowledgement", nil, named + form, "", nil,
			"attention orders:0 waiting:mail.automatic", "",
		},
		{"out of office after an acknowledgement", nil, away, "", nil, "attention orders:0 waiting:mail.automatic", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStore(t)
			e := newExaminer(t)
			take := func(m order.Mail) (order.Intake, []string) {
				t.Helper()
				in, receipt := takeIn(t, s, e, m, at.Add(time.Duration(m.Key.UID)*time.Hour))
				return in, receipt.Numbers
			}
			first, numbers := take(mail(1, "", attachment{"BdC.xlsx", filled(t, test.form, "28")}))
			id := first.Replies[0].MessageID
			if test.forge != nil {
				id = test.forge(id)
			}
			m := mail(2, "")
			m.Raw = fmt.Appendf(nil, test.mail, test.action, id)
			in, _ := take(m)
			if got := told(in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			var attempts []order.Attempt
			for _, c := range in.Continued {
				attempts = append(attempts, c.Attempt)
			}
			for _, c := range in.Cases {
				attempts = append(attempts, c.Attempts...)
			}
			if got, want := attempts[0].Order != nil,
				strings.HasSuffix(test.mail, form); len(attempts) != 1 || got != want {
				t.Errorf("got %d attempts, a form in the first: %t, want one, %t", len(attempts), got, want)
			}
			if test.state != "" {
				c, err := s.Case(t.Context(), first.Cases[0].Code)
				if err != nil || c.State != test.state {
					t.Errorf("the case is %s (%v), want %s", c.State, err, test.state)
				}
			} else if c := in.Cases[0]; strings.Join(c.Orders, " ") != numbers[0] ||
				c.Attempts[0].Order == nil && c.Attempts[0].Findings[0].Args["to"] != "shop@test.local" {
				t.Errorf("the case is of %v and says %v, want it to name %s and its recipient", c.Orders,
					c.Attempts[0].Findings, numbers[0])
			}
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestBouncesByTheirReturnedHeader: where a relay has replaced our Message-ID, the subject
// and the recipient of the mail that comes back tell which it was.
func TestBouncesByTheirReturnedHeader(t *testing.T) {
	const bounce = "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered Mail\r\nContent-Type: " +
		"multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
		"Final-Recipient: rfc822; %s\r\nAction: failed\r\n" +
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: orders@test.local\r\nMessage-ID: <0102-0@mx.example>" +
		"\r\nSubject: %s\r\n--b--\r\n"
	const text = "From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\nSorry.\r\n\r\n--- Below is a copy." +
		"\r\n\r\nMessage-ID: <0102-0@mx.example>\r\nTo: Shop <%s>\r\nSubject: %s\r\n"
	const there, other = "Shop@test.local", "other@test.local"
	wrong := map[string]string{order.FieldUAI: "0990011A"}
	for _, test := range []struct {
		name     string
		form     map[string]string
		mail, to string
		subject  string // %s stands for the case's code or the order's number
		want     string
	}{
		{"a report", wrong, bounce, there, "[À corriger %s] Re: x", "attention orders:0 goes on:waiting"},
		{"a report, as text", wrong, text, there, "[À corriger %s] Re: x", "attention orders:0 goes on:waiting"},
		{
			"a report, encoded", wrong, bounce, there, "=?utf-8?Q?=5B=C3=80_corriger?= %s] Re: x",
			"attention orders:0 goes on:waiting",
		},
		{"an acknowledgement", nil, bounce, there, "[%s] Re: x", "attention orders:0 waiting:mail.bounced"},
		{
			"of somebody else", wrong, bounce, other, "[À corriger %s] Re: x",
			"attention orders:0 waiting:mail.automatic",
		},
		{"of no code", wrong, bounce, there, "Re: x%.0s", "attention orders:0 waiting:mail.automatic"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStore(t)
			e := newExaminer(t)
			first, receipt := takeIn(t, s, e, mail(1, "", attachment{"BdC.xlsx", filled(t, test.form, "28")}), at)
			code := strings.Join(receipt.Numbers, "")
			if code == "" {
				code = first.Cases[0].Code
			}
			m := mail(2, "")
			m.Raw = fmt.Appendf(nil, test.mail, test.to, fmt.Sprintf(test.subject, code))
			in, _ := takeIn(t, s, e, m, at.Add(time.Hour))
			if got := told(in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if test.form == nil && strings.Join(in.Cases[0].Orders, " ") != code {
				t.Errorf("the case is of %v, want %s", in.Cases[0].Orders, code)
			}
		})
	}
}

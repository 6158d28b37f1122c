package mime_test

import (
	"slices"
	"strings"
	"testing"

	"bdc/ingest/mime"
)

// TestOriginals: a bounce and an absence notice say which message they are about,
// each in its own way, and whether it was delivered.
func TestOriginals(t *testing.T) {
	const ours = "<D-7K2Q9F.abcdefghij234567@cns.example>"
	original := "From: orders@cns.example\r\nMessage-ID: " + ours + "\r\nSubject: Commande\r\n"
	report := func(kind string, parts ...string) string {
		return "From: MAILER-DAEMON@mx.example\r\n" + strings.Replace(multi("report", parts...), "multipart/report;",
			"multipart/report; report-type="+kind+";", 1)
	}
	status := func(action string) string {
		return "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
			"Final-Recipient: rfc822; a@b.fr\r\nAction: " + action + "\r\nStatus: 5.1.1\r\n"
	}
	const text = "Content-Type: text/plain\r\n\r\nYour message:\r\n"
	tests := []struct {
		name, input string
		want        []string
		bounced     bool
	}{
		{"the message whole", report("delivery-status", text, status("failed"),
			"Content-Type: message/rfc822\r\n\r\n"+original+"\r\nBonjour"), []string{ours}, true},
		{"its header", report("delivery-status", text, status("Failed"),
			"Content-Type: text/rfc822-headers\r\n\r\n"+original), []string{ours}, true},
		{
			"its header in base64", report("delivery-status", text, status("failed"),
				"Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
					fold([]byte(original))),
			[]string{ours},
			true,
		},
		{
			"quoted in the text", "From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\nSorry.\r\n\r\n" +
				"--- Below this line is a copy of the message.\r\n\r\nmessage-id: " + ours +
				"\r\nSubject: Commande\r\n",
			[]string{ours},
			true,
		},
		{
			"quoted with marks", "From: postmaster@mx.example\r\n\r\n> Message-Id: " + ours + "\r\n",
			[]string{ours},
			true,
		},
		{"two of them", report("delivery-status", text, "Content-Type: message/rfc822\r\n\r\n"+original+"\r\n",
			"Content-Type: message/rfc822\r\n\r\nMessage-ID: <b@c>\r\n\r\nx"), []string{ours, "<b@c>"}, true},
		{"lost, in a word of its own", report("delivery-status", text, status("failure")), nil, true},
		{"late, not lost", report("delivery-status", text, status("delayed"),
			"Content-Type: text/rfc822-headers\r\n\r\n"+original), []string{ours}, false},
		{"late for one, lost for another", report("delivery-status", text, status("delayed")+"\r\nAction: failed\r\n",
			"Content-Type: text/rfc822-headers\r\n\r\n"+original), []string{ours}, true},
		{
			"read", report("disposition-notification", text, "Content-Type: text/rfc822-headers\r\n\r\n"+original),
			[]string{ours},
			false,
		},
		{"read, by its identifier alone", report("disposition-notification", text,
			"Content-Type: message/disposition-notification\r\n\r\nReporting-UA: Outlook\r\nOriginal-Message-ID: "+ours+
				"\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"), []string{ours}, false},
		{
			"out of office", "From: a@b.fr\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: " + ours + "\r\n\r\nAbsent",
			nil, false,
		},
		{"a person's", "From: a@b.fr\r\n\r\nMessage-ID: " + ours + "\r\n", nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := read(t, test.input)
			if !slices.Equal(m.OriginalIDs, test.want) || m.Bounced != test.bounced {
				t.Errorf("got %q, bounced %t, want %q, %t", m.OriginalIDs, m.Bounced, test.want, test.bounced)
			}
			if m.Bounced && m.Automatic == "" {
				t.Error("got a bounce that is to be answered")
			}
		})
	}
}

// Nearly every bounce that other readers were tested on says which message it
// returns, and that it does.
func TestBouncesReturnTheirMessage(t *testing.T) {
	returned, bounced := 0, 0
	n := eachMail(t, "bounces", func(name string, raw []byte) {
		m, err := mime.Read(raw, mime.DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if len(m.OriginalIDs) > 0 {
			returned++
		}
		if m.Bounced {
			bounced++
		}
	})
	// The others are absence notices, one late message, and bounces that name nothing.
	if n != 54 || returned < 43 || bounced < 45 {
		t.Errorf("got %d messages, of which %d return one and %d are bounces, want 54, at least 43 and at least 45", n,
			returned, bounced)
	}
}

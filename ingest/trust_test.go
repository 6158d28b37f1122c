package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/store"
	"bdc/validate"
	"bdc/validate/registry"
)

// TestForgedAuthentication: where proof is asked for, an order without it waits
// for a person and is not answered, whoever claims to have checked it.
func TestForgedAuthentication(t *testing.T) {
	good := filled(t, nil, "28")
	const server = "mx.test.local"
	pass := "Authentication-Results: " + server + "; dmarc=pass header.from=test.local\r\n"
	tests := []struct {
		name, header string
		lenient      bool
		believed     bool
	}{
		{"genuine", pass, false, true},
		{
			"genuine, with a lesser forgery below", pass + "Authentication-Results: mx.evil.example; dmarc=fail\r\n",
			false, true,
		},
		{"no policy, where none is asked for", strings.Replace(pass, "pass", "none", 1), true, true},

		{"absent", "", false, false},
		{"absent, where none is asked for", "", true, false},
		{"no policy", strings.Replace(pass, "pass", "none", 1), false, false},
		{"failed", strings.Replace(pass, "pass", "fail", 1), true, false},
		{"forged below", strings.Replace(pass, "pass", "fail", 1) + pass, false, false},
		{"forged above", pass + strings.Replace(pass, "pass", "fail", 1), false, false},
		{"another name", strings.Replace(pass, server, "mx.evil.example", 1), false, false},
		{"no name", strings.Replace(pass, server+"; ", "", 1), false, false},
		{
			"folded into another's", "Authentication-Results: mx.evil.example;\r\n " + server + "; dmarc=pass\r\n",
			false,
			false,
		},
		{
			"folded, in a comment", "Authentication-Results: mx.evil.example (\r\n " + server +
				"; dmarc=pass); none\r\n",
			false, false,
		},
		{"in a comment", "Authentication-Results: (" + server + "; ) mx.evil.example; dmarc=pass\r\n", false, false},
		{"result in a comment", "Authentication-Results: " + server + "; dmarc=fail (dmarc=pass)\r\n", false, false},
		{"another field", "X-" + pass, false, false},
		{"about another domain", strings.Replace(pass, "test.local", "evil.example", 2), false, false},
	}
	believed := 0
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newExaminer(t)
			e.AuthservID, e.DMARCOptional = server, test.lenient
			x := e.Open(mail(1, test.header, attachment{"BdC.xlsx", good}))
			in := e.Judge(x, nothing(x.Query), at)
			want := "attention orders:0 waiting:mail.unauthenticated"
			if test.believed {
				want = "processed orders:1 reply:ack(ack)"
			}
			if got := told(in); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if !test.believed && (x.Query.From != "" || x.Query.Accounts != nil) {
				t.Errorf("joins cases as %q of %v, want as nobody", x.Query.From, x.Query.Accounts)
			}
			if !test.believed && len(in.Orders)+len(in.Replies) > 0 {
				believed++
			}
		})
	}
	if believed > 0 {
		t.Errorf("%d forgeries were believed, want 0", believed)
	}
}

// A message too large to be fetched is not answered either without proof.
func TestForgedTooLarge(t *testing.T) {
	e := newExaminer(t)
	e.AuthservID = mime.UnnamedTopmost
	m := mail(1, "")
	m.TooLarge, m.Size = true, 26<<20
	x := e.Open(m)
	if got, want := told(e.Judge(x, nothing(x.Query), at)), "attention orders:0 waiting:message.toolarge"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestSilence: mail from staff, and mail of ours that comes back, becomes a case and is
// never answered.
func TestSilence(t *testing.T) {
	good := filled(t, nil, "28")
	ours := "<D-7K2Q9F.abcdefghij234567@test.local>"
	tests := []struct{ name, header, from, want string }{
		{"staff", "", "Claire@Team.local", "attention orders:0 waiting:mail.staff"},
		{"our own address", "", "orders@test.local", "attention orders:0 waiting:mail.staff"},
		{
			"our own address and Message-ID", "Message-ID: " + ours + "\r\n", "orders@test.local",
			"attention orders:0 waiting:mail.automatic",
		},
		{"our own Message-ID", "Message-ID: " + ours + "\r\n", "", "attention orders:0 waiting:mail.automatic"},
		{
			"a thread of two programs", "References: " + strings.Repeat(ours+" <x@y> ", 10) + "\r\n", "",
			"attention orders:0 waiting:mail.automatic",
		},
		{
			"a long conversation", "References: " + strings.Repeat(ours+" <x@y> ", 9) + "\r\n", "",
			"processed orders:1 reply:ack(ack)",
		},
		{"an answer to us", "In-Reply-To: " + ours + "\r\n", "", "processed orders:1 reply:ack(ack)"},
		{
			"another's Message-ID in our domain", "Message-ID: <D-7K2Q9F.short@test.local>\r\n", "",
			"processed orders:1 reply:ack(ack)",
		},
	}
	e := newExaminer(t)
	e.StaffAddresses = []string{"claire@team.local"}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := mail(1, test.header, attachment{"BdC.xlsx", good})
			if strings.Contains(test.header, "Message-ID") {
				m.Raw = bytes.Replace(m.Raw, []byte("Message-ID: <1@test.local>\r\n"), nil, 1)
			}
			if test.from != "" {
				m.Raw = bytes.Replace(m.Raw, []byte("Shop@test.local"), []byte(test.from), 1)
			}
			x := e.Open(m)
			if got := told(e.Judge(x, nothing(x.Query), at)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// registered makes an examiner take orders of registered senders only.
func registered(t *testing.T) *Examiner {
	t.Helper()
	e := newExaminer(t)
	accounts := registry.New(nil, nil, []order.Account{
		{
			Number: "01002001", Name: "Librairie d’essai", Emails: []string{"shop@test.local", "achats@test.local"},
			Domains: []string{"domain.local"},
		},
		{Number: "01002002", Name: "Une autre", Emails: []string{"other@other.local"}},
	})
	e.Registry, e.AnySender = func() validate.Registry { return accounts }, false
	return e
}

// TestRecipient: an answer goes to Reply-To only within one bookseller's addresses.
func TestRecipient(t *testing.T) {
	good := filled(t, nil, "28")
	tests := []struct{ name, replyTo, want string }{
		{"none", "", "shop@test.local"},
		{"the same bookseller's", "Achats <Achats@test.local>", "achats@test.local"},
		{"another bookseller's", "other@other.local", "shop@test.local"},
		{"nobody's", "victim@example.org", "shop@test.local"},
		{"ours", "orders@test.local", "shop@test.local"},
	}
	e := registered(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header := ""
			if test.replyTo != "" {
				header = "Reply-To: " + test.replyTo + "\r\n"
			}
			x := e.Open(mail(1, header, attachment{"BdC.xlsx", good}))
			in := e.Judge(x, nothing(x.Query), at)
			if len(in.Replies) != 1 || in.Replies[0].To != test.want {
				t.Errorf("got %+v, want one reply to %s", in.Replies, test.want)
			}
			if in.Replies[0].RateLimit != "" {
				t.Errorf("got rate limit %q, want none for a registered sender", in.Replies[0].RateLimit)
			}
		})
	}
}

// TestStrangersWait: of what strangers send at once, twenty an hour are answered,
// and all of it in the end; a registered sender waits for nobody.
func TestStrangersWait(t *testing.T) {
	s := newStore(t)
	e := registered(t)
	record := func(uid uint32, from string) order.Intake {
		t.Helper()
		m := mail(uid, "", attachment{
			"BdC.xlsx",
			filled(t, map[string]string{order.FieldReference: fmt.Sprint("R-", uid)}, "1"),
		})
		m.Raw = bytes.Replace(m.Raw, []byte("Shop@test.local"), []byte(from), 1)
		in, _ := takeIn(t, s, e, m, at)
		return in
	}
	for i := range uint32(50) {
		in := record(i+1, fmt.Sprintf("stranger%d@example.org", i%7))
		if got, want := told(in),
			"attention orders:0 waiting:bookseller.sender.unregistered reply:held(held)"; got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
	claim := func(now time.Time) int {
		t.Helper()
		claims, err := s.Claim(t.Context(), store.Fence{Holder: "a"}, now, time.Hour*1000, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return len(claims)
	}
	if got := claim(at); got != 20 {
		t.Errorf("got %d replies to strangers at once, want 20", got)
	}
	record(100, "Shop@test.local")
	if got := claim(at); got != 1 {
		t.Errorf("got %d replies to the registered sender, want 1", got)
	}
	for i, want := range []int{20, 10, 0} {
		hour := at.Add(time.Duration(i+1) * time.Hour)
		if got := claim(hour.Add(-1)); got != 0 {
			t.Errorf("got %d replies just before hour %d, want 0", got, i+1)
		}
		if got := claim(hour); got != want {
			t.Errorf("got %d replies at hour %d, want %d", got, i+1, want)
		}
	}
}

package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bdc/store"
)

const (
	google   = "https://support.google.com/a/answer/3726730"
	exchange = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/" +
		"non-delivery-reports-in-exchange-online"
	postfix  = "https://www.postfix.org/postconf.5.html"
	github   = "https://github.com/"
	storedrv = "STOREDRV.Submission.Exception:"
	postgrey = "https://postgrey.schweikert.ch/"
	cpanel   = "https://support.cpanel.net/hc/en-us/articles/360049231233"
	exim     = "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html"
)

// refusedFor has what servers said at a verb, where that was seen, and whose fault it is.
var refusedFor = []struct {
	verb, answer string
	want         Fault
	source       string
}{
	// Our own account's trouble.
	{
		"greeting", "554 5.7.1 <unknown[192.0.2.1]:52491>: Client host rejected: Access denied", Connection,
		github + "bestmomo/laravel5-example/issues/62",
	},
	{"greeting", "421 4.7.0 Try again later, closing connection.", Connection, google},
	{"STARTTLS", "454 4.7.0 TLS not available due to local problem", Connection, postfix},
	{
		"AUTH", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", Connection,
		github + "rpremraj/mailR/issues/107",
	},
	{"AUTH", "534 5.7.9 Application-specific password required.", Connection, google},
	{"AUTH", "534 5.7.14 Please log in through your web browser and then try again.", Connection, google},
	{
		"AUTH", "454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later.",
		Connection, google,
	},
	{
		"AUTH", "504 PLAIN authentication is not permitted by this server.", Connection,
		github + "Enough-Software/enough_mail/issues/53",
	},
	{
		"MAIL", "553 5.7.1 Sender address rejected: not owned by auth user.", Connection,
		github + "splitbrain/dokuwiki-plugin-smtp/issues/38",
	},
	{
		"MAIL", "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
		Connection, exchange,
	},
	{
		"RCPT", "553 5.7.1 <user@domain.de>: Sender address rejected: not owned by user other@domain.de", Connection,
		github + "mailcow/mailcow/issues/253",
	},
	{
		"RCPT", "553 5.7.1 <user@domain.de>: Sender address rejected: not logged in", Connection,
		github + "hardware/mailserver/issues/329",
	},
	{
		"RCPT", "554 5.7.1 <x[192.0.2.1]>: Client host rejected: Access denied", Connection,
		github + "docker-mailserver/docker-mailserver/issues/359",
	},
	{"RCPT", "504 5.5.2 <bdc>: Helo command rejected: need fully-qualified hostname", Connection, postfix},
	{"RCPT", "450 4.1.8 <orders@example.org>: Sender address rejected: Domain not found", Connection, postfix},
	{"RCPT", "550-Verification failed for <orders@example.org>\r\n550 Sender verify failed", Connection, exim},
	{"RCPT", "530 5.7.0 Must issue a STARTTLS command first.", Connection, google},
	{
		"RCPT", "550 \"Outgoing mail from \"example.org\" has been suspended.\"", Connection,
		github + "roundcube/roundcubemail/issues/8737",
	},
	{
		"DATA", "554 5.7.1 <DATA>: Data command rejected: only 10 messages per day", Connection,
		github + "root-io/vmail/issues/67",
	},
	{
		"DATA", "554 5.7.1 <DATA>: Data command rejected: limit of 400 rcpts per 24 hours for client a@b reached",
		Connection,
		github + "deltachat/deltachat-core/issues/647",
	},
	{
		".", "550 5.4.5 Daily user sending quota exceeded. o65sm25351206pga.71 - gsmtp", Connection,
		github + "gen-smtp/gen_smtp/issues/140",
	},
	{
		".", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", Connection,
		github + "gophish/gophish/issues/1600",
	},
	{
		".", "554 5.2.252 SendAsDenied; a@b.example not allowed to send as c@d.example; " + storedrv +
			"SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message", Connection,
		github + "gophish/gophish/issues/2900",
	},
	{
		".", "554 5.2.0 " + storedrv + "SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message",
		Connection,
		github + "rss2email/rss2email/issues/147",
	},
	{
		".", "554 5.2.0 " + storedrv + "SubmissionQuotaExceededException", Connection,
		github + "MicrosoftDocs/OfficeDocs-Support/issues/1150",
	},
	{
		".", "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
		Connection,
		github + "MicrosoftDocs/OfficeDocs-Exchange/issues/2729",
	},
	{".", "550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit for sending email to " +
		"external recipients", Connection, exchange},
	{".", "550 5.7.501 Access denied, spam abuse detected", Connection, exchange},
	{".", "550 5.7.705 Access denied, tenant has exceeded threshold", Connection, exchange},
	{".", "550 5.7.708 Access denied, traffic not accepted from this IP", Connection, exchange},
	{".", "550 5.7.26 This mail is unauthenticated, which poses a security risk", Connection, google},
	{
		".", "552 Message would take you over your relay quota of 500 Current quota used: 487", Connection,
		github + "WWBN/AVideo/issues/7527",
	},
	{
		".", "550 Domain example.org has exceeded the max defers and failures per hour (10/10 (100%)) allowed.",
		Connection, cpanel,
	},
	{
		".", "554 5.7.1 Reached address outgoing limits for orders@example.org", Connection,
		github + "freescout-help-desk/freescout/issues/4005",
	},
	{
		".", "550 sorry, too many emails (#5.7.1)", Connection,
		github + "aschroder/Magento-SMTP-Pro-Email-Extension/issues/94",
	},
	{
		".", "450 4.7.1 <END-OF-MESSAGE>: End-of-data rejected: Number messages per hour exceeded. Error:RATE_MSG",
		Connection,
		github + "rubymonsters/speakerinnen_liste/issues/1357",
	},
	{
		".", "450 Your account reached its email quota limit. Contact support to increase it. #MS42204", Connection,
		github + "geeksforsocialchange/PlaceCal/issues/2297",
	},
	{
		".", "550 User has exceeded outgoing email quota", Connection,
		github + "ChangemakerStudios/Papercut-SMTP/issues/199",
	},
	{".", "550 mail rejected: exceeded hour limit", Connection, github + "gophish/gophish/issues/3231"},

	// That recipient's trouble, or that mail's.
	{
		"RCPT", "550 5.1.1 <b@example.com>: Recipient address rejected: User unknown in local recipient table",
		Permanent,
		github + "jeboehm/docker-mailserver/issues/221",
	},
	{"RCPT", "550 5.1.1 The email account that you tried to reach does not exist.", Permanent, google},
	{
		"RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
		Permanent, exchange,
	},
	{"RCPT", "550 5.2.1 The email account that you tried to reach is disabled.", Permanent, google},
	{"RCPT", "552 5.2.2 The email account that you tried to reach is over quota.", Permanent, google},
	{"RCPT", "550 5.4.1 Recipient address rejected: Access denied", Permanent, exchange},
	{"RCPT", "550 5.7.124 Sender not in allowed-senders list", Permanent, exchange},
	{
		"RCPT", "550-Requested action not taken: mailbox unavailable\r\n550 Failure sending mail. Try again later",
		Permanent,
		github + "jstedfast/MailKit/issues/968",
	},
	{
		"RCPT", "554 5.7.1 <b@example.com>: Relay access denied", Permanent,
		github + "postalserver/postal/issues/647",
	},
	{"RCPT", "550 5.7.1, Relaying denied.", Permanent, github + "nodemailer/nodemailer/issues/1480"},
	{".", "550 5.7.703 Your message can't be delivered because messages to b@example.com are blocked by your " +
		"organization using Tenant Allow Block List.", Permanent, exchange},
	{".", "554 5.7.1 Spam message rejected", Permanent, github + "rspamd/rspamd/issues/5343"},
	{".", "552 5.3.4 Message size exceeds fixed limit", Permanent, postfix},
	{".", "552 Message rejected for spam or virus content", Permanent, github + "kgretzky/evilginx2/pull/480"},

	// For a while.
	{"RCPT", "450 4.2.1 The user you are trying to contact is receiving mail too quickly.", Temporary, google},
	{"RCPT", "452 4.2.2 The email account that you tried to reach is over quota.", Temporary, google},
	{"RCPT", "451 Temporary failure", Temporary, github + "OpenSMTPD/OpenSMTPD/issues/546"},
	{"RCPT", "450 4.2.0 <b@example.com>: Recipient address rejected: Greylisted", Temporary, postgrey},
	{
		"DATA", "452 4.4.5 Maximum number of messages per session exceeded.", Temporary,
		github + "stalwartlabs/stalwart/issues/1384",
	},
	{".", "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", Temporary, exchange},
	{".", "421 4.3.0 Temporary System Problem. Try again later", Temporary, google},
}

// TestRealRefusals has a connection meet what servers really said.
func TestRealRefusals(t *testing.T) {
	for _, test := range refusedFor {
		t.Run(test.verb+" "+test.answer, func(t *testing.T) {
			t.Parallel()
			if got := FaultOf(meet(t, test.verb, test.answer)); got != test.want {
				t.Errorf("got fault %v, want %v (%s)", got, test.want, test.source)
			}
		})
	}
}

// What a server says of all mail alike is our account's trouble: the outbox waits, and who
// was given up before that was known gets his reply too.
func TestSameRefusalOfSeveralDomains(t *testing.T) {
	const span = 2 * time.Minute
	run := func(t *testing.T, refusal func(n int) *Error, to ...string) (*shelf, *Outbox) {
		begun, n := time.Now(), 0
		m := &mailer{send: func(context.Context, string, int, []byte) error {
			if time.Since(begun) < time.Hour {
				n++
				return refusal(n)
			}
			return nil
		}}
		s := newShelf()
		o := newOutbox(s, m)
		o.Connections = 1
		start(t, o)
		for _, address := range to {
			s.add(time.Now(), address)
			o.Wake()
			after(span)
		}
		return s, o
	}
	spam := func(n int) *Error {
		return &Error{
			Step: Dot, Code: 554, Enhanced: "5.7.1",
			Words: fmt.Sprintf("Message q%d rejected for b%d@example.com, see https://x.example/%d", n, n, n),
		}
	}
	three := []string{"a@one.example", "b@two.example", "c@three.example"}
	t.Run("three domains", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, o := run(t, spam, three...)
			wantOutcomes(t, s, 0, 0, 3)
			if o.State().Error == "" {
				t.Error("the outbox knows of no trouble")
			}
			after(40 * time.Minute)
			wantOutcomes(t, s, 0, 0, 3)
			after(5 * time.Hour)
			wantOutcomes(t, s, 3, 0, 0)
			if o.State().Error != "" {
				t.Errorf("still in trouble: %+v", o.State())
			}
		})
	})
	for name, test := range map[string]struct {
		refusal func(int) *Error
		to      []string
	}{
		"two domains": {spam, []string{"a@one.example", "b@two.example", "c@two.example"}},
		"other words": {func(n int) *Error {
			return &Error{Step: Dot, Code: 554, Enhanced: "5.7.1", Words: strings.Repeat("no ", n)}
		}, three},
		"mailboxes": {func(int) *Error {
			return &Error{Step: Rcpt, Code: 550, Enhanced: "5.1.1", Words: "unknown"}
		}, three},
		"full mailboxes": {func(int) *Error {
			return &Error{Step: Dot, Code: 552, Enhanced: "5.2.2", Words: "over quota"}
		}, three},
		"mails too large": {func(int) *Error {
			return &Error{Step: Dot, Code: 554, Enhanced: "5.3.4", Words: "message too big for system"}
		}, three},
		"mails too large, in other words": {func(int) *Error {
			return &Error{Step: Dot, Code: 554, Enhanced: "5.2.3", Words: "message length exceeds the limit"}
		}, three},
		"mails too large, without an enhanced code": {func(int) *Error {
			return &Error{Step: Dot, Code: 552, Words: "Message size exceeds maximum permitted"}
		}, three},
		"over more than ten minutes": {spam, []string{
			"a@one.example", "b@two.example", "b2@two.example", "b3@two.example",
			"b4@two.example", "b5@two.example", "c@three.example",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, o := run(t, test.refusal, test.to...)
				wantOutcomes(t, s, 0, len(test.to), 0)
				if o.State().Error != "" {
					t.Errorf("trouble: %+v", o.State())
				}
			})
		})
	}
	// Once the server has taken another mail, three further domains have to meet with it.
	t.Run("taken meanwhile", func(t *testing.T) {
		var r refusals
		now := time.Now()
		refuse := func(id uint64, domain string) bool {
			j := &job{}
			j.ID, j.To = id, "x@"+domain
			return r.concernUs(spam(int(id)), j, now)
		}
		r.gaveUp(1)
		if refuse(1, "one.example") || refuse(2, "two.example") || !refuse(3, "three.example") {
			t.Fatal("three domains are not what they were")
		}
		r.taken()
		r.gaveUp(2) // the store was slow to know it
		if got := r.wronged(); !slices.Equal(got, []uint64{2}) {
			t.Errorf("got %v to be sent again, want what was given up before", got)
		}
		if refuse(3, "three.example") || refuse(4, "four.example") {
			t.Error("one refusal, and then two, after a mail was taken: got trouble of our account")
		}
		if !refuse(5, "five.example") {
			t.Error("three domains once more are no trouble of our account")
		}
	})
	t.Run("relaying", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, _ := run(t, func(int) *Error {
				return &Error{Step: Rcpt, Code: 554, Enhanced: "5.7.1", Words: "<x@y.example>: Relay access denied"}
			}, three...)
			if got := s.outcomes()[store.Failed]; got != 0 {
				t.Errorf("%d replies were given up", got)
			}
		})
	})
}

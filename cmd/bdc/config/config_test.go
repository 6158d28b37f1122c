package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/token"
	"bdc/order"
)

// least is the least that a configuration must say.
const least = `
[mailbox]
host = "imap.example.org"
username = "u"
password = "p"
since = "2026-11-21"
[smtp]
host = "smtp.example.org"
from = "bdc@example.org"
`

// load loads least with more behind it.
func load(t *testing.T, more string, environ ...string) (config.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bdc.toml")
	if err := os.WriteFile(path, []byte(least+more), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(path, environ)
}

// What a configuration does not say has its default, and the environment wins over
// the file.
func TestLoad(t *testing.T) {
	c, err := load(t, "[staff]\naddresses = [\"Claire <Claire@Example.org>\"]\ndigest = \"08:00\"\n[rules]\n"+
		"\"line.price.mismatch\" = \"hold\"",
		"BDC_MAILBOX_HOST=other.example.org", "BDC_SMTP_HOURLY=7", "BDC_STAFF_ALERTS=a@example.org,b@example.org",
		"BDC_ACCEPT_ANSWER_WITHOUT_FORM=true",
		"BDC_TEST_KILLS=3", "HOME=/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		got, want any
	}{
		{"host", c.Mailbox.Host, "other.example.org"},
		{"IMAP port", c.Mailbox.Port, 993},
		{"SMTP port", c.SMTP.Port, 587},
		{"hourly", c.SMTP.Hourly, 7},
		{"since", c.Mailbox.SinceDay, time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)},
		{"poll", c.Mailbox.PollEvery, time.Minute},
		{"addresses", fmt.Sprint(c.Staff.Everybody()), "[claire@example.org a@example.org b@example.org]"},
		{"digest", c.Staff.DigestAt != nil, true},
		{"formless", c.Accept.Formless, true},
		{"rules", fmt.Sprint(c.Rules), "map[line.price.mismatch:hold]"},
		{"policy of a changed rule", c.Policy().Severity("line.price.mismatch", order.Error), order.Hold},
		{"policy of another rule", c.Policy().Severity("uai.key", order.Error), order.Error},
		{"data file", filepath.Base(c.Data), "bdc.db"},
		{"beside the configuration", filepath.IsAbs(c.Data), true},
		{"retention", c.Retention.AttachmentsFor, config.Age{}},
		{"signs", c.SMTP.DKIM == nil, true},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// Every fault is told, not the first alone, and what Load makes of the keys is no key
// itself.
func TestFaults(t *testing.T) {
	_, err := load(t, "[console]\nUndoFor = 3\nproxies = \"x\"\n[accept]\nmax_quantity = 0\nsenders = \"friends\"",
		"BDC_SMTP_PORT=many", "BDC_SMTP_DKIM=x")
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"console.UndoFor: unknown key", "console.proxies: unknown key", "accept.max_quantity: must be at least 1",
		`accept.senders: must be "registered" or "any"`,
		"BDC_SMTP_PORT: must be a number", "BDC_SMTP_DKIM: unknown variable",
	} {
		if !strings.Contains(err.Error(), "\n  "+want) {
			t.Errorf("got %v, want %q among the faults", err, want)
		}
	}
	if _, err := config.Load(filepath.Join(t.TempDir(), "nowhere.toml"), nil); err == nil ||
		!strings.Contains(err.Error(), "nowhere.toml") {
		t.Errorf("no file: got error %v, want it named", err)
	}
}

func TestConsole(t *testing.T) {
	for _, tt := range []struct{ name, section, want string }{
		{"nothing said", ``, ""},
		{"none", `listen = ""`, ""},
		{"this machine", `listen = "[::1]:8080"`, ""},
		{"open to the network", `listen = "0.0.0.0:8080"`, "console.listen: is open to the network in the clear"},
		{"every address", `listen = ":8080"`, "console.listen: is open to the network in the clear"},
		{"behind a proxy", "listen = \"10.0.0.5:8080\"\ntrusted_proxies = [\"10.0.0.1\", \"192.168.0.0/16\"]\nurl = " +
			"\"https://bdc.example.org\"", ""},
		{"no network", `trusted_proxies = ["proxy"]`, `"proxy" is neither an address nor a network`},
		{"half of TLS", `tls_cert = "cert.pem"`, "goes with console.tls_key"},
		{"no such certificate", "tls_cert = \"nowhere\"\ntls_key = \"nowhere\"", "console.tls_cert: open nowhere"},
		{"no port", `listen = "localhost"`, "console.listen: must be an address and a port"},
		{"no URL", `url = "bdc.example.org"`, "console.url: must be the address"},
		{"a path", `url = "https://example.org/bdc"`, "console.url: must be the address"},
		{"no duration", `undo = "later"`, "console.undo: must be between"},
		{"too long", `undo = "2h"`, "console.undo: must be between"},
		{"public", `public_check = true`, ""},
		{"no switch", `public_check = "yes"`, "console.public_check: must be true or false"},
		{"unknown", `colour = "red"`, "console.colour: unknown key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := load(t, "[console]\n"+tt.section)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want no fault", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case tt.name == "nothing said" &&
				(cfg.Console.Listen != "127.0.0.1:8080" || cfg.Console.UndoFor != 30*time.Second):
				t.Errorf("got %+v, want this machine, and half a minute", cfg.Console)
			case cfg.Console.PublicCheck != (tt.name == "public"):
				t.Errorf("got the public page %t", cfg.Console.PublicCheck)
			case tt.name == "behind a proxy" && (!cfg.Console.Secure() || len(cfg.Console.Proxies) != 2):
				t.Errorf("got %+v, want it secure, behind two", cfg.Console)
			}
		})
	}
}

func TestOAuth2(t *testing.T) {
	const rest = `
[mailbox]
host = "imap.example.org"
username = "u"
since = "2026-11-21"
oauth2 = %q
[smtp]
host = "smtp.example.org"
username = "u"
oauth2 = %q
from = "bdc@example.org"
[oauth2]
%s
`
	for _, test := range []struct{ name, mailbox, smtp, section, want string }{
		{
			"Microsoft, client credentials", token.Microsoft, token.Microsoft,
			"tenant = 't'\nclient_id = 'c'\nclient_secret = 's'", "",
		},
		{
			"Microsoft, public client", token.Microsoft, token.Microsoft,
			"tenant = 't'\nclient_id = 'c'\nrefresh_token = 'r'", "",
		},
		{"Google", token.Google, token.Google, "client_id = 'c'\nclient_secret = 's'\nrefresh_token = 'r'\n" +
			"client_secret_expires = '2027-11-21'", ""},
		{"unknown provider", "yahoo", token.Google, "", `mailbox.oauth2: must be "microsoft" or "google"`},
		{"two providers", token.Google, token.Microsoft, "", "smtp.oauth2: must be the same"},
		{"nothing said", token.Microsoft, token.Microsoft, "", "oauth2.tenant: is missing"},
		{"no client", token.Microsoft, token.Microsoft, "tenant = 't'", "oauth2.client_id: is missing"},
		{
			"no secret", token.Microsoft, token.Microsoft, "tenant = 't'\nclient_id = 'c'",
			"oauth2.client_secret: is missing",
		},
		{
			"Google without a refresh token", token.Google, token.Google, "client_id = 'c'\nclient_secret = 's'",
			"oauth2.refresh_token: is missing",
		},
		{
			"secret file that is not there", token.Google, token.Google, "client_secret_file = 'nowhere'",
			"oauth2.client_secret_file: open nowhere",
		},
		{
			"no TLS to the token server", token.Google, token.Google, "token_url = 'http://example.org/token'",
			"oauth2.token_url: must begin with https://",
		},
		{
			"no day", token.Google, token.Google, "client_secret_expires = 'soon'",
			"oauth2.client_secret_expires: must be a day",
		},
	} {
		path := filepath.Join(t.TempDir(), "bdc.toml")
		if err := os.WriteFile(path, fmt.Appendf(nil, rest, test.mailbox, test.smtp, test.section), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(path, nil)
		if test.want == "" && (err != nil || c.OAuth2.Provider == "") ||
			test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

func TestRetentionAge(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		text string
		want time.Time // zero: refused
	}{
		{"3 years", time.Date(2023, 11, 21, 9, 0, 0, 0, time.UTC)},
		{"18 months", time.Date(2025, 5, 21, 9, 0, 0, 0, time.UTC)},
		{"90 days", time.Date(2026, 8, 23, 9, 0, 0, 0, time.UTC)},
		{"29 days", time.Time{}},
		{"-3 years", time.Time{}},
		{"3", time.Time{}},
		{"for ever", time.Time{}},
		{"3 weeks", time.Time{}},
		{"9999 years", time.Time{}},
	} {
		c, err := load(t, fmt.Sprintf("[retention]\nattachments = %q", tt.text))
		if tt.want.IsZero() {
			if err == nil || strings.Count(err.Error(), "\n") != 1 ||
				!strings.Contains(err.Error(), "retention.attachments: must be such as") {
				t.Errorf("%q: got error %v, want one fault", tt.text, err)
			}
			continue
		}
		if got := c.Retention.AttachmentsFor.Before(now); err != nil || !got.Equal(tt.want) {
			t.Errorf("%q: got %s and error %v, want %s", tt.text, got, err, tt.want)
		}
	}
}

// Each kind has its own age, and its own fault.
func TestRetentionKeys(t *testing.T) {
	c, err := load(t, `[retention]
messages = "5 years"
cases = "4 years"
orders = "10 years"
audit = "1 year"`)
	want := config.Retention{
		Messages: "5 years", MessagesFor: config.Age{Years: 5}, Cases: "4 years", CasesFor: config.Age{Years: 4},
		Orders: "10 years", OrdersFor: config.Age{Years: 10}, Audit: "1 year", AuditFor: config.Age{Years: 1},
	}
	if err != nil || c.Retention != want {
		t.Errorf("got %+v and error %v, want %+v", c.Retention, err, want)
	}
	_, err = load(t, "[retention]\nmessages = \"soon\"\ncases = \"1 day\"\norders = \"x\"\naudit = \"3\"")
	for _, key := range []string{"messages", "cases", "orders", "audit"} {
		if err == nil || !strings.Contains(err.Error(), "retention."+key+": must be such as") {
			t.Errorf("got error %v, want a fault of %s", err, key)
		}
	}
}

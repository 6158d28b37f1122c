package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"bdc/ingest/mailbox"
	"bdc/ingest/mailtest"
)

// wallet implements mailbox.Tokens: it hands out its tokens in order, and goes on to
// the next one when one is refused. It is also the HTTP server that Dovecot asks
// whether a token is valid: only good is, for user.
type wallet struct {
	mu      sync.Mutex
	tokens  []string
	good    string
	user    string
	refused []string
}

func (w *wallet) Token(context.Context) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens[min(len(w.refused), len(w.tokens)-1)], nil
}

func (w *wallet) Refused(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = append(w.refused, token)
}

func (w *wallet) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	if r.URL.Query().Get("token") != w.good {
		fmt.Fprint(rw, `{"active":false}`)
		return
	}
	fmt.Fprintf(rw, `{"active":true,"username":%q}`, w.user)
}

// signIn starts a Dovecot that asks the wallet about tokens, with one message in the
// inbox, and returns a Config that signs in by tokens of the wallet.
func signIn(t *testing.T, w *wallet) mailbox.Config {
	t.Helper()
	asked := httptest.NewServer(w)
	t.Cleanup(asked.Close)
	servers, c := dovecot(t, mailtest.Options{TokenInfo: asked.URL + "/?token="})
	servers.Deliver(servers.User, message(1, "x"))
	w.user = servers.User
	c.Password, c.Tokens = "", w
	return c
}

func TestDovecotTakesTokens(t *testing.T) {
	w := &wallet{tokens: []string{"expired.token", "good.token"}, good: "good.token"}
	c := signIn(t, w)
	err := refusal(t.Context(), t, c)
	if !errors.Is(err, mailbox.ErrAuth) || strings.Contains(err.Error(), "expired.token") {
		t.Errorf("with an expired token Dial says %v, want %v without the token", err, mailbox.ErrAuth)
	}
	// The next attempt, on another connection, has another token.
	if got := len(pending(t, dial(t, c))); got != 1 {
		t.Errorf("%d messages are pending, want 1", got)
	}
	if got, want := fmt.Sprint(w.refused), "[expired.token]"; got != want {
		t.Errorf("tokens given back: %s, want %s", got, want)
	}
	c.Username = "bookseller@" + mailtest.Domain // whom the token isn't for
	if err := refusal(t.Context(), t, c); !errors.Is(err, mailbox.ErrAuth) {
		t.Errorf("for another mailbox Dial says %v, want %v", err, mailbox.ErrAuth)
	}
}

// A password is sent by PLAIN if the server offers it, else by LOGIN unless the server
// has switched that off.
func TestMechanismOfPasswords(t *testing.T) {
	for _, test := range []struct {
		name, caps string
		want       string // the command that signs in
		wantErr    error
	}{
		{"PLAIN", "AUTH=LOGIN AUTH=PLAIN SASL-IR", "AUTHENTICATE PLAIN AHVzZXIAc2VjcmV0", nil},
		{"PLAIN, LOGIN switched off", "AUTH=PLAIN SASL-IR LOGINDISABLED", "AUTHENTICATE PLAIN AHVzZXIAc2VjcmV0", nil},
		{"LOGIN", "", `LOGIN "user" "secret"`, nil},
		{"LOGIN beside what we have not", "AUTH=GSSAPI", `LOGIN "user" "secret"`, nil},
		{"neither", "AUTH=GSSAPI LOGINDISABLED", "", mailbox.ErrAuth},
	} {
		server := polite.with(script{
			"CAPABILITY":   "* CAPABILITY IMAP4rev1 MOVE " + test.caps + "\r\nTAG OK\r\n",
			"AUTHENTICATE": "TAG BAD not the way to sign in\r\n",
			"LOGIN":        "TAG BAD not the way to sign in\r\n",
		})
		if test.want != "" {
			server[test.want] = "TAG OK\r\n"
		}
		if err := refusal(t.Context(), t, server.serve(t)); !errors.Is(err, test.wantErr) {
			t.Errorf("%s: Dial says %v, want %v", test.name, err, test.wantErr)
		}
	}
}

func TestMechanismOfTokens(t *testing.T) {
	const challenge = "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n" // {"status":"401"}
	for _, test := range []struct {
		name, caps, answer string
		want               string // of the command
		wantErr            error
	}{
		{"both", "AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR", "TAG OK\r\n", "AUTHENTICATE OAUTHBEARER bixhPXVzZXI", nil},
		{"Microsoft's", "AUTH=PLAIN AUTH=XOAUTH2 SASL-IR", "TAG OK\r\n", "AUTHENTICATE XOAUTH2 dXNlcj11c2Vy", nil},
		{"neither", "AUTH=PLAIN", "", "", mailbox.ErrAuth},
		{"refused by a challenge", "AUTH=XOAUTH2 SASL-IR", challenge, "AUTHENTICATE XOAUTH2", mailbox.ErrAuth},
		{
			"refused at once", "AUTH=XOAUTH2 SASL-IR", "TAG NO AUTHENTICATE failed.\r\n", "AUTHENTICATE XOAUTH2",
			mailbox.ErrAuth,
		},
		{
			"user database away", "AUTH=XOAUTH2 SASL-IR", "TAG NO [UNAVAILABLE] later\r\n", "AUTHENTICATE XOAUTH2",
			errAny,
		},
	} {
		server := polite.with(script{
			"CAPABILITY":   "* CAPABILITY IMAP4rev1 MOVE " + test.caps + "\r\nTAG OK\r\n",
			"AUTHENTICATE": "TAG BAD not the mechanism to choose\r\n",
		})
		if test.want != "" {
			server[test.want] = test.answer
		}
		w := &wallet{tokens: []string{"some.token"}}
		c := server.serve(t)
		c.Tokens = w
		err := refusal(t.Context(), t, c)
		switch {
		case test.wantErr == errAny:
			if err == nil || errors.Is(err, mailbox.ErrAuth) || len(w.refused) != 0 {
				t.Errorf("%s: Dial says %v and gives back %v, want an error that may pass and nothing",
					test.name, err, w.refused)
			}
		case !errors.Is(err, test.wantErr):
			t.Errorf("%s: Dial says %v, want %v", test.name, err, test.wantErr)
		case err != nil && test.want != "" && len(w.refused) != 1:
			t.Errorf("%s: %d tokens given back, want 1", test.name, len(w.refused))
		}
	}
}

// errAny stands for any error that may pass.
var errAny = errors.New("any")

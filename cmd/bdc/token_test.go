package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"bdc/bench/need"
	"bdc/cmd/bdc/daemon"
	"bdc/ingest/mailtest"
)

// authority is a token server that takes each refresh token once, and tells a
// mail server which access tokens are good: the last one.
type authority struct {
	user string

	mu      sync.Mutex
	refresh string
	access  string // "": none is good
	count   int
	closed  bool // takes nothing
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/introspect":
		_ = json.NewEncoder(w).Encode(map[string]any{"active": a.access != "" &&
			r.FormValue("token") == a.access, "username": a.user})
	case a.closed || r.FormValue("refresh_token") != a.refresh || r.FormValue("client_secret") != "hunter2-client":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%s is of no use"}`, r.FormValue("refresh_token"))
	default:
		a.count++
		a.refresh, a.access = fmt.Sprintf("hunter2-refresh-%d", a.count), fmt.Sprintf("hunter2-access-%d", a.count)
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600,"refresh_token":%q}`, a.access,
			a.refresh)
	}
}

func (a *authority) set(change func(*authority)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

// TestServeByTokens signs in to a real Dovecot by access tokens: the first, one
// after that was taken back, one after a restart with a refresh token that was
// spent long before; and tells what is wrong when there are no more.
func TestServeByTokens(t *testing.T) {
	need.Time(t)
	t.Parallel()
	a := &authority{refresh: "hunter2-refresh-0"}
	server := httptest.NewServer(a)
	defer server.Close()
	s := mailtest.Start(t, mailtest.Options{TokenInfo: server.URL + "/introspect?token="})
	a.set(func(a *authority) { a.user = s.User })
	line := newWire(t, net.JoinHostPort(s.Host, strconv.Itoa(s.IMAPS)))
	config := writeConfig(t, s, "implicit")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, fmt.Appendf(nil, "port = %d", s.IMAPS), fmt.Appendf(nil, "port = %d", line.port), 1)
	text = bytes.Replace(text, fmt.Appendf(nil, "password = %q", s.Password), []byte(`oauth2 = "microsoft"`), 1)
	text = fmt.Appendf(text, `
[oauth2]
client_id = "client"
client_secret = "hunter2-client"
refresh_token = "hunter2-refresh-0"
token_url = %q
`, server.URL+"/token")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(filepath.Dir(config), "bdc.db")
	var log safeBuffer
	reconnect := func() { line.set(severed); line.set(passing) }

	stop := launch(t, config, false, &log, func(*daemon.Daemon) {})
	s.Deliver(s.User, orderMail("one", "BdC.xlsx", filledForm(t, "R-1")))
	awaitStatus(t, data, "the first message", settledMessages(1))
	a.set(func(a *authority) { a.access = "" })
	reconnect()
	s.Deliver(s.User, orderMail("two", "BdC.xlsx", filledForm(t, "R-2")))
	awaitStatus(t, data, "the second message, by another token", settledMessages(2))
	stop()

	a.set(func(a *authority) { a.access = "" })
	stop = launch(t, config, false, &log, func(*daemon.Daemon) {})
	s.Deliver(s.User, orderMail("three", "BdC.xlsx", filledForm(t, "R-3")))
	awaitStatus(t, data, "the third message, after a restart", settledMessages(3))
	if said := want(t, "doctor", "-c", config); !strings.Contains(said, "microsoft gives access until") {
		t.Errorf("doctor beside the daemon says\n%s", said)
	}
	a.set(func(a *authority) { a.access, a.closed = "", true })
	reconnect()
	code, said := await(t, "sign in again", "status", "-c", config)
	if code != exitFound {
		t.Errorf("with no token: exit code %d, want %d", code, exitFound)
	}
	if code, doctor, _ := call(t, "doctor", "-c", config); code != exitFound ||
		!strings.Contains(doctor, "FAULT  mailbox") {
		t.Errorf("with no token doctor exits with %d and says\n%s", code, doctor)
	} else {
		said += doctor
	}
	stop()
	if strings.Contains(log.String()+said, "hunter2") {
		t.Errorf("a secret is told:\n%s%s", log.String(), said)
	}
	if info, err := os.Stat(data + ".tokens"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the stored sign-in has mode %v (%v), want 0600", info.Mode(), err)
	}
}

// safeBuffer is a log that several write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

package token

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// tokenServer is a token server that gives out access tokens of an hour, and another
// refresh token each time; the one before is then of no more use.
type tokenServer struct {
	mu      sync.Mutex
	refresh string // that it takes; "" for client credentials
	count   int    // of the answers
	extra   string // members of each answer
	refuse  string // an answer instead
	asked   url.Values
	address string
}

func (s *tokenServer) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	s.asked, s.address = r.PostForm, r.URL.String()
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Status: http.StatusText(status),
			Header: http.Header{"Content-Type": {"application/json"}},
			Body:   io.NopCloser(strings.NewReader(body)), Request: r,
		}, nil
	}
	switch {
	case s.refuse != "":
		return answer(400, s.refuse)
	case s.asked.Get("client_secret") != "s3cret":
		return answer(401, `{"error":"invalid_client","error_description":"the secret `+s.asked.Get("client_secret")+
			` is wrong"}`)
	case s.refresh != "" && s.asked.Get("refresh_token") != s.refresh:
		return answer(400, `{"error":"invalid_grant","error_description":"`+s.asked.Get("refresh_token")+
			` was used before"}`)
	}
	s.count++
	rotated := ""
	if s.refresh != "" {
		s.refresh = fmt.Sprintf("refresh-%d", s.count)
		rotated = `,"refresh_token":"` + s.refresh + `"`
	}
	return answer(200, fmt.Sprintf(`{"access_token":"access-%d","token_type":"Bearer","expires_in":3600%s%s}`, s.count,
		rotated, s.extra))
}

func (s *tokenServer) set(change func(*tokenServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// source is one of a process of its own over the given file.
func (s *tokenServer) source(t *testing.T, path string, log io.Writer, change func(*Config)) *Source {
	t.Helper()
	c := Config{
		Provider: Microsoft, Tenant: "tenant", ClientID: "client", ClientSecret: "s3cret",
		RefreshToken: "refresh-0", Path: path,
	}
	change(&c)
	source := New(c, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	source.client.Transport = s
	return source
}

func asIs(*Config) {}

func wantToken(t *testing.T, s *Source, want string) {
	t.Helper()
	if got, err := s.Token(t.Context()); got != want || err != nil {
		t.Errorf("got token %q (%v), want %q", got, err, want)
	}
}

func TestTokenIsAskedForOnceAndRenewed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{refresh: "refresh-0"}
		s := server.source(t, path, io.Discard, asIs)
		wantToken(t, s, "access-1")
		time.Sleep(58 * time.Minute)
		wantToken(t, s, "access-1")
		time.Sleep(90 * time.Second) // it has half a minute left
		wantToken(t, s, "access-2")
		s.Refused("access-2")
		wantToken(t, s, "access-3")
		wantToken(t, s, "access-3")
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v (%v), want 0600", info.Mode(), err)
	}
}

func TestRotatedTokenOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	server := &tokenServer{refresh: "refresh-0"}
	s := server.source(t, path, io.Discard, asIs)
	wantToken(t, s, "access-1")
	s.Refused("access-1")
	wantToken(t, s, "access-2")

	again := server.source(t, path, io.Discard, asIs)
	wantToken(t, again, "access-2") // which was stored as well
	again.Refused("access-2")
	wantToken(t, again, "access-3")

	// What another process has renewed is taken from the file.
	s.Refused("access-2")
	wantToken(t, s, "access-3")

	// A new refresh token in the configuration counts for more than a kept one.
	server.set(func(s *tokenServer) { s.refresh = "signed-in-anew" })
	anew := server.source(t, path, io.Discard, func(c *Config) { c.RefreshToken = "signed-in-anew" })
	wantToken(t, anew, "access-4")
}

func TestProcessesNeverSpendOneTokenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	server := &tokenServer{refresh: "refresh-0"}
	var processes sync.WaitGroup
	for range 8 {
		s := server.source(t, path, io.Discard, asIs)
		processes.Go(func() {
			for range 20 {
				token, err := s.Token(context.Background())
				if err != nil {
					t.Error(err)
				}
				s.Refused(token)
			}
		})
	}
	processes.Wait()
}

func TestWhatIsAskedFor(t *testing.T) {
	for _, test := range []struct {
		name            string
		change          func(*Config)
		address         string
		grant, scope    string
		refresh, secret string
	}{
		{
			"Microsoft, refresh token", asIs, "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
			"refresh_token", "", "refresh-0", "s3cret",
		},
		{
			"Microsoft, client credentials", func(c *Config) { c.RefreshToken = "" },
			"https://login.microsoftonline.com/tenant/oauth2/v2.0/token", "client_credentials", microsoftMail, "",
			"s3cret",
		},
		{
			"Google", func(c *Config) { c.Provider = Google }, "https://oauth2.googleapis.com/token",
			"refresh_token", "",
			"refresh-0", "s3cret",
		},
		{
			"elsewhere", func(c *Config) { c.URL = "http://127.0.0.1/token" }, "http://127.0.0.1/token",
			"refresh_token",
			"", "refresh-0", "s3cret",
		},
	} {
		server := &tokenServer{}
		wantToken(t, server.source(t, filepath.Join(t.TempDir(), "tokens"), io.Discard, test.change), "access-1")
		got := []string{server.address}
		for _, key := range []string{"grant_type", "scope", "refresh_token", "client_secret"} {
			got = append(got, server.asked.Get(key))
		}
		if want := []string{
			test.address, test.grant, test.scope, test.refresh,
			test.secret,
		}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: asks for %q, want %q", test.name, got, want)
		}
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		change       func(*Config)
		want         string
	}{
		{"used refresh token", "", func(c *Config) { c.RefreshToken = "hunter2-refresh" }, "sign in again"},
		{
			"wrong secret", "", func(c *Config) { c.ClientSecret = "hunter2-secret" },
			"the client's id or secret is wrong",
		},
		{
			"no JSON", "hunter2-refresh is what you sent", func(c *Config) { c.RefreshToken = "hunter2-refresh" },
			"it answers 400",
		},
		{
			"long words", `{"error":"server_error","error_description":"` + strings.Repeat("é", 5000) + `"}`, asIs,
			"server_error",
		},
	} {
		server := &tokenServer{refresh: "refresh-0", refuse: test.answer}
		var log strings.Builder
		s := server.source(t, filepath.Join(t.TempDir(), "tokens"), &log, test.change)
		_, err := s.Token(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 500 {
			t.Errorf("%s: got %v, want %q in a few words", test.name, err, test.want)
		}
		if strings.Contains(fmt.Sprint(err, log.String(), s.State()), "hunter2") {
			t.Errorf("%s: a secret is told: %v %s %+v", test.name, err, log.String(), s.State())
		}
	}
}

// What goes wrong is told before it matters, and mended without a word from
// anybody.
func TestRunAnnouncesTroubleEarly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{refresh: "refresh-0", extra: `,"refresh_token_expires_in":604800`}
		var log lines
		s := server.source(t, path, &log, func(c *Config) { c.SecretExpires = time.Now().Add(100 * 24 * time.Hour) })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { s.Run(ctx); close(ended) }()
		time.Sleep(40 * time.Minute)
		if n := log.count("can't be renewed"); n != 0 {
			t.Errorf("%d lines of trouble before there is any", n)
		}
		if log.count("the refresh token of the sign-in at microsoft expires on") != 1 {
			t.Errorf("the end of the refresh token is not announced: %v", &log)
		}
		server.set(func(s *tokenServer) { s.refuse = `{"error":"invalid_grant"}` })
		time.Sleep(10 * time.Minute) // the token has ten minutes to live
		if n := log.count("can't be renewed"); n == 0 {
			t.Error("nothing is said of a renewal that failed")
		}
		if st := s.State(); st.Error == "" || time.Until(st.Expires) < 9*time.Minute {
			t.Errorf("the state is %+v, want the trouble while the token still serves", st)
		}
		wantToken(t, s, "access-1")
		server.set(func(s *tokenServer) { s.refuse = "" })
		time.Sleep(time.Hour)
		if st := s.State(); st.Error != "" || st.What != "refresh token" {
			t.Errorf("the state is %+v, want no trouble, and the refresh token as what ends first", st)
		}
		time.Sleep(72 * time.Hour)
		if n := log.count("expires on"); n != 4 {
			t.Errorf("what expires is announced %d times in three days, want once a day", n)
		}
		cancel()
		<-ended
	})
}

func TestEnding(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		state State
		want  string
	}{
		{State{}, ""},
		{State{Provider: Google, Ends: now.AddDate(0, 2, 0), What: "client secret"}, ""},
		{
			State{Provider: Google, Ends: now.AddDate(0, 0, 29), What: "client secret"},
			"the client secret of the sign-in at google expires on 2026-12-20",
		},
		{
			State{Provider: Google, Ends: now.AddDate(0, 0, -1), What: "refresh token"},
			"the refresh token of the sign-in at google expires on 2026-11-20",
		},
	} {
		if got := test.state.Ending(now); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.state, got, test.want)
		}
	}
}

func TestDamagedFileIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := &tokenServer{refresh: "refresh-0"}
	if _, err := server.source(t, path, io.Discard, asIs).Token(t.Context()); err == nil ||
		!strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want the file's name", err)
	}
}

func TestFileHoldsWhatWasAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	server := &tokenServer{refresh: "refresh-0"}
	wantToken(t, server.source(t, path, io.Discard, asIs), "access-1")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got held
	if err := json.Unmarshal(data, &got); err != nil || got.Refresh != "refresh-1" || got.Access != "access-1" {
		t.Errorf("the file holds %s (%v), want both tokens", data, err)
	}
}

// lines is a log that is written and read at once.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) count(words string) int { return strings.Count(l.String(), words) }

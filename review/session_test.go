package review_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func TestSignIn(t *testing.T) {
	r := newRig(t)
	nobody := r.anonymous()
	for _, tt := range []struct{ name, password string }{
		{"claire", "une autre phrase"},
		{"personne", password},
		{"", ""},
		{"claire\x00", password},
	} {
		resp := nobody.post("/connexion", "nom", tt.name, "mot-de-passe", tt.password).want(t, http.StatusUnauthorized,
			"ne vont pas ensemble")
		if len(resp.Cookies()) != 0 {
			t.Errorf("%q: got a cookie", tt.name)
		}
	}
	resp := nobody.post("/connexion", "nom", " Claire ", "mot-de-passe", password, "suite", "/commandes?q=x")
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/commandes?q=x" {
		t.Fatalf("got %s to %q, want the page that was asked for", resp.Status, resp.Header.Get("Location"))
	}
	cookie := resp.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Secure {
		t.Errorf("got the cookie %+v", cookie)
	}
	claire := &browser{r, cookie}
	claire.get("/a-traiter").want(t, 200, "CLAIRE")
	claire.post("/deconnexion").want(t, http.StatusSeeOther)
	claire.get("/a-traiter").want(t, http.StatusSeeOther)

	claire = r.as("claire")
	r.pass(12 * time.Hour)
	claire.get("/a-traiter").want(t, http.StatusSeeOther)
	claire.post("/dossiers/D-222222/noter").want(t, http.StatusUnauthorized, "Vous n’êtes plus connecté")

	must(t, r.store.CloseUser(t.Context(), store.UserChange{User: "paul", Revision: 1, Actor: "bdc", At: r.clock()}))
	nobody.post("/connexion", "nom", "paul", "mot-de-passe", password).want(t, http.StatusUnauthorized)
}

// After signing in, nobody is redirected to another site.
func TestSignInGoesNowhereElse(t *testing.T) {
	r := newRig(t)
	for _, next := range []string{
		"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
		"evil", "/a\r\nSet-Cookie: x=y", "",
	} {
		resp := r.anonymous().post("/connexion", "nom", "claire", "mot-de-passe", password, "suite", next)
		if got := resp.Header.Get("Location"); got != "/" {
			t.Errorf("%q: got sent to %q, want home", next, got)
		}
	}
}

func TestSecureCookie(t *testing.T) {
	r := newRig(t)
	r.c.Secure = true
	resp := r.anonymous().post("/connexion", "nom", "claire", "mot-de-passe", password)
	if cookie := resp.Cookies()[0]; !cookie.Secure || cookie.Name != "__Host-bdc" {
		t.Errorf("got the cookie %+v", cookie)
	}
	if got := resp.Header.Get("Strict-Transport-Security"); got == "" {
		t.Error("got no HSTS")
	}
}

func TestSignInThrottled(t *testing.T) {
	r := newRig(t)
	nobody := r.anonymous()
	try := func(name string) int {
		return nobody.post("/connexion", "nom", name, "mot-de-passe", "fausse").StatusCode
	}
	for i := range 5 {
		if got := try("claire"); got != http.StatusUnauthorized {
			t.Fatalf("try %d: got %d, want 401", i+1, got)
		}
	}
	if got := try("claire"); got != http.StatusTooManyRequests {
		t.Errorf("the sixth: got %d, want 429", got)
	}
	if got := try("paul"); got != http.StatusUnauthorized {
		t.Errorf("a colleague from the same address: got %d, want 401", got)
	}
	for range 14 {
		try("personne" + r.clock().String())
		r.pass(time.Nanosecond)
	}
	if got := try("quiconque"); got != http.StatusTooManyRequests {
		t.Errorf("the 21st failure of an address: got %d, want 429", got)
	}
	resp := nobody.post("/connexion", "nom", "claire", "mot-de-passe", password).want(t, http.StatusTooManyRequests,
		"Trop d’essais")
	if resp.Header.Get("Retry-After") == "" {
		t.Error("got no Retry-After")
	}
	r.pass(31 * time.Second)
	nobody.post("/connexion", "nom", "claire", "mot-de-passe", password).want(t, http.StatusSeeOther)
}

// An open page is told of what others do.
func TestEvents(t *testing.T) {
	r := newRig(t)
	claire := r.as("claire")
	req, err := http.NewRequestWithContext(t.Context(), "GET", r.srv.URL+"/evenements", nil)
	must(t, err)
	req.AddCookie(claire.cookie)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	heard := make(chan string)
	go func() {
		defer close(heard)
		b := make([]byte, 4096)
		for {
			n, err := resp.Body.Read(b)
			if err != nil {
				return
			}
			heard <- string(b[:n])
		}
	}()
	hear := func(want string) {
		t.Helper()
		for {
			select {
			case text, open := <-heard:
				if !open {
					t.Fatalf("the stream ended before %q", want)
				}
				if strings.Contains(text, want) {
					return
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("did not hear %q", want)
			}
		}
	}
	hear("retry: 3000")
	code := r.held()
	hear("data: " + code)
	claire.act(code, "noter", "mots", "vu")
	hear("data: " + code)
	r.c.Quit()
	for range heard { // ends: the server shuts down
	}
	if got := claire.get("/evenements").StatusCode; got != http.StatusServiceUnavailable {
		t.Errorf("after the end: got %d, want 503", got)
	}
}

func TestRoleCovers(t *testing.T) {
	for _, tt := range []struct {
		role, asked order.Role
		want        bool
	}{
		{order.Reading, order.Reading, true},
		{order.Reading, order.Sales, false},
		{order.Sales, order.Reading, true},
		{order.Admin, order.Sales, true},
		{"", order.Reading, false},
		{"root", order.Reading, false},
		{order.Admin, "root", false},
	} {
		if got := tt.role.Covers(tt.asked); got != tt.want {
			t.Errorf("%q for %q: got %t, want %t", tt.role, tt.asked, got, tt.want)
		}
	}
}

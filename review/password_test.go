package review

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestPassword(t *testing.T) {
	hash, err := HashPassword("correct cheval pile agrafe")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got the hash %q", hash)
	}
	again, err := HashPassword("correct cheval pile agrafe")
	if err != nil || again == hash {
		t.Errorf("got %q twice, %v; want another salt", again, err)
	}
	for password, want := range map[string]bool{
		"correct cheval pile agrafe": true, "correct cheval pile agraf": false,
		"": false,
	} {
		if got, err := checkPassword(hash, password); err != nil || got != want {
			t.Errorf("%q: got %t, %v; want %t", password, got, err, want)
		}
	}
	if ok, err := checkPassword(nobodysHash, ""); err != nil || ok {
		t.Errorf("nobody's hash: got %t, %v; want false", ok, err)
	}
	for _, password := range []string{"", "onze signes", strings.Repeat("é", 1000)} {
		if _, err := HashPassword(password); !errors.Is(err, ErrPassword) {
			t.Errorf("%.20q: got error %v, want ErrPassword", password, err)
		}
	}
	for _, bad := range []string{
		"", "x", "$2b$10$abc", "$argon2id$v=19$m=19456,t=0,p=1$AAAA$AAAA",
		"$argon2id$v=18$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=2,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$!$AAAA",
	} {
		if ok, err := checkPassword(bad, "x"); ok || !errors.Is(err, errHash) {
			t.Errorf("%q: got %t, %v; want errHash", bad, ok, err)
		}
	}
}

func TestThrottle(t *testing.T) {
	var th throttle
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	tries := []guess{{"a", freeTries, true}}
	for i, w := range []time.Duration{
		0, 0, 0, 0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute,
		8 * time.Minute, 15 * time.Minute, 15 * time.Minute,
	} {
		if w > 0 {
			if got := th.begin(now, tries); got != w {
				t.Errorf("after %d failures: got %v to wait, want %v", i, got, w)
			}
			now = now.Add(w)
		}
		if got := th.begin(now, tries); got != 0 {
			t.Errorf("try %d: got %v to wait, want none", i+1, got)
		}
		if got := th.begin(now, tries); i >= 4 && got != flightWait {
			t.Errorf("a second at once after %d failures: got %v to wait, want %v", i, got, flightWait)
		} else if got == 0 {
			th.end(now, tries, unknown)
		}
		th.end(now, tries, wrong)
	}
	other := []guess{{"b", freeTries, true}}
	if got := th.begin(now, other); got != 0 {
		t.Errorf("another key: got %v to wait, want none", got)
	}
	th.end(now, other, right)
	now = now.Add(2 * time.Hour)
	for i := range freeTries {
		if got := th.begin(now, tries); got != 0 {
			t.Errorf("failure %d, hours later: got %v to wait, want none", i+1, got)
		}
		th.end(now, tries, wrong)
	}
}

func TestClient(t *testing.T) {
	c := &Console{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}}
	for _, tt := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:99", "", "192.0.2.1"},
		{"192.0.2.1:99", "203.0.113.9", "192.0.2.1"}, // no proxy of ours: not believed
		{"10.1.2.3:99", "203.0.113.9", "203.0.113.9"},
		{"10.1.2.3:99", "198.51.100.7, 203.0.113.9", "203.0.113.9"}, // the first is what the client said
		{"127.0.0.1:99", "203.0.113.9, 10.9.9.9", "203.0.113.9"},
		{"[::ffff:10.1.2.3]:99", "203.0.113.9", "203.0.113.9"},
		{"10.1.2.3:99", "", "10.1.2.3"},
		{"10.1.2.3:99", "203.0.113.9, whoever it says", "10.1.2.3"},
		{"10.1.2.3:99", "::ffff:203.0.113.9", "203.0.113.9"},
	} {
		r := &http.Request{RemoteAddr: tt.remote, Header: http.Header{}}
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := c.client(r); got != tt.want {
			t.Errorf("%s, forwarded %q: got %s, want %s", tt.remote, tt.forwarded, got, tt.want)
		}
	}
}

func TestFrenchAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "moins d’une minute", 61 * time.Second: "1\u00a0min", 3*time.Hour + 59*time.Minute: "3\u00a0h",
		30 * time.Hour: "1\u00a0jour", 50 * time.Hour: "2\u00a0jours",
	} {
		if got := frenchAge(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

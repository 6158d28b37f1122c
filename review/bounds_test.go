package review_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"bdc/order"
)

// signing posts a name and a password from an address, with cookies.
func (r *rig) signing(address, name, password string, cookies ...*http.Cookie) response {
	r.t.Helper()
	var header []string
	for _, c := range cookies {
		header = append(header, c.String())
	}
	return r.anonymous().do("POST", "/connexion", strings.NewReader("nom="+name+"&mot-de-passe="+
		strings.ReplaceAll(password, " ", "+")), "X-Forwarded-For", address, "Cookie", strings.Join(header, "; "))
}

// newOffice is a rig behind a proxy, to which requests come from many addresses.
func newOffice(t *testing.T) *rig {
	r := newRig(t)
	r.c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	return r
}

// Whoever fails with a user's name locks that name out at the own address, not elsewhere.
func TestNobodyLocksAUserOutElsewhere(t *testing.T) {
	r := newOffice(t)
	const attacker, home = "203.0.113.7", "198.51.100.1"
	for i := range 5 {
		if got := r.signing(attacker, "claire", "fausse").StatusCode; got != http.StatusUnauthorized {
			t.Fatalf("try %d: got %d, want 401", i+1, got)
		}
	}
	if got := r.signing(attacker, "claire", password).StatusCode; got != http.StatusTooManyRequests {
		t.Errorf("from the address of the failures: got %d, want 429", got)
	}
	if got := r.signing(home, "claire", password).StatusCode; got != http.StatusSeeOther {
		t.Errorf("from elsewhere: got %d, want her signed in", got)
	}
	for i := range 6 { // all addresses of a network are one client's
		want := http.StatusUnauthorized
		if i == 5 {
			want = http.StatusTooManyRequests
		}
		if got := r.signing("2001:db8:1:2::"+string(rune('1'+i)), "claire", "fausse").StatusCode; got != want {
			t.Errorf("try %d of one network: got %d, want %d", i+1, got, want)
		}
	}
}

// A browser on which a user has signed in before has a throttle of its own.
func TestKnownDeviceIsLetThrough(t *testing.T) {
	r := newOffice(t)
	const office = "203.0.113.7"
	cookies := r.signing(office, "claire", password).Cookies()
	device := cookies[1]
	if !device.HttpOnly || device.Secure || device.SameSite != http.SameSiteLaxMode || device.Name != "bdc-appareil" ||
		device.MaxAge < 24*60*60 {
		t.Errorf("got the cookie %+v", device)
	}
	for i := range 25 {
		r.signing(office, "personne"+string(rune('a'+i)), "fausse")
	}
	if got := r.signing(office, "claire", password).StatusCode; got != http.StatusTooManyRequests {
		t.Fatalf("an address that has failed too often: got %d, want 429", got)
	}
	altered := *device
	altered.Value = "9" + device.Value[1:]
	for name, tt := range map[string]struct {
		user   string
		cookie *http.Cookie
	}{
		"another user": {"paul", device}, "altered": {"claire", &altered},
		"no cookie of ours": {"claire", &http.Cookie{Name: "bdc-appareil", Value: "x"}},
	} {
		if got := r.signing(office, tt.user, password, tt.cookie).StatusCode; got != http.StatusTooManyRequests {
			t.Errorf("%s: got %d, want 429", name, got)
		}
	}
	if got := r.signing(office, "claire", password, device).StatusCode; got != http.StatusSeeOther {
		t.Errorf("the known device: got %d, want her signed in", got)
	}
	for range 5 {
		r.signing(office, "claire", "fausse", device)
	}
	if got := r.signing(office, "claire", password, device).StatusCode; got != http.StatusTooManyRequests {
		t.Errorf("the known device after five failures: got %d, want 429", got)
	}
	r.pass(20 * time.Minute)
	for range 25 {
		r.signing(office, "personne"+r.clock().String()[:19], "fausse")
		r.pass(time.Second)
	}
	r.pass(180 * 24 * time.Hour)
	for range 25 {
		r.signing(office, "personne", "fausse")
	}
	for range 20 {
		r.signing(office, "personne"+r.clock().Format("150405.000000000"), "fausse")
		r.pass(time.Nanosecond)
	}
	if got := r.signing(office, "claire", password, device).StatusCode; got != http.StatusTooManyRequests {
		t.Errorf("the device after half a year: got %d, want it forgotten", got)
	}
}

// To change the password makes the other devices unknown.
func TestChangedPasswordForgetsDevices(t *testing.T) {
	r := newOffice(t)
	const office, fresh = "203.0.113.7", "une autre phrase de passe"
	cookies := r.signing(office, "claire", password).Cookies()
	claire := &browser{r, cookies[0]}
	claire.post("/compte/mot-de-passe", "ancien", password, "nouveau", fresh, "encore", fresh).want(t,
		http.StatusSeeOther)
	for range 5 {
		r.signing(office, "claire", "fausse")
	}
	if got := r.signing(office, "claire", fresh, cookies[1]).StatusCode; got != http.StatusTooManyRequests {
		t.Errorf("got %d, want the device of before unknown", got)
	}
}

// Tries to sign in don't keep a user from changing the password, and the other way round.
func TestChangePasswordHasAThrottleOfItsOwn(t *testing.T) {
	r := newRig(t)
	claire := r.as("claire")
	for range 6 {
		r.anonymous().post("/connexion", "nom", "claire", "mot-de-passe", "fausse")
	}
	claire.post("/compte/mot-de-passe", "ancien", "faux", "nouveau", "x", "encore", "x").want(t,
		http.StatusUnprocessableEntity, "n’est pas le bon")
	r.pass(time.Hour)
	for range 6 {
		claire.post("/compte/mot-de-passe", "ancien", "faux", "nouveau", "x", "encore", "x")
	}
	claire.post("/compte/mot-de-passe", "ancien", password, "nouveau", "x", "encore", "x").want(t,
		http.StatusTooManyRequests)
	r.as("claire")
}

// A try counts before its password is checked: many at once are no way around the throttle.
func TestManyTriesAtOnce(t *testing.T) {
	r := newRig(t)
	var tried sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for range 50 {
		tried.Go(func() {
			status := r.anonymous().post("/connexion", "nom", "claire", "mot-de-passe", "fausse").StatusCode
			mu.Lock()
			defer mu.Unlock()
			got[status]++
		})
	}
	tried.Wait()
	if got[http.StatusUnauthorized] > 5 || got[http.StatusUnauthorized]+got[http.StatusTooManyRequests] != 50 {
		t.Errorf("got %v, want at most five passwords checked", got)
	}
}

// A name that no user can have is not kept, and a proxy that passes on what a client claims
// to be makes no new address of it.
func TestLongNamesAreNotKept(t *testing.T) {
	r := newOffice(t)
	kept := r.c.Remembered()
	for i := range 15 {
		long := strings.Repeat("x", 3_000) + string(rune('a'+i))
		r.signing(long, long, "fausse")
	}
	if got := r.c.Remembered() - kept; got > 1_000 {
		t.Errorf("got %d octets kept of 15 names of 3,000, want a few", got)
	}
	r.signing("203.0.113.7", strings.Repeat("x", 65), password).want(t, http.StatusUnauthorized, "ne vont pas ensemble")
}

// The body of somebody who isn't signed in is refused before it is read, or after 4 KiB.
func TestBodiesOfStrangers(t *testing.T) {
	r := newPublicRig(t)
	handler, err := r.c.Handler()
	must(t, err)
	for _, tt := range []struct {
		path, kind, body string
		want             int
		most             int // octets that are read
	}{
		{"/connexion", "application/x-www-form-urlencoded", "nom=", http.StatusRequestEntityTooLarge, 4<<10 + 1},
		{"/connexion", "multipart/form-data; boundary=b", "--b", http.StatusUnauthorized, 0},
		{"/deconnexion", "application/x-www-form-urlencoded", "x=", http.StatusRequestEntityTooLarge, 4<<10 + 1},
		{"/verifier", "application/x-www-form-urlencoded", "x=", http.StatusUnsupportedMediaType, 0},
		{"/verifier/classeur", "application/x-www-form-urlencoded", "x=", http.StatusUnsupportedMediaType, 0},
		{"/verifier", "multipart/mixed; boundary=b", "--b", http.StatusBadRequest, 8 << 10},
		{"/dossiers/D-222222/noter", "application/x-www-form-urlencoded", "x=", http.StatusUnauthorized, 0},
		{"/registres/annuaire", "multipart/form-data; boundary=b", "--b", http.StatusUnauthorized, 0},
		{"/nulle-part", "application/x-www-form-urlencoded", "x=", http.StatusUnauthorized, 0},
	} {
		body := &counted{r: io.MultiReader(strings.NewReader(tt.body), io.LimitReader(zeros{}, 8<<20))}
		req := httptest.NewRequest("POST", tt.path, body)
		req.Header.Set("Content-Type", tt.kind)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		if answer.Code != tt.want || body.n > tt.most {
			t.Errorf("%s as %s: got %d and %d octets read, want %d and at most %d",
				tt.path, tt.kind, answer.Code, body.n,
				tt.want, tt.most)
		}
	}
	parts := strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n", 1_000)
	r.anonymous().do("POST", "/verifier", strings.NewReader(parts+"--b--"), "Content-Type",
		"multipart/form-data; boundary=b").want(t, http.StatusBadRequest, "Choisissez-le de nouveau")
}

// While two files of an address are on their way, a third is refused and not read; others
// have their turn.
func TestVerifyCountsFilesOfAnAddress(t *testing.T) {
	r := newPublicRig(t)
	r.c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	const slow, other = "203.0.113.7", "203.0.113.8"
	var uploads sync.WaitGroup
	release := make(chan struct{})
	for range 2 {
		begun := make(chan struct{})
		uploads.Go(func() {
			body, kind := posting(t, "BdC.xlsx", r.workbook())
			first, rest := io.LimitReader(body, 100), body
			stream := io.MultiReader(first, &gate{begun: begun, release: release}, rest)
			if got := r.anonymous().do("POST", "/verifier", stream, "Content-Type", kind, "X-Forwarded-For",
				slow).StatusCode; got != http.StatusOK {
				t.Errorf("a slow upload: got %d", got)
			}
		})
		<-begun
	}
	until := time.Now().Add(10 * time.Second) // the server may not have begun to read the second
	for r.anonymous().hand("/verifier", "", nil, "X-Forwarded-For", slow).StatusCode != http.StatusServiceUnavailable {
		if time.Now().After(until) {
			t.Fatal("a third file of an address is never refused")
		}
		r.pass(15 * time.Second)
	}
	r.anonymous().hand("/verifier", "BdC.xlsx", r.workbook(), "X-Forwarded-For", other).want(t, 200,
		"Ce bon serait accepté")
	close(release)
	uploads.Wait()
}

// gate is a reader of nothing that says when it is reached, and ends when it is released.
type gate struct{ begun, release chan struct{} }

func (g *gate) Read([]byte) (int, error) {
	close(g.begun)
	<-g.release
	return 0, io.EOF
}

// One user, or one address, can't take all the streams of events.
func TestStreamsAreCounted(t *testing.T) {
	r := newRig(t)
	claire, paul := r.as("claire"), r.as("paul")
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	listen := func(b *browser) *http.Response {
		req, err := http.NewRequestWithContext(ctx, "GET", r.srv.URL+"/evenements", nil)
		must(t, err)
		req.AddCookie(b.cookie)
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	for i := range 20 {
		if got := listen(claire); got.StatusCode != http.StatusOK {
			t.Fatalf("page %d: got %s", i+1, got.Status)
		}
	}
	if got := listen(claire); got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
		t.Errorf("her 21st page: got %s, want it refused for a while", got.Status)
	}
	if got := listen(paul); got.StatusCode != http.StatusOK {
		t.Errorf("a colleague: got %s, want the stream", got.Status)
	}
	hash := passwordHash()
	for i := range 5 {
		name := "user" + string(rune('a'+i))
		must(t, r.store.AddUser(t.Context(), order.User{
			Name: name, Role: order.Reading, Password: hash, CreatedAt: r.clock(),
		}, "bdc", r.clock()))
		b := r.as(name)
		for range 20 {
			if got := listen(b).StatusCode; (got == http.StatusOK) != (i < 3) && i != 3 {
				t.Fatalf("%s: got %d", name, got)
			}
		}
	}
	hangUp()
	until := time.Now().Add(10 * time.Second)
	for again := t.Context(); ; {
		ctx = again
		if listen(claire).StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(until) {
			t.Fatal("closed streams are never forgotten")
		}
	}
}

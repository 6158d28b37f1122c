package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Users are added and closed while the daemon runs and while it does not, and
// sign in to the console of the demo.
func TestUserCommandAndDemoConsole(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &watched{}
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"demo"}, env{stdout: out, stderr: out}) }()
	address := out.wait(t, regexp.MustCompile(`Console:\s+(http://\S+)`))
	config := out.wait(t, regexp.MustCompile(`bdc orders list -c (\S+)`))
	password := out.wait(t, regexp.MustCompile(`password (\S+) \(or`))

	command := func(want int, args ...string) string {
		t.Helper()
		var told bytes.Buffer
		if got := run(t.Context(), append([]string{"user"}, append(args, "-c", config)...),
			env{stdout: &told, stderr: &told}); got != want {
			t.Fatalf("bdc user %v: got exit code %d, want %d: %s", args, got, want, told.String())
		}
		return told.String()
	}
	added := command(0, "add", "zoe", "--role", "lecture", "--name", "Zoé Petit")
	drawn := regexp.MustCompile(`Password: (\S+)`).FindStringSubmatch(added)
	if drawn == nil {
		t.Fatal("got no password drawn")
	}
	signIn := func(name, password string) int {
		t.Helper()
		here := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		client := http.Client{CheckRedirect: here}
		resp, err := client.PostForm(address+"/connexion", url.Values{"nom": {name}, "mot-de-passe": {password}})
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	for _, tt := range []struct {
		name, password string
		want           int
	}{{"claire", password, 303}, {"zoe", drawn[1], 303}, {"zoe", password, 401}} {
		if got := signIn(tt.name, tt.password); got != tt.want {
			t.Errorf("sign in as %s: got %d, want %d", tt.name, got, tt.want)
		}
	}
	command(0, "close", "zoe")
	if got := signIn("zoe", drawn[1]); got != 401 {
		t.Errorf("sign in as a closed user: got %d, want 401", got)
	}
	list := strings.Join(strings.Fields(command(0, "list")), " ")
	if !strings.Contains(list, "zoe Zoé Petit lecture true") {
		t.Errorf("list: got %s", list)
	}
	command(1, "close", "nobody")
	command(2, "add", "Zoé")
	command(2, "add", "zoe", "--role", "root")
	command(2, "rename", "zoe")

	stop()
	if got := <-ended; got != 0 {
		t.Errorf("demo: got exit code %d, want 0", got)
	}
	if list := command(0, "list"); !strings.Contains(list, "claire") {
		t.Errorf("list without the daemon: got %s", list)
	}
}

// watched is output that a test waits for.
type watched struct {
	mu   sync.Mutex
	text []byte
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b...)
	return len(b), nil
}

// wait returns what the pattern's group matches, once something does.
func (w *watched) wait(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		w.mu.Lock()
		found := pattern.FindSubmatch(w.text)
		w.mu.Unlock()
		if found != nil {
			return string(found[1])
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Fatalf("%s never shows in\n%s", pattern, w.text)
	return ""
}

package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestConsoleConfiguration(t *testing.T) {
	for _, tt := range []struct{ name, section, want string }{
		{"nothing said", ``, ""},
		{"none", `listen = ""`, ""},
		{"this machine", `listen = "[::1]:8080"`, ""},
		{"open to the network", `listen = "0.0.0.0:8080"`, "console.listen: is open to the network in the clear"},
		{"every address", `listen = ":8080"`, "console.listen: is open to the network in the clear"},
		{"behind a proxy", "listen = \"10.0.0.5:8080\"\ntrusted_proxies = [\"10.0.0.1\", \"192.168.0.0/16\"]\nurl = \"https://bdc.example.org\"", ""},
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
			path := filepath.Join(t.TempDir(), "bdc.toml")
			text := `
[mailbox]
host = "imap.example.org"
username = "u"
password = "p"
since = "2026-11-21"
[smtp]
host = "smtp.example.org"
from = "bdc@example.org"
[console]
` + tt.section
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, err := loadConfig(path, nil)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want no fault", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case tt.name == "nothing said" && (cfg.Console.Listen != "127.0.0.1:8080" || cfg.Console.undo != 30*time.Second):
				t.Errorf("got %+v, want this machine, and half a minute", cfg.Console)
			case cfg.Console.PublicCheck != (tt.name == "public"):
				t.Errorf("got the public page %t", cfg.Console.PublicCheck)
			case tt.name == "behind a proxy" && (!cfg.Console.secure() || len(cfg.Console.proxies) != 2):
				t.Errorf("got %+v, want it secure, behind two", cfg.Console)
			}
		})
	}
}

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
		if got := run(t.Context(), append([]string{"user"}, append(args, "-c", config)...), env{stdout: &told, stderr: &told}); got != want {
			t.Fatalf("bdc user %v: got exit code %d, want %d: %s", args, got, want, told.String())
		}
		return told.String()
	}
	drawn := regexp.MustCompile(`Password: (\S+)`).FindStringSubmatch(command(0, "add", "zoe", "--role", "lecture", "--name", "Zoé Petit"))
	if drawn == nil {
		t.Fatal("got no password drawn")
	}
	signIn := func(name, password string) int {
		t.Helper()
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
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
	if list := strings.Join(strings.Fields(command(0, "list")), " "); !strings.Contains(list, "zoe Zoé Petit lecture true") {
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

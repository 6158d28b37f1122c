package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/demo"
	"bdc/cmd/bdc/health"
	"bdc/order"
	"bdc/store/boltstore"
	"bdc/templates"
)

// call runs a subcommand and returns its exit code and what it said.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, env{stdout: &out, stderr: &err})
	return code, out.String(), err.String()
}

// want is call for what must succeed.
func want(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := call(t, args...)
	if code != exitOK {
		t.Fatalf("bdc %s: exit code %d, want 0\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// loadConfig reads a configuration without any environment.
func loadConfig(path string) (config.Config, error) { return config.Load(path, nil) }

// demoInbox is demoServers with the samples in the inbox.
func demoInbox(t *testing.T) (world *demo.World, config string) {
	t.Helper()
	world, config = demoServers(t)
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	samples, err := demo.Samples(form)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		if err := world.Deliver(s.Raw); err != nil {
			t.Fatal(err)
		}
	}
	return world, config
}

// demoServers starts the demo's servers, and writes the configuration of a
// daemon for them.
func demoServers(t *testing.T) (world *demo.World, config string) {
	t.Helper()
	dir := t.TempDir()
	world, err := demo.NewWorld(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	config = filepath.Join(dir, "bdc.toml")
	if err := os.WriteFile(config, []byte(demoConfig(world)), 0o600); err != nil {
		t.Fatal(err)
	}
	return world, config
}

// TestClient: the subcommands say the same while the daemon runs and while it
// doesn't.
func TestClient(t *testing.T) {
	_, config := demoInbox(t)
	dir := filepath.Dir(config)
	for _, name := range []string{"annuaire", "catalogue", "libraires"} {
		data, err := demo.Register(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first := want(t, "import", "annuaire", filepath.Join(dir, "annuaire.csv"), "-c", config)
	if !strings.Contains(first, "6 rows read, 6 entries: 6 added") {
		t.Errorf("the first import said %q", first)
	}
	want(t, "import", "libraires", filepath.Join(dir, "libraires.csv"), "-c", config)

	stop := startDaemon(t, config, false)
	awaitStatus(t, filepath.Join(dir, "bdc.db"), "the samples settled", settledMessages(14))
	// The running daemon takes the catalogue in, and the check uses it.
	want(t, "import", "catalogue", filepath.Join(dir, "catalogue.csv"), "-c", config)
	ask := func() map[string]string {
		answers := map[string]string{}
		for _, args := range [][]string{
			{"orders", "list"},
			{"orders", "show", "cns-2026-000001"},
			{"orders", "export", "--format", "jsonl"},
			{"orders", "export", "--format", "csv"},
			{"cases", "list"},
			{"cases", "list", "--state", "waiting"},
		} {
			answers[strings.Join(args, " ")] = want(t, append(args, "-c", config)...)
		}
		copied := filepath.Join(t.TempDir(), "copy.db")
		before := lastBackup(t, config)
		if code, _, _ := call(t, "backup", filepath.Join(dir, "nowhere", "copy.db"), "-c", config); code != exitFound ||
			!lastBackup(t, config).Equal(before) {
			t.Errorf("a backup to nowhere: got exit code %d and the last one at %v, want %d and %v", code,
				lastBackup(t, config), exitFound, before)
		}
		want(t, "backup", copied, "-c", config)
		if after := lastBackup(t, config); !after.After(before) {
			t.Errorf("got the last backup at %v, and %v before it", after, before)
		}
		info, err := os.Stat(copied)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the backup has mode %v (%v), want 0600", info.Mode(), err)
		}
		db, err := boltstore.Open(copied, boltstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Check(t.Context()); err != nil {
			t.Errorf("the backup is inconsistent: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		xlsx := filepath.Join(t.TempDir(), "orders.xlsx")
		want(t, "orders", "export", "--format", "xlsx", "-o", xlsx, "-c", config)
		if info, err := os.Stat(xlsx); err != nil || info.Size() < 1000 {
			t.Errorf("the export as a workbook: %v, %v", info, err)
		}
		return answers
	}
	running := ask()
	info, err := os.Stat(control.SocketPath(filepath.Join(dir, "bdc.db")))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v (%v), want 0600", info.Mode(), err)
	}
	stop()
	stopped := ask()
	for what, said := range running {
		if stopped[what] != said {
			t.Errorf("bdc %s said while the daemon ran:\n%s\nand after:\n%s", what, said, stopped[what])
		}
	}
	if n := strings.Count(running["orders list"], "CNS-"); n < 6 {
		t.Errorf("the list has %d orders, want those of the samples:\n%s", n, running["orders list"])
	}
	for _, line := range strings.Split(strings.TrimSpace(running["orders export --format jsonl"]), "\n") {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, key := range []string{
			"number", "status", "verdict", "received_at", "message_id", "from", "account", "reference", "uai",
			"establishment", "postcode", "town", "sector",
			"fields", "lines",
		} {
			if _, ok := o[key]; !ok {
				t.Errorf("an exported order has no %q", key)
			}
		}
	}
	if code, _, stderr := call(t, "orders", "show", "CNS-2026-999999", "-c", config); code != exitFound ||
		!strings.Contains(stderr, "no order") {
		t.Errorf("an order that isn't there: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := call(t, "cases", "show", "D-AAAAAA", "-c", config); code != exitFound ||
		!strings.Contains(stderr, "no case") {
		t.Errorf("a case that isn't there: exit code %d, %q", code, stderr)
	}
	if code, stdout, _ := call(t, "check", filepath.Join(dir, "001.eml"), "-c", config); code == exitUsage {
		t.Errorf("check with the registers of a configuration: exit code %d, %s", code, stdout)
	}
}

// TestClientLocked says who holds the data file when nobody answers for it.
func TestClientLocked(t *testing.T) {
	_, config := demoInbox(t)
	db, err := boltstore.Open(filepath.Join(filepath.Dir(config), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	code, _, stderr := call(t, "orders", "list", "-c", config)
	if code != exitFound || !strings.Contains(stderr, "in use by another process") {
		t.Errorf("exit code %d, %q; want 1 and the reason", code, stderr)
	}
}

// TestLogsNoPassword: a daemon that can't sign in says so without the password.
func TestLogsNoPassword(t *testing.T) {
	world, config := demoInbox(t)
	secret := "s3cret-that-is-wrong"
	text := strings.ReplaceAll(demoConfig(world), `password = "demo"`, `password = "`+secret+`"`)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := call(t, "doctor", "-c", config)
	if code != exitFound || strings.Count(stdout, "FAULT") < 2 {
		t.Errorf("doctor: exit code %d, want 1 and two faults\n%s%s", code, stdout, stderr)
	}
	if strings.Contains(stdout+stderr, secret) {
		t.Error("the password is in what doctor says")
	}
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	d, err := daemon.New(t.Context(), cfg, daemon.Options{Log: slog.New(slog.NewTextHandler(&log,
		&slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Inbox.Dial(t.Context()); err == nil {
		t.Error("signed in with a wrong password")
	} else if strings.Contains(err.Error()+log.String(), secret) {
		t.Errorf("the password is in %q", err.Error()+log.String())
	}
}

// TestCodesHaveWords: every finding that the samples meet has its words.
func TestCodesHaveWords(t *testing.T) {
	known := map[order.Code]bool{}
	for _, code := range templates.Codes() {
		known[code] = true
	}
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	samples, err := demo.Samples(form)
	if err != nil {
		t.Fatal(err)
	}
	x, err := newExaminer(t.Context(), env{stderr: os.Stderr}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		for _, c := range mailChecked(x, "sample.eml", order.Mail{Raw: s.Raw}) {
			for _, f := range c.Findings {
				severity, _ := templates.Severity(f.Code)
				if !known[f.Code] || severity != f.Severity {
					t.Errorf("finding %s has severity %s, want %q as in the list", f.Code, f.Severity, severity)
				}
			}
			if c.Reason != "" && !known[c.Reason] {
				t.Errorf("the reason %s has no words", c.Reason)
			}
		}
	}
}

// lastBackup is when the store knows a backup to have been written.
func lastBackup(t *testing.T, config string) time.Time {
	t.Helper()
	var h health.Health
	_, said, _ := call(t, "status", "--json", "-c", config)
	if err := json.Unmarshal([]byte(said), &h); err != nil {
		t.Fatal(err)
	}
	return h.Store.BackedUp
}

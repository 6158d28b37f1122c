package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/health"
	"bdc/store/boltstore"
)

// await calls a subcommand until what it says is as wanted, and returns its exit
// code and what it said.
func await(t *testing.T, wanted string, args ...string) (code int, said string) {
	t.Helper()
	saying := func() bool {
		var stderr string
		code, said, stderr = call(t, args...)
		return strings.Contains(said+stderr, wanted)
	}
	if !until(t, saying) {
		t.Fatalf("bdc %s never says %q; at last:\n%s", strings.Join(args, " "), wanted, said)
	}
	return code, said
}

// TestStatus: without a daemon the store's counts, with one how it fares, in
// words, as JSON and as metrics.
func TestStatus(t *testing.T) {
	world, config := demoInbox(t)
	dir := filepath.Dir(config)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	line := newWire(t, world.IMAP.String())
	text = bytes.ReplaceAll(text, fmt.Appendf(nil, "port = %d", world.IMAP.Port),
		fmt.Appendf(nil, "port = %d", line.port))
	if err := os.WriteFile(config, fmt.Appendf(text, "[metrics]\nlisten = %q\n", l.Addr()), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, fault := call(t, "status", "-c", config)
	if code != exitFound || !strings.Contains(fault, "there is no data file") {
		t.Errorf("without a data file: exit code %d and\n%s", code, fault)
	}
	db, err := boltstore.Open(filepath.Join(dir, "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, said, _ := call(t, "status", "-c", config)
	if code != exitFound || !strings.Contains(said, "does not run") || !strings.Contains(said, "0 messages, 0 orders") {
		t.Errorf("without a daemon: exit code %d and\n%s", code, said)
	}

	stop := startDaemon(t, config, false)
	awaitStatus(t, filepath.Join(dir, "bdc.db"), "the samples settled", settledMessages(14))
	code, said = await(t, "0 to examine, 0 to move", "status", "-c", config)
	if code != exitOK || strings.Contains(said, "FAULT") || !strings.Contains(said, "14 messages") {
		t.Errorf("with a daemon at rest: exit code %d and\n%s", code, said)
	}
	var h health.Health
	if err := json.Unmarshal([]byte(want(t, "status", "--json", "-c", config)), &h); err != nil {
		t.Fatal(err)
	}
	if h.Build != thisBuild() || !strings.Contains(said, h.Version+", commit "+h.Commit+", "+h.Go) {
		t.Errorf("got the build %+v and\n%s\nwant %+v in both", h.Build, said, thisBuild())
	}
	if !h.Running || h.Inbox == nil || !h.Inbox.Connected || time.Since(h.Inbox.LastCheck) > patience ||
		h.Outbox == nil || h.Outbox.LastAnswer.IsZero() || h.Store.Messages != 14 {
		t.Errorf("as JSON: %+v", h)
	}
	for name, client := range map[string]*http.Client{
		"http://socket/metrics": {Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				return net.Dial("unix", control.SocketPath(filepath.Join(dir, "bdc.db")))
			},
		}},
		"http://" + l.Addr().String() + "/metrics": {Transport: &http.Transport{DisableKeepAlives: true}},
	} {
		resp, err := client.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		for _, line := range []string{
			"\nbdc_messages 14\n", "\nbdc_inbox_connected 1\n", "\nbdc_outbox_trouble 0\n",
			"\nbdc_build_info{version=\"0.3.0-dev\",commit=\"", "# TYPE bdc_inbox_backlog_messages gauge\n",
		} {
			if err != nil || !strings.Contains(string(body), line) {
				t.Errorf("%s has no %q (%v):\n%s", name, line, err, body)
			}
		}
	}

	line.set(severed)
	code, said = await(t, "FAULT since", "status", "-c", config)
	if code != exitFound || !strings.Contains(said, "next attempt 20") {
		t.Errorf("without the mailbox: exit code %d and\n%s", code, said)
	}
	stop()
	if resp, err := http.Get("http://" + l.Addr().String() + "/metrics"); err == nil {
		resp.Body.Close()
		t.Error("metrics are served by a daemon that has stopped")
	}
}

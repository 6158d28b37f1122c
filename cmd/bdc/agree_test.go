package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/demo"
	"bdc/ingest/mime"
	"bdc/templates"
)

// TestAnswerOK is what a bookseller sees who lets us correct the form: a report
// that offers it, one word in answer, and the order's number.
func TestAnswerOK(t *testing.T) {
	world, config := demoServers(t)
	dir := filepath.Dir(config)
	for _, name := range []string{"annuaire", "catalogue", "libraires"} {
		data, err := demo.Register(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, "import", name, filepath.Join(dir, name+".csv"), "-c", config)
	}
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	samples, err := demo.Samples(form)
	if err != nil {
		t.Fatal(err)
	}
	if err := world.Deliver(samples[2].Raw); err != nil { // a wrong letter
		t.Fatal(err)
	}
	stop := startDaemon(t, config, false)
	defer stop()

	report := awaitReply(t, world, 1)
	answer, ok := demo.Agree(report)
	if !ok {
		t.Fatalf("nothing is offered:\n%s", report)
	}
	if text := read(t, report); !strings.Contains(text, "Répondez OK pour accepter cette correction") ||
		!strings.Contains(text, "0990033B → 0990033Y") {
		t.Errorf("the report says\n%s\nwant it to offer 0990033Y", text)
	}
	if err := world.Deliver(answer.Raw); err != nil {
		t.Fatal(err)
	}
	ack := read(t, awaitReply(t, world, 2))
	for _, want := range []string{"Commande enregistrée : CNS-2026-000001", "0990033B → 0990033Y"} {
		if !strings.Contains(ack, want) {
			t.Errorf("the acknowledgement says\n%s\nwant %q", ack, want)
		}
	}
	awaitStatus(t, filepath.Join(dir, "bdc.db"), "both settled", settledMessages(2))
	if got := want(t, "orders", "show", "CNS-2026-000001", "-c", config); !strings.Contains(got, "0990033Y") {
		t.Errorf("the order is\n%s\nwant the UAI 0990033Y", got)
	}
	if got := want(t, "cases", "list", "--state", "closed", "-c", config); !strings.Contains(got, "0990033Y") {
		t.Errorf("the closed cases are\n%s\nwant the one of the order", got)
	}
}

// awaitReply returns the n-th reply once the demo's server has it.
func awaitReply(t *testing.T, world *demo.World, n int) []byte {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for hang := time.After(patience); world.Sent() < n; {
		select {
		case <-hang:
			t.Fatalf("reply %d never came", n)
		case <-tick.C:
		}
	}
	raw, err := os.ReadFile(filepath.Join(world.Replies, fmt.Sprintf("%03d.eml", n)))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// read is the text of a mail.
func read(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mime.Read(raw, mime.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return m.Text
}

package health

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"bdc/ingest"
	"bdc/notify"
)

// TestMetricsFormat holds every line to the exposition format.
func TestMetricsFormat(t *testing.T) {
	var b bytes.Buffer
	h := Health{
		Build: Build{Version: "0.3.0", Commit: `a"b\c`, Go: "go1.26"}, Started: time.Unix(1795255200, 0),
		Inbox: &ingest.State{Backlog: 50_000, MoveError: "full"}, Outbox: &notify.State{Error: "down"},
	}
	if err := h.Metrics(&b); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		bare, _, _ := strings.Cut(name, "{")
		if !ok || values[name] != "" || !strings.Contains(b.String(), "# TYPE "+bare+" gauge\n"+line) {
			t.Errorf("line %q", line)
		}
		values[name] = value
	}
	for name, want := range map[string]string{
		"bdc_inbox_backlog_messages": "50000", "bdc_inbox_move_trouble": "1", "bdc_outbox_trouble": "1",
		"bdc_start_timestamp_seconds":            "1795255200",
		"bdc_inbox_last_check_timestamp_seconds": "0", "bdc_orders": "0",
		`bdc_build_info{version="0.3.0",commit="a\"b\\c",goversion="go1.26"}`: "1",
	} {
		if values[name] != want {
			t.Errorf("%s is %q, want %q", name, values[name], want)
		}
	}
}

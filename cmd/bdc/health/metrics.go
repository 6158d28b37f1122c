package health

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"bdc/store"
)

// label returns the value of a label in quotes, with the escapes of Prometheus' format.
func label(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}

// Metrics writes the health in Prometheus' text format, as gauges with their help and
// type: https://prometheus.io/docs/instrumenting/exposition_formats/. A zero time is the
// value 0.
func (h Health) Metrics(w io.Writer) error {
	var faults []error
	gauge := func(name, help string, value float64) {
		_, err := fmt.Fprintf(w, "# HELP bdc_%s %s\n# TYPE bdc_%[1]s gauge\nbdc_%[1]s %[3]s\n", name, help,
			strconv.FormatFloat(value, 'f', -1, 64))
		faults = append(faults, err)
	}
	moment := func(name, help string, t time.Time) {
		if t.IsZero() {
			t = time.Unix(0, 0)
		}
		gauge(name+"_timestamp_seconds", help, float64(t.Unix()))
	}
	flag := func(name, help string, on bool) {
		value := 0.0
		if on {
			value = 1
		}
		gauge(name, help, value)
	}
	if h.Version != "" {
		_, err := fmt.Fprintf(w, "# HELP bdc_build_info Which program runs; always 1.\n# TYPE bdc_build_info gauge\n"+
			"bdc_build_info{version=%s,commit=%s,goversion=%s} 1\n",
			label(h.Version), label(h.Commit), label(h.Go))
		faults = append(faults, err)
	}
	moment("start", "When the daemon started.", h.Started)
	if s := h.Inbox; s != nil {
		flag("inbox_connected", "Whether there is a connection to the mailbox.", s.Connected)
		moment("inbox_last_check", "When the inbox was last searched, with success.", s.LastCheck)
		moment("inbox_next_attempt", "When a connection is next attempted; 0 while there is one.", s.NextAttempt)
		gauge("inbox_backlog_messages", "Messages to be examined.", float64(s.Backlog))
		gauge("inbox_unmoved_messages", "Messages recorded, to be moved.", float64(s.Unmoved))
		gauge("inbox_left_alone_messages", "Messages that could not be fetched, tried less and less often.",
			float64(s.LeftAlone))
		flag("inbox_move_trouble", "Whether the server refuses to move messages.", s.MoveError != "")
	}
	if s := h.Owner; s != nil {
		flag("record_doubt", "Whether the record may not own the inbox: nothing is taken in or sent.",
			s.Doubt != store.NoDoubt)
		flag("record_unkept", "Whether the mail server keeps no message that says which record owns the inbox.",
			s.Refused != "")
		gauge("record_generation", "The number of the record's last raise in the mailbox.", float64(s.Generation))
	}
	if s := h.Outbox; s != nil {
		flag("outbox_trouble", "Whether no mail can be sent.", s.Error != "")
		moment("outbox_last_answer", "When the server last dealt with a reply.", s.LastAnswer)
		moment("outbox_next_attempt", "When a connection is next attempted; 0 while all is well.", s.NextAttempt)
	}
	if s := h.SignIn; s != nil {
		flag("sign_in_trouble", "Whether the sign-in can't be renewed.", s.Error != "")
		moment("sign_in_expires", "When the access token expires.", s.Expires)
		moment("sign_in_ends", "When the refresh token or the client secret expires; 0 if not known.", s.Ends)
	}
	if s := h.Disk; s != nil {
		gauge("disk_free_bytes", "What the disk of the data file has left.", float64(s.Free))
		gauge("data_bytes", "The size of the data file.", float64(s.Size))
	}
	if s := h.Data; s != nil {
		flag("data_trouble", "Whether the data file can't be used, or is damaged.", s.Error != "")
		moment("data_trouble_since", "When that was first seen; 0 while all is well.", s.Since)
		flag("data_replaced", "Whether the data file is no longer in its place.", s.Replaced)
	}
	if s := h.Backups; s != nil {
		flag("backup_trouble", "Whether the last regular backup failed.", s.Error != "")
		moment("backup_next", "When the next regular backup is made.", s.Next)
	}
	moment("backup", "When the last backup was safe; 0 for never.", h.Store.BackedUp)
	flag("inbox_held", "Whether the inbox is held.", !h.Store.IntakePause.IsZero())
	flag("outbox_held", "Whether the outbox is held.", !h.Store.OutboxPause.IsZero())
	gauge("messages", "Messages recorded.", float64(h.Store.Messages))
	gauge("orders", "Orders recorded.", float64(h.Store.Orders))
	gauge("cases_waiting", "Cases that wait for a person.", float64(h.Store.Waiting))
	gauge("cases_sent_back", "Cases that wait for a bookseller.", float64(h.Store.SentBack))
	gauge("replies_unsent", "Replies to be sent.", float64(h.Store.Unsent))
	gauge("replies_failed", "Replies given up.", float64(h.Store.Failed))
	return errors.Join(faults...)
}

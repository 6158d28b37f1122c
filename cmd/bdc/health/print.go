package health

import (
	"errors"
	"fmt"
	"io"
	"time"

	"bdc/cmd/bdc/token"
	"bdc/ingest"
	"bdc/ingest/sent"
	"bdc/notify"
	"bdc/order"
	"bdc/store"
)

// Print writes the health for a person at a terminal.
func (h Health) Print(w io.Writer, now time.Time) error {
	p := printer{w: w}
	p.daemon(h)
	if h.Inbox != nil {
		p.inbox(*h.Inbox)
	}
	if h.Owner != nil {
		p.owner(*h.Owner, h.Running)
	}
	if h.Outbox != nil {
		p.outbox(*h.Outbox, h.Store.Unsent)
	}
	if h.Copies != nil {
		p.copies(*h.Copies)
	}
	if h.SignIn != nil {
		p.signIn(*h.SignIn, now)
	}
	if h.Disk != nil {
		p.say("disk", "%d MiB free; the data file has %d MiB", h.Disk.Free>>20, h.Disk.Size>>20)
		if h.Disk.Low() {
			p.say("", "FAULT the disk is almost full")
		}
	}
	if h.Data != nil {
		p.data(*h.Data)
	}
	p.backup(h)
	p.store(h.Store)
	return errors.Join(p.faults...)
}

// printer writes the lines of bdc status: a part of the daemon, and how it fares.
type printer struct {
	w      io.Writer
	faults []error // of the writer
}

// say writes one line about a part. A further line about the same part has the part "".
func (p *printer) say(part, format string, args ...any) {
	_, err := fmt.Fprintf(p.w, "%-8s %s\n", part, order.Printable(fmt.Sprintf(format, args...)))
	p.faults = append(p.faults, err)
}

func (p *printer) daemon(h Health) {
	switch {
	case !h.Running:
		p.say("daemon", "does not run")
	case h.Shadow:
		p.say("daemon", "runs in shadow since %s", Clock(h.Started))
	default:
		p.say("daemon", "runs since %s", Clock(h.Started))
	}
	if h.Version != "" { // a daemon older than 0.3.0 does not tell its version
		p.say("version", "%s, commit %s, %s", h.Version, h.Commit, h.Go)
	}
}

func (p *printer) inbox(s ingest.State) {
	how := "searched now and then"
	switch {
	case s.DataError != "":
		how = "waits for the data file"
	case !s.Connected:
		how = "not connected"
	case s.Announces:
		how = "told of new mail"
	}
	p.say("inbox", "%s; last search %s; %d to examine, %d to move", how, Clock(s.LastCheck), s.Backlog, s.Unmoved)
	if s.Error != "" {
		p.say("", "FAULT since %s: %s; next attempt %s", Clock(s.Since), s.Error, Clock(s.NextAttempt))
	}
	if s.MoveError != "" {
		p.say("", "FAULT messages stay in the inbox: %s", s.MoveError)
	}
	if s.LeftAlone > 0 {
		p.say("", "FAULT the server does not send %d messages: they are tried less and less often, "+
			"and %d at most have cases", s.LeftAlone, ingest.UnfetchedCases)
	}
}

// doubts says what each doubt means, and what ends it.
func doubts(d store.Doubt) string {
	switch d {
	case store.Copied:
		return "this data file is a copy that bdc backup wrote; bdc restore puts a copy in place, " +
			"bdc inbox claim makes this file the record"
	case store.Behind:
		return "a later copy of this record has the inbox, or this file is an old copy; start the right file, " +
			"or bdc inbox claim takes the inbox over with this one"
	case store.Foreign:
		return "another record has the inbox; start the right file, or bdc inbox claim takes it over with this one"
	case store.Restored:
		return "the record was restored or claimed: the folders of the mailbox are yet to be listed"
	}
	return "the mailbox was not asked yet which record it belongs to"
}

// owner says whether the record owns the inbox, and what keeps it from that.
func (p *printer) owner(s Owner, running bool) {
	asked := ""
	if running {
		asked = "; the mailbox was last asked " + Clock(s.Looked)
	}
	p.say("record", "%.8s, generation %d, restored or claimed %d times%s", s.Record, s.Generation, s.Restores, asked)
	switch {
	case s.Troubled():
		more := ""
		if s.Words != "" {
			more = " (" + s.Words + ")"
		}
		p.say("", "FAULT nothing is taken in and nothing is sent: %s%s", doubts(s.Doubt), more)
	case s.Doubt == store.Unasked && running:
		p.say("", "nothing is taken in and nothing is sent yet: %s", doubts(s.Doubt))
	}
	if s.Error != "" {
		p.say("", "the mailbox can't be asked which record it belongs to: %s", s.Error)
	}
	if s.Refused != "" {
		p.say("", "WARNING the mail server keeps no message of ours, so that a second data file on this inbox would "+
			"not be noticed: %s", s.Refused)
	}
	if !s.Rewritten.IsZero() {
		p.say("", "WARNING somebody removed the message by which the mailbox knows the record; written again %s",
			Clock(s.Rewritten))
	}
}

func (p *printer) outbox(s notify.State, unsent int) {
	p.say("outbox", "%d replies to send; last one dealt with %s", unsent, Clock(s.LastAnswer))
	if s.Error != "" {
		p.say("", "FAULT since %s: %s; next attempt %s", Clock(s.Since), s.Error, Clock(s.NextAttempt))
	}
}

// copies says how many copies of replies wait. That is no fault: nothing else waits for them.
func (p *printer) copies(s sent.State) {
	switch {
	case s.Error != "":
		p.say("copies", "%d replies have no copy in the mailbox yet, since %s: %s; next attempt %s", s.Waiting,
			Clock(s.Since), s.Error, Clock(s.NextAttempt))
	case s.Waiting > 0:
		p.say("copies", "%d replies have no copy in the mailbox yet", s.Waiting)
	}
}

func (p *printer) signIn(s token.State, now time.Time) {
	p.say("sign-in", "%s gives access until %s", s.Provider, Clock(s.Expires))
	if s.Error != "" {
		p.say("", "FAULT it can't be renewed: %s", s.Error)
	}
	if ending := s.Ending(now); ending != "" {
		p.say("", "FAULT %s", ending)
	}
}

func (p *printer) data(d Data) {
	if d.Error == "" {
		return
	}
	p.say("data", "FAULT since %s: %s", Clock(d.Since), d.Error)
	switch {
	case d.Replaced:
		p.say("", "nothing is taken in, and only mails to staff are sent")
		if d.Saved != "" {
			p.say("", "what it had is saved in %s: stop the daemon, put that file or a copy in its place, start again",
				d.Saved)
		}
	case !d.Next.IsZero():
		p.say("", "messages wait in the mailbox; next attempt %s", Clock(d.Next))
	case d.Damaged:
		p.say("", "bdc verify names the orders that can't be read")
	}
}

func (p *printer) backup(h Health) {
	if h.Backups == nil {
		p.say("backup", "last one %s", Clock(h.Store.BackedUp))
		return
	}
	p.say("backup", "last one %s; next one %s, to %s", Clock(h.Store.BackedUp), Clock(h.Backups.Next), h.Backups.Folder)
	if h.Backups.Error != "" {
		p.say("", "FAULT since %s: %s", Clock(h.Backups.Since), h.Backups.Error)
	}
}

func (p *printer) store(s store.Status) {
	for _, held := range []struct {
		part string
		store.Pause
	}{{"inbox", s.IntakePause}, {"outbox", s.OutboxPause}} {
		if !held.IsZero() {
			p.say(held.part, "FAULT held since %s by %s: %s; bdc %s release lets it go", Clock(held.At), held.Actor,
				held.Reason, held.part)
		}
	}
	p.say("store", "%d messages, %d orders; cases: %d waiting, %d sent back; replies: %d unsent, %d failed",
		s.Messages, s.Orders, s.Waiting, s.SentBack, s.Unsent, s.Failed)
}

// Clock returns a time as people read it, in Paris; "never" for the zero time.
func Clock(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.In(order.Paris).Format("2006-01-02 15:04:05")
}

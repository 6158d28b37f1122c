package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"bdc/cmd/bdc/token"
	"bdc/ingest"
	"bdc/notify"
	"bdc/order"
	"bdc/review"
	"bdc/store"

	"github.com/spf13/cobra"
)

// health says how the daemon is doing and what its store holds. It is the object that
// bdc status --json writes. If no daemon runs, it has the store alone.
type health struct {
	build                 // of the daemon
	Running bool          `json:"running"`
	Shadow  bool          `json:"shadow"`
	Started time.Time     `json:"started,omitzero"`
	Inbox   *ingest.State `json:"inbox"`
	Outbox  *notify.State `json:"outbox"`  // null in shadow
	SignIn  *token.State  `json:"sign_in"` // null where it is by password
	Disk    *disk         `json:"disk"`
	Store   store.Status  `json:"store"`
}

// disk says how large the data file is, and how much it can still grow.
type disk struct {
	Free int64 `json:"free"` // octets that we may still write
	Size int64 `json:"size"` // of the data file
}

// lowDisk is the free space, in octets, below which a disk is a fault. The data file grows
// by 16 MiB at a time.
const lowDisk = 512 << 20

func (d *disk) low() bool { return d != nil && d.Free < lowDisk }

func (d *daemon) health(ctx context.Context) (h health, err error) {
	inbox := d.inbox.State()
	h = health{build: thisBuild(), Running: true, Shadow: d.outbox == nil, Started: d.started, Inbox: &inbox}
	if d.outbox != nil {
		outbox := d.outbox.State()
		h.Outbox = &outbox
	}
	if d.tokens != nil {
		signIn := d.tokens.State()
		h.SignIn = &signIn
	}
	room, err := measureDisk(d.data)
	if err != nil {
		return h, err
	}
	h.Disk = &room
	h.Store, err = d.store.Status(ctx)
	return h, err
}

// dashboard returns the health in the form that the console shows.
func (d *daemon) dashboard(ctx context.Context) (review.Health, error) {
	h, err := d.health(ctx)
	if err != nil {
		return review.Health{}, err
	}
	shown := review.Health{
		Started: h.Started, Inbox: *h.Inbox, Free: h.Disk.Free, Size: h.Disk.Size, Low: h.Disk.low(),
		Store: h.Store,
	}
	if o := h.Outbox; o != nil {
		shown.Sending = review.Sending{
			LastAnswer: o.LastAnswer, Error: o.Error, Since: o.Since,
			NextAttempt: o.NextAttempt,
		}
	}
	if s := h.SignIn; s != nil {
		shown.SignIn = cmp.Or(s.Error, s.Ending(time.Now()))
	}
	return shown, nil
}

// statusCommand is bdc status.
func statusCommand(e env) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status -c bdc.toml [--json]",
		Short: "Show how the daemon is doing",
		Long: `Show how the daemon is doing: since when it runs, what waits in the inbox and in the
outbox, what keeps it from its work, and what the data file holds.

Exit code 1: no daemon runs, or something keeps it from its work, or will do so soon.`,
		Example: `  bdc status -c bdc.toml
  bdc status -c bdc.toml --json`,
		GroupID: groupDaemon,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unexpected %q", args[0])}
			}
			return runStatus(cmd.Context(), e, path, asJSON)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}

// runStatus shows how the daemon is doing. It returns errFound if no daemon runs, or if
// something keeps it from its work or will do so soon.
func runStatus(ctx context.Context, e env, path string, asJSON bool) (err error) {
	d, err := openClient(ctx, e, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var h health
	if d.running {
		err = d.Health(ctx, &h)
	} else {
		h.Store, err = d.Status(ctx)
	}
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(e.stdout, h)
	} else {
		err = h.print(e.stdout, time.Now())
	}
	if err == nil && (!h.Running || h.troubled(time.Now())) {
		return errFound
	}
	return err
}

func (h health) troubled(now time.Time) bool {
	return !h.Store.OutboxPause.IsZero() || !h.Store.IntakePause.IsZero() || h.Disk.low() ||
		h.Inbox != nil && h.Inbox.Error+h.Inbox.MoveError != "" ||
		h.Outbox != nil && h.Outbox.Error != "" ||
		h.SignIn != nil && h.SignIn.Error+h.SignIn.Ending(now) != ""
}

// print writes the health for a person at a terminal.
func (h health) print(w io.Writer, now time.Time) error {
	p := printer{w: w}
	p.daemon(h)
	if h.Inbox != nil {
		p.inbox(*h.Inbox)
	}
	if h.Outbox != nil {
		p.outbox(*h.Outbox, h.Store.Unsent)
	}
	if h.SignIn != nil {
		p.signIn(*h.SignIn, now)
	}
	if h.Disk != nil {
		p.say("disk", "%d MiB free; the data file has %d MiB", h.Disk.Free>>20, h.Disk.Size>>20)
		if h.Disk.low() {
			p.say("", "FAULT the disk is almost full")
		}
	}
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
	_, err := fmt.Fprintf(p.w, "%-8s %s\n", part, printable(fmt.Sprintf(format, args...)))
	p.faults = append(p.faults, err)
}

func (p *printer) daemon(h health) {
	switch {
	case !h.Running:
		p.say("daemon", "does not run")
	case h.Shadow:
		p.say("daemon", "runs in shadow since %s", clock(h.Started))
	default:
		p.say("daemon", "runs since %s", clock(h.Started))
	}
	if h.Version != "" { // a daemon older than 0.3.0 does not tell its version
		p.say("version", "%s, commit %s, %s", h.Version, h.Commit, h.Go)
	}
}

func (p *printer) inbox(s ingest.State) {
	how := "searched now and then"
	switch {
	case !s.Connected:
		how = "not connected"
	case s.Announces:
		how = "told of new mail"
	}
	p.say("inbox", "%s; last search %s; %d to examine, %d to move", how, clock(s.LastCheck), s.Backlog, s.Unmoved)
	if s.Error != "" {
		p.say("", "FAULT since %s: %s; next attempt %s", clock(s.Since), s.Error, clock(s.NextAttempt))
	}
	if s.MoveError != "" {
		p.say("", "FAULT messages stay in the inbox: %s", s.MoveError)
	}
	if s.LeftAlone > 0 {
		p.say("", "%d messages can't be fetched, and are tried less and less often", s.LeftAlone)
	}
}

func (p *printer) outbox(s notify.State, unsent int) {
	p.say("outbox", "%d replies to send; last one dealt with %s", unsent, clock(s.LastAnswer))
	if s.Error != "" {
		p.say("", "FAULT since %s: %s; next attempt %s", clock(s.Since), s.Error, clock(s.NextAttempt))
	}
}

func (p *printer) signIn(s token.State, now time.Time) {
	p.say("sign-in", "%s gives access until %s", s.Provider, clock(s.Expires))
	if s.Error != "" {
		p.say("", "FAULT it can't be renewed: %s", s.Error)
	}
	if ending := s.Ending(now); ending != "" {
		p.say("", "FAULT %s", ending)
	}
}

func (p *printer) store(s store.Status) {
	p.say("backup", "last one %s", clock(s.BackedUp))
	for _, held := range []struct {
		part string
		store.Pause
	}{{"inbox", s.IntakePause}, {"outbox", s.OutboxPause}} {
		if !held.IsZero() {
			p.say(held.part, "FAULT held since %s by %s: %s; bdc %s release lets it go", clock(held.At), held.Actor,
				held.Reason, held.part)
		}
	}
	p.say("store", "%d messages, %d orders; cases: %d waiting, %d sent back; replies: %d unsent, %d failed",
		s.Messages, s.Orders, s.Waiting, s.SentBack, s.Unsent, s.Failed)
}

// clock returns a time as people read it, in Paris; "never" for the zero time.
func clock(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.In(order.Paris).Format("2006-01-02 15:04:05")
}

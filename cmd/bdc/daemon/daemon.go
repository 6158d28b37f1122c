// Package daemon is bdc serve: it wires the packages that take in, examine, record, answer
// and show into one program.
//
// New opens everything, Run works until its context is done, Close closes everything. The
// subcommands that need a part of it (an examiner with the configuration's settings, a
// mailbox, a sender) get it from here, so that they do as the daemon would.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/copies"
	"bdc/cmd/bdc/health"
	"bdc/cmd/bdc/registers"
	"bdc/cmd/bdc/token"
	"bdc/ingest"
	"bdc/ingest/mailbox"
	"bdc/ingest/ownership"
	"bdc/ingest/sent"
	"bdc/notify"
	"bdc/notify/staff"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"
	"bdc/turn"
)

// Daemon is everything that bdc serve runs, wired together. Its exported fields may be
// changed after New and before Run.
type Daemon struct {
	Store     *boltstore.Store
	Registers *registers.Registers
	Tokens    *token.Source // nil where nothing signs in by them
	Inbox     *ingest.Inbox
	Owner     *ownership.Keeper // nil in shadow
	Outbox    *notify.Outbox    // nil in shadow
	Copies    *sent.Filer       // nil in shadow, and where no copies of replies are kept
	Watch     *staff.Watch      // nil in shadow
	Console   *Console          // nil in shadow, and where none is configured
	Log       *slog.Logger

	build    health.Build
	data     string // the file
	control  http.Server
	listener net.Listener
	metrics  http.Server
	scraped  net.Listener // nil where metrics are on the control socket alone
	eraser   *eraser
	keeper   *copies.Keeper
	turns    *turn.Gate      // of what takes long
	backups  *copies.Regular // nil in shadow, and where none are made
	started  time.Time
	owns     chan struct{} // holds a token if a doubt has ended lately
	alarms   chan struct{} // holds a token if staff should be told at once of what is wrong
	gate     mailbox.Gate  // of all connections to the mailbox
	unproven bool          // no proof of a mail's sender is asked for

	holder     string      // the name of this run of the program
	fence      store.Fence // of the lease under which this run sends, and people decide
	inboxLease string      // the name of the lease under which it takes mail in
}

// Unproven is what operators are told if no proof of a mail's sender is asked for.
const Unproven = "no proof of a sender is asked for, as accept.authserv_id is empty: " +
	"who writes a bookseller's address " +
	"into a mail is believed"

// Options are those of New.
type Options struct {
	Build  health.Build // what this program is
	Shadow bool         // examine and record in a file apart; answer and move nothing
	New    bool         // begin a new record, which claims the inbox; an error if the data file was served before
	Log    *slog.Logger
}

// New opens the data file, the control socket and the ports that the configuration names. If
// there is no data file, a new record begins; but it is an error if the mailbox names another
// record as the owner of its inbox, unless Options.New is set. Nothing is started. Whoever
// calls New closes the daemon.
func New(ctx context.Context, cfg config.Config, o Options) (_ *Daemon, err error) {
	log, shadow, this := o.Log, o.Shadow, o.Build
	log.Info("bdc", "version", this.Version, "commit", this.Commit, "go", this.Go)
	form, err := templates.Form()
	if err != nil {
		return nil, err
	}
	renderer, err := cfg.Renderer(form, log.With("part", "composer"))
	if err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(cfg.SMTP.From)
	if err != nil {
		return nil, fmt.Errorf("smtp.from: %w", err)
	}
	data := cfg.Data
	if shadow {
		data = strings.TrimSuffix(data, filepath.Ext(data)) + ".shadow" + filepath.Ext(data)
	}
	d := &Daemon{
		build: this, data: data, Log: log, started: time.Now().UTC(), owns: make(chan struct{}, 1),
		alarms: make(chan struct{}, 1),
		turns:  turn.New(runtime.GOMAXPROCS(0)),
		Tokens: NewTokens(cfg, log.With("part", "sign-in")), unproven: cfg.Accept.AuthservID == "",
	}
	if d.unproven {
		log.Warn(Unproven)
	}
	if err := d.open(ctx, cfg, o); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	d.keeper = &copies.Keeper{Store: d.Store, Data: data, Clock: time.Now, Log: log.With("part", "data")}
	copies.Clean(filepath.Dir(data))
	d.holder, d.inboxLease = newHolder(), inboxLease(cfg.Mailbox)
	if d.fence, err = d.holding("daemon/" + d.holder).take(ctx); err != nil {
		return nil, err
	}
	if err := d.openRegisters(ctx, cfg, shadow); err != nil {
		return nil, err
	}
	if err := d.listen(ctx, cfg.Metrics.Listen); err != nil {
		return nil, err
	}
	d.Inbox = newInbox(cfg, d, form, from.Address, shadow)
	d.eraser = &eraser{store: d.Store, retention: cfg.Retention, clock: time.Now, log: log.With("part", "retention")}
	if shadow {
		return d, nil
	}
	if d.Outbox, err = newOutbox(cfg, d, form, renderer, from); err != nil {
		return nil, err
	}
	d.Copies = newCopies(cfg.Mailbox, d)
	if err := d.Store.Ask(ctx); err != nil {
		return nil, err
	}
	d.Owner = newOwner(cfg.Mailbox, d, from.Address)
	d.Inbox.Owner, d.Inbox.Listing = d.Owner, newListing(cfg.Mailbox, d)
	if cfg.Backup.EveryFor > 0 {
		d.backups = &copies.Regular{
			Store: raising{d.Store, d.raise}, Data: data, Folder: cfg.Backup.Folder, Every: cfg.Backup.EveryFor,
			Keep: cfg.Backup.Keep, Clock: time.Now, Log: log.With("part", "backup"),
		}
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	d.Watch = newWatch(cfg, d, domain, log.With("part", "staff"))
	if d.Console, err = newConsole(ctx, cfg, d, form, renderer, log.With("part", "console")); err != nil {
		return nil, err
	}
	d.wakeAfterChanges()
	dangerous(d)
	return d, nil
}

// openRegisters loads the registers from the store. A daemon in shadow has none in its
// own store, and takes those of the data file that the configuration names.
func (d *Daemon) openRegisters(ctx context.Context, cfg config.Config, shadow bool) error {
	d.Registers = registers.New(d.Store)
	if err := d.Registers.Load(ctx, d.Store); err != nil || !shadow {
		return err
	}
	return borrow(ctx, d.Registers, cfg.Data, d.Log)
}

// listen opens the control socket and, at the address metrics if it is not "", the port
// for Prometheus. Nothing is served before Run.
func (d *Daemon) listen(ctx context.Context, metrics string) (err error) {
	server := &control.Server{
		Store: d.Store, Import: Importer(d.Registers), Undo: Undoer(d.Registers), Log: d.Log,
		Health: func(ctx context.Context) (any, error) { return d.health(ctx) },
		Facts:  func(ctx context.Context) (any, error) { return d.Store.Facts(ctx) },
		Raise:  d.raise, Resume: d.resume,
		Wake: func() {
			if d.Outbox != nil {
				d.Outbox.Wake()
			}
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/", server.Handler())
	mux.HandleFunc("GET /metrics", d.serveMetrics)
	d.control.Handler = mux
	if d.listener, err = control.Listen(ctx, control.SocketPath(d.data)); err != nil {
		return err
	}
	if metrics == "" {
		return nil
	}
	mux = http.NewServeMux()
	mux.HandleFunc("GET /metrics", d.serveMetrics)
	d.metrics.Handler, d.metrics.ReadHeaderTimeout = mux, 10*time.Second
	if d.scraped, err = new(net.ListenConfig).Listen(ctx, "tcp", metrics); err != nil {
		return fmt.Errorf("metrics.listen: %w", err)
	}
	return nil
}

// newInbox returns the daemon's inbox. own is the address that replies come from.
func newInbox(cfg config.Config, d *Daemon, form *order.Form, own string, shadow bool) *ingest.Inbox {
	return &ingest.Inbox{
		Dial:     d.dialMailbox(cfg.Mailbox),
		Alarm:    d.alarm,
		Store:    d.Store,
		Examiner: Examiner(cfg, form, d.Registers, own),
		Folders: map[order.Folder]string{
			order.FolderProcessed: cfg.Mailbox.Processed,
			order.FolderRejected:  cfg.Mailbox.Rejected,
			order.FolderAttention: cfg.Mailbox.Attention,
		},
		Poll: cfg.Mailbox.PollEvery, Shadow: shadow, Workers: runtime.GOMAXPROCS(0), Clock: time.Now,
		Turns: d.turns,
		Log:   d.Log.With("part", "inbox"),
	}
}

// claimTime is how long a reply may be in hand: many workbooks may have to be marked before its own.
const claimTime = time.Hour

// newOutbox returns the daemon's outbox. from is the address that replies come from.
func newOutbox(
	cfg config.Config, d *Daemon, form *order.Form, renderer *templates.Renderer, from *mail.Address,
) (*notify.Outbox, error) {
	marker, err := newMarker(form, d.turns)
	if err != nil {
		return nil, err
	}
	toStaff, err := templates.NewStaffRenderer(cfg.Console.URL)
	if err != nil {
		return nil, err
	}
	return &notify.Outbox{
		Store: d.Store,
		Composer: writer{composer{
			form: form, renderer: renderer, options: templates.Options{OpeningHours: cfg.Accept.OpeningHours},
			marker: marker, record: d.Store, log: d.Log.With("part", "composer"),
		}, toStaff},
		Sender: Sender(cfg.SMTP, d.Tokens), DKIM: cfg.SMTP.DKIM,
		From: cfg.SMTP.From, Envelope: envelope(cfg.SMTP, from), Fence: d.fence,
		Connections: cfg.SMTP.Connections, Hourly: cfg.SMTP.Hourly, HourlyEach: cfg.SMTP.HourlyEach,
		Copies: cfg.Mailbox.Sent != "", Slow: takesLong, Lease: claimTime,
		Log: d.Log.With("part", "outbox"),
	}, nil
}

// newCopies returns what keeps copies of the replies in the mailbox, or nil if none are kept.
func newCopies(m config.Mailbox, d *Daemon) *sent.Filer {
	if m.Sent == "" {
		return nil
	}
	log := d.Log.With("part", "copies")
	return &sent.Filer{
		Store: d.Store, Clock: time.Now, Log: log,
		Dial: func(ctx context.Context) (sent.Folder, error) {
			c := d.mailboxConfig(m, log)
			c.Folder = m.Sent
			f, err := mailbox.DialShelf(ctx, c, mailbox.SentUse)
			if err != nil {
				return nil, err
			}
			return f, nil
		},
	}
}

// wakeAfterChanges connects what is recorded with what acts on it: a recorded message
// wakes the outbox and changes the console's pages, and so do orders that are accepted
// because an import or an edit made their account known.
func (d *Daemon) wakeAfterChanges() {
	waiting := &ingest.Waiting{
		Store: d.Store, Fence: d.fence, Examiner: d.Inbox.Examiner, Clock: time.Now,
		Log: d.Log.With("part", "waiting"),
	}
	d.Registers.Again = func(ctx context.Context) (int, error) {
		accepted, err := waiting.Reexamine(ctx)
		if accepted > 0 {
			d.Outbox.Wake()
			if d.Console != nil {
				d.Console.Changed("")
			}
		}
		return accepted, err
	}
	d.Inbox.Recorded = func(in order.Intake, _ store.Receipt) {
		if len(in.Replies) > 0 {
			d.Outbox.Wake()
		}
		if d.Console != nil && len(in.Cases)+len(in.Continued) > 0 {
			d.Console.Changed("")
		}
	}
}

// borrow loads the registers of the data file at data: from the daemon that has it open, or
// else from the file itself.
func borrow(ctx context.Context, into *registers.Registers, data string, log *slog.Logger) error {
	if client, err := control.Dial(ctx, control.SocketPath(data)); err == nil {
		return errors.Join(into.Load(ctx, client), client.Close())
	}
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		log.Warn("no registers: nothing was imported into the data file yet")
		return nil
	}
	s, err := boltstore.Open(data, boltstore.Options{Log: log})
	if err != nil {
		return err
	}
	return errors.Join(into.Load(ctx, s), s.Close())
}

// Run works until ctx is done. Then all parts stop at the same time, so that it does not take
// the sum of what each may take: the inbox finishes what it has fetched, the outbox what it is
// sending, the console what it was asked. The control socket goes last. Run ends by itself, with
// an error that wraps ownership.ErrLost, if another data file takes the inbox over, or
// store.ErrFenced, if another daemon of this record does.
func (d *Daemon) Run(ctx context.Context) error {
	return d.holding(d.fence.Lease).hold(ctx, d.fence, d.run)
}

func (d *Daemon) run(ctx context.Context) error {
	var control, outbox, tokens sync.WaitGroup
	defer control.Wait()
	control.Go(func() {
		if err := d.control.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			d.Log.Error("control socket", "err", err)
		}
	})
	defer d.control.Close()
	if d.scraped != nil {
		control.Go(func() {
			if err := d.metrics.Serve(d.scraped); !errors.Is(err, http.ErrServerClosed) {
				d.Log.Error("metrics", "err", err)
			}
		})
		defer d.metrics.Close()
	}

	if d.Console != nil {
		control.Go(func() { d.Console.run(d.Log) })
		closeConsole := sync.OnceFunc(d.Console.close) // while the rest stops, so that all of it stops soon
		defer closeConsole()
		defer context.AfterFunc(ctx, closeConsole)()
	}

	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer tokens.Wait()
	defer stopKeeping()
	if d.Tokens != nil {
		tokens.Go(func() { d.Tokens.Run(keeping) })
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	tokens.Go(func() { d.eraser.run(working) })
	tokens.Go(func() { d.followOthers(working) })
	tokens.Go(func() { d.keeper.Run(working) })
	if d.backups != nil {
		tokens.Go(func() { d.backups.Run(working) })
	}

	var outboxErr error
	if d.Outbox != nil {
		outbox.Go(func() { outboxErr = d.Outbox.Run(working) })
		outbox.Go(func() { d.Watch.Run(working) })
	}
	if d.Copies != nil {
		outbox.Go(func() { d.Copies.Run(working) })
	}
	if d.Owner != nil {
		outbox.Go(func() { d.examineAgain(working) })
	}
	err := d.takeIn(ctx)
	stop()
	outbox.Wait()
	return errors.Join(err, outboxErr)
}

// Close closes what newDaemon opened.
func (d *Daemon) Close() error {
	var err error
	if d.listener != nil {
		_ = d.listener.Close() // Run has closed it already where it ran
	}
	if d.scraped != nil {
		_ = d.scraped.Close()
	}
	if d.Console != nil {
		_ = d.Console.listener.Close()
	}
	if d.Store != nil {
		err = d.Store.Close()
	}
	return err
}

func (d *Daemon) dialMailbox(m config.Mailbox) func(context.Context) (ingest.Session, error) {
	return func(ctx context.Context) (ingest.Session, error) {
		return mailbox.Dial(ctx, d.mailboxConfig(m, d.Log))
	}
}

// mailboxConfig returns the settings of the daemon's connections to the mailbox, which share
// the waits after a refused password.
func (d *Daemon) mailboxConfig(m config.Mailbox, log *slog.Logger) mailbox.Config {
	c := MailboxConfig(m, d.Tokens, log)
	c.Gate = &d.gate
	return c
}

// alarm lets staff be told at once of what is wrong.
func (d *Daemon) alarm() {
	select {
	case d.alarms <- struct{}{}:
	default: // the last one was not noticed yet
	}
}

// resume lets the inbox try at once what it was to try later.
func (d *Daemon) resume() {
	d.gate.Open()
	d.Inbox.Resume()
}

// MailboxConfig returns the settings of the sessions by which mail is taken in. tokens may be
// nil if the configuration has a password.
func MailboxConfig(m config.Mailbox, tokens *token.Source, log *slog.Logger) mailbox.Config {
	c := mailbox.Config{
		Host: m.Host, Port: m.Port, TLS: m.TLS, RootCAs: m.Roots(), Username: m.Username, Password: m.Password,
		Folder: m.Folder, Since: m.SinceDay, Log: log,
	}
	if m.OAuth2 != "" {
		c.Tokens = tokens
	}
	return c
}

// Sender returns the sender of replies. tokens may be nil if the configuration has a password.
func Sender(s config.SMTP, tokens *token.Source) notify.SMTP {
	c := notify.SMTP{
		Host: s.Host, Port: s.Port, TLS: s.TLS, RootCAs: s.Roots(), Username: s.Username,
		Password: s.Password,
	}
	if s.OAuth2 != "" {
		c.Tokens = tokens
	}
	return c
}

// envelope returns the envelope sender, to which other servers send bounces.
func envelope(s config.SMTP, from *mail.Address) string {
	switch s.Envelope {
	case "":
		return from.Address
	case "<>":
		return ""
	}
	return s.Envelope
}

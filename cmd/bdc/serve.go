package main

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
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/registers"
	"bdc/cmd/bdc/token"
	"bdc/ingest"
	"bdc/ingest/mailbox"
	"bdc/notify"
	"bdc/notify/staff"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"

	"github.com/spf13/cobra"
)

// softMemory is the memory, in octets, that the garbage collector aims to stay below.
const softMemory = 80 << 20

// garbage is how much the heap may grow before the collector runs, in percent of the live
// objects. The live objects are few compared with the mails that pass through: while there
// is a backlog, the collector therefore runs when softMemory is reached.
const garbage = 800

// serveCommand is bdc serve.
func serveCommand(e env) *cobra.Command {
	var path string
	var shadow bool
	cmd := &cobra.Command{
		Use:   "serve -c bdc.toml [--shadow]",
		Short: "Run the daemon: inbox, outbox, console",
		Long: `Run the daemon: it takes in the mail of the inbox, records the orders, answers, and
serves the console, as the configuration says.

With --shadow, it examines the mail and records it in a data file of its own, but answers
and moves nothing. Use it to try a configuration on a real inbox.

The first SIGINT or SIGTERM lets the daemon finish what it has begun. The second ends it
at once; nothing is lost then either.`,
		Example: `  bdc serve -c bdc.toml
  bdc serve -c bdc.toml --shadow`,
		GroupID: groupDaemon,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyConfig(path, args); err != nil {
				return err
			}
			return runServe(cmd.Context(), e, path, shadow)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	cmd.Flags().BoolVar(&shadow, "shadow", false, "examine and record in a file apart; answer and move nothing")
	return cmd
}

// runServe runs the daemon until ctx is done.
func runServe(ctx context.Context, e env, path string, shadow bool) (err error) {
	cfg, err := config.Load(path, e.environ)
	if err != nil {
		return usageError{err}
	}
	debug.SetMemoryLimit(softMemory)
	debug.SetGCPercent(garbage)
	control.PrivateFiles()
	log := newLog(e.stderr)
	d, err := newDaemon(ctx, cfg, log, shadow)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Run(ctx)
}

// daemon is everything that bdc serve runs, wired together.
type daemon struct {
	data      string // the file
	store     *boltstore.Store
	registers *registers.Registers
	tokens    *token.Source // nil where nothing signs in by them
	inbox     *ingest.Inbox
	outbox    *notify.Outbox // nil in shadow
	watch     *staff.Watch   // nil in shadow
	console   *console       // nil in shadow, and where none is configured
	control   http.Server
	listener  net.Listener
	metrics   http.Server
	scraped   net.Listener // nil where metrics are on the control socket alone
	eraser    *eraser
	started   time.Time
	log       *slog.Logger
}

// newDaemon opens the data file and the control socket. Nothing is started; the
// caller closes the daemon.
func newDaemon(ctx context.Context, cfg config.Config, log *slog.Logger, shadow bool) (_ *daemon, err error) {
	this := thisBuild()
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
	d := &daemon{data: data, log: log, started: time.Now().UTC(), tokens: newTokens(cfg, log.With("part", "sign-in"))}
	if d.store, err = boltstore.Open(data, boltstore.Options{}); err != nil {
		return nil, fmt.Errorf("%s: %w", data, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if err := d.openRegisters(ctx, cfg, shadow); err != nil {
		return nil, err
	}
	if err := d.listen(ctx, cfg.Metrics.Listen); err != nil {
		return nil, err
	}
	d.inbox = newInbox(cfg, d, form, from.Address, shadow)
	d.eraser = &eraser{store: d.store, retention: cfg.Retention, clock: time.Now, log: log.With("part", "retention")}
	if shadow {
		return d, nil
	}
	if d.outbox, err = newOutbox(cfg, d, form, renderer, from); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	d.watch = newWatch(cfg, d, domain, log.With("part", "staff"))
	if d.console, err = newConsole(ctx, cfg, d, form, renderer, log.With("part", "console")); err != nil {
		return nil, err
	}
	d.wakeAfterChanges()
	dangerous(d)
	return d, nil
}

// openRegisters loads the registers from the store. A daemon in shadow has none in its
// own store, and takes those of the data file that the configuration names.
func (d *daemon) openRegisters(ctx context.Context, cfg config.Config, shadow bool) error {
	d.registers = registers.New(d.store)
	if err := d.registers.Load(ctx, d.store); err != nil || !shadow {
		return err
	}
	return borrow(ctx, d.registers, cfg.Data, d.log)
}

// listen opens the control socket and, at the address metrics if it is not "", the port
// for Prometheus. Nothing is served before Run.
func (d *daemon) listen(ctx context.Context, metrics string) (err error) {
	server := &control.Server{
		Store: d.store, Import: importer(d.registers), Log: d.log,
		Health: func(ctx context.Context) (any, error) { return d.health(ctx) },
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
func newInbox(cfg config.Config, d *daemon, form *order.Form, own string, shadow bool) *ingest.Inbox {
	return &ingest.Inbox{
		Dial:     dialMailbox(cfg.Mailbox, d.tokens, d.log),
		Store:    d.store,
		Examiner: examiner(cfg, form, d.registers, own),
		Folders: map[order.Folder]string{
			order.FolderProcessed: cfg.Mailbox.Processed,
			order.FolderRejected:  cfg.Mailbox.Rejected,
			order.FolderAttention: cfg.Mailbox.Attention,
		},
		Poll: cfg.Mailbox.PollEvery, Shadow: shadow, Workers: runtime.GOMAXPROCS(0), Clock: time.Now,
		Log: d.log.With("part", "inbox"),
	}
}

// newOutbox returns the daemon's outbox. from is the address that replies come from.
func newOutbox(
	cfg config.Config, d *daemon, form *order.Form, renderer *templates.Renderer, from *mail.Address,
) (*notify.Outbox, error) {
	marker, err := newMarker(form)
	if err != nil {
		return nil, err
	}
	toStaff, err := templates.NewStaffRenderer(cfg.Console.URL)
	if err != nil {
		return nil, err
	}
	return &notify.Outbox{
		Store: d.store,
		Composer: writer{composer{
			form: form, renderer: renderer, options: templates.Options{OpeningHours: cfg.Accept.OpeningHours},
			marker: marker, record: d.store, log: d.log.With("part", "composer"),
		}, toStaff},
		Sender: sender(cfg.SMTP, d.tokens), DKIM: cfg.SMTP.DKIM,
		From: cfg.SMTP.From, Envelope: envelope(cfg.SMTP, from), Claimant: "bdc", Connections: cfg.SMTP.Connections,
		Hourly: cfg.SMTP.Hourly, HourlyEach: cfg.SMTP.HourlyEach, Log: d.log.With("part", "outbox"),
	}, nil
}

// wakeAfterChanges connects what is recorded with what acts on it: a recorded message
// wakes the outbox and changes the console's pages, and so do orders that are accepted
// because an import or an edit made their account known.
func (d *daemon) wakeAfterChanges() {
	waiting := &ingest.Waiting{
		Store: d.store, Examiner: d.inbox.Examiner, Clock: time.Now,
		Log: d.log.With("part", "waiting"),
	}
	d.registers.Again = func(ctx context.Context) (int, error) {
		accepted, err := waiting.Reexamine(ctx)
		if accepted > 0 {
			d.outbox.Wake()
			if d.console != nil {
				d.console.Changed("")
			}
		}
		return accepted, err
	}
	d.inbox.Recorded = func(in order.Intake, _ store.Receipt) {
		if len(in.Replies) > 0 {
			d.outbox.Wake()
		}
		if d.console != nil && len(in.Cases)+len(in.Continued) > 0 {
			d.console.Changed("")
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
	s, err := boltstore.Open(data, boltstore.Options{})
	if err != nil {
		return err
	}
	return errors.Join(into.Load(ctx, s), s.Close())
}

// Run works until ctx is done, then stops in the reverse order of start: the
// inbox finishes what it has fetched, the outbox what it is sending, and the
// control socket goes last.
func (d *daemon) Run(ctx context.Context) error {
	var control, outbox, tokens sync.WaitGroup
	defer control.Wait()
	control.Go(func() {
		if err := d.control.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("control socket", "err", err)
		}
	})
	defer d.control.Close()
	if d.scraped != nil {
		control.Go(func() {
			if err := d.metrics.Serve(d.scraped); !errors.Is(err, http.ErrServerClosed) {
				d.log.Error("metrics", "err", err)
			}
		})
		defer d.metrics.Close()
	}

	if d.console != nil {
		control.Go(func() { d.console.run(d.log) })
		defer d.console.close()
	}

	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer tokens.Wait()
	defer stopKeeping()
	if d.tokens != nil {
		tokens.Go(func() { d.tokens.Run(keeping) })
	}
	tokens.Go(func() { d.eraser.run(keeping) })

	var outboxErr error
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	if d.outbox != nil {
		outbox.Go(func() { outboxErr = d.outbox.Run(sending) })
		outbox.Go(func() { d.watch.Run(sending) })
	}
	err := d.inbox.Run(ctx)
	stopSending()
	outbox.Wait()
	return errors.Join(err, outboxErr)
}

// Close closes what newDaemon opened.
func (d *daemon) Close() error {
	var err error
	if d.listener != nil {
		_ = d.listener.Close() // Run has closed it already where it ran
	}
	if d.scraped != nil {
		_ = d.scraped.Close()
	}
	if d.console != nil {
		_ = d.console.listener.Close()
	}
	if d.store != nil {
		err = d.store.Close()
	}
	return err
}

func dialMailbox(
	m config.Mailbox, tokens *token.Source, log *slog.Logger,
) func(context.Context) (ingest.Session, error) {
	return func(ctx context.Context) (ingest.Session, error) {
		return mailbox.Dial(ctx, mailboxConfig(m, tokens, log))
	}
}

func mailboxConfig(m config.Mailbox, tokens *token.Source, log *slog.Logger) mailbox.Config {
	c := mailbox.Config{
		Host: m.Host, Port: m.Port, TLS: m.TLS, RootCAs: m.Roots(), Username: m.Username, Password: m.Password,
		Folder: m.Folder, Since: m.SinceDay, Log: log,
	}
	if m.OAuth2 != "" {
		c.Tokens = tokens
	}
	return c
}

func sender(s config.SMTP, tokens *token.Source) notify.SMTP {
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

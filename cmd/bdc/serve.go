package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"bdc/cmd/bdc/token"
	"bdc/ingest"
	"bdc/ingest/mailbox"
	"bdc/ingest/mime"
	"bdc/notify"
	"bdc/notify/staff"
	"bdc/order"
	"bdc/review"
	"bdc/sheet"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"
)

// softMemory is the heap that the collector aims to stay below, whatever the mail.
const softMemory = 80 << 20

// garbage is how much the heap may grow, in percent of what lives, before it is
// collected. What lives is little beside the mails that pass through, so that in a
// backlog it is softMemory that sets the pace.
const garbage = 800

// runServe is the daemon, until the first signal.
func runServe(ctx context.Context, e env) (err error) {
	f := e.flags("serve")
	config := f.String("c", "", "configuration")
	shadow := f.Bool("shadow", false, "examine and record aside; answer and move nothing")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	if *config == "" || len(args) > 0 {
		return usageError{errors.New("say -c bdc.toml")}
	}
	cfg, err := loadConfig(*config, e.environ)
	if err != nil {
		return usageError{err}
	}
	debug.SetMemoryLimit(softMemory)
	debug.SetGCPercent(garbage)
	privateFiles()
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	d, err := newDaemon(ctx, cfg, log, *shadow)
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
	registers *registers
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
func newDaemon(ctx context.Context, cfg Config, log *slog.Logger, shadow bool) (_ *daemon, err error) {
	form, err := templates.Form()
	if err != nil {
		return nil, err
	}
	renderer, err := cfg.renderer(form, log.With("part", "composer"))
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
	d := &daemon{data: data, log: log, started: time.Now(), tokens: newTokens(cfg, log.With("part", "sign-in"))}
	if d.store, err = boltstore.Open(data, boltstore.Options{}); err != nil {
		return nil, fmt.Errorf("%s: %w", data, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	d.registers = &registers{store: d.store}
	if err := d.registers.load(ctx, d.store); err != nil {
		return nil, err
	}
	if shadow {
		if err := d.registers.borrow(ctx, cfg.Data, log); err != nil {
			return nil, err
		}
	}
	control := &review.Control{
		Store: d.store, Import: keeper{registers: d.registers}.replace, Log: log,
		Health: func(ctx context.Context) (any, error) { return d.health(ctx) },
	}
	mux := http.NewServeMux()
	mux.Handle("/", control.Handler())
	mux.HandleFunc("GET /metrics", d.serveMetrics)
	d.control.Handler = mux
	if d.listener, err = listenControl(ctx, socketPath(data)); err != nil {
		return nil, err
	}
	if cfg.Metrics.Listen != "" {
		metrics := http.NewServeMux()
		metrics.HandleFunc("GET /metrics", d.serveMetrics)
		d.metrics.Handler, d.metrics.ReadHeaderTimeout = metrics, 10*time.Second
		if d.scraped, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Metrics.Listen); err != nil {
			return nil, fmt.Errorf("metrics.listen: %w", err)
		}
	}
	d.inbox = &ingest.Inbox{
		Dial:     dialMailbox(cfg.Mailbox, d.tokens, log),
		Store:    d.store,
		Examiner: cfg.examiner(form, d.registers, from.Address),
		Folders: map[order.Folder]string{
			order.FolderProcessed: cfg.Mailbox.Processed, order.FolderRejected: cfg.Mailbox.Rejected, order.FolderAttention: cfg.Mailbox.Attention,
		},
		Poll: cfg.Mailbox.poll, Shadow: shadow, Workers: runtime.GOMAXPROCS(0), Clock: time.Now, Log: log.With("part", "inbox"),
	}
	d.eraser = &eraser{store: d.store, retention: cfg.Retention, clock: time.Now, log: log.With("part", "retention")}
	if shadow {
		return d, nil
	}
	marker, err := newMarker(form)
	if err != nil {
		return nil, err
	}
	toStaff, err := templates.NewStaffRenderer(cfg.Console.URL)
	if err != nil {
		return nil, err
	}
	d.outbox = &notify.Outbox{
		Store: d.store,
		Composer: writer{composer{
			form: form, renderer: renderer, options: templates.Options{OpeningHours: cfg.Accept.OpeningHours}, marker: marker, record: d.store, log: log.With("part", "composer"),
		}, toStaff},
		Sender: sender(cfg.SMTP, d.tokens), DKIM: cfg.SMTP.dkim,
		From: cfg.SMTP.From, Envelope: envelope(cfg.SMTP, from), Claimant: "bdc", Connections: cfg.SMTP.Connections, Hourly: cfg.SMTP.Hourly, HourlyEach: cfg.SMTP.HourlyEach, Log: log.With("part", "outbox"),
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	d.watch = newWatch(cfg, d, domain, log.With("part", "staff"))
	waiting := &ingest.Waiting{Store: d.store, Examiner: d.inbox.Examiner, Clock: time.Now, Log: log.With("part", "waiting")}
	keeper := keeper{d.registers, waiting, func() {
		d.outbox.Wake()
		if d.console != nil {
			d.console.Changed("")
		}
	}}
	control.Import = keeper.replace
	if d.console, err = newConsole(ctx, cfg, d, keeper, form, renderer, log.With("part", "console")); err != nil {
		return nil, err
	}
	d.inbox.Recorded = func(in order.Intake, _ store.Receipt) {
		if len(in.Replies) > 0 {
			d.outbox.Wake()
		}
		if d.console != nil && len(in.Cases)+len(in.Continued) > 0 {
			d.console.Changed("")
		}
	}
	dangerous(d)
	return d, nil
}

// examiner examines mail as the configuration says; own is the address that
// replies come from.
func (c Config) examiner(form *order.Form, r *registers, own string) *ingest.Examiner {
	_, domain, _ := strings.Cut(own, "@")
	return &ingest.Examiner{
		Form: form, Registry: r.snapshot, Any: c.Accept.Senders == "any", Own: c.addresses(own), Domain: domain,
		Formless: c.Accept.Formless, Staff: c.Staff.everybody(), Authserv: c.Accept.AuthservID, Lenient: c.Accept.DMARC == "optional",
		Policy: c.policy(), Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
}

// addresses are all that are ours: those that replies come from and complaints go
// to, and the mailbox's own, from which people may write too.
func (c Config) addresses(own string) []string {
	ours := []string{strings.ToLower(own)}
	for _, other := range []string{c.SMTP.Envelope, c.Mailbox.Username} {
		if a, err := mail.ParseAddress(other); err == nil && !slices.Contains(ours, strings.ToLower(a.Address)) {
			ours = append(ours, strings.ToLower(a.Address))
		}
	}
	return ours
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

// listenControl listens on the control socket. A socket that is there already
// was left by a daemon that died: the data file's lock, which we hold, says so.
func listenControl(ctx context.Context, path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return l, os.Chmod(path, 0o600)
}

func dialMailbox(m Mailbox, tokens *token.Source, log *slog.Logger) func(context.Context) (ingest.Session, error) {
	return func(ctx context.Context) (ingest.Session, error) {
		return mailbox.Dial(ctx, mailboxConfig(m, tokens, log))
	}
}

func mailboxConfig(m Mailbox, tokens *token.Source, log *slog.Logger) mailbox.Config {
	c := mailbox.Config{
		Host: m.Host, Port: m.Port, TLS: m.TLS, RootCAs: roots(m.CAFile), Username: m.Username, Password: m.Password, Folder: m.Folder, Since: m.since, Log: log,
	}
	if m.OAuth2 != "" {
		c.Tokens = tokens
	}
	return c
}

func sender(s SMTP, tokens *token.Source) notify.SMTP {
	c := notify.SMTP{Host: s.Host, Port: s.Port, TLS: s.TLS, RootCAs: roots(s.CAFile), Username: s.Username, Password: s.Password}
	if s.OAuth2 != "" {
		c.Tokens = tokens
	}
	return c
}

// roots is the pool of a file that the configuration's check has read already,
// or nil for the system's.
func roots(path string) *x509.CertPool {
	if path == "" {
		return nil
	}
	pool, err := certificates(path)
	if err != nil { // gone since: trust nobody
		return x509.NewCertPool()
	}
	return pool
}

// envelope is the sender that other servers complain to.
func envelope(s SMTP, from *mail.Address) string {
	switch s.Envelope {
	case "":
		return from.Address
	case "<>":
		return ""
	}
	return s.Envelope
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/demo"
	"bdc/cmd/bdc/registers"
	"bdc/order"
	"bdc/review"
	"bdc/store"
	"bdc/templates"
	"bdc/validate/registry"

	"github.com/spf13/cobra"
)

// demoCommand is bdc demo.
func demoCommand(e env) *cobra.Command {
	var leave bool
	cmd := &cobra.Command{
		Use:   "demo [--exit]",
		Short: "Do the whole job on embedded mail servers with sample mail",
		Long: `Do the whole job on embedded mail servers with sample mail: nothing has to be
installed or configured, and nothing leaves this machine. The daemon and its console
stay up until Ctrl-C.`,
		Example: `  bdc demo
  bdc demo --exit`,
		GroupID: groupDaemon,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unexpected %q", args[0])}
			}
			return runDemo(cmd.Context(), e, leave)
		},
	}
	cmd.Flags().BoolVar(&leave, "exit", false, "end when every message is answered, with a summary")
	return cmd
}

// runDemo runs the same daemon as bdc serve, with a configuration file of its own, against
// mail servers in this process with sample mail. With leave, it ends when every message is
// answered.
func runDemo(ctx context.Context, e env, leave bool) (err error) {
	dir, err := os.MkdirTemp("", "bdc-demo-")
	if err != nil {
		return err
	}
	if leave {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	replies := filepath.Join(dir, "replies")
	if err := os.Mkdir(replies, 0o700); err != nil {
		return err
	}
	world, err := demo.NewWorld(replies)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	path := filepath.Join(dir, "bdc.toml")
	cfg, err := configureDemo(path, world)
	if err != nil {
		return err
	}
	logs, err := os.Create(filepath.Join(dir, "bdc.log"))
	if err != nil {
		return err
	}
	defer logs.Close()
	d, err := daemon.New(ctx, cfg, daemon.Options{Build: thisBuild(), Log: newLog(logs)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := importSamples(ctx, d); err != nil {
		return err
	}
	password, err := demoUsers(ctx, d)
	if err != nil {
		return err
	}
	told, err := deliverSamples(world, d, e.stdout)
	if err != nil {
		return err
	}

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	var ran error
	running.Go(func() { ran = d.Run(ctx); stop() })
	told.wait(ctx, world)
	fmt.Fprintf(e.stdout, "\n%s", told.summary())
	if leave {
		stop()
		running.Wait()
		return ran
	}
	fmt.Fprintf(e.stdout, `
Console:   %s
           sign in as %s, password %s (or as %s, who may only look, or %s, who may do all)
Verify:    %[1]s/verifier, where booksellers try a form before they mail it

Replies:   %[6]s
Data:      %s
Log:       %s
Look at:   bdc orders list -c %s
           bdc cases list -c %[9]s
More mail: deliver to IMAP %s as %s (password %q)

The daemon stays up until Ctrl-C.
`, d.Console.Address(), demo.Sales, password, demo.Reader, demo.Admin, replies, cfg.Data, logs.Name(), path,
		world.IMAP, demo.User, demo.Password)
	running.Wait()
	return ran
}

// configureDemo writes the configuration to the file at path, and loads it from there.
func configureDemo(path string, w *demo.World) (config.Config, error) {
	if err := os.WriteFile(path, []byte(demoConfig(w)), 0o600); err != nil {
		return config.Config{}, err
	}
	return config.Load(path, nil)
}

// deliverSamples puts the sample mail into the inbox, before the daemon runs. It returns
// the teller, which writes to out what becomes of each message. One of the replies is
// answered, as its bookseller would, by one more message.
func deliverSamples(w *demo.World, d *daemon.Daemon, out io.Writer) (*teller, error) {
	form, err := templates.Form()
	if err != nil {
		return nil, err
	}
	samples, err := demo.Samples(form)
	if err != nil {
		return nil, err
	}
	told := newTeller(out, samples)
	w.Replied = func(reply []byte) {
		if answer, ok := demo.Agree(reply); ok {
			told.expect(answer)
			if err := w.Deliver(answer.Raw); err != nil {
				d.Log.Error("the answer to a report is lost", "err", err)
			}
		}
	}
	wake := d.Inbox.Recorded
	d.Inbox.Recorded = func(in order.Intake, r store.Receipt) {
		wake(in, r)
		told.recorded(in, r)
	}
	fmt.Fprintf(out, "%d messages in the inbox. Each as it is decided:\n\n", len(samples))
	for _, s := range samples {
		if err := w.Deliver(s.Raw); err != nil {
			return nil, err
		}
	}
	return told, nil
}

// demoConfig returns the configuration of a daemon that works with the servers of w.
func demoConfig(w *demo.World) string {
	return fmt.Sprintf(`data = "bdc.db"

[mailbox]
host = "127.0.0.1"
port = %d
tls = "none"
username = %q
password = %q
since = "2026-01-01"

[smtp]
host = "127.0.0.1"
port = %d
tls = "none"
username = %[2]q
password = %[3]q
from = %[2]q

[accept]
opening_hours = 72
authserv_id = %[5]q

[console]
listen = "127.0.0.1:0"
public_check = true
`, w.IMAP.Port, demo.User, demo.Password, w.SMTP.Port, demo.Authserv)
}

// demoUsers adds the users of the console, and returns their password.
func demoUsers(ctx context.Context, d *daemon.Daemon) (password string, err error) {
	password = review.DrawPassword()
	hash, err := review.HashPassword(password)
	if err != nil {
		return "", err
	}
	now := time.Now().UTC()
	for _, u := range []order.User{
		{Name: demo.Sales, FullName: "Claire Morel", Role: order.Sales},
		{Name: demo.Colleague, FullName: "Paul Girard", Role: order.Sales},
		{Name: demo.Reader, FullName: "Inès Faure", Role: order.Reading},
		{Name: demo.Admin, FullName: "Ada Renard", Role: order.Admin},
	} {
		u.Password, u.CreatedAt = hash, now
		err = errors.Join(err, d.Store.AddUser(ctx, u, daemon.Subcommand, now))
	}
	return password, err
}

func importSamples(ctx context.Context, d *daemon.Daemon) error {
	for _, name := range []string{registry.Directory, registry.Catalogue, registry.Accounts} {
		data, err := demo.Register(name)
		if err != nil {
			return err
		}
		sample := registers.Request{Register: name, Name: name + ".csv", Actor: daemon.Subcommand}
		if _, err := d.Registers.Import(ctx, sample, bytes.NewReader(data)); err != nil {
			return fmt.Errorf("import %s: %w", name, err)
		}
	}
	return nil
}

// teller writes what becomes of each sample.
type teller struct {
	out     io.Writer
	samples []demo.Sample

	mu      sync.Mutex
	decided int
	replies int
	rows    []row
	change  chan struct{}
}

type row struct{ what, folder, outcome string }

func newTeller(out io.Writer, samples []demo.Sample) *teller {
	return &teller{out: out, samples: samples, rows: make([]row, len(samples)), change: make(chan struct{}, 1)}
}

// expect adds a sample that arrives after the others.
func (t *teller) expect(s demo.Sample) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.samples, t.rows = append(t.samples, s), append(t.rows, row{})
}

// recorded writes what became of one message. The UIDs of messages are their numbers in
// the order of arrival, from 1.
func (t *teller) recorded(in order.Intake, r store.Receipt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	what := in.Message.Subject
	if i := int(in.Message.Key.UID) - 1; i < len(t.samples) {
		what = t.samples[i].What
		t.rows[i] = row{what, string(in.Folder), outcome(in, r)}
		t.decided++
	}
	t.replies += len(r.Replies)
	fmt.Fprintf(t.out, "  %-46s %s\n", order.Printable(what), outcome(in, r))
	select {
	case t.change <- struct{}{}:
	default:
	}
}

// outcome says in one line what became of a message.
func outcome(in order.Intake, r store.Receipt) string {
	var words []string
	words = append(words, r.Numbers...)
	for _, reply := range in.Replies {
		for _, result := range reply.Results {
			if result.Kind == order.ReplyDuplicate {
				words = append(words, "ordered before")
			}
		}
	}
	for _, c := range in.Cases {
		words = append(words, fmt.Sprintf("%s (%s, %s)", c.Code, c.State, c.Reason))
	}
	if len(words) == 0 {
		words = append(words, "seen before: nothing to do")
	}
	answer := "no answer"
	if len(in.Replies) > 0 {
		answer = "answer: " + string(in.Replies[0].Kind)
	}
	return strings.Join(words, ", ") + "; " + answer
}

// wait returns when every sample is decided and its reply is sent, or when ctx is done.
func (t *teller) wait(ctx context.Context, w *demo.World) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		sent := w.Sent() // before the samples are counted: what answers these is among them
		t.mu.Lock()
		done := t.decided == len(t.samples) && sent >= t.replies
		t.mu.Unlock()
		if done {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-t.change:
		case <-tick.C:
		}
	}
}

// summary is a table of all the samples, in their order of arrival.
func (t *teller) summary() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tMESSAGE\tFOLDER\tOUTCOME")
	for i, r := range t.rows {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", i+1, r.what, r.folder, r.outcome)
	}
	_ = table.Flush() // a builder takes every write
	fmt.Fprintf(&b, "\n%d messages, %d replies sent\n", t.decided, t.replies)
	return b.String()
}

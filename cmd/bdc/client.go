package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/registers"
	"bdc/ingest"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"
)

// openClient reaches the store of a configuration: through the daemon's socket, or
// by opening the data file itself where no daemon runs. If there is none, it makes one and
// says so where create is set, and returns an error elsewhere. The caller closes the client.
func openClient(ctx context.Context, e env, path string, create bool) (*client, error) {
	if path == "" {
		return nil, usageError{errors.New(noConfig)}
	}
	cfg, err := config.Load(path, e.environ)
	if err != nil {
		return nil, usageError{err}
	}
	if daemon, err := control.Dial(ctx, control.SocketPath(cfg.Data)); err == nil {
		return &client{daemon, true, func() error { return nil }}, nil
	}
	s, err := openFile(cfg.Data, e, create)
	if err != nil {
		return nil, err
	}
	registers := registers.New(s)
	form, err := templates.Form()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	from, err := mail.ParseAddress(cfg.SMTP.From)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("smtp.from: %w", err), s.Close())
	}
	log := newLog(e.stderr)
	// Again wakes nobody: the daemon that starts next sends what is due.
	registers.Again = (&ingest.Waiting{
		Store: s, Examiner: daemon.Examiner(cfg, form, registers, from.Address),
		Clock: time.Now, Log: log,
	}).Reexamine
	server := &control.Server{Store: s, Import: daemon.Importer(registers), Undo: daemon.Undoer(registers), Log: log}
	return &client{control.Local(server), false, s.Close}, nil
}

// openFile opens the data file where no daemon runs, as openClient says.
func openFile(data string, e env, create bool) (*boltstore.Store, error) {
	s, err := boltstore.Open(data, boltstore.Options{Log: newLog(e.stderr)})
	switch {
	case errors.Is(err, store.ErrLocked):
		return nil, unanswered(data, err)
	case !errors.Is(err, store.ErrMissing):
		return s, err
	case !create:
		return nil, missing(data)
	}
	if s, err = boltstore.Open(data, boltstore.Options{Create: true}); err == nil {
		fmt.Fprintf(e.stderr, "bdc: there was no data file, and a new record begins: made %s\n", data)
	}
	return s, err
}

// missing says that there is no data file, and what makes one.
func missing(data string) error {
	return fmt.Errorf("%s: %w; serve, import and user add make one", data, store.ErrMissing)
}

// unanswered says that another process has the data file open, and that it is no daemon that
// answers. err wraps store.ErrLocked.
func unanswered(data string, err error) error {
	return fmt.Errorf("%s: %w, and no daemon answers at %s", data, err, control.SocketPath(data))
}

// client is a control.Client with which a subcommand reaches the store. If no daemon runs,
// it also owns the store, which the subcommand opened itself.
type client struct {
	*control.Client
	running bool // a daemon answers
	release func() error
}

// Close ends the connection, and closes the store where the subcommand opened it.
func (c *client) Close() error { return errors.Join(c.Client.Close(), c.release()) }

// withClient calls run with a client that it opens and closes. It is an error if there is
// no data file.
func withClient(ctx context.Context, e env, path string, run func(context.Context, *client) error) error {
	return callClient(ctx, e, path, false, run)
}

// withNewClient is withClient for commands that begin a record: if there is no data file,
// they make one and say so.
func withNewClient(ctx context.Context, e env, path string, run func(context.Context, *client) error) error {
	return callClient(ctx, e, path, true, run)
}

func callClient(
	ctx context.Context, e env, path string, create bool, run func(context.Context, *client) error,
) (err error) {
	c, err := openClient(ctx, e, path, create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return run(ctx, c)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/ingest"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"
)

// openDesk reaches the store of a configuration: through the daemon's socket, or
// by opening the file where no daemon runs. The caller closes it.
func openDesk(ctx context.Context, e env, configPath string) (*desk, error) {
	if configPath == "" {
		return nil, usageError{errors.New("-c bdc.toml is missing")}
	}
	cfg, err := loadConfig(configPath, e.environ)
	if err != nil {
		return nil, usageError{err}
	}
	if client, err := control.Dial(ctx, control.SocketPath(cfg.Data)); err == nil {
		return &desk{client, true, func() error { return nil }}, nil
	}
	s, err := boltstore.Open(cfg.Data, boltstore.Options{})
	if errors.Is(err, store.ErrLocked) {
		return nil, fmt.Errorf("%s: %w, and no daemon answers at %s", cfg.Data, err, control.SocketPath(cfg.Data))
	}
	if err != nil {
		return nil, err
	}
	registers := &registers{store: s}
	form, err := templates.Form()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	from, err := mail.ParseAddress(cfg.SMTP.From)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("smtp.from: %w", err), s.Close())
	}
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	waiting := &ingest.Waiting{Store: s, Examiner: cfg.examiner(form, registers, from.Address), Clock: time.Now, Log: log}
	// Nobody is to be woken: the daemon that starts next sends what is due.
	server := &control.Server{Store: s, Import: keeper{registers, waiting, func() {}}.replace, Log: log}
	return &desk{control.Local(server), false, s.Close}, nil
}

// desk is a client, and the store behind it where it is ours to close.
type desk struct {
	*control.Client
	running bool // the client is a daemon's
	release func() error
}

func (d *desk) Close() error { return errors.Join(d.Client.Close(), d.release()) }

package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/registers"
	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/sheet"
	"bdc/store"
	"bdc/templates"
)

// newExaminer returns an examiner like the daemon's, with the registers and the settings of
// the configuration at path. For the path "" it has no registers, and accepts every sender.
// If there is no data file, it says so, and has no registers.
func newExaminer(ctx context.Context, e env, path string) (_ *ingest.Examiner, err error) {
	form, err := templates.Form()
	if err != nil {
		return nil, err
	}
	registers := registers.New(nil)
	if path == "" {
		x := &ingest.Examiner{
			Form: form, Registry: registers.Snapshot, AnySender: true,
			Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
		}
		x.Policy.Today = time.Now()
		return x, nil
	}
	cfg, err := config.Load(path, e.environ)
	if err != nil {
		return nil, usageError{err}
	}
	from, err := mail.ParseAddress(cfg.SMTP.From)
	if err != nil {
		return nil, usageError{fmt.Errorf("smtp.from: %w", err)}
	}
	x := daemon.Examiner(cfg, form, registers, from.Address)
	x.Policy.Today = time.Now()
	d, err := openClient(ctx, e, path, false)
	if errors.Is(err, store.ErrMissing) {
		fmt.Fprintf(e.stderr, "bdc: no data file at %s: schools, titles and accounts are not looked up\n", cfg.Data)
		return x, nil
	}
	if err != nil {
		return nil, err
	}
	return x, errors.Join(registers.Load(ctx, d), d.Close())
}

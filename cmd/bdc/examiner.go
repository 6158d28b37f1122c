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
	"bdc/templates"
)

// newExaminer returns an examiner like the daemon's, with the registers and the settings of
// the configuration at path. For the path "" it has no registers, and accepts every sender.
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
	d, err := openClient(ctx, e, path)
	if err != nil {
		return nil, err
	}
	return x, errors.Join(registers.Load(ctx, d), d.Close())
}

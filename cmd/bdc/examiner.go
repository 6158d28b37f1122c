package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/registers"
	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/templates"
)

// examiner returns an examiner with the settings of a configuration. own is the address
// that replies come from.
func examiner(c config.Config, form *order.Form, r *registers.Registers, own string) *ingest.Examiner {
	_, domain, _ := strings.Cut(own, "@")
	return &ingest.Examiner{
		Form: form, Registry: r.Snapshot, AnySender: c.Accept.Senders == "any",
		OwnAddresses: addresses(c, own), Domain: domain,
		AnswerFormless: c.Accept.Formless, StaffAddresses: c.Staff.Everybody(),
		AuthservID: c.Accept.AuthservID, DMARCOptional: c.Accept.DMARC == "optional",
		Policy: c.Policy(), Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
}

// addresses returns our own addresses, in lower case: own, from which replies come; the
// envelope sender, to which bounces go; and that of the mailbox, from which staff may
// write.
func addresses(c config.Config, own string) []string {
	ours := []string{strings.ToLower(own)}
	for _, other := range []string{c.SMTP.Envelope, c.Mailbox.Username} {
		if a, err := mail.ParseAddress(other); err == nil && !slices.Contains(ours, strings.ToLower(a.Address)) {
			ours = append(ours, strings.ToLower(a.Address))
		}
	}
	return ours
}

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
	x := examiner(cfg, form, registers, from.Address)
	x.Policy.Today = time.Now()
	d, err := openClient(ctx, e, path)
	if err != nil {
		return nil, err
	}
	return x, errors.Join(registers.Load(ctx, d), d.Close())
}

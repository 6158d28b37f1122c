package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"bdc/ingest/mailbox"
	"bdc/validate/registry"
)

// runDoctor tries everything that the configuration names, and says what is
// wrong with it.
func runDoctor(ctx context.Context, e env) error {
	f := e.flags("doctor")
	config := f.String("c", "", "configuration")
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
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	healthy := true
	try := func(what string, check func() (string, error)) {
		said, err := check()
		if err != nil {
			healthy = false
			fmt.Fprintf(e.stdout, "FAULT  %-10s %v\n", what, err)
			return
		}
		fmt.Fprintf(e.stdout, "ok     %-10s %s\n", what, said)
	}
	fmt.Fprintf(e.stdout, "ok     %-10s %s\n", "config", *config)
	try("mailbox", func() (string, error) { return tryMailbox(ctx, cfg.Mailbox) })
	try("smtp", func() (string, error) {
		return fmt.Sprintf("%s:%d takes our credentials", cfg.SMTP.Host, cfg.SMTP.Port), sender(cfg.SMTP).Probe(ctx)
	})
	try("data", func() (string, error) { return tryData(ctx, e, *config, cfg) })
	if !healthy {
		return errFound
	}
	return nil
}

func tryMailbox(ctx context.Context, m Mailbox) (string, error) {
	s, err := mailbox.Dial(ctx, mailboxConfig(m, slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		return "", err
	}
	defer s.Close()
	keys, err := s.Pending(ctx)
	if err != nil {
		return "", err
	}
	how := "searched every " + m.poll.String()
	if s.Idles() {
		how = "announces new mail"
	}
	return fmt.Sprintf("%s:%d, %s: %d messages since %s, %s", m.Host, m.Port, m.Folder, len(keys), m.Since, how), nil
}

func tryData(ctx context.Context, e env, config string, cfg Config) (_ string, err error) {
	d, err := openDesk(ctx, e, config)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	status, err := d.Status(ctx)
	if err != nil {
		return "", err
	}
	registers := &registers{}
	if err := registers.load(ctx, d); err != nil {
		return "", err
	}
	missing := ""
	for _, name := range []string{registry.Directory, registry.Catalogue, registry.Accounts} {
		if !registers.snapshot().Has(name) {
			missing += "; nothing imported into " + name
		}
	}
	if cfg.Accept.Senders == "registered" && !registers.snapshot().Has(registry.Accounts) {
		return "", errors.New(`accept.senders is "registered" and no libraires were imported: every order would wait for a person`)
	}
	return fmt.Sprintf("%s: %d orders, %d cases waiting%s", cfg.Data, status.Orders, status.Waiting, missing), nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/health"
	"bdc/cmd/bdc/registers"
	"bdc/cmd/bdc/token"
	"bdc/ingest/mailbox"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/validate/registry"

	"github.com/spf13/cobra"
)

// doctorCommand is bdc doctor.
func doctorCommand(e env) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "doctor -c bdc.toml",
		Short: "Try everything that the configuration names",
		Long: `Try everything that the configuration names: sign in to both servers, look for the
DKIM key in DNS, read the data file and the registers. It says which data file that is, how
old it is and how much is in it. Nothing is changed, and nothing is sent.

Exit code 1: something is wrong.`,
		Example: "  bdc doctor -c bdc.toml",
		GroupID: groupDaemon,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyConfig(path, args); err != nil {
				return err
			}
			return runDoctor(cmd.Context(), e, path)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	return cmd
}

// runDoctor tries everything that the configuration names, and says what is
// wrong with it.
func runDoctor(ctx context.Context, e env, path string) error {
	cfg, err := config.Load(path, e.environ)
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
	fmt.Fprintf(e.stdout, "ok     %-10s %s\n", "config", path)
	if cfg.Accept.AuthservID == "" {
		fmt.Fprintf(e.stdout, "note   %-10s %s\n", "accept", daemon.Unproven)
	}
	tokens := daemon.NewTokens(cfg, slog.New(slog.DiscardHandler))
	if tokens != nil {
		try("oauth2", func() (string, error) { return tryTokens(ctx, tokens) })
	}
	try("mailbox", func() (string, error) { return tryMailbox(ctx, cfg.Mailbox, tokens) })
	try("smtp", func() (string, error) {
		return fmt.Sprintf("%s:%d takes our credentials", cfg.SMTP.Host, cfg.SMTP.Port),
			daemon.Sender(cfg.SMTP, tokens).Probe(ctx)
	})
	if signer := cfg.SMTP.DKIM; signer != nil {
		try("dkim", func() (string, error) {
			return fmt.Sprintf("%s._domainkey.%s has the key's other half", cfg.SMTP.DKIMSelector, cfg.SMTP.DKIMDomain),
				signer.Check(func(name string) ([]string, error) { return net.DefaultResolver.LookupTXT(ctx, name) })
		})
	}
	said, data, err := openFacts(ctx, cfg)
	try("data", func() (string, error) { return said, err })
	if err == nil {
		try("registers", func() (string, error) { return tryRegisters(ctx, cfg, data) })
		err = data.Close()
	}
	if !healthy {
		return errFound
	}
	return err
}

// tryTokens gets an access token, and tells which secret expires soon.
func tryTokens(ctx context.Context, tokens *token.Source) (string, error) {
	if _, err := tokens.Token(ctx); err != nil {
		return "", err
	}
	state := tokens.State()
	if ending := state.Ending(time.Now()); ending != "" {
		return "", errors.New(ending)
	}
	said := fmt.Sprintf("%s gives access until %s", state.Provider, health.Clock(state.Expires))
	if state.What != "" {
		said += fmt.Sprintf("; the %s lasts until %s", state.What, state.Ends.Format(time.DateOnly))
	}
	return said, nil
}

func tryMailbox(ctx context.Context, m config.Mailbox, tokens *token.Source) (string, error) {
	s, err := mailbox.Dial(ctx, daemon.MailboxConfig(m, tokens, slog.New(slog.DiscardHandler)))
	if err != nil {
		return "", err
	}
	defer s.Close()
	if err := s.Movable(); err != nil {
		return "", err
	}
	keys, err := s.Pending(ctx)
	if err != nil {
		return "", err
	}
	how := "searched every " + m.PollEvery.String()
	if s.Idles() {
		how = "announces new mail"
	}
	return fmt.Sprintf("%s:%d, %s: %d messages since %s, %s", m.Host, m.Port, m.Folder, len(keys), m.Since, how), nil
}

// source is the data file to be read: the daemon that has it open, or the file itself.
type source interface {
	registry.Source
	Close() error
}

// openFacts returns the facts of the data file, in words, and where to read on. If a daemon
// has the file open, it is asked; else the file is opened, and nothing is changed in it.
func openFacts(ctx context.Context, cfg config.Config) (string, source, error) {
	var facts boltstore.Facts
	if d, err := control.Dial(ctx, control.SocketPath(cfg.Data)); err == nil {
		if err := d.Facts(ctx, &facts); err != nil {
			return "", nil, errors.Join(err, d.Close())
		}
		return fmt.Sprintf("%s: %s; a daemon has it", cfg.Data, factWords(facts)), d, nil
	}
	s, err := boltstore.Open(cfg.Data, boltstore.Options{ReadOnly: true})
	switch {
	case errors.Is(err, store.ErrMissing):
		return "", nil, missing(cfg.Data)
	case errors.Is(err, store.ErrLocked):
		return "", nil, unanswered(cfg.Data, err)
	case err != nil:
		return "", nil, err
	}
	if facts, err = s.Facts(ctx); err != nil {
		return "", nil, errors.Join(fmt.Errorf("%s: %w", cfg.Data, err), s.Close())
	}
	return fmt.Sprintf("%s: %s; no daemon has it", cfg.Data, factWords(facts)), s, nil
}

// tryRegisters says what was not imported yet.
func tryRegisters(ctx context.Context, cfg config.Config, from registry.Source) (string, error) {
	registers := registers.New(nil)
	if err := registers.Load(ctx, from); err != nil {
		return "", err
	}
	if cfg.Accept.Senders == "registered" && !registers.Current().Has(registry.Accounts) {
		return "", errors.New(`accept.senders is "registered" and no libraires were imported: every order would wait ` +
			`for a person`)
	}
	var missing []string
	for _, name := range []string{registry.Directory, registry.Catalogue, registry.Accounts} {
		if !registers.Current().Has(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return "nothing imported into " + strings.Join(missing, ", "), nil
	}
	return "annuaire, catalogue and libraires are imported", nil
}

// factWords says which data file it is.
func factWords(f boltstore.Facts) string {
	words := fmt.Sprintf("%d orders, %d messages, %d cases waiting; ", f.Orders, f.Messages, f.Waiting)
	if !f.Begun.IsZero() {
		words += "begun " + health.Clock(f.Begun) + ", "
	}
	words += fmt.Sprintf("last written %s, last backup %s; format %d", health.Clock(f.Written),
		health.Clock(f.BackedUp), f.Format)
	if f.Format < boltstore.Format {
		words += fmt.Sprintf(" (the next start makes it %d)", boltstore.Format)
	}
	if f.Record != "" {
		words += ", record " + f.Record
	}
	if f.Copy {
		words += "; it is a copy that bdc backup wrote"
	}
	return words
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/health"
	"bdc/cmd/bdc/registers"
	"bdc/cmd/bdc/token"
	"bdc/ingest/mailbox"
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
DKIM key in DNS, read the data file and the registers. Nothing is changed, and nothing
is sent.

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
	try("data", func() (string, error) { return tryData(ctx, e, path, cfg) })
	if !healthy {
		return errFound
	}
	return nil
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

func tryData(ctx context.Context, e env, path string, cfg config.Config) (_ string, err error) {
	d, err := openClient(ctx, e, path, false)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	status, err := d.Status(ctx)
	if err != nil {
		return "", err
	}
	registers := registers.New(nil)
	if err := registers.Load(ctx, d); err != nil {
		return "", err
	}
	missing := ""
	for _, name := range []string{registry.Directory, registry.Catalogue, registry.Accounts} {
		if !registers.Current().Has(name) {
			missing += "; nothing imported into " + name
		}
	}
	if cfg.Accept.Senders == "registered" && !registers.Current().Has(registry.Accounts) {
		return "", errors.New(`accept.senders is "registered" and no libraires were imported: every order would wait ` +
			`for a person`)
	}
	return fmt.Sprintf("%s: %d orders, %d cases waiting%s", cfg.Data, status.Orders, status.Waiting, missing), nil
}

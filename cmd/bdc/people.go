package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"strings"
	"time"

	"bdc/cmd/bdc/people"

	"github.com/spf13/cobra"
)

// peopleCommand is bdc people.
func peopleCommand(e env) *cobra.Command {
	const expected = "expected export ADDRESS or erase ADDRESS"
	var path, out string
	var yes bool
	// with runs a verb on what is held of the person whose address is the argument.
	with := func(run func(ctx context.Context, d *client, address string) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) error {
			a, err := mail.ParseAddress(strings.TrimSpace(args[0]))
			if err != nil {
				return usageError{fmt.Errorf("%q is no mail address", args[0])}
			}
			return withClient(cmd.Context(), e, path,
				func(ctx context.Context, d *client) error { return run(ctx, d, a.Address) })
		}
	}
	export := &cobra.Command{
		Use:   "export ADDRESS [-o FOLDER|FILE.zip] -c bdc.toml",
		Short: "Write all that names a person's mail address",
		Long: `Write all that names a mail address, in any letter case, into a new folder or zip file:
messages, replies, cases, orders, lines of the audit, users, accounts and schools as JSON,
the attachments, and the mails that were sent. What others wrote is in it, too: look at it
before you hand it over.`,
		Example: `  bdc people export lou@example.org -c bdc.toml
  bdc people export lou@example.org -o lou.zip -c bdc.toml`,
		Args: exactly(1, expected),
		RunE: with(func(ctx context.Context, d *client, address string) error {
			return exportPerson(ctx, e, d, address, out)
		}),
	}
	export.Flags().StringVarP(&out, "output", "o", "", "`FOLDER` or FILE.zip to make; ADDRESS.zip otherwise")
	erase := &cobra.Command{
		Use:   "erase ADDRESS [--yes] -c bdc.toml",
		Short: "Erase all that names a person's mail address",
		Long: `Show what names a mail address, in any letter case, and erase it with --yes: names,
addresses, texts, notes and files are blanked, in all that names the person. Numbers,
schools, accounts, lines and days stay, so that nothing is taken twice. Open cases,
replies that have not left and orders that are neither opened nor cancelled stay whole.
Erasing cannot be taken back. The mailbox, backups and imported files are not touched.

Exit codes: 0 nothing of the person is left; 1 something stays, or --yes is missing.`,
		Example: `  bdc people erase lou@example.org -c bdc.toml
  bdc people erase lou@example.org --yes -c bdc.toml`,
		Args: exactly(1, expected),
		RunE: with(func(ctx context.Context, d *client, address string) error {
			return erasePerson(ctx, e, d, address, yes)
		}),
	}
	erase.Flags().BoolVar(&yes, "yes", false, "erase it; only shown otherwise")
	cmd := verbs(&cobra.Command{
		Use:   "people export ADDRESS | erase ADDRESS   -c bdc.toml",
		Short: "Write or erase all that is held of a person",
		Example: `  bdc people export lou@example.org -o lou.zip -c bdc.toml
  bdc people erase lou@example.org --yes -c bdc.toml`,
		GroupID: groupRecord,
	}, expected, export, erase)
	configFlag(cmd, cmd.PersistentFlags(), &path, "configuration `FILE`")
	return cmd
}

func exportPerson(ctx context.Context, e env, d *client, address, out string) error {
	if out == "" {
		out = strings.ReplaceAll(address, "/", "_") + ".zip"
	}
	counts, files, err := people.Export(ctx, d.Client, address, out)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: name another with -o", out)
	}
	if err != nil {
		return err
	}
	for _, c := range counts {
		fmt.Fprintf(e.stdout, "%s: %d\n", c.Kind, c.Found)
	}
	fmt.Fprintf(e.stdout, "%s is written, with %d files and mails\n", out, files)
	return nil
}

func erasePerson(ctx context.Context, e env, d *client, address string, yes bool) error {
	counts, err := people.Survey(ctx, d.Client, address)
	if err != nil {
		return err
	}
	if yes && people.Erasable(counts) > 0 {
		erased, err := people.Erase(ctx, d.Client, address, time.Now().UTC())
		for _, c := range erased {
			fmt.Fprintf(e.stdout, "%s: %d erased\n", c.Kind, c.Erased)
		}
		if err != nil {
			return err
		}
		if counts, err = people.Survey(ctx, d.Client, address); err != nil {
			return err
		}
	}
	if len(counts) == 0 {
		fmt.Fprintf(e.stdout, "nothing in the record names %s\n", address)
		return nil
	}
	if err := people.Print(e.stdout, counts); err != nil {
		return err
	}
	if n := people.Erasable(counts); n > 0 {
		fmt.Fprintf(e.stdout, "%d of these can be erased, for ever: call again with --yes\n", n)
	}
	return errFound
}

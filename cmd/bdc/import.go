package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"bdc/cmd/bdc/registers"
	"bdc/order"
	"bdc/validate/registry"

	"github.com/spf13/cobra"
)

// importCommand is bdc import.
func importCommand(e env) *cobra.Command {
	var path string
	names := []string{registry.Directory, registry.Catalogue, registry.Accounts}
	cmd := &cobra.Command{
		Use:   "import annuaire|catalogue|libraires FILE… -c bdc.toml",
		Short: "Replace a register by a file",
		Long: `Replace one of the registers that forms are checked against by a file: the directory of
schools (annuaire), the catalogue (catalogue) or the booksellers' accounts (libraires).
The file is CSV, XML or a workbook (.xlsx), compressed with gzip or not. The directory may
come in several files.

A daemon that runs uses the new register at once. A file that is not accepted changes
nothing. An import of accounts also examines again the orders that wait because their
account or sender was not registered.`,
		Example: `  bdc import annuaire fr-en-annuaire-education.csv -c bdc.toml
  bdc import annuaire colleges.csv lycees.csv -c bdc.toml
  bdc import libraires libraires.csv -c bdc.toml`,
		GroupID: groupRecord,
		ValidArgsFunction: complete(func(args []string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return names, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 || !slices.Contains(names, args[0]) {
				return usageError{errors.New("expected annuaire, catalogue or libraires, and a file")}
			}
			return runImport(cmd.Context(), e, path, args[0], args[1:])
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	return cmd
}

// runImport replaces a register by a file. The directory may come in several files, since
// it is often published so.
func runImport(ctx context.Context, e env, path, register string, paths []string) (err error) {
	if len(paths) > 1 && register != registry.Directory {
		return usageError{fmt.Errorf("%s takes one file", register)}
	}
	name := filepath.Base(paths[0])
	if len(paths) > 1 {
		name = fmt.Sprintf("%d files", len(paths))
	}
	content, total, err := registers.Open(paths)
	if err != nil {
		return usageError{err}
	}
	defer content.Close()
	d, err := openClient(ctx, e, path, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var r io.Reader = content
	if isTerminal(e.stderr) {
		bar := &progress{r: content, w: e.stderr, name: name, total: total, now: time.Now}
		defer bar.end()
		r = bar
	}
	i, err := d.Import(ctx, register, name, r)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s: %d rows read, %d entries: %d added, %d changed, %d removed, %d closed; %d rows left "+
		"out\n",
		i.Register, i.Rows, i.Entries, i.Added, i.Changed, i.Removed, i.Closed, i.SkippedN)
	if i.Accepted > 0 {
		fmt.Fprintf(e.stdout, "  %d waiting orders accepted\n", i.Accepted)
	}
	for _, s := range i.Skipped {
		fmt.Fprintln(e.stdout, "  "+order.Printable(s))
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/registers"
	"bdc/order"
	"bdc/validate/registry"

	"github.com/spf13/cobra"
)

// importing is what the flags of bdc import say.
type importing struct {
	config               string
	preview, force, undo bool
}

// importCommand is bdc import.
func importCommand(e env) *cobra.Command {
	var asked importing
	names := []string{registry.Directory, registry.Catalogue, registry.Accounts}
	cmd := &cobra.Command{
		Use:   "import annuaire|catalogue|libraires FILE…|--undo -c bdc.toml",
		Short: "Replace a register by a file",
		Long: `Replace one of the registers that forms are checked against by a file: the directory of
schools (annuaire), the catalogue (catalogue) or the booksellers' accounts (libraires).
The file is CSV, XML or a workbook (.xlsx), compressed with gzip or not. The directory may
come in several files. docs/formats.md says which columns a file has.

With --preview, nothing is changed: you see how many entries would be added, changed,
closed and removed, with ten examples of each. An import that removes more than a tenth of
what it replaces changes nothing either, and exits with 1, unless you say --force.

With --undo, the last import is undone; up to three times, for the last three. Changes that
people have made since to accounts stay.

A daemon that runs uses the new register at once. A file that is not accepted changes
nothing. An import of accounts also examines again the orders that wait because their
account or sender was not registered.`,
		Example: `  bdc import annuaire fr-en-annuaire-education.csv -c bdc.toml
  bdc import annuaire colleges.csv lycees.csv -c bdc.toml
  bdc import catalogue catalogue.xlsx --preview -c bdc.toml
  bdc import catalogue --undo -c bdc.toml`,
		GroupID: groupRecord,
		ValidArgsFunction: complete(func(args []string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return names, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			known := len(args) > 0 && slices.Contains(names, args[0])
			switch {
			case asked.undo && (asked.preview || asked.force):
				return usageError{errors.New("--undo goes with neither --preview nor --force")}
			case asked.undo && (!known || len(args) != 1):
				return usageError{errors.New("expected annuaire, catalogue or libraires, and no file, with --undo")}
			case asked.undo:
				return undoImport(cmd.Context(), e, asked.config, args[0])
			case !known || len(args) < 2:
				return usageError{errors.New("expected annuaire, catalogue or libraires, and a file")}
			}
			return runImport(cmd.Context(), e, asked, args[0], args[1:])
		},
	}
	configFlag(cmd, cmd.Flags(), &asked.config, "configuration `FILE`")
	cmd.Flags().BoolVar(&asked.preview, "preview", false, "say what would change, and change nothing")
	cmd.Flags().BoolVar(&asked.force, "force", false, "import even if more than a tenth of the register is removed")
	cmd.Flags().BoolVar(&asked.undo, "undo", false, "undo the last import of the register")
	return cmd
}

// runImport replaces a register by a file. The directory may come in several files, since
// it is often published so. It returns errFound for an import that was refused for what it
// would remove.
func runImport(ctx context.Context, e env, asked importing, register string, paths []string) (err error) {
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
	ask := control.ImportRequest{Register: register, Name: name, Preview: asked.preview, Force: asked.force}
	var p order.Preview
	err = callClient(ctx, e, asked.config, !asked.preview, func(ctx context.Context, d *client) (err error) {
		if isTerminal(e.stderr) {
			bar := &progress{w: e.stderr, name: name, now: time.Now}
			defer bar.end()
			ask.Progress = func(rows int, octets int64) { bar.imported(rows, octets, total) }
		}
		p, err = d.Import(ctx, ask, content)
		return err
	})
	if err != nil {
		return err
	}
	registers.Print(e.stdout, p)
	if p.Drastic() && !p.Done {
		fmt.Fprintf(e.stderr, "bdc: this import removes %d of %d entries: nothing was changed; if that is meant, "+
			"import with --force\n", p.Import.Removed, p.Replaced)
		if !asked.preview {
			return errFound
		}
	}
	return nil
}

// undoImport undoes the last import of a register.
func undoImport(ctx context.Context, e env, path, register string) error {
	return withClient(ctx, e, path, func(ctx context.Context, d *client) error {
		i, err := d.Undo(ctx, register)
		if err != nil {
			return err
		}
		registers.PrintUndone(e.stdout, i)
		return nil
	})
}

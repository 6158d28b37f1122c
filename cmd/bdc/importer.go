package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"bdc/validate/registry"
)

// runImport replaces a register by a file.
func runImport(ctx context.Context, e env) (err error) {
	f := e.flags("import")
	config := f.String("c", "", "configuration")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	if len(args) != 2 || !slices.Contains([]string{registry.Directory, registry.Catalogue, registry.Accounts}, args[0]) {
		return usageError{errors.New("say annuaire, catalogue or libraires, and a file")}
	}
	d, err := openDesk(ctx, e, *config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	file, err := os.Open(args[1])
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	i, err := d.Import(ctx, args[0], filepath.Base(args[1]), file)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s: %d rows read, %d entries: %d added, %d changed, %d removed, %d closed; %d rows left out\n",
		i.Register, i.Rows, i.Entries, i.Added, i.Changed, i.Removed, i.Closed, i.SkippedN)
	for _, s := range i.Skipped {
		fmt.Fprintln(e.stdout, "  "+printable(s))
	}
	return nil
}

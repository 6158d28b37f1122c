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
	"bdc/validate/registry"
)

// runImport replaces a register by a file; the directory also by several, which
// it is often handed out in, at once.
func runImport(ctx context.Context, e env) (err error) {
	f := e.flags("import")
	config := f.String("c", "", "configuration")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	if len(args) < 2 || !slices.Contains([]string{registry.Directory, registry.Catalogue, registry.Accounts}, args[0]) {
		return usageError{errors.New("say annuaire, catalogue or libraires, and a file")}
	}
	register, paths := args[0], args[1:]
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
	d, err := openClient(ctx, e, *config)
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
	fmt.Fprintf(e.stdout, "%s: %d rows read, %d entries: %d added, %d changed, %d removed, %d closed; %d rows left out\n",
		i.Register, i.Rows, i.Entries, i.Added, i.Changed, i.Removed, i.Closed, i.SkippedN)
	if i.Accepted > 0 {
		fmt.Fprintf(e.stdout, "  %d waiting orders accepted\n", i.Accepted)
	}
	for _, s := range i.Skipped {
		fmt.Fprintln(e.stdout, "  "+printable(s))
	}
	return nil
}

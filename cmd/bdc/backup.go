package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// runBackup writes a consistent copy of the data file, mode 0600, and has the
// store know when.
func runBackup(ctx context.Context, e env) (err error) {
	f := e.flags("backup")
	config := f.String("c", "", "configuration")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return usageError{errors.New("name the file to write")}
	}
	d, err := openClient(ctx, e, *config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := writeTo(args[0], nil, func(w io.Writer) error { return d.Backup(ctx, w) }); err != nil {
		return err
	}
	if err := d.BackedUp(ctx); err != nil {
		return fmt.Errorf("%s is written, but the store does not know: %w", args[0], err)
	}
	return nil
}

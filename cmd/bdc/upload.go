package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bdc/ingest"
	"bdc/order"
	"bdc/review"
	"bdc/store"
	"bdc/validate/registry"
)

// keeper changes the registers for people, and looks again at the orders that
// waited for it.
type keeper struct {
	registers *registers
	waiting   *ingest.Waiting // nil where nothing is examined again
	accepted  func()          // told that orders were accepted so
}

// subcommand is who imports by bdc import.
const subcommand = "bdc"

// replace imports what a subcommand sends.
func (k keeper) replace(ctx context.Context, register, name string, file io.Reader) (order.Import, error) {
	return k.examine(ctx, register, name, subcommand, file)
}

// examine replaces a register, and after the accounts also looks again at the
// orders that waited for them. When that fails the error wraps
// review.ErrUnfinished: the import stands.
func (k keeper) examine(ctx context.Context, register, name, actor string, file io.Reader) (order.Import, error) {
	report, err := k.registers.replace(ctx, register, name, actor, file)
	if err != nil || register != registry.Accounts {
		return report, err
	}
	report.Accepted, err = k.again(ctx)
	return report, err
}

func (k keeper) again(ctx context.Context) (accepted int, err error) {
	if k.waiting == nil {
		return 0, nil
	}
	if accepted, err = k.waiting.Again(ctx); err != nil {
		err = fmt.Errorf("%w: %w", review.ErrUnfinished, err)
	}
	if accepted > 0 {
		k.accepted()
	}
	return accepted, err
}

// upload imports files that a person sent to the console.
func (k keeper) upload(ctx context.Context, u review.Upload) (order.Import, error) {
	name, total := filepath.Base(u.Paths[0]), int64(0)
	if len(u.Paths) > 1 {
		if u.Register != registry.Directory {
			return order.Import{}, review.Refused{Reason: "Cet import prend un seul fichier."}
		}
		name = fmt.Sprintf("%d fichiers", len(u.Paths))
	}
	for _, path := range u.Paths {
		info, err := os.Stat(path)
		if err != nil {
			return order.Import{}, err
		}
		total += info.Size()
	}
	content, err := openFiles(u.Paths)
	if err != nil {
		return order.Import{}, err
	}
	defer content.Close()
	report, err := k.examine(ctx, u.Register, name, u.Actor, &counted{r: content, total: total, tell: u.Progress})
	return report, told(err)
}

// amend changes an account for a person of the console.
func (k keeper) amend(ctx context.Context, e order.AccountEdit) (accepted int, err error) {
	if err := k.registers.amend(ctx, e); err != nil {
		return 0, told(err)
	}
	return k.again(ctx)
}

// told turns what an importer refuses into what the console says.
func told(err error) error {
	var file *registry.FileError
	var edit *registry.EditError
	switch {
	case errors.As(err, &file):
		return review.Refused{Reason: file.Error()}
	case errors.As(err, &edit):
		return review.Refused{Reason: edit.Reason}
	case errors.Is(err, registry.ErrNoAccount):
		return fmt.Errorf("%w: %w", store.ErrNotFound, err)
	case errors.Is(err, registry.ErrChanged):
		return fmt.Errorf("%w: %w", store.ErrRevision, err)
	}
	return err
}

// counted tells how far a file was read.
type counted struct {
	r           io.Reader
	done, total int64
	tell        func(done, total int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	c.tell(min(c.done, c.total), c.total)
	return n, err
}

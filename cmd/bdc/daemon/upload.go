package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"bdc/cmd/bdc/registers"
	"bdc/order"
	"bdc/review"
	"bdc/store"
	"bdc/validate/registry"
)

// Subcommand is the name of the actor that the record has for what a subcommand did.
const Subcommand = "bdc"

// Importer returns the function by which the control socket imports into registers.
func Importer(r *registers.Registers) func(context.Context, string, string, io.Reader) (order.Import, error) {
	return func(ctx context.Context, register, name string, file io.Reader) (order.Import, error) {
		return r.Import(ctx, register, name, Subcommand, file)
	}
}

// clerk changes the registers for the users of the console. Its errors have the French
// words that the console shows.
type clerk struct{ registers *registers.Registers }

// upload imports files that a person sent.
func (c clerk) upload(ctx context.Context, u review.Upload) (order.Import, error) {
	name := filepath.Base(u.Paths[0])
	if len(u.Paths) > 1 {
		if u.Register != registry.Directory {
			return order.Import{}, review.Refused{Reason: "Cet import prend un seul fichier."}
		}
		name = fmt.Sprintf("%d fichiers", len(u.Paths))
	}
	content, total, err := registers.Open(u.Paths)
	if err != nil {
		return order.Import{}, err
	}
	defer content.Close()
	report, err := c.registers.Import(ctx, u.Register, name, u.Actor,
		&counted{r: content, total: total, tell: u.Progress})
	return report, told(err)
}

// amend changes or creates an account for a person.
func (c clerk) amend(ctx context.Context, e order.AccountEdit) (accepted int, err error) {
	accepted, err = c.registers.Amend(ctx, e)
	return accepted, told(err)
}

// told turns what the registers refuse into what the console says.
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
	case errors.Is(err, registers.ErrUnfinished):
		return fmt.Errorf("%w: %w", review.ErrUnfinished, err)
	}
	return err
}

// counted tells how much of a file has been read.
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

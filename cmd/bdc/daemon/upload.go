package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"bdc/cmd/bdc/control"
	"bdc/cmd/bdc/registers"
	"bdc/order"
	"bdc/review"
	"bdc/store"
	"bdc/validate/registry"
)

// Subcommand is the name of the actor that the record has for what a subcommand did.
const Subcommand = "bdc"

// Importer returns the function by which the control socket imports into registers.
func Importer(r *registers.Registers) func(context.Context, control.ImportRequest, io.Reader) (order.Preview, error) {
	return func(ctx context.Context, ask control.ImportRequest, file io.Reader) (order.Preview, error) {
		return r.Import(ctx, registers.Request{
			Register: ask.Register, Name: ask.Name, Actor: Subcommand, Preview: ask.Preview, Force: ask.Force,
			Progress: ask.Progress,
		}, file)
	}
}

// Undoer returns the function by which the control socket undoes imports.
func Undoer(r *registers.Registers) func(context.Context, string) (order.Import, error) {
	return func(ctx context.Context, register string) (order.Import, error) {
		return r.Undo(ctx, register, Subcommand, 0)
	}
}

// clerk changes the registers for the users of the console. Its errors have the French
// words that the console shows.
type clerk struct{ registers *registers.Registers }

// upload imports files that a person sent, or says what would change.
func (c clerk) upload(ctx context.Context, u review.Upload) (order.Preview, error) {
	name := filepath.Base(u.Paths[0])
	if len(u.Paths) > 1 {
		if u.Register != registry.Directory {
			return order.Preview{}, review.Refused{Reason: "Cet import prend un seul fichier."}
		}
		name = fmt.Sprintf("%d fichiers", len(u.Paths))
	}
	content, total, err := registers.Open(u.Paths)
	if err != nil {
		return order.Preview{}, err
	}
	defer content.Close()
	p, err := c.registers.Import(ctx, registers.Request{
		Register: u.Register, Name: name, Actor: u.Actor, Preview: u.Preview, Force: u.Force, Seen: u.Seen,
		Progress: func(rows int, octets int64) { u.Progress(rows, min(octets, total), total) },
	}, content)
	return p, told(err)
}

// undo undoes the last import of a register for a person.
func (c clerk) undo(ctx context.Context, register, actor string, seen uint64) (order.Import, error) {
	report, err := c.registers.Undo(ctx, register, actor, seen)
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
	case errors.Is(err, registers.ErrNothing):
		return review.Refused{Reason: "Aucun import de ce registre ne peut plus être annulé."}
	case errors.Is(err, registry.ErrNoAccount):
		return fmt.Errorf("%w: %w", store.ErrNotFound, err)
	case errors.Is(err, registry.ErrChanged):
		return fmt.Errorf("%w: %w", store.ErrRevision, err)
	case errors.Is(err, registers.ErrUnfinished):
		return fmt.Errorf("%w: %w", review.ErrUnfinished, err)
	}
	return err
}

package main

import (
	"context"
	"errors"
	"io"

	"bdc/sheet/form"
	"bdc/templates"
)

// runForm writes the blank form.
func runForm(_ context.Context, e env) error {
	f := e.flags("form")
	out := f.String("o", "", "file to write")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	if *out == "" || len(args) > 0 {
		return usageError{errors.New("say -o FILE.xlsx")}
	}
	definition, err := templates.Form()
	if err != nil {
		return err
	}
	blank, err := form.Blank(definition)
	if err != nil {
		return err
	}
	return writeTo(*out, nil, func(w io.Writer) error {
		_, err := w.Write(blank)
		return err
	})
}

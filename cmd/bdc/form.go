package main

import (
	"errors"
	"io"

	"bdc/sheet/form"
	"bdc/templates"

	"github.com/spf13/cobra"
)

// formCommand is bdc form.
func formCommand(env) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "form -o FILE.xlsx",
		Short:   "Write the blank form",
		Example: "  bdc form -o BdC_Interforum_Librairie_CNS.xlsx",
		GroupID: groupForms,
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" || len(args) > 0 {
				return usageError{errors.New("name the file to write: -o FILE.xlsx")}
			}
			return runForm(out)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "`FILE` to write")
	return cmd
}

// runForm writes the blank form.
func runForm(out string) error {
	definition, err := templates.Form()
	if err != nil {
		return err
	}
	blank, err := form.Blank(definition)
	if err != nil {
		return err
	}
	return writeTo(out, nil, func(w io.Writer) error {
		_, err := w.Write(blank)
		return err
	})
}

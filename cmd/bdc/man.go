package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand is bdc man, for whoever packages the program.
func manCommand(env) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the man pages into a folder",
		Example: "  bdc man share/man/man1",
		Hidden:  true,
		Args:    exactly(1, "name the folder to write the man pages to"),
		RunE: func(cmd *cobra.Command, args []string) error {
			// Without a Title, each page has the name of its command.
			header := &doc.GenManHeader{Section: "1", Source: "bdc " + thisBuild().Version, Manual: "Bons de commande"}
			return errors.Join(os.MkdirAll(args[0], 0o755), doc.GenManTree(cmd.Root(), header, args[0]))
		},
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"bdc/order"
	"bdc/store"

	"github.com/spf13/cobra"
)

// casesCommand is bdc cases.
func casesCommand(e env) *cobra.Command {
	const expected = "expected list or show CODE"
	var path, state string
	list := &cobra.Command{
		Use:   "list [--state waiting|sentback|closed] -c bdc.toml",
		Short: "List cases, one a line",
		Example: `  bdc cases list -c bdc.toml
  bdc cases list --state waiting -c bdc.toml`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch s := order.State(state); s {
			case "", order.Waiting, order.SentBack, order.Closed:
				return exactly(0, expected)(cmd, args)
			}
			return usageError{fmt.Errorf("--state must be %s, %s or %s", order.Waiting, order.SentBack, order.Closed)}
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withClient(cmd.Context(), e, path, func(ctx context.Context, d *client) error {
				return listCases(ctx, d, e.stdout, order.State(state))
			})
		},
	}
	list.Flags().StringVar(&state, "state", "", "`STATE`: waiting, sentback or closed; all otherwise")
	choices(list, "state", string(order.Waiting), string(order.SentBack), string(order.Closed))
	cmd := verbs(&cobra.Command{
		Use:   "cases list | show CODE   -c bdc.toml",
		Short: "List or show the cases that people decide",
		Example: `  bdc cases list --state waiting -c bdc.toml
  bdc cases show D-7K2Q9F -c bdc.toml`,
		GroupID: groupRecord,
	}, expected, list, &cobra.Command{
		Use:     "show CODE -c bdc.toml",
		Short:   "Show a case, as JSON",
		Example: "  bdc cases show D-7K2Q9F -c bdc.toml",
		Args:    exactly(1, expected),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withClient(cmd.Context(), e, path, func(ctx context.Context, d *client) error {
				return showCase(ctx, d, e.stdout, args[0])
			})
		},
	})
	configFlag(cmd, cmd.PersistentFlags(), &path, "configuration `FILE`")
	return cmd
}

func showCase(ctx context.Context, d *client, w io.Writer, code string) error {
	k, err := d.Case(ctx, strings.ToUpper(code))
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("no case %s", code)
	}
	if err != nil {
		return err
	}
	return printJSON(w, k)
}

// listCases lists the cases of a state, or all for "".
func listCases(ctx context.Context, d *client, w io.Writer, state order.State) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CASE\tOPENED\tSTATE\tREASON\tACCOUNT\tUAI\tSUBJECT")
	for k, err := range d.Cases(ctx, state) {
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Code,
			k.OpenedAt.In(order.Paris).Format("2006-01-02 15:04"), k.State, k.Reason,
			order.Printable(k.Account), k.UAI, printable(k.Subject, k.Erased))
	}
	return table.Flush()
}

package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

// retryCommand is bdc outbox retry.
func retryCommand(e env, path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "retry [REPLY…] -c bdc.toml",
		Short: "Retry: send again the replies that were given up",
		Long: `Send again the replies that were given up: those of the ids REPLY, or all of them. Each
leaves with the bytes that it had, and has all its attempts anew. The case that was opened
when it was given up is closed, unless somebody has worked on it.`,
		Example: `  bdc outbox retry -c bdc.toml
  bdc outbox retry 1204 1207 -c bdc.toml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			ids := make([]uint64, len(args))
			for i, arg := range args {
				id, err := strconv.ParseUint(arg, 10, 64)
				if err != nil {
					return usageError{fmt.Errorf("%q is no reply's id: expected a number", arg)}
				}
				ids[i] = id
			}
			return runRetry(cmd.Context(), e, *path, ids)
		},
	}
}

func runRetry(ctx context.Context, e env, path string, ids []uint64) error {
	return withClient(ctx, e, path, func(ctx context.Context, d *client) error {
		retried, err := d.Retry(ctx, ids...)
		if err != nil {
			return err
		}
		for _, r := range retried {
			if _, err := fmt.Fprintf(e.stdout, "%d to %s, refused with: %s\n", r.Reply, r.To, r.Words); err != nil {
				return err
			}
		}
		switch {
		case len(retried) == 0:
			_, err = fmt.Fprintln(e.stdout, "no reply is given up")
		case d.running:
			_, err = fmt.Fprintf(e.stdout, "%d replies are sent again\n", len(retried))
		default:
			_, err = fmt.Fprintf(e.stdout, "%d replies leave once bdc serve runs\n", len(retried))
		}
		return err
	})
}

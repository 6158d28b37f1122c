package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"bdc/order"
	"bdc/sheet/form"
	"bdc/store"
	"bdc/templates"

	"github.com/spf13/cobra"
)

// ordersCommand is bdc orders.
func ordersCommand(e env) *cobra.Command {
	const expected = "expected list, show NUMBER or export --format jsonl|csv|xlsx"
	var path, format, out string
	// with runs a verb on the store.
	with := func(run func(ctx context.Context, d *client, args []string) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) error {
			return withClient(cmd.Context(), e, path,
				func(ctx context.Context, d *client) error { return run(ctx, d, args) })
		}
	}
	export := &cobra.Command{
		Use:   "export --format jsonl|csv|xlsx [-o FILE] -c bdc.toml",
		Short: "Write all orders to a file",
		Long: `Write all orders to a file or to the standard output: as JSON, an order a line; as
CSV or as a workbook, a line of an order a row.`,
		Example: `  bdc orders export --format jsonl -c bdc.toml
  bdc orders export --format xlsx -o commandes.xlsx -c bdc.toml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := exactly(0, expected)(cmd, args); err != nil {
				return err
			}
			if format != "jsonl" && format != "csv" && format != "xlsx" {
				return usageError{errors.New("export needs --format jsonl, csv or xlsx")}
			}
			return nil
		},
		RunE: with(func(ctx context.Context, d *client, _ []string) error {
			lost := 0
			all := passOver(d.Orders(ctx), e.stderr, &lost)
			err := writeTo(out, e.stdout, func(w io.Writer) error { return exportOrders(all, w, format) })
			return found(err, lost)
		}),
	}
	export.Flags().StringVar(&format, "format", "", "`FORMAT`: jsonl, csv or xlsx")
	export.Flags().StringVarP(&out, "output", "o", "", "`FILE` to write; standard output otherwise")
	choices(export, "format", "jsonl", "csv", "xlsx")
	cmd := verbs(&cobra.Command{
		Use:   "orders list | show NUMBER | export   -c bdc.toml",
		Short: "List, show or export orders",
		Example: `  bdc orders list -c bdc.toml
  bdc orders show CNS-2026-000042 -c bdc.toml
  bdc orders export --format xlsx -o commandes.xlsx -c bdc.toml`,
		GroupID: groupRecord,
	}, expected, &cobra.Command{
		Use:     "list -c bdc.toml",
		Short:   "List all orders, one a line",
		Example: "  bdc orders list -c bdc.toml",
		Args:    exactly(0, expected),
		RunE: with(func(ctx context.Context, d *client, _ []string) error {
			lost := 0
			return found(listOrders(passOver(d.Orders(ctx), e.stderr, &lost), e.stdout), lost)
		}),
	}, &cobra.Command{
		Use:     "show NUMBER -c bdc.toml",
		Short:   "Show an order, as JSON",
		Example: "  bdc orders show CNS-2026-000042 -c bdc.toml",
		Args:    exactly(1, expected),
		RunE: with(func(ctx context.Context, d *client, args []string) error {
			return showOrder(ctx, d, e.stdout, args[0])
		}),
	}, export)
	configFlag(cmd, cmd.PersistentFlags(), &path, "configuration `FILE`")
	return cmd
}

func showOrder(ctx context.Context, d *client, w io.Writer, number string) error {
	o, err := d.Order(ctx, strings.ToUpper(number))
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("no order %s", number)
	}
	if err != nil {
		return err
	}
	return printJSON(w, o)
}

func listOrders(orders iter.Seq2[order.Order, error], w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NUMBER\tRECEIVED\tSTATUS\tACCOUNT\tREFERENCE\tUAI\tESTABLISHMENT\tLINES")
	for o, err := range orders {
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", o.Number,
			o.ReceivedAt.In(order.Paris).Format("2006-01-02 15:04"), o.Status,
			order.Printable(o.Account), printable(o.Reference, o.Erased), o.UAI, order.Printable(o.Establishment),
			len(o.Lines))
	}
	return table.Flush()
}

// printable is a text for a terminal; of an erased value, it says that it was erased.
func printable(text string, erased *order.Erased) string {
	if erased != nil {
		return order.ErasedWord
	}
	return order.Printable(text)
}

func exportOrders(orders iter.Seq2[order.Order, error], w io.Writer, format string) error {
	definition, err := templates.Form()
	if err != nil {
		return err
	}
	switch format {
	case "csv":
		return form.ExportCSV(w, definition, orders)
	case "xlsx":
		return form.Export(w, definition, orders)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for o, err := range orders {
		if err != nil {
			return err
		}
		if err := enc.Encode(o); err != nil {
			return err
		}
	}
	return nil
}

// passOver yields the orders of a list that can be read. It tells the others on w, and counts
// them.
func passOver(orders iter.Seq2[order.Order, error], w io.Writer, lost *int) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for o, err := range orders {
			if errors.Is(err, store.ErrDamaged) && o.Number != "" {
				*lost++
				fmt.Fprintf(w, "bdc orders: %v: passed over\n", err)
				continue
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// found is the error of a command that passed over so many orders: errFound, if it did all
// else.
func found(err error, lost int) error {
	if err == nil && lost > 0 {
		return errFound
	}
	return err
}

// writeTo writes a file, whole or not at all, or standard output where path is
// empty.
func writeTo(path string, stdout io.Writer, write func(io.Writer) error) (err error) {
	if path == "" {
		w := bufio.NewWriter(stdout)
		return errors.Join(write(w), w.Flush())
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".bdc-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // gone already when all went well
	w := bufio.NewWriter(part)
	if err := errors.Join(write(w), w.Flush(), part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"bdc/order"
	"bdc/sheet/form"
	"bdc/store"
	"bdc/templates"
)

// runOrders lists, shows and exports orders.
func runOrders(ctx context.Context, e env) (err error) {
	f := e.flags("orders")
	config := f.String("c", "", "configuration")
	format := f.String("format", "", "jsonl, csv or xlsx")
	out := f.String("o", "", "file to write; standard output otherwise")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch {
	case verb == "list" && len(args) == 1, verb == "show" && len(args) == 2:
	case verb == "export" && len(args) == 1:
		if *format != "jsonl" && *format != "csv" && *format != "xlsx" {
			return usageError{errors.New("export needs --format jsonl, csv or xlsx")}
		}
	default:
		return usageError{errors.New("say list, show NUMBER or export --format jsonl|csv|xlsx")}
	}
	d, err := openDesk(ctx, e, *config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	switch verb {
	case "list":
		return listOrders(ctx, d, e.stdout)
	case "show":
		o, err := d.Order(ctx, strings.ToUpper(args[1]))
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("no order %s", args[1])
		}
		if err != nil {
			return err
		}
		return printJSON(e.stdout, o)
	}
	return writeTo(*out, e.stdout, func(w io.Writer) error { return exportOrders(ctx, d, w, *format) })
}

func listOrders(ctx context.Context, d *desk, w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NUMBER\tRECEIVED\tSTATUS\tACCOUNT\tREFERENCE\tUAI\tESTABLISHMENT\tLINES")
	for o, err := range d.Orders(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", o.Number, o.ReceivedAt.In(order.Paris).Format("2006-01-02 15:04"), o.Status,
			printable(o.Account), printable(o.Reference), o.UAI, printable(o.Establishment), len(o.Lines))
	}
	return table.Flush()
}

func exportOrders(ctx context.Context, d *desk, w io.Writer, format string) error {
	definition, err := templates.Form()
	if err != nil {
		return err
	}
	switch format {
	case "csv":
		return form.ExportCSV(w, definition, d.Orders(ctx))
	case "xlsx":
		return form.Export(w, definition, d.Orders(ctx))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for o, err := range d.Orders(ctx) {
		if err != nil {
			return err
		}
		if err := enc.Encode(o); err != nil {
			return err
		}
	}
	return nil
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

// printable is a stranger's text on one line of a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

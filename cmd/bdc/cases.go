package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"bdc/order"
	"bdc/store"
)

// runCases lists and shows cases.
func runCases(ctx context.Context, e env) (err error) {
	f := e.flags("cases")
	config := f.String("c", "", "configuration")
	state := f.String("state", "", "waiting, sentback or closed; all otherwise")
	args, err := f.parse(e.args)
	if err != nil {
		return err
	}
	switch s := order.State(*state); s {
	case "", order.Waiting, order.SentBack, order.Closed:
	default:
		return usageError{fmt.Errorf("--state must be %s, %s or %s", order.Waiting, order.SentBack, order.Closed)}
	}
	show := len(args) == 2 && args[0] == "show"
	if !show && (len(args) != 1 || args[0] != "list") {
		return usageError{errors.New("say list or show CODE")}
	}
	d, err := openClient(ctx, e, *config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if show {
		k, err := d.Case(ctx, strings.ToUpper(args[1]))
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("no case %s", args[1])
		}
		if err != nil {
			return err
		}
		return printJSON(e.stdout, k)
	}
	table := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CASE\tOPENED\tSTATE\tREASON\tACCOUNT\tUAI\tSUBJECT")
	for k, err := range d.Cases(ctx, order.State(*state)) {
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Code, k.OpenedAt.In(order.Paris).Format("2006-01-02 15:04"), k.State, k.Reason,
			printable(k.Account), k.UAI, printable(k.Subject))
	}
	return table.Flush()
}

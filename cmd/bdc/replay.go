package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
	"bdc/templates"

	"github.com/spf13/cobra"
)

// replayed is what bdc replay says of one form that would come to something
// else: one line of --json.
type replayed struct {
	Case  string `json:"case,omitempty"`
	Order string `json:"order,omitempty"`
	Part  string `json:"part"`
	ingest.Replayed
}

// replayCommand is bdc replay.
func replayCommand(e env) *cobra.Command {
	var path, day string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "replay -c bdc.toml [--since 2026-09-01] [--json]",
		Short: "Examine stored forms again by today's rules, change nothing",
		Long: `Examine stored forms again by today's rules and registers, and tell what would change.
Nothing is changed. Use it to try a rule or a new catalogue on the forms that have
already come. Forms that were erased are counted and passed over.

Exit codes: 0 nothing would change; 1 something would.`,
		Example: `  bdc replay -c bdc.toml
  bdc replay -c bdc.toml --since 2026-09-01 --json`,
		GroupID: groupForms,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyConfig(path, args); err != nil {
				return err
			}
			var since time.Time
			if day != "" {
				var err error
				if since, err = time.ParseInLocation(time.DateOnly, day, order.Paris); err != nil {
					return usageError{fmt.Errorf("--since %q is no day such as 2026-09-01", day)}
				}
			}
			return runReplay(cmd.Context(), e, path, since, asJSON)
		},
	}
	configFlag(cmd, cmd.Flags(), &path, "configuration `FILE`")
	cmd.Flags().StringVar(&day, "since", "", "only forms that came since a `DAY`, such as 2026-09-01")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// runReplay examines the stored forms again, and changes nothing.
func runReplay(ctx context.Context, e env, path string, since time.Time, asJSON bool) (err error) {
	examiner, err := newExaminer(ctx, e, path)
	if err != nil {
		return err
	}
	d, err := openClient(ctx, e, path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	r := replay{
		client: d, examiner: examiner, since: since,
		tell: func(r replayed) error { return r.print(e.stdout, examiner.Form) },
	}
	if asJSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		r.tell = func(r replayed) error { return enc.Encode(r) }
	}
	if err := errors.Join(r.cases(ctx), r.orders(ctx)); err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintf(e.stdout, "%d forms examined, %d would change\n", r.examined, r.changed)
		if r.erased > 0 {
			fmt.Fprintf(e.stdout, "%d forms can't be examined again: they, or their mails, were erased\n", r.erased)
		}
	}
	if r.changed > 0 {
		return errFound
	}
	return nil
}

// replay examines the stored forms again, and counts them.
type replay struct {
	client            *client
	examiner          *ingest.Examiner
	since             time.Time
	tell              func(replayed) error
	examined, changed int
	erased            int // forms of which too little is left to examine them
}

// cases replays every form that a case has.
func (r *replay) cases(ctx context.Context) error {
	for c, err := range r.client.Cases(ctx, "") {
		if err != nil {
			return err
		}
		for _, a := range c.Attempts {
			if a.Workbook == "" || a.At.Before(r.since) { // "": a mail without a form
				continue
			}
			if c.Erased != nil {
				r.erased++
				continue
			}
			workbook, err := r.client.Blob(ctx, a.Workbook)
			if errors.Is(err, store.ErrNotFound) { // it was kept long enough
				r.erased++
				continue
			}
			if err != nil {
				return fmt.Errorf("case %s: %w", c.Code, err)
			}
			if err := r.form(ctx, replayed{Case: c.Code, Part: a.Part}, a, workbook); err != nil {
				return fmt.Errorf("case %s: %w", c.Code, err)
			}
		}
	}
	return nil
}

// orders replays the orders that were accepted as they came. Those that came of
// a case are among its forms.
func (r *replay) orders(ctx context.Context) error {
	for o, err := range r.client.Orders(ctx) {
		if err != nil {
			return err
		}
		if o.Case != "" || o.Message == nil || o.ReceivedAt.Before(r.since) {
			continue
		}
		if o.Erased != nil {
			r.erased++
			continue
		}
		workbook, err := r.client.Blob(ctx, o.Workbook)
		if errors.Is(err, store.ErrNotFound) {
			r.erased++
			continue
		}
		if err != nil {
			return fmt.Errorf("order %s: %w", o.Number, err)
		}
		if err := r.form(ctx, replayed{Order: o.Number, Part: o.Part}, r.examiner.AttemptOf(&o, workbook),
			workbook); err != nil {
			return fmt.Errorf("order %s: %w", o.Number, err)
		}
	}
	return nil
}

func (r *replay) form(ctx context.Context, of replayed, a order.Attempt, workbook []byte) error {
	m, err := r.client.Message(ctx, a.Message)
	if err != nil {
		return err
	}
	if m.Erased != nil { // its sender is not known any more
		r.erased++
		return nil
	}
	r.examined++
	of.Replayed = r.examiner.Replay(a, &m, workbook)
	if !of.Changed {
		return nil
	}
	r.changed++
	return r.tell(of)
}

// print writes the result for a person at a terminal: the findings that would be gone with
// a -, those that would be new with a +.
func (r replayed) print(w io.Writer, form *order.Form) error {
	_, err := fmt.Fprintf(w, "%s » %s: %s, now %s\n", r.Case+r.Order, order.Printable(r.Part), r.Before, r.After)
	for _, list := range []struct {
		sign     string
		findings []order.Finding
	}{{"-", r.Gone}, {"+", r.Added}} {
		for _, f := range list.findings {
			where := order.Printable(strings.Trim(f.Sheet+" "+f.Cell, " "))
			_, e := fmt.Fprintf(w, "  %s %-8s %-24s %-22s %s\n", list.sign, f.Severity, f.Code, where,
				order.Printable(templates.Explain(form, f).Wrong))
			err = errors.Join(err, e)
		}
	}
	return err
}

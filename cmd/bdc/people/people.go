// Package people answers what a person may ask by law (RGPD, articles 15 and 17): what the
// record holds about them, and to have it erased.
//
// A person is known by a mail address. Export writes all that names the address, with the
// files that came with it and the mails that we sent. Erase blanks it, as the retention
// does, and leaves what store.Retention never erases: Survey says what and why. Neither
// looks into the files, and neither touches the mailbox or backups.
//
// What is written tells of others, too: a mail names those that it was written to, and a
// form the contact of a school. Whoever hands it over looks at it first.
package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/order"
	"bdc/store"
	"bdc/validate/registry"
)

// The registers that have addresses of people.
const (
	registerAccounts store.Kind = "libraires"
	registerSchools  store.Kind = "annuaire"
)

// each calls do with all that names an address: of the record, then of the registers.
func each(ctx context.Context, c *control.Client, address string, do func(store.Holding) error) error {
	for after, first := "", true; first || after != ""; first = false {
		page, err := c.Holdings(ctx, address, after)
		if err != nil {
			return err
		}
		for _, h := range page.List {
			if err := do(h); err != nil {
				return err
			}
		}
		after = page.Next
	}
	err := entries(ctx, c, registerAccounts, address, func(a order.Account) string { return a.Number }, do)
	if err != nil {
		return err
	}
	return entries(ctx, c, registerSchools, address, func(s order.School) string { return s.UAI.String() }, do)
}

// entries calls do with the entries of a register that name an address.
func entries[E registry.Entry](
	ctx context.Context, c *control.Client, register store.Kind, address string, name func(E) string,
	do func(store.Holding) error,
) error {
	data, _, err := c.Register(ctx, string(register))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := registry.Decode[E](data)
	if err != nil {
		return fmt.Errorf("register %s: %w", register, err)
	}
	for _, e := range list {
		value, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if !order.NamesInJSON(value, address) {
			continue
		}
		h := store.Holding{Kind: register, Name: name(e), Hindrance: store.Elsewhere, Value: value}
		if err := do(h); err != nil {
			return err
		}
	}
	return nil
}

// Count says what is held of one kind.
type Count struct {
	Kind   store.Kind
	Found  int
	Stays  map[store.Hindrance]int // of these, what is not erased, by the reason
	Named  []string                // the first few of those that stay
	Erased int                     // what Erase erased
}

// mostNamed is how many things that stay are named.
const mostNamed = 5

// Survey counts what is held about a person, by kind. Kinds of which there is nothing are
// left out.
func Survey(ctx context.Context, c *control.Client, address string) (counts []Count, err error) {
	err = each(ctx, c, address, func(h store.Holding) error {
		i := slices.IndexFunc(counts, func(c Count) bool { return c.Kind == h.Kind })
		if i < 0 {
			i = len(counts)
			counts = append(counts, Count{Kind: h.Kind, Stays: map[store.Hindrance]int{}})
		}
		k := &counts[i]
		k.Found++
		if h.Hindrance == store.NoHindrance {
			return nil
		}
		k.Stays[h.Hindrance]++
		// A message is known by the key of its mailbox, which says nothing to people.
		if h.Name != "" && h.Kind != store.KindMessage && len(k.Named) < mostNamed {
			k.Named = append(k.Named, h.Name)
		}
		return nil
	})
	return counts, err
}

// Erasable is how many of the things counted can be erased.
func Erasable(counts []Count) (n int) {
	for _, c := range counts {
		n += c.Found
		for _, stays := range c.Stays {
			n -= stays
		}
	}
	return n
}

// Erase erases all that names an address and that nothing hinders, and returns how many
// things of each kind that were. What it erased stays erased if it returns an error.
func Erase(ctx context.Context, c *control.Client, address string, at time.Time) (counts []Count, err error) {
	for _, kind := range store.ErasableKinds() {
		e := store.Erasure{Address: address, Actor: "bdc", At: at}
		n := 0
		for first := true; first || e.After != ""; first = false {
			done, err := c.Erase(ctx, kind, e)
			if err != nil {
				return counts, err
			}
			n, e.After = n+done.Count, done.Next
		}
		if n > 0 {
			counts = append(counts, Count{Kind: kind, Erased: n})
		}
	}
	return counts, nil
}

// reasons are the words for each hindrance, in the order in which they are told.
func reasons() []struct {
	hindrance store.Hindrance
	words     string
} {
	return []struct {
		hindrance store.Hindrance
		words     string
	}{
		{store.OpenCase, "of an open case"},
		{store.Unsent, "of a reply that has not left"},
		{store.Unopened, "of an order that is neither opened nor cancelled"},
		{store.Lasting, "of a trouble that lasts"},
		{store.Elsewhere, "of a register: take the address out of its file, or out of the account in the console"},
		{store.Console, "of a user of the console: see bdc user"},
		{store.Remaining, "in what an erasure leaves, such as a school's name"},
	}
}

// Print writes what was found, a kind a line, and why something stays.
func Print(w io.Writer, counts []Count) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KIND\tFOUND\tSTAYS")
	for _, c := range counts {
		var stays []string
		for _, r := range reasons() {
			if n := c.Stays[r.hindrance]; n > 0 {
				stays = append(stays, fmt.Sprintf("%d %s", n, r.words))
			}
		}
		line := strings.Join(stays, "; ")
		if len(c.Named) > 0 {
			line += " (" + order.Printable(strings.Join(c.Named, ", ")) + ")"
		}
		fmt.Fprintf(table, "%s\t%d\t%s\n", c.Kind, c.Found, line)
	}
	return table.Flush()
}

package registers

import (
	"fmt"
	"io"
	"strings"

	"bdc/order"
)

// Print writes what an import changed, in a line, and below it what was left out. Of a
// preview, and of an import that was refused for what it would remove, it also writes the
// examples.
func Print(w io.Writer, p order.Preview) {
	i := p.Import
	would := ""
	if !p.Done {
		would = "would be "
	}
	fmt.Fprintf(w, "%s: %d rows read, %d entries: %s%d added, %d changed, %d removed, %d closed; %d rows left out\n",
		i.Register, i.Rows, i.Entries, would, i.Added, i.Changed, i.Removed, i.Closed, i.SkippedN)
	if i.Accepted > 0 {
		fmt.Fprintf(w, "  %d waiting orders accepted\n", i.Accepted)
	}
	if !p.Done {
		examples(w, "added", i.Added, p.Examples.Added)
		examples(w, "changed", i.Changed, p.Examples.Changed)
		examples(w, "closed", i.Closed, p.Examples.Closed)
		examples(w, "removed", i.Removed, p.Examples.Removed)
	}
	lines(w, "rows left out", i.SkippedN, shortened(i.Skipped, p.Done))
	lines(w, "values left out", i.DroppedN, shortened(i.Dropped, p.Done))
	lines(w, "changed by hand, and taken from the file", len(i.Overruled), i.Overruled)
}

// PrintUndone writes what undoing an import changed, in a line.
func PrintUndone(w io.Writer, i order.Import) {
	fmt.Fprintf(w, "%s: undid the import of %s (%s): %d entries: %d added, %d changed, %d removed, %d closed\n",
		i.Register, i.Undoes.In(order.Paris).Format("2006-01-02 15:04"), order.Printable(i.File), i.Entries, i.Added,
		i.Changed, i.Removed, i.Closed)
	if i.Accepted > 0 {
		fmt.Fprintf(w, "  %d waiting orders accepted\n", i.Accepted)
	}
}

// shortened returns the first lines of a list in a preview, and all of another.
func shortened(list []string, all bool) []string {
	if all {
		return list
	}
	return list[:min(len(list), order.MaxExamples)]
}

func lines(w io.Writer, what string, n int, list []string) {
	if n > 0 {
		fmt.Fprintf(w, "  %s%s:\n", what, of(len(list), n))
	}
	for _, s := range list {
		fmt.Fprintln(w, "    "+order.Printable(s))
	}
}

// of says that a list has only some of n.
func of(listed, n int) string {
	if listed < n {
		return fmt.Sprintf(" (%d of %d)", listed, n)
	}
	return ""
}

func examples(w io.Writer, what string, n int, list []order.Example) {
	var texts []string
	for _, x := range list {
		text := x.Key + "  " + x.Name
		for i, c := range x.Changes {
			before := ", "
			if i == 0 {
				before = ": "
			}
			text += before + Worded(c)
		}
		texts = append(texts, text)
	}
	lines(w, what, n, texts)
}

// Worded writes a changed value in French: "nom « A » → « B »".
func Worded(c order.ValueChange) string {
	was, now := "« "+c.Was+" »", "« "+c.Now+" »"
	if c.Was == "" {
		was = "—"
	}
	if c.Now == "" {
		now = "—"
	}
	return strings.Join([]string{c.Field, was, "→", now}, " ")
}

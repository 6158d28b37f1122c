package ingest

import (
	"fmt"
	"slices"
	"strings"

	"bdc/order"
)

// codeNearly holds an order that another for the same school is nearly the same
// as, under another reference or of another account.
const codeNearly order.Code = "order.nearly"

// nearly returns the latest of others that an order is nearly the same as.
func nearly(o *order.Order, others []order.Recent) (order.Recent, bool) {
	lines := o.Gists()
	i := slices.IndexFunc(others, func(other order.Recent) bool { return order.NearlySame(lines, other.Lines) })
	if i < 0 {
		return order.Recent{}, false
	}
	return others[i], true
}

// nearlySame holds an order for a person to see whether it was meant twice:
// opening a service twice is the costliest mistake.
func nearlySame(f Examined, other order.Recent) order.Finding {
	sheet, cell := f.Draft.Where(order.FieldUAI)
	args := difference(&f.Order, other)
	args["number"] = other.Number
	if other.Account != f.Order.Account {
		args["account"] = other.Account
	}
	return order.Finding{
		Code: codeNearly, Severity: order.Hold, Field: order.FieldUAI, Sheet: sheet, Cell: cell,
		Value: f.Order.UAI.String(), Args: args,
	}
}

// difference says in short what an order has that another lacks, and the other
// way round.
func difference(o *order.Order, other order.Recent) map[string]string {
	args := map[string]string{}
	here, there := order.Differ(o.Gists(), other.Lines)
	for key, lines := range map[string][]string{"here": here, "there": there} {
		if len(lines) > 0 {
			args[key] = inShort(lines)
		}
	}
	return args
}

// inShort names the first few of a list.
func inShort(lines []string) string {
	const most = 3
	if len(lines) <= most {
		return strings.Join(lines, ", ")
	}
	return fmt.Sprintf("%s… (%d lignes)", strings.Join(lines[:most], ", "), len(lines))
}

// discreet is what a bookseller may read of findings: nothing of an order of
// another account.
func discreet(findings []order.Finding) []order.Finding {
	foreign := func(f order.Finding) bool { return f.Code == codeNearly && f.Args["account"] != "" }
	if !slices.ContainsFunc(findings, foreign) {
		return findings
	}
	findings = slices.Clone(findings)
	for i := range findings {
		if foreign(findings[i]) {
			findings[i].Args = nil
		}
	}
	return findings
}

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

// nearShare is the part of the lines, in percent of the longer order's, that two
// orders share when they are nearly the same.
const nearShare = 70

// recent is an order as others are compared with it, before it is recorded.
func recent(o *order.Order) order.Recent { return order.Recent{Account: o.Account, Lines: o.Gists()} }

// nearly returns the latest of others that an order is nearly the same as.
func nearly(o *order.Order, others []order.Recent) (order.Recent, bool) {
	lines := o.Gists()
	i := slices.IndexFunc(others, func(other order.Recent) bool {
		here, _ := differ(lines, other.Lines)
		common, most := len(lines)-len(here), max(len(lines), len(other.Lines))
		return common > 0 && 100*common >= nearShare*most
	})
	if i < 0 {
		return order.Recent{}, false
	}
	return others[i], true
}

// differ returns the lines that are only in one of two sorted lists, and those
// only in the other. A line that is there twice is two lines.
func differ(a, b []string) (onlyA, onlyB []string) {
	for len(a) > 0 && len(b) > 0 {
		switch strings.Compare(a[0], b[0]) {
		case -1:
			onlyA, a = append(onlyA, a[0]), a[1:]
		case 1:
			onlyB, b = append(onlyB, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return append(onlyA, a...), append(onlyB, b...)
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
		Code: codeNearly, Severity: order.Hold, Field: order.FieldUAI, Sheet: sheet, Cell: cell, Value: f.Order.UAI.String(), Args: args,
	}
}

// difference says in short what an order has that another lacks, and the other
// way round.
func difference(o *order.Order, other order.Recent) map[string]string {
	args := map[string]string{}
	here, there := differ(o.Gists(), other.Lines)
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

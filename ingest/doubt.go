package ingest

import (
	"fmt"
	"slices"
	"strings"

	"bdc/order"
)

const (
	// codeReused holds a form whose reference another order of the same account and school has.
	// Args: number, of that order; here and there, which lines only one of the two has.
	codeReused order.Code = "order.reference.reused"
	// codeNearly holds a form that is nearly the same as another order for the same
	// school, under another reference or of another account. Args: number, here and
	// there as above; account, of the other order if it is another account.
	codeNearly order.Code = "order.nearly"
)

// doubt adds the findings by which a form waits for staff although it would be accepted: see
// several and doubtful.
func (f *Examined) doubt(past order.PastForm, rivals []rival) {
	f.Findings = slices.Clip(f.Findings)
	if doubt, ok := doubtful(*f, past); ok && f.Verdict == order.Accepted {
		f.Findings = append(f.Findings, doubt)
	}
	if len(rivals) > 0 {
		f.Findings = append(f.Findings, several(f, rivals))
	}
	f.Verdict = order.Judge(f.Findings)
}

// doubtful returns the finding by which a form waits for staff although it would be
// accepted: its reference is that of another order, or it is nearly the same as another
// order.
func doubtful(f Examined, past order.PastForm) (order.Finding, bool) {
	if past.Reused != "" {
		return referenceReused(f, past.Reused, past.Near), true
	}
	if other, ok := nearly(&f.Order, past.Near); ok {
		return nearlySame(f, other), true
	}
	return order.Finding{}, false
}

// referenceReused returns the finding for a form that has the reference of another order
// but other lines. It may be a correction or a second order by mistake. Opening a
// service twice is the costliest mistake, so a person decides.
func referenceReused(f Examined, number string, near []order.Recent) order.Finding {
	sheet, cell := f.Draft.Where(order.FieldReference)
	args := map[string]string{}
	if i := slices.IndexFunc(near, func(r order.Recent) bool { return r.Number == number }); i >= 0 {
		args = difference(&f.Order, near[i])
	}
	args["number"] = number
	return order.Finding{
		Code: codeReused, Severity: order.Hold, Field: order.FieldReference, Sheet: sheet, Cell: cell,
		Value: f.Order.Reference,
		Args:  args,
	}
}

// nearly returns the first of others that is nearly the same as the order.
func nearly(o *order.Order, others []order.Recent) (order.Recent, bool) {
	lines := o.Gists()
	i := slices.IndexFunc(others, func(other order.Recent) bool { return order.NearlySame(lines, other.Lines) })
	if i < 0 {
		return order.Recent{}, false
	}
	return others[i], true
}

// nearlySame returns the finding for a form that is nearly the same as another order. A
// person decides whether both were meant.
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

// difference returns, as arguments of a finding, the lines that only the one order has
// ("here") and those that only the other has ("there"), shortened.
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

// inShort names the first three of some lines, and says how many there are.
func inShort(lines []string) string {
	const most = 3
	if len(lines) <= most {
		return strings.Join(lines, ", ")
	}
	return fmt.Sprintf("%s… (%d lignes)", strings.Join(lines[:most], ", "), len(lines))
}

// discreet returns the findings as a bookseller may read them: without any detail of
// another account's order.
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

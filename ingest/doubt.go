package ingest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

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
	// codeAgain holds a form that is the same as an order of long ago, whose licences have not
	// ended. Args: number, date (when it was received) and until (the end of its licences).
	codeAgain order.Code = "order.again"
	// codeRenewed says that a form is the same as an order whose licences have ended, or has its
	// reference. Args: number, date.
	codeRenewed order.Code = "order.renewed"
)

// DefaultSameWithin is the value of Examiner.SameWithin where it has none. Orders are repeated
// within weeks, and renewed after a school year.
const DefaultSameWithin = 120 * 24 * time.Hour

func (e *Examiner) sameWithin() time.Duration {
	if e.SameWithin > 0 {
		return e.SameWithin
	}
	return DefaultSameWithin
}

// window tells how long ago the orders of an answer of the record were received, as seen from
// a form that was received at a moment.
type window struct {
	past   *order.Past
	at     time.Time
	within time.Duration
}

// isRecent reports whether the form was received so soon after an order that it may be the
// same once more.
func (w window) isRecent(number string) bool {
	received, known := w.past.Received[number]
	return !known || !w.at.After(received.Add(w.within))
}

// isOver reports whether the licences of an order had ended when the form was received.
func (w window) isOver(number string) bool {
	return !w.isRecent(number) && !w.at.Before(w.past.Ends[number])
}

// same returns the number of the order that the i-th form is, or "".
func (w window) same(i int) string {
	if same := w.past.Forms[i].Same; same != "" && w.isRecent(same) {
		return same
	}
	return ""
}

// recall returns the finding that earlier orders lead to for the i-th form, which would be
// accepted and is none of them: a hold if its licences, or its reference, are those of another
// order, or if it is nearly the same as another order; a warning if it renews an order.
func (w window) recall(i int, f *Examined) (order.Finding, bool) {
	past := &w.past.Forms[i]
	if past.Same != "" && !w.isOver(past.Same) {
		return w.naming(codeAgain, order.Hold, f, past.Same), true
	}
	if past.Reused != "" && !w.isOver(past.Reused) {
		return referenceReused(f, past.Reused, past.Near), true
	}
	others := slices.DeleteFunc(slices.Clone(past.Near), func(r order.Recent) bool { return r.Number == past.Reused })
	if other, ok := nearly(&f.Order, others); ok {
		return nearlySame(f, other), true
	}
	if older := cmp.Or(past.Same, past.Reused); older != "" {
		return w.naming(codeRenewed, order.Warning, f, older), true
	}
	return order.Finding{}, false
}

// recorded returns the findings that tell staff of a form that waits for another reason which
// order it is, or resembles.
func (w window) recorded(i int, f *Examined) []order.Finding {
	if same := w.same(i); same != "" {
		return []order.Finding{duplicate(same)}
	}
	told, ok := w.recall(i, f)
	if !ok || slices.ContainsFunc(f.Findings, func(f order.Finding) bool { return f.Code == told.Code }) {
		return nil
	}
	return []order.Finding{told}
}

// duplicate returns the finding that a form is an order that is recorded.
func duplicate(number string) order.Finding {
	return order.Finding{Code: codeDuplicate, Severity: order.Hold, Args: map[string]string{"number": number}}
}

// resembled returns the number of the recorded order that a form is, or resembles, as its
// findings say.
func resembled(findings []order.Finding) []string {
	for _, f := range findings {
		switch f.Code {
		case codeDuplicate, codeAgain, codeReused, codeNearly:
			if number := f.Args["number"]; number != "" {
				return []string{number}
			}
		}
	}
	return nil
}

// bringsMore reports whether a message whose form is an order that is recorded brings what did
// not come with that order: a file, or a question. Whatever doubts its words raise hold it.
func (j *judgement) bringsMore(f *Examined, same string) bool {
	known := j.Past.Files[same]
	isNew := func(p order.Part) bool {
		return !slices.ContainsFunc(known, func(k order.Part) bool { return k.Hash == p.Hash })
	}
	asks := func(f order.Finding) bool { return f.Code == codeLetterQuestion }
	return slices.ContainsFunc(j.files, isNew) || slices.ContainsFunc(f.Findings, asks)
}

// naming returns a finding about a form that names an earlier order.
func (w window) naming(code order.Code, severity order.Severity, f *Examined, number string) order.Finding {
	sheet, cell := f.Draft.Where(order.FieldReference)
	args := map[string]string{"number": number, "date": w.past.Received[number].In(order.Paris).Format(time.DateOnly)}
	if code == codeAgain {
		args["until"] = w.past.Ends[number].In(order.Paris).Format(time.DateOnly)
	}
	return order.Finding{
		Code: code, Severity: severity, Field: order.FieldReference, Sheet: sheet, Cell: cell,
		Value: f.Order.Reference, Args: args,
	}
}

// referenceReused returns the finding for a form that has the reference of another order
// but other lines. It may be a correction or a second order by mistake. Opening a
// service twice is the costliest mistake, so a person decides.
func referenceReused(f *Examined, number string, near []order.Recent) order.Finding {
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
func nearlySame(f *Examined, other order.Recent) order.Finding {
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

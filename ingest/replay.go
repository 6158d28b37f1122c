package ingest

import (
	"reflect"
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet"
)

// Replayed compares how a form was judged with how it would be judged now.
type Replayed struct {
	Before  order.Verdict   `json:"before"`          // as recorded
	After   order.Verdict   `json:"after"`           // now
	Gone    []order.Finding `json:"gone,omitempty"`  // findings that are no longer made
	Added   []order.Finding `json:"added,omitempty"` // findings that were not made before
	Changed bool            `json:"changed"`         // the verdict or a finding differs
}

// Replay examines the form of an attempt again, with its corrections, by the current
// rules and registers. Message m is the one that the attempt came with: the form is
// judged as on the day when m was received. Workbook is the bytes of the form's file.
//
// Findings that need the record or the whole message, such as a reference that another
// order has, are left out of the comparison: they depend on what was recorded at the
// time. If the form is no longer found in the workbook, After is the verdict of a
// workbook without a form.
func (e *Examiner) Replay(a order.Attempt, m *order.Message, workbook []byte) Replayed {
	before, after := ofForm(a.Findings), ofForm(e.replay(a, m, workbook))
	r := Replayed{
		Before: order.Judge(before), After: order.Judge(after), Gone: missing(before, after),
		Added: missing(after, before),
	}
	r.Changed = r.Before != r.After || len(r.Gone)+len(r.Added) > 0
	return r
}

// replay returns the findings that an attempt's form would have now.
func (e *Examiner) replay(a order.Attempt, m *order.Message, workbook []byte) []order.Finding {
	if a.Order == nil { // the file could not be read then
		book := sheet.Read(a.Part, workbook, e.Form, e.Sheet)
		if len(book.Drafts) == 0 {
			return book.Findings
		}
	}
	draft, err := e.Draft(&a, workbook)
	if err != nil {
		return []order.Finding{{Code: codeNone, Severity: order.Error}}
	}
	f := Examined{Part: order.Part{Name: a.Part, Hash: a.Workbook}, Index: a.Draft, Draft: draft}
	e.check(&f, m)
	return f.Findings
}

// AttemptOf returns an attempt for Replay, made from an order that has no case. Attempts
// are recorded only in cases, and an order that was accepted at once has none. Workbook is
// the bytes of the order's file, in which AttemptOf looks for the order's form. If it does
// not find the form, Replay will not find it either.
func (e *Examiner) AttemptOf(o *order.Order, workbook []byte) order.Attempt {
	a := order.Attempt{
		At: o.ReceivedAt, Part: o.Part, Workbook: o.Workbook, Verdict: o.Verdict, Order: o,
		Findings: o.Findings,
	}
	if o.Message != nil {
		a.Message = *o.Message
	}
	if len(o.Lines) == 0 {
		return a
	}
	first := o.Lines[0]
	drafts := sheet.Read(o.Part, workbook, e.Form, e.Sheet).Drafts
	a.Draft = slices.IndexFunc(drafts, func(d order.Draft) bool {
		return slices.ContainsFunc(d.Lines,
			func(l order.DraftLine) bool { return l.Sheet == first.Sheet && l.Row == first.Row })
	})
	if a.Draft < 0 {
		a.Draft = len(drafts) // past the end: for Replay the form is no longer found
	}
	return a
}

// ofForm returns those findings that follow from the form and the registers alone.
func ofForm(findings []order.Finding) []order.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f order.Finding) bool {
		area, _, _ := strings.Cut(string(f.Code), ".")
		return area == "order" || area == "message" || area == "mail" || area == "letter"
	})
}

// missing returns the findings that are not among others.
func missing(findings, others []order.Finding) []order.Finding {
	var list []order.Finding
	for _, f := range findings {
		same := func(other order.Finding) bool {
			if len(f.Args)+len(other.Args) == 0 { // nil and an empty map are the same
				other.Args = f.Args
			}
			return reflect.DeepEqual(f, other)
		}
		if !slices.ContainsFunc(others, same) {
			list = append(list, f)
		}
	}
	return list
}

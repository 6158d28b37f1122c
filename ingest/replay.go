package ingest

import (
	"reflect"
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet"
)

// Replayed compares what a stored form came to with what it would come to now.
type Replayed struct {
	Before  order.Verdict   `json:"before"`
	After   order.Verdict   `json:"after"`
	Gone    []order.Finding `json:"gone,omitempty"`
	Added   []order.Finding `json:"added,omitempty"`
	Changed bool            `json:"changed"`
}

// Replay examines an attempt once more, from its workbook, by today's rules and
// registers, as of the day of its message and with its corrections. Findings of
// the record or the message, such as a reference used before, are left out on
// both sides: only a mail that comes can make them.
func (e *Examiner) Replay(a order.Attempt, m *order.Message, workbook []byte) Replayed {
	before, after := ofForm(a.Findings), ofForm(e.replay(a, m, workbook))
	r := Replayed{
		Before: order.Judge(before), After: order.Judge(after), Gone: missing(before, after),
		Added: missing(after, before),
	}
	r.Changed = r.Before != r.After || len(r.Gone)+len(r.Added) > 0
	return r
}

func (e *Examiner) replay(a order.Attempt, m *order.Message, workbook []byte) []order.Finding {
	if a.Order == nil { // could not be read then
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

// AttemptOf is the attempt that an order was made of as it came, which no case
// keeps: with the place of its form among those of the workbook.
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
		a.Draft = len(drafts) // no longer there: so Replay says
	}
	return a
}

// ofForm leaves out what the form alone does not show.
func ofForm(findings []order.Finding) []order.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f order.Finding) bool {
		area, _, _ := strings.Cut(string(f.Code), ".")
		return area == "order" || area == "message" || area == "mail"
	})
}

// missing returns the findings that are not among others.
func missing(findings, others []order.Finding) []order.Finding {
	var list []order.Finding
	for _, f := range findings {
		same := func(other order.Finding) bool {
			if len(f.Args)+len(other.Args) == 0 { // none is none, however it was stored
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

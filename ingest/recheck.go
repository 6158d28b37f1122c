package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/sheet"
)

// ErrChanged: a workbook that was read once is no longer read as it was then.
var ErrChanged = errors.New("the form is no longer found in its workbook")

// codeDuplicate holds a form that a person is looking at, and whose order the
// record has.
const codeDuplicate order.Code = "order.duplicate"

// PastReader is what Recheck asks of the record.
type PastReader interface {
	Past(context.Context, order.Query) (order.Past, error)
}

// Draft reads the form of an attempt from its workbook once more, with the
// attempt's corrections in it. The error wraps ErrChanged where there is no such
// form: the program has learnt to read it otherwise, or the workbook is another.
func (e *Examiner) Draft(a *order.Attempt, workbook []byte) (*order.Draft, error) {
	draft, _, err := e.corrected(a, workbook)
	return draft, err
}

// corrected is Draft, with the attempt's corrections, each of which says what it
// stands in the place of.
func (e *Examiner) corrected(a *order.Attempt, workbook []byte) (*order.Draft, []order.Correction, error) {
	book := sheet.Read(a.Part, workbook, e.Form, e.Sheet)
	if a.Draft >= len(book.Drafts) || a.Sheet != "" && book.Drafts[a.Draft].Sheet != a.Sheet {
		return nil, nil, fmt.Errorf("%w: %s, %q, order %d", ErrChanged, a.Part, a.Sheet, a.Draft)
	}
	draft := &book.Drafts[a.Draft]
	if a.Draft == 0 {
		draft.Findings = append(book.Findings, draft.Findings...)
	}
	corrections := slices.Clone(a.Corrections)
	for i := range corrections {
		corrections[i].Was = correct(draft, corrections[i])
	}
	return draft, corrections, nil
}

// correct puts a person's value in the place of what was typed, and returns that.
func correct(d *order.Draft, c order.Correction) (was string) {
	if c.Row == 0 {
		was = d.Fields[c.Field].Text
		cell := order.Cell{Text: c.Text}
		cell.Sheet, cell.Ref = d.Where(c.Field)
		setCell(d.Fields, c.Field, cell)
		return was
	}
	for i := range d.Lines {
		if l := &d.Lines[i]; l.Row == c.Row && l.Sheet == c.Sheet {
			was = l.Cells[c.Field].Text
			ref := l.Cells[c.Field].Ref
			if ref == "" { // an empty cell: in the column that the header names
				ref = strings.TrimRight(d.Labels[c.Field].Ref, "0123456789") + strconv.Itoa(c.Row)
			}
			setCell(l.Cells, c.Field, order.Cell{Sheet: c.Sheet, Ref: ref, Text: c.Text})
		}
	}
	return was
}

func setCell(cells map[string]order.Cell, id string, c order.Cell) {
	if c.Text == "" {
		delete(cells, id)
		return
	}
	cells[id] = c
}

// Recheck judges an attempt again by today's rules and registers, with its
// corrections, and returns it as it is then. Findings that the record makes,
// such as a reference used before, are made anew. The error wraps ErrChanged
// where the form is no longer found.
func (e *Examiner) Recheck(ctx context.Context, a order.Attempt, m *order.Message, workbook []byte,
	record PastReader,
) (order.Attempt, error) {
	draft, corrections, err := e.corrected(&a, workbook)
	if err != nil {
		return a, err
	}
	a.Corrections = corrections
	f := Examined{Part: order.Part{Name: a.Part, Hash: a.Workbook}, Index: a.Draft, Draft: draft}
	e.check(&f, m)
	answer, err := record.Past(ctx,
		order.Query{Since: m.ReceivedAt.Add(-threadAge), Forms: []order.QueryForm{f.queryForm()}})
	if err != nil {
		return a, err
	}
	past := answer.Forms[0]
	doubt, doubted := order.Finding{}, false
	if f.Verdict == order.Accepted {
		doubt, doubted = doubtful(f, past, false, nil)
	}
	switch {
	case past.Same != "":
		f.Findings = append(f.Findings,
			order.Finding{Code: codeDuplicate, Severity: order.Hold, Args: map[string]string{"number": past.Same}})
		f.Verdict = order.Held
	case doubted:
		f.Findings = append(f.Findings, doubt)
		f.Verdict = order.Held
	}
	a.Order, a.Findings, a.Verdict = &f.Order, f.Findings, f.Verdict
	return a, nil
}

// Answer is the reply that a person's act about an attempt causes: of that kind,
// with the person's own words, to the message's sender, or to the bookseller whose
// form staff sent on; To is "" where nobody is known. An acknowledgement points at
// the decision's order, and says what has changed since the first try; a letter is
// about no form.
func (e *Examiner) Answer(kind order.ReplyKind, c *order.Case, a *order.Attempt, m *order.Message,
	words string,
) order.Reply {
	r := order.Result{Kind: kind, Order: -1, Case: c.Code}
	if a.Order != nil && kind != order.ReplyLetter {
		f := Examined{
			Part: order.Part{Name: a.Part, Hash: a.Workbook}, Index: a.Draft, Order: *a.Order,
			Findings: a.Standing(),
		}
		r = f.result(e.Form.Version)
		r.Kind, r.Case, r.Sheet = kind, c.Code, a.Sheet
	}
	if kind == order.ReplyAck {
		r.Order, r.Lines = 0, a.Order.Lines
		first := c.First(a.Message)
		if first == nil {
			first = a
		}
		tellChanges(&r, Changes(e.Form, first, a))
	}
	to, name := e.addressee(m, a)
	j := judgement{Intake: order.Intake{Message: *m}, domain: e.domain(), to: to}
	j.reply([]order.Result{r})
	reply := j.Replies[0]
	reply.ToName, reply.Kind, reply.Personal = name, kind, words
	return reply
}

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

// ErrChanged says that the form of an attempt can't be found in its workbook again,
// because the program now reads the workbook in another way, or because the workbook is
// another one.
var ErrChanged = errors.New("the form is no longer found in its workbook")

// codeDuplicate holds a form of a case whose order is already recorded. Args: number.
const codeDuplicate order.Code = "order.duplicate"

// PastReader is the part of the store that Recheck asks what bears on a form.
type PastReader interface {
	Past(context.Context, order.Query) (order.Past, error)
}

// Draft reads the form of an attempt from its workbook again, and puts the attempt's
// corrections into it. The error wraps ErrChanged if the form is no longer found.
func (e *Examiner) Draft(a *order.Attempt, workbook []byte) (*order.Draft, error) {
	draft, _, err := e.corrected(a, workbook)
	return draft, err
}

// corrected is Draft. It also returns the attempt's corrections, with Was set to what each
// replaces.
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

// correct replaces what was typed in a cell by the value of a correction, and returns
// what was typed.
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
			if ref == "" { // the cell is empty: its column is that of the label in the table's header
				ref = strings.TrimRight(d.Labels[c.Field].Ref, "0123456789") + strconv.Itoa(c.Row)
			}
			setCell(l.Cells, c.Field, order.Cell{Sheet: c.Sheet, Ref: ref, Text: c.Text})
		}
	}
	return was
}

// setCell sets the cell of a field or column, and removes it if its text is empty.
func setCell(cells map[string]order.Cell, id string, c order.Cell) {
	if c.Text == "" {
		delete(cells, id)
		return
	}
	cells[id] = c
}

// Recheck judges an attempt again, with its corrections, by the current rules,
// registers and record. Message m is the one that the attempt came with, and workbook
// the bytes of its file. Recheck returns the attempt with the new order, findings and
// verdict; it changes nothing in the record. The error wraps ErrChanged if the form is
// no longer found in the workbook; other errors are those of record.
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
	e.letter(m, &f)
	answer, err := record.Past(ctx, order.Query{
		Since: m.ReceivedAt.Add(-threadAge), OrdersSince: m.ReceivedAt.Add(-e.sameWithin()),
		Forms: []order.QueryForm{f.queryForm()},
	})
	if err != nil {
		return a, err
	}
	w := window{&answer, m.ReceivedAt, e.sameWithin()}
	if same := w.same(0); same != "" {
		f.Findings = append(f.Findings, duplicate(same))
	} else if told, ok := w.recall(0, &f); ok && f.Verdict == order.Accepted {
		f.Findings = append(f.Findings, told)
	}
	for _, told := range a.Findings {
		if IsSeveral(told) { // it follows from the mail, whose other forms are not read again
			f.Findings = append(f.Findings, told)
		}
	}
	f.Verdict = order.Judge(f.Findings)
	a.Order, a.Findings, a.Verdict = &f.Order, f.Findings, f.Verdict
	return a, nil
}

// Answer returns the reply by which a decision about attempt a of case c is told to the
// bookseller. Message m is the one that the attempt came with. Words are what the person
// who decided wants to add, or "".
//
// The reply goes to the sender of the message. If staff had forwarded the message, it
// goes to the bookseller that the form is of; its To is "" if no address is known. An
// acknowledgement (order.ReplyAck) is for the order of the decision, and lists what has
// changed since the first attempt of the case. A letter (order.ReplyLetter) tells of no
// form.
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
	j := judgement{Intake: order.Intake{Message: *m}, domain: e.domain(), to: e.addressee(m, a)}
	j.reply([]order.Result{r})
	reply := j.Replies[0]
	reply.Kind, reply.Personal = kind, words
	return reply
}

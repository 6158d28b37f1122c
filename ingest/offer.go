package ingest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// maxOffered is the most corrections that one OK can accept. Nobody would read more.
const maxOffered = 50

// offer is what a report may propose: to order the form with these corrections if the
// bookseller answers OK.
type offer struct {
	form        int // its index in Exam.Forms
	corrections []order.Correction
	corrected   Examined // the form with the corrections; the rules accept it
}

// propose finds out what the report about a mail may offer, and adds it to the exam and
// its query. Corrections are offered only if the mail has exactly one form that is not
// accepted, if the findings propose a correction for each of its errors, and if the
// corrected form would be ordered without a doubt when the sender says OK.
func (e *Examiner) propose(x *Exam) {
	if !x.isTrusted() || len(x.Trouble) > 0 || x.Recipient != x.Message.From {
		return
	}
	i, only := x.onlyUnaccepted()
	if !only {
		return
	}
	f := &x.Forms[i]
	corrections, ok := proposals(e.Form, f.Findings)
	if f.Draft == nil || !ok {
		return
	}
	corrected := Examined{Part: f.Part, Index: f.Index, Draft: withCorrections(f.Draft, corrections)}
	e.check(&corrected, &x.Message)
	e.letter(&x.Message, &corrected)
	if corrected.Verdict != order.Accepted || !slices.Contains(x.Query.Accounts, corrected.Order.Account) ||
		hasNewWarning(corrected.Findings, f.Findings) {
		return
	}
	x.offer = &offer{i, corrections, corrected}
	x.Query.Forms = append(x.Query.Forms, corrected.queryForm()) // after the forms of the mail
}

// isTrusted reports whether one word of the sender is enough to order: DMARC proves
// that a person wrote from this address, and the mail may be answered.
func (x *Exam) isTrusted() bool {
	return x.proven && x.Automatic == "" && x.Unanswerable == ""
}

// onlyUnaccepted returns the index of the form that is not accepted. It reports false if
// there is none, or more than one: then an OK would not say which of them it is about.
func (x *Exam) onlyUnaccepted() (int, bool) {
	unaccepted := func(f Examined) bool { return f.Verdict != order.Accepted }
	i := slices.IndexFunc(x.Forms, unaccepted)
	return i, i >= 0 && !slices.ContainsFunc(x.Forms[i+1:], unaccepted)
}

// hasNewWarning reports whether findings has a warning about a cell that is not in told.
func hasNewWarning(findings, told []order.Finding) bool {
	return slices.ContainsFunc(findings, func(f order.Finding) bool {
		same := func(t order.Finding) bool { return t.Code == f.Code && t.Sheet == f.Sheet && t.Cell == f.Cell }
		return f.Severity == order.Warning && !slices.ContainsFunc(told, same)
	})
}

// proposals returns the corrections that findings propose for their errors. It reports
// false if an error has no correction or a choice of two, if two corrections contradict
// each other, or if there are too many.
func proposals(form *order.Form, findings []order.Finding) ([]order.Correction, bool) {
	var list []order.Correction
	for _, f := range findings {
		if f.Severity != order.Error {
			continue
		}
		c, ok := proposal(form, f)
		contradicts := func(other order.Correction) bool { return samePlace(c, other) && c.Text != other.Text }
		if !ok || f.Args["proposal2"] != "" || slices.ContainsFunc(list, contradicts) {
			return nil, false
		}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list, len(list) > 0 && len(list) <= maxOffered
}

// proposal returns the correction that a finding proposes for the cell that it is about.
// It reports false if the finding proposes none.
func proposal(form *order.Form, f order.Finding) (order.Correction, bool) {
	about := func(field order.Field) bool { return field.ID == f.Field }
	c := order.Correction{Field: f.Field, Text: f.Proposal}
	if slices.ContainsFunc(form.Columns, about) {
		c.Sheet = f.Sheet
		c.Row, _ = strconv.Atoi(strings.TrimLeft(f.Cell, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return c, c.Text != "" && c.Row > 0
	}
	return c, c.Text != "" && slices.ContainsFunc(form.Fields, about)
}

// samePlace reports whether two corrections are of the same cell.
func samePlace(a, b order.Correction) bool {
	return a.Field == b.Field && a.Sheet == b.Sheet && a.Row == b.Row
}

// withCorrections returns a copy of a draft with corrections in it.
func withCorrections(d *order.Draft, corrections []order.Correction) *order.Draft {
	c := *d
	c.Fields = maps.Clone(d.Fields)
	c.Lines = slices.Clone(d.Lines)
	for i := range c.Lines {
		c.Lines[i].Cells = maps.Clone(c.Lines[i].Cells)
	}
	for _, made := range corrections {
		correct(&c, made)
	}
	return &c
}

// offerStands reports whether an offer may still be made now that the record was asked
// and the forms of the mail are decided. The order that it would make must be neither
// recorded already nor doubtful, and no other form of the mail may wait for staff or be a
// version of it.
func (j *judgement) offerStands(o *offer, results []order.Result) bool {
	i := len(results) // the query asks about the offer after all forms
	if results[o.form].Kind != order.ReplyReport || j.window.same(i) != "" ||
		slices.ContainsFunc(results, func(r order.Result) bool { return r.Kind == order.ReplyHeld }) ||
		slices.ContainsFunc(results[o.form].Findings, IsSeveral) {
		return false
	}
	told, ok := j.window.recall(i, &o.corrected)
	return !ok || told.Severity != order.Hold
}

// noteOffer notes in the case of the given code what the last reply offers.
func (j *judgement) noteOffer(code string, o *offer) {
	made := &order.Proposed{Report: j.Replies[len(j.Replies)-1].MessageID, Corrections: o.corrections}
	for i := range j.Cases {
		if c := &j.Cases[i]; c.Code == code {
			c.Attempts[0].Proposed = made
		}
	}
	for i := range j.Continued {
		if c := &j.Continued[i]; c.Case == code {
			c.Attempt.Proposed = made
		}
	}
}

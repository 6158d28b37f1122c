package ingest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// maxOffered is the most corrections that one OK accepts: more nobody reads.
const maxOffered = 50

// offer is what a report may propose to put right itself.
type offer struct {
	form        int // its index among those of the exam
	corrections []order.Correction
	corrected   Examined // with them; accepted, as far as the form alone tells
}

// propose finds out what the report about a mail may offer: the one form of it
// that goes back, corrected as every error of it proposes. Nothing is offered
// that would not be honoured: neither to a sender whose OK would not be believed,
// nor where a doubt, or a warning that the report does not tell of, would be left.
func (e *Examiner) propose(x *Exam) {
	if !x.proven || x.Automatic != "" || x.Unanswerable != "" || len(x.Trouble) > 0 || x.Recipient != x.Message.From {
		return
	}
	i := slices.IndexFunc(x.Forms, func(f Examined) bool { return f.Verdict != order.Accepted })
	if i < 0 || slices.ContainsFunc(x.Forms[i+1:], func(f Examined) bool { return f.Verdict != order.Accepted }) {
		return // two to answer: which would the OK be about?
	}
	f := &x.Forms[i]
	corrections, ok := proposals(e.Form, f.Findings)
	if f.Draft == nil || !ok {
		return
	}
	better := Examined{Part: f.Part, Index: f.Index, Draft: withCorrections(f.Draft, corrections)}
	e.check(&better, &x.Message)
	news := func(g order.Finding) bool {
		told := func(f order.Finding) bool { return f.Code == g.Code && f.Sheet == g.Sheet && f.Cell == g.Cell }
		return g.Severity == order.Warning && !slices.ContainsFunc(f.Findings, told)
	}
	if better.Verdict != order.Accepted || !slices.Contains(x.Query.Accounts, better.Order.Account) ||
		slices.ContainsFunc(better.Findings, news) {
		return
	}
	x.offer = &offer{i, corrections, better}
	x.Query.Forms = append(x.Query.Forms, better.queryForm()) // after those of the forms
}

// proposals are the corrections that the errors among findings propose. It
// reports false unless each proposes one, and no two contradict each other.
func proposals(form *order.Form, findings []order.Finding) ([]order.Correction, bool) {
	var list []order.Correction
	for _, f := range findings {
		if f.Severity != order.Error {
			continue
		}
		c, ok := proposal(form, f)
		if !ok || f.Args["proposal2"] != "" ||
			slices.ContainsFunc(list, func(other order.Correction) bool {
				return samePlace(c, other) &&
					c.Text != other.Text
			}) {
			return nil, false
		}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list, len(list) > 0 && len(list) <= maxOffered
}

// proposal is the correction that a finding proposes, in the place that it is
// about.
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

func samePlace(a, b order.Correction) bool {
	return a.Field == b.Field && a.Sheet == b.Sheet && a.Row == b.Row
}

// withCorrections is a draft with corrections in it; the draft stays as it is.
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

// offerStands reports whether the record, the other forms of the mail included, leaves
// an offer as it is: the order that it would make is neither there nor doubtful,
// and the bookseller waits for nobody else's answer.
func (j *judgement) offerStands(o *offer, results []order.Result, within map[order.UAI][]order.Recent) bool {
	i := len(results) // its place in the query
	like, past := j.Query.Forms[i], j.Past.Forms[i]
	if results[o.form].Kind != order.ReplyReport || past.Same != "" ||
		slices.ContainsFunc(results, func(r order.Result) bool { return r.Kind == order.ReplyHeld }) {
		return false
	}
	referred := slices.ContainsFunc(j.Orders,
		func(o order.Order) bool { return o.Reference != "" && o.ReferenceKey() == like.Reference })
	_, doubted := doubtful(o.corrected, past, referred, within[like.School])
	return !doubted
}

// noteOffer notes in the case what the last reply offers.
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

package ingest

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"bdc/order"
	"bdc/store"
)

// codeAgreedTo says of an order that its bookseller agreed to a correction.
const codeAgreedTo order.Code = "order.agreed"

// CaseReader is the part of the store by which ResolveAgreement finds the form that a
// mail says OK to. Its errors wrap store.ErrNotFound for what the store does not have.
type CaseReader interface {
	// Case returns the case with the given code.
	Case(ctx context.Context, code string) (order.Case, error)
	// Message returns a recorded message.
	Message(context.Context, order.Key) (order.Message, error)
	// Blob returns the bytes of a stored attachment.
	Blob(context.Context, order.Hash) ([]byte, error)
}

// agreement is the form that a mail says OK to, with the corrections that were offered.
type agreement struct {
	thread  order.Thread  // the form's case, as it was when we read it
	form    Examined      // the corrected form; the rules accept it
	attempt order.Attempt // what is added to the case
}

// ResolveAgreement looks whether a mail that says OK agrees to the corrections that the
// latest report of its case offers. If so, it reads the form of that report again, puts
// the corrections into it, judges it by the current rules, and adds it to the exam and
// its Query. Judge then makes an order of it. If there is any doubt, ResolveAgreement
// leaves the exam as it is, and Judge makes the mail a case for staff.
//
// It may be called again for the same exam if the record has changed. Its errors are
// those of record, except that what record does not find counts as a doubt.
func (e *Examiner) ResolveAgreement(ctx context.Context, x *Exam, record CaseReader) error {
	x.agreed = nil
	if !x.isOK || !x.isTrusted() {
		return nil
	}
	x.Query.Forms = nil
	code := x.about()
	if code == "" {
		return nil
	}
	agreed, err := e.agreement(ctx, x, code, record)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrChanged) {
		return nil
	}
	if err != nil || agreed == nil {
		return err
	}
	x.agreed = agreed
	x.Query.Mentions, x.Query.Forms = []string{code}, []order.QueryForm{agreed.form.queryForm()}
	return nil
}

// tag finds what we put in front of the subjects of our mails: "[D-7K2Q9F]".
var tag = regexp.MustCompile(`\[[^\[\]]*\]`)

// about returns the code of the one case that a mail is about: the case of the report
// that it answers, or else the one that its subject names. It returns "" if there is
// none or if there are two. If the mail answers a report, only tags in its subject
// count: the bookseller's own words there may name another case.
func (x *Exam) about() string {
	code, _, _ := strings.Cut(strings.TrimPrefix(x.answersID, "<"), ".")
	named := x.Message.Subject
	if code != "" {
		named = strings.Join(tag.FindAllString(named, maxMentions), " ")
	}
	for _, other := range caseCode.FindAllString(named, maxMentions) {
		if code != "" && code != other {
			return ""
		}
		code = other
	}
	return code
}

// agreement returns what a mail agrees to in the case of the given code, or nil if that
// is in doubt.
func (e *Examiner) agreement(ctx context.Context, x *Exam, code string, record CaseReader) (*agreement, error) {
	c, err := record.Case(ctx, code)
	if err != nil {
		return nil, err
	}
	last := x.accepts(&c)
	if last == nil {
		return nil, nil
	}
	came, err := record.Message(ctx, last.Message)
	if err != nil || came.From != x.Message.From {
		return nil, err
	}
	workbook, err := record.Blob(ctx, last.Workbook)
	if err != nil {
		return nil, err
	}
	a := *last
	a.Message, a.Parts, a.Text = x.Message.Key, x.Message.Parts, x.ownText
	a.Waivers, a.Proposed, a.Agreed = nil, nil, true
	a.Corrections = slices.Clone(last.Proposed.Corrections)
	for i := range a.Corrections {
		a.Corrections[i].Actor, a.Corrections[i].At = order.Bookseller, x.Message.ReceivedAt
	}
	draft, made, err := e.corrected(&a, workbook)
	if err != nil {
		return nil, err
	}
	a.Corrections = made
	f := Examined{Part: order.Part{Name: a.Part, Hash: a.Workbook}, Index: a.Draft, Draft: draft}
	e.check(&f, &x.Message)
	e.letter(&came, &f)
	if f.Verdict != order.Accepted || !slices.Contains(x.Query.Accounts, f.Order.Account) {
		return nil, nil
	}
	f.Findings = append(agreedTo(e.Form, last), f.Findings...)
	f.Order.Status, f.Order.Findings = order.Received, f.Findings
	// The order belongs to the mail that the form came with, whose other files, such as a
	// purchase commitment, belong to it too. But it was received on the day of the OK.
	f.Order.Message, f.Order.MessageID = &last.Message, came.MessageID
	a.Order, a.Findings, a.Verdict = &f.Order, f.Findings, f.Verdict
	return &agreement{order.Thread{Case: c.Code, Revision: c.Revision, State: c.State}, f, a}, nil
}

// accepts returns the attempt of a case whose offer the mail says OK to, or nil if that
// is in doubt. It is the latest attempt with a form, and nothing was done in the case
// since. If the mail answers a report, that must be the attempt's; if it answers none,
// the case must have only one attempt with a form.
func (x *Exam) accepts(c *order.Case) *order.Attempt {
	var last *order.Attempt
	forms := 0
	for i := range c.Attempts {
		if c.Attempts[i].Part != "" {
			last = &c.Attempts[i]
			forms++
		}
	}
	switch {
	case c.State != order.SentBack, last == nil, last.Proposed == nil, last.Order == nil:
		return nil
	case x.answersID == "" && forms > 1, x.answersID != "" && x.answersID != last.Proposed.Report:
		return nil
	case slices.ContainsFunc(c.Acts, func(a order.Act) bool { return !a.At.Before(last.At) }):
		return nil
	}
	return last
}

// agreedTo returns a finding for each correction of an attempt that its sender has
// agreed to. They replace the errors that the corrections were offered for.
func agreedTo(form *order.Form, a *order.Attempt) []order.Finding {
	var list []order.Finding
	for _, f := range a.Findings {
		if c, ok := proposal(form, f); f.Severity == order.Error && ok && slices.Contains(a.Proposed.Corrections, c) {
			list = append(list, order.Finding{
				Code: codeAgreedTo, Severity: order.Fixed, Field: f.Field, Sheet: f.Sheet, Cell: f.Cell, Value: f.Value,
				Proposal: f.Proposal,
			})
		}
	}
	return list
}

// orderAgreed makes an order of the form that a mail says OK to, acknowledges it and
// closes its case. If the case has changed since the form was read, or if the record
// makes the order a doubtful one, it does nothing and reports false.
func (j *judgement) orderAgreed(a *agreement) bool {
	if j.Past.Mentioned != a.thread || j.window.same(0) != "" {
		return false
	}
	form, attempt := a.form, a.attempt
	if told, ok := j.window.recall(0, &form); ok {
		if told.Severity == order.Hold {
			return false
		}
		form.Findings = append(slices.Clip(form.Findings), told)
	}
	j.Folder = order.FolderProcessed
	form.Order.Findings = form.Findings
	attempt.At, attempt.Order, attempt.Findings = j.At, &form.Order, form.Findings
	j.Orders = append(j.Orders, form.Order)
	j.Continued = append(j.Continued,
		order.Continuation{Case: a.thread.Case, State: order.Closed, Attempt: attempt, Order: 0})
	r := form.result(j.form.Version)
	r.Kind, r.Order, r.Case, r.Lines = order.ReplyAck, 0, a.thread.Case, form.Order.Lines
	// The reply tells the corrections as changes instead.
	r.Findings = slices.DeleteFunc(slices.Clone(r.Findings),
		func(f order.Finding) bool { return f.Code == codeAgreedTo })
	tellChanges(&r, Changes(j.form, j.Past.First[a.thread.Case], &attempt))
	j.reply([]order.Result{r})
	return true
}

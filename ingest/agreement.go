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

// CaseReader is what is asked of the record about a mail that says OK.
type CaseReader interface {
	Case(context.Context, string) (order.Case, error)
	Message(context.Context, order.Key) (order.Message, error)
	Blob(context.Context, order.Hash) ([]byte, error)
}

// agreement is what a mail that says OK makes of the form that it is about.
type agreement struct {
	thread  order.Thread // the case, as the form was taken from it
	form    Examined     // accepted, as far as it alone tells
	attempt order.Attempt
}

// ResolveAgreement completes the exam of a mail that says OK to what its case's latest
// report offers: by the form of that report, read again and judged by today's
// rules with the corrections in it. Any other mail, and one about which there is
// a doubt, stays as it is, for people. It may be repeated, for a case that has
// changed. The error is the record's.
func (e *Examiner) ResolveAgreement(ctx context.Context, x *Exam, record CaseReader) error {
	x.agreed = nil
	if !x.yes || !x.proven || x.Automatic != "" || x.Unanswerable != "" {
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

// tag is what stands in front of our subjects.
var tag = regexp.MustCompile(`\[[^\[\]]*\]`)

// about is the code of the one case that a mail is about: as an answer to our
// report, or else by its subject. It is "" where these name none, or two. The
// thread may have been about other cases before, and so may the bookseller's own
// words in the subject.
func (x *Exam) about() string {
	code, _, _ := strings.Cut(strings.TrimPrefix(x.answer, "<"), ".")
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
	a.Message, a.Parts, a.Text = x.Message.Key, x.Message.Parts, x.own
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
	if f.Verdict != order.Accepted || !slices.Contains(x.Query.Accounts, f.Order.Account) {
		return nil, nil
	}
	f.Findings = append(agreedTo(e.Form, last), f.Findings...)
	f.Order.Status, f.Order.Findings = order.Received, f.Findings
	// The order has the files of the mail that the form came with, such as a purchase
	// commitment, and the day of the OK: until then there was none to serve.
	f.Order.Message, f.Order.MessageID = &last.Message, came.MessageID
	a.Order, a.Findings, a.Verdict = &f.Order, f.Findings, f.Verdict
	return &agreement{order.Thread{Case: c.Code, Revision: c.Revision, State: c.State}, f, a}, nil
}

// accepts returns the attempt of a case whose offer the mail can only mean: the
// latest form, sent back and untouched since. A mail that does not say which
// report it answers may mean any of the case's, so that there must be but one.
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
	case x.answer == "" && forms > 1, x.answer != "" && x.answer != last.Proposed.Report:
		return nil
	case slices.ContainsFunc(c.Acts, func(a order.Act) bool { return !a.At.Before(last.At) }):
		return nil
	}
	return last
}

// agreedTo says what was corrected in an attempt as it offered.
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

// orderAgreed orders what a mail says OK to, and closes its case. It reports false, and
// does nothing, where the case has changed or the record makes the order a doubtful
// one.
func (j *judgement) orderAgreed(a *agreement) bool {
	if j.Past.Mentioned != a.thread || j.Past.Forms[0].Same != "" {
		return false
	}
	if _, doubted := doubtful(a.form, j.Past.Forms[0], false, nil); doubted {
		return false
	}
	j.Folder = order.FolderProcessed
	a.attempt.At = j.At
	j.Orders = append(j.Orders, a.form.Order)
	j.Continued = append(j.Continued,
		order.Continuation{Case: a.thread.Case, State: order.Closed, Attempt: a.attempt, Order: 0})
	r := a.form.result(j.form.Version)
	r.Kind, r.Order, r.Case, r.Lines = order.ReplyAck, 0, a.thread.Case, a.form.Order.Lines
	// said as changes
	r.Findings = slices.DeleteFunc(slices.Clone(r.Findings),
		func(f order.Finding) bool { return f.Code == codeAgreedTo })
	tellChanges(&r, Changes(j.form, j.Past.First[a.thread.Case], &a.attempt))
	j.reply([]order.Result{r})
	return true
}

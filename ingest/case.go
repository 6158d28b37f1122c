package ingest

import (
	"slices"
	"strconv"

	"bdc/order"
)

// wholeCase makes the whole message one case for people, unanswered, with its forms
// as far as they were read. A mail without a form that names a case, such as
// "merci" or a question, goes on with that one.
func (j *judgement) wholeCase(why order.Finding, forms []Examined) {
	j.Folder = order.FolderAttention
	if thread := j.Past.Mentioned; thread.Case != "" && len(forms) == 0 {
		state := order.Waiting
		if why.Code == codeAutomatic {
			state = thread.State
		}
		j.goOn(thread, state, why)
		return
	}
	j.newWholeCase(why, forms)
}

// answered puts an automatic mail about one of our replies to that reply's case,
// or where it has none into one that names it. After a bounce people must act:
// the bookseller was not reached. While somebody is out of office, it stays
// the turn of whoever's it was; but who sends a form is no such notice, whatever
// the header says.
func (j *judgement) answered(x *Exam) {
	j.Folder = order.FolderAttention
	about := j.Past.Answered
	why, state := automatic(), about.Thread.State
	if x.Bounced {
		why, state = hold(order.ReasonBounced), order.Waiting
	}
	why.Args = map[string]string{"to": about.To}
	if about.Number != "" {
		why.Args["number"] = about.Number
	}
	var forms []Examined
	if !x.Bounced { // else they are ours
		forms = x.Forms
	}
	if about.Thread.Case != "" {
		if len(forms) > 0 {
			state = order.Waiting
		}
		j.goOn(about.Thread, state, why)
		if len(forms) > 0 {
			next := &j.Continued[len(j.Continued)-1]
			next.Reason, next.Attempt = why.Code, j.attempt(forms[0])
		}
		return
	}
	c := j.newWholeCase(why, forms)
	if about.Number != "" && !slices.Contains(c.Orders, about.Number) {
		c.Orders = append(c.Orders, about.Number)
	}
}

// formless answers a mail in which no form was found. People answer it too: the
// case says that they have to.
func (j *judgement) formless() {
	j.rateLimit = formless
	j.reply([]order.Result{{Kind: order.ReplyNoForm, Order: -1, Case: j.Cases[0].Code}})
}

// goOn adds a message without a form to a case. What leaves the case's state as
// it is leaves its reason too.
func (j *judgement) goOn(thread order.Thread, state order.State, why order.Finding) {
	next := order.Continuation{Case: thread.Case, State: state, Reason: why.Code, Attempt: j.bare(why), Order: -1}
	if why.Code == codeAutomatic {
		next.Reason = ""
	}
	j.Continued = append(j.Continued, next)
}

// newWholeCase is matter in a case of its own, linked to the orders that the mail
// names.
func (j *judgement) newWholeCase(why order.Finding, forms []Examined) *order.Case {
	j.Folder = order.FolderAttention
	c := j.newCase(why.Code, order.Waiting)
	c.Orders = slices.Clone(j.Past.Numbers)
	for _, f := range forms {
		c.Attempts = append(c.Attempts, j.attempt(f))
	}
	if why.Code == codeStaff && len(forms) > 0 { // what its bookseller writes goes on with it
		o := &forms[0].Order
		c.Account, c.UAI, c.Reference = o.Account, o.UAI, o.Reference
	}
	if len(c.Attempts) == 0 {
		c.Attempts = []order.Attempt{j.bare(why)}
	}
	j.Cases = append(j.Cases, c)
	return &j.Cases[len(j.Cases)-1]
}

// bare is the attempt of a message without a form.
func (j *judgement) bare(why order.Finding) order.Attempt {
	return order.Attempt{
		At: j.At, Message: j.Message.Key, Parts: j.Message.Parts, Text: j.own,
		Findings: []order.Finding{why},
	}
}

// trouble makes a message that was too much for a limit a case for people. Its
// sender is told where nothing of it could be looked at.
func (j *judgement) trouble(x *Exam) {
	c := j.newWholeCase(x.Trouble[0], x.Forms)
	findings := slices.Clone(x.Trouble)
	if len(x.Forms) > 0 {
		findings = append(findings, x.Forms[0].Findings...)
	}
	c.Attempts[0].Findings = findings
	if x.Trouble[0].Code == codeTooLarge && x.Automatic == "" && x.Unanswerable == "" && x.Message.From != "" {
		j.reply([]order.Result{{Kind: order.ReplyUnreadable, Order: -1, Case: c.Code, Findings: x.Trouble}})
	}
}

// tooLarge is the finding of a message of size octets, over the limit.
func tooLarge(size int64) order.Finding {
	return order.Finding{
		Code: codeTooLarge, Severity: order.Hold,
		Args: map[string]string{"limit": "25", "actual": strconv.FormatInt((size+1<<20-1)>>20, 10)},
	}
}

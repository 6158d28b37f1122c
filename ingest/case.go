package ingest

import (
	"slices"
	"strconv"

	"bdc/order"
)

// wholeCase makes the message as a whole one case for staff, without a reply; forms are
// kept in it as far as they could be read. A mail without forms that names a case, for
// instance a question or "merci", joins that case.
func (j *judgement) wholeCase(why order.Finding, forms []Examined) {
	j.Folder = order.FolderAttention
	if thread := j.Past.Mentioned; thread.Case != "" && len(forms) == 0 {
		state := order.Waiting
		if why.Code == codeAutomatic {
			state = thread.State
		}
		j.joinCase(thread, state, why)
		return
	}
	j.newWholeCase(why, forms)
}

// automaticAnswer adds an automatic mail about one of our replies to the case of that
// reply. If the reply has no case, the mail joins the case that it names, or else gets
// its own.
//
// After a bounce staff must act, because the reply did not reach the bookseller. An
// absence notice leaves the case's state as it is. But a mail that has an order form
// with it is no absence notice, whatever its header says: staff must look at it.
func (j *judgement) automaticAnswer(x *Exam) {
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
	if !x.Bounced { // the forms in a bounce are our own enclosures
		forms = x.Forms
	}
	if about.Thread.Case != "" {
		if len(forms) > 0 {
			state = order.Waiting
		}
		j.joinCase(about.Thread, state, why)
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

// answerFormless adds a reply that explains how to order to the case of a mail without a
// form. The case still waits for staff.
func (j *judgement) answerFormless() {
	j.rateLimit = formless
	j.reply([]order.Result{{Kind: order.ReplyNoForm, Order: -1, Case: j.Cases[0].Code}})
}

// joinCase adds a message without a form to a case, whose state becomes the given one.
// An absence notice does not change the case's reason.
func (j *judgement) joinCase(thread order.Thread, state order.State, why order.Finding) {
	next := order.Continuation{Case: thread.Case, State: state, Reason: why.Code, Attempt: j.bare(why), Order: -1}
	if why.Code == codeAutomatic {
		next.Reason = ""
	}
	j.Continued = append(j.Continued, next)
}

// newWholeCase is wholeCase with a new case, even if the mail names one. The case is
// linked to the orders that the mail names.
func (j *judgement) newWholeCase(why order.Finding, forms []Examined) *order.Case {
	j.Folder = order.FolderAttention
	c := j.newCase(why.Code, order.Waiting)
	c.Orders = slices.Clone(j.Past.Numbers)
	for _, f := range forms {
		c.Attempts = append(c.Attempts, j.attempt(f))
	}
	if why.Code == codeStaff && len(forms) > 0 { // by these, a later form of the bookseller finds the case
		o := &forms[0].Order
		c.Account, c.UAI, c.Reference = o.Account, o.UAI, o.Reference
	}
	if len(c.Attempts) == 0 {
		c.Attempts = []order.Attempt{j.bare(why)}
	}
	j.Cases = append(j.Cases, c)
	return &j.Cases[len(j.Cases)-1]
}

// bare returns the attempt of a message without a form.
func (j *judgement) bare(why order.Finding) order.Attempt {
	return order.Attempt{
		At: j.At, Message: j.Message.Key, Parts: j.Message.Parts, Text: j.ownText,
		Findings: []order.Finding{why},
	}
}

// trouble makes a message that exceeds a limit a case for staff. Only if the message is
// so large that nothing of it but the header was read, its sender gets a reply.
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

// tooLarge returns the finding for a message of size octets, which is more than maxMail.
// Its arguments are in MiB.
func tooLarge(size int64) order.Finding {
	return order.Finding{
		Code: codeTooLarge, Severity: order.Hold,
		Args: map[string]string{"limit": "25", "actual": strconv.FormatInt((size+1<<20-1)>>20, 10)},
	}
}

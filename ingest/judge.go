package ingest

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bdc/order"
)

// judgement is an intake in the making.
type judgement struct {
	order.Intake
	domain    string // of our Message-IDs
	form      *order.Form
	to        string          // whom an answer goes to
	rateLimit string          // that its answer falls under, or ""
	own       string          // the sender's own words
	joined    map[string]bool // cases that a form of this message goes on with already
}

// Judge turns an exam, and what the record knows of the like, into the intake to
// record. It is called again when the record has changed meanwhile.
func (e *Examiner) Judge(x *Exam, past order.Past, at time.Time) order.Intake {
	j := judgement{
		Intake: order.Intake{Message: x.Message, At: at, Query: x.Query, Past: past},
		domain: e.domain(), form: e.Form, to: x.Recipient, own: x.own, joined: map[string]bool{},
	}
	if !e.AnySender && len(x.Query.Accounts) == 0 {
		j.rateLimit = strangers
	}
	switch {
	case x.Automatic != "" && past.Answered.Reply != 0:
		j.answered(x)
	case len(x.Trouble) > 0:
		j.trouble(x)
	case x.Automatic != "":
		j.wholeCase(automatic(), x.Forms)
	case x.Unanswerable != "":
		why := hold(x.Unanswerable)
		why.Args = map[string]string{"sender": x.Message.From}
		j.wholeCase(why, x.Forms)
	case x.agreed != nil && j.orderAgreed(x.agreed):
	case len(x.Forms) == 0 || x.Forms[0].foreign():
		j.wholeCase(x.findingWithoutForm(), x.Forms)
		if e.AnswerFormless && e.opening(x, past) {
			j.formless()
		}
	case x.Message.From == "":
		j.wholeCase(hold(codeNoSender), x.Forms)
	default:
		j.forms(x, past)
	}
	j.Outcome = j.outcome()
	if past.Earlier != nil {
		j.repeat(past.Earlier)
	}
	return j.Intake
}

// poisonIntake is the intake of a message that killed the program as often as may be:
// not even its header is looked at again.
func poisonIntake(key order.Key, at time.Time) order.Intake {
	j := judgement{Intake: order.Intake{Message: order.Message{Key: key, ReceivedAt: at}, At: at}}
	j.wholeCase(hold(codePoison), nil)
	return j.Intake
}

// repeat takes back what a second delivery of the same content must not cause
// again: anything where the first was ordered, and the same answer twice.
func (j *judgement) repeat(earlier *order.Earlier) {
	if earlier.Folder != order.FolderProcessed && earlier.Outcome != j.Outcome {
		return
	}
	j.Folder, j.Outcome = earlier.Folder, earlier.Outcome
	j.Orders, j.Cases, j.Continued, j.Replies = nil, nil, nil, nil
}

// hold is the finding of a message that is for people as a whole.
func hold(code order.Code) order.Finding {
	return order.Finding{Code: code, Severity: order.Hold}
}

// automatic is the finding of a message that a program wrote: nobody has to act
// on it.
func automatic() order.Finding {
	return order.Finding{Code: codeAutomatic, Severity: order.Warning}
}

// forms decides each form of an answerable message: ordered, ordered before, sent
// back, or held. One answer covers them all.
func (j *judgement) forms(x *Exam, past order.Past) {
	j.Folder = order.FolderProcessed
	ordered := map[string]int{} // identity → index into Orders: the same form twice in one mail
	referred := map[string]bool{}
	within := map[order.UAI][]order.Recent{} // orders of this mail
	var results []order.Result
	for i, f := range x.Forms {
		like, same := j.Query.Forms[i], past.Forms[i].Same
		first, twice := ordered[like.Identity]
		repeated := f.Verdict == order.Accepted && (same != "" || twice)
		if f.Verdict == order.Accepted && !repeated {
			if doubt, ok := doubtful(f, past.Forms[i], referred[like.Reference], within[like.School]); ok {
				f.Verdict = order.Held
				f.Findings = append(slices.Clip(f.Findings), doubt)
			}
		}
		r := f.result(j.form.Version)
		switch {
		case f.Draft == nil:
			r.Kind, r.Case = order.ReplyUnreadable, j.openCase(i, f, order.SentBack)
		case f.Verdict == order.Rejected:
			r.Kind, r.Case = order.ReplyReport, j.openCase(i, f, order.SentBack)
		case f.Verdict == order.Held:
			r.Kind, r.Case = order.ReplyHeld, j.openCase(i, f, order.Waiting)
		case same != "":
			r.Kind, r.Number, r.First = order.ReplyDuplicate, same, past.Received[same]
		case twice:
			r.Kind, r.Order, r.First = order.ReplyDuplicate, first, x.Message.ReceivedAt
		default:
			r.Kind, r.Order, r.Lines = order.ReplyAck, len(j.Orders), f.Order.Lines
			ordered[like.Identity] = r.Order
			if like.Reference != "" {
				referred[like.Reference] = true
			}
			if !like.School.IsZero() {
				within[like.School] = append(within[like.School],
					order.Recent{Account: f.Order.Account, Lines: like.Lines})
			}
			f.Order.Status, f.Order.Verdict, f.Order.Findings = order.Received, order.Accepted, f.Findings
			j.Orders = append(j.Orders, f.Order)
			if thread, ok := j.join(i); ok {
				r.Case = thread.Case
				attempt := j.attempt(f)
				tellChanges(&r, Changes(j.form, past.First[thread.Case], &attempt))
				j.Continued = append(j.Continued,
					order.Continuation{Case: thread.Case, State: order.Closed, Attempt: attempt, Order: r.Order})
			}
		}
		results = append(results, r)
	}
	if x.offer != nil && j.offerStands(x.offer, results, within) {
		results[x.offer.form].Offered = true
		j.reply(results)
		j.noteOffer(results[x.offer.form].Case, x.offer)
		return
	}
	j.reply(results)
}

// result is what a reply tells of a form, but for what became of it. Version is
// that of the current form.
func (f *Examined) result(version string) order.Result {
	return order.Result{
		Part: f.Part.Name, Workbook: f.Part.Hash, Sheet: f.sheet(), Draft: f.Index,
		Outdated: f.Draft != nil && f.Draft.Template != version, Order: -1,
		Bookstore: f.Order.Fields[order.FieldBookseller], Reference: f.Order.Reference,
		School: f.Order.Establishment, UAI: f.Order.UAI, Findings: discreet(f.Findings),
	}
}

// doubtful finds what only a person can decide about a form that would be
// accepted: its reference is another order's, or another order is nearly the same.
// The other order is one that the record has, or one of the same mail: referred
// says that an order of the mail has the form's reference, and within are the
// mail's orders for the form's school.
func doubtful(f Examined, past order.PastForm, referred bool, within []order.Recent) (order.Finding, bool) {
	near := slices.Concat(within, past.Near)
	if past.Reused != "" || referred {
		return referenceReused(f, past.Reused, near), true
	}
	if other, ok := nearly(&f.Order, near); ok {
		return nearlySame(f, other), true
	}
	return order.Finding{}, false
}

// referenceReused holds a form whose reference another order has, with other
// lines: a correction, or a second order by mistake? Opening a service twice is
// the costliest mistake, so a person decides.
func referenceReused(f Examined, number string, near []order.Recent) order.Finding {
	sheet, cell := f.Draft.Where(order.FieldReference)
	args := map[string]string{}
	if i := slices.IndexFunc(near, func(r order.Recent) bool { return r.Number == number && number != "" }); i >= 0 {
		args = difference(&f.Order, near[i])
	}
	args["number"] = number
	return order.Finding{
		Code: codeReused, Severity: order.Hold, Field: order.FieldReference, Sheet: sheet, Cell: cell,
		Value: f.Order.Reference,
		Args:  args,
	}
}

// openCase puts one form before people, or back to the bookseller: in the case that
// it goes on with, else in one of its own. It returns the case's code. The
// message goes where its gravest form belongs: to people, else back, else away.
func (j *judgement) openCase(i int, f Examined, state order.State) string {
	if state == order.Waiting {
		j.Folder = order.FolderAttention
	} else if j.Folder == order.FolderProcessed {
		j.Folder = order.FolderRejected
	}
	if thread, ok := j.join(i); ok {
		next := order.Continuation{
			Case: thread.Case, State: state, Reason: GravestCode(f.Findings), Attempt: j.attempt(f),
			Order: -1,
		}
		j.Continued = append(j.Continued, next)
		return thread.Case
	}
	c := j.newCase(GravestCode(f.Findings), state)
	c.Account, c.UAI, c.Reference = f.Order.Account, f.Order.UAI, f.Order.Reference
	c.Attempts = []order.Attempt{j.attempt(f)}
	j.Cases = append(j.Cases, c)
	return c.Code
}

// join returns the case that the i-th form goes on with. Two forms of one mail
// are two matters: only the first may.
func (j *judgement) join(i int) (order.Thread, bool) {
	thread := j.Past.Forms[i].Thread
	if thread.Case == "" || j.joined[thread.Case] {
		return order.Thread{}, false
	}
	j.joined[thread.Case] = true
	return thread, true
}

// GravestCode is the code of the gravest finding, the first of its severity.
func GravestCode(findings []order.Finding) order.Code {
	for _, severity := range []order.Severity{order.Error, order.Hold} {
		for _, f := range findings {
			if f.Severity == severity {
				return f.Code
			}
		}
	}
	return ""
}

func (j *judgement) newCase(reason order.Code, state order.State) order.Case {
	return order.Case{
		Code: order.NewCaseCode(), State: state, Reason: reason, OpenedAt: j.At, UpdatedAt: j.At,
		Message: j.Message.Key,
		From:    j.Message.From, Subject: j.Message.Subject,
	}
}

func (j *judgement) attempt(f Examined) order.Attempt {
	a := order.Attempt{
		At: j.At, Message: j.Message.Key, Part: f.Part.Name, Workbook: f.Part.Hash, Verdict: f.Verdict,
		Findings: f.Findings, Parts: j.Message.Parts, Text: j.own,
	}
	if f.Draft != nil {
		a.Order, a.Sheet, a.Draft = &f.Order, f.Draft.Sheet, f.Index
	}
	return a
}

// gravity ranks the kinds of reply: a mail with several forms is answered under
// its gravest.
var gravity = []order.ReplyKind{
	order.ReplyNoForm, order.ReplyAck, order.ReplyDuplicate, order.ReplyHeld,
	order.ReplyUnreadable, order.ReplyReport,
}

// reply intends one answer to the message's sender. Its Message-ID is drawn
// once, with the code of its first case, or of that whose form its recipient may
// say OK to, so that an answer to it finds the case.
func (j *judgement) reply(results []order.Result) {
	m := &j.Message
	r := order.Reply{
		To: j.to, RateLimit: j.rateLimit, ToName: m.FromName, Subject: m.Subject, InReplyTo: m.MessageID,
		Message: m.Key, CreatedAt: j.At, Results: results,
	}
	if m.MessageID != "" {
		r.References = append(slices.Clip(m.References), m.MessageID)
	}
	about, rank := noCase, -1
	for _, result := range results {
		if result.Case != "" && (about == noCase || result.Offered) {
			about = result.Case
		}
		if g := slices.Index(gravity, result.Kind); g > rank {
			r.Kind, rank = result.Kind, g
		}
	}
	r.MessageID = "<" + about + "." + unique() + "@" + j.domain + ">"
	j.Replies = append(j.Replies, r)
}

// unique is 80 random bits as 16 letters and digits.
func unique() string {
	var b [10]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// outcome tells whether examining the same content again came to something else: it
// digests every verdict and finding, and nothing drawn or dated.
func (j *judgement) outcome() string {
	var b strings.Builder
	add := json.NewEncoder(&b)
	for _, o := range j.Orders {
		_ = add.Encode(o.Findings) // a builder takes every write
	}
	for _, c := range j.Cases {
		b.WriteString(string(c.Reason))
		for _, a := range c.Attempts {
			b.WriteString(string(a.Verdict))
			_ = add.Encode(a.Findings)
		}
	}
	for _, c := range j.Continued {
		b.WriteString(string(c.Reason) + string(c.Attempt.Verdict))
		_ = add.Encode(c.Attempt.Findings)
	}
	return string(order.Sum([]byte(b.String())))
}

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
	domain    string          // of our Message-IDs
	form      *order.Form     // the definition of the order form
	to        string          // the address that a reply goes to
	rateLimit string          // the rate limit that the reply falls under, or ""
	ownText   string          // what the sender wrote, without quoted mails
	joined    map[string]bool // the codes of the cases that a form of this message has joined
	files     []order.Part    // those of the message that are neither forms nor logos
	window    window          // how long ago the orders of Past were received
	made      map[string]int  // Order.Identity → index into Intake.Orders, of the forms decided so far
}

// Judge turns an exam, and what the record answered to its Query, into the intake to
// record. All that the intake causes happens at the given time. If the store refuses the
// intake because the record has changed in between, the caller asks the record again and
// calls Judge again.
func (e *Examiner) Judge(x *Exam, past order.Past, at time.Time) order.Intake {
	j := judgement{
		Intake: order.Intake{Message: x.Message, At: at, Query: x.Query, Past: past},
		domain: e.domain(), form: e.Form, to: x.Recipient, ownText: x.ownText,
		joined: map[string]bool{}, made: map[string]int{},
	}
	j.window = window{&j.Past, x.Message.ReceivedAt, e.sameWithin()}
	if !e.AnySender && len(x.accounts) == 0 {
		j.rateLimit = strangers
	}
	switch {
	case x.Automatic != "" && past.Answered.Reply != 0:
		j.automaticAnswer(x)
	case len(x.Trouble) > 0:
		j.trouble(x)
	case x.Automatic != "":
		j.wholeCase(automatic(), x.Forms)
	case x.Unanswerable != "":
		why := hold(x.Unanswerable)
		why.Args = map[string]string{"sender": x.Message.From}
		j.wholeCase(why, x.Forms)
	case x.agreed != nil && j.orderAgreed(x.agreed):
	case x.isFormless():
		j.wholeCase(x.findingWithoutForm(), x.Forms)
		if e.AnswerFormless && e.opening(x, past) {
			j.answerFormless()
		}
	case x.Message.From == "":
		j.wholeCase(hold(codeNoSender), x.Forms)
	default:
		j.decideForms(x)
		j.Echo.Times = past.Echo.Times + 1
	}
	j.Outcome = j.outcome()
	if past.Earlier != nil {
		j.repeat(past.Earlier)
	}
	if j.isEcho() {
		j.silence(x.Forms)
	}
	return j.Intake
}

// isFormless reports whether a mail has no order form, not even one that could not be
// read.
func (x *Exam) isFormless() bool { return len(x.Forms) == 0 || x.Forms[0].foreign() }

// poisonIntake returns the intake of a message that ended the program too often: a case
// for staff. It reads nothing of the message, not even the header.
func poisonIntake(key order.Key, at time.Time) order.Intake {
	j := judgement{Intake: order.Intake{Message: order.Message{Key: key, ReceivedAt: at}, At: at}}
	j.wholeCase(hold(codePoison), nil)
	return j.Intake
}

// repeat drops what a second delivery of the same content must not cause again. If the
// first delivery was ordered, or examining it came to the same, nothing is recorded but
// the message, which goes to the same folder.
func (j *judgement) repeat(earlier *order.Earlier) {
	if earlier.Folder != order.FolderProcessed && earlier.Outcome != j.Outcome {
		return
	}
	j.Folder, j.Outcome = earlier.Folder, earlier.Outcome
	j.Orders, j.Cases, j.Continued, j.Replies, j.Echo = nil, nil, nil, nil, order.Echo{}
}

// hold returns the finding for a message that staff have to look at as a whole.
func hold(code order.Code) order.Finding {
	return order.Finding{Code: code, Severity: order.Hold}
}

// automatic returns the finding for a message that a program wrote. It is a warning:
// nobody has to act on it.
func automatic() order.Finding {
	return order.Finding{Code: codeAutomatic, Severity: order.Warning}
}

// decideForms decides on each form of a message that may be answered. One reply tells
// of all forms.
func (j *judgement) decideForms(x *Exam) {
	j.Folder = order.FolderProcessed
	var results []order.Result
	j.files = x.otherFiles()
	rivals := j.rivals(x.Forms)
	for i, f := range x.Forms {
		results = append(results, j.decide(i, f, rivals[i]))
	}
	offered := x.offer != nil && j.offerStands(x.offer, results)
	if offered {
		results[x.offer.form].Offered = true
	}
	j.reply(results)
	if offered {
		j.noteOffer(results[x.offer.form].Case, x.offer)
	}
}

// decide decides on the i-th form of the message: it becomes an order, is the same as an
// earlier order, goes back to the bookseller, or waits for staff. The rivals are the other
// forms of the message that may be versions of the same order.
func (j *judgement) decide(i int, f Examined, rivals []rival) order.Result {
	same := j.window.same(i)
	first, twice := j.made[j.Query.Forms[i].Identity]
	if same == "" && !twice {
		f.Findings = slices.Clip(f.Findings)
		if told, ok := j.window.recall(i, &f); ok && f.Verdict == order.Accepted {
			f.Findings = append(f.Findings, told)
		}
		if len(rivals) > 0 {
			f.Findings = append(f.Findings, several(&f, rivals))
		}
		f.Verdict = order.Judge(f.Findings)
	}
	r := f.result(j.form.Version)
	if f.Verdict == order.Held && len(rivals) == 0 {
		f.Findings = append(f.Findings, j.window.recorded(i, &f)...) // only staff are told
	}
	switch {
	case f.Draft == nil:
		r.Kind, r.Case = order.ReplyUnreadable, j.openCase(i, f, order.SentBack)
	case f.Verdict == order.Rejected:
		r.Kind, r.Case = order.ReplyReport, j.openCase(i, f, order.SentBack)
	case f.Verdict == order.Held:
		r.Kind, r.Case = order.ReplyHeld, j.openCase(i, f, order.Waiting)
	case same != "":
		r.Kind, r.Number, r.First = order.ReplyDuplicate, same, j.Past.Received[same]
		if j.bringsMore(&f, same) {
			f.Verdict, f.Findings = order.Held, append(f.Findings, duplicate(same))
			r.Case = j.openCase(i, f, order.Waiting)
		}
	case twice:
		r.Kind, r.Order, r.First = order.ReplyDuplicate, first, j.Message.ReceivedAt
	default:
		j.accept(i, f, &r)
	}
	return r
}

// accept makes an order of the i-th form and acknowledges it in r. It closes the case
// that the form belongs to, if there is one.
func (j *judgement) accept(i int, f Examined, r *order.Result) {
	r.Kind, r.Order, r.Lines = order.ReplyAck, len(j.Orders), f.Order.Lines
	j.made[j.Query.Forms[i].Identity] = r.Order
	f.Order.Status, f.Order.Verdict, f.Order.Findings = order.Received, order.Accepted, f.Findings
	j.Orders = append(j.Orders, f.Order)
	thread, ok := j.join(i)
	if !ok {
		return
	}
	r.Case = thread.Case
	attempt := j.attempt(f)
	tellChanges(r, Changes(j.form, j.Past.First[thread.Case], &attempt))
	j.Continued = append(j.Continued,
		order.Continuation{Case: thread.Case, State: order.Closed, Attempt: attempt, Order: r.Order})
}

// result returns what a reply tells of a form, without what has become of it. Version is
// that of the current order form.
func (f *Examined) result(version string) order.Result {
	return order.Result{
		Part: f.Part.Name, Workbook: f.Part.Hash, Sheet: f.sheet(), Draft: f.Index,
		Outdated: f.Draft != nil && f.Draft.Template != version, Order: -1,
		Bookstore: f.Order.Fields[order.FieldBookseller], Reference: f.Order.Reference,
		School: f.Order.Establishment, UAI: f.Order.UAI, Findings: discreet(f.Findings),
	}
}

// openCase adds the i-th form to the case that it belongs to, or else opens a case for
// it, and returns the case's code. State is order.Waiting if staff have to act and
// order.SentBack if the bookseller has to. The message goes to the folder of its gravest
// form: to "À traiter" if one waits for staff, else to the rejected ones.
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
	c.Orders = resembled(f.Findings)
	j.Cases = append(j.Cases, c)
	return c.Code
}

// join returns the case that the i-th form belongs to, if there is one. If several forms
// of a mail belong to the same case, only the first joins it: a case is about one order.
func (j *judgement) join(i int) (order.Thread, bool) {
	thread := j.Past.Forms[i].Thread
	if thread.Case == "" && i == 0 {
		thread = j.Past.Echo.Thread
	}
	if thread.Case == "" || j.joined[thread.Case] {
		return order.Thread{}, false
	}
	j.joined[thread.Case] = true
	return thread, true
}

// GravestCode returns the code of the first error or, if there is none, of the first
// hold. It returns "" for findings that are all less grave.
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
		Findings: f.Findings, Parts: j.Message.Parts, Text: j.ownText,
	}
	if f.Draft != nil {
		a.Order, a.Sheet, a.Draft = &f.Order, f.Draft.Sheet, f.Index
	}
	return a
}

// gravity ranks the kinds of reply, the least grave first. The reply to a mail with
// several forms is of the gravest kind among its results.
var gravity = []order.ReplyKind{
	order.ReplyNoForm, order.ReplyAck, order.ReplyDuplicate, order.ReplyHeld,
	order.ReplyUnreadable, order.ReplyReport,
}

// reply adds one reply to the intake. Its Message-ID begins with the code of a case, by
// which the recipient's answer finds that case: the case whose form the recipient may
// say OK to, or else the first.
func (j *judgement) reply(results []order.Result) {
	m := &j.Message
	r := order.Reply{
		To: j.to, RateLimit: j.rateLimit, Subject: m.Subject, InReplyTo: m.MessageID,
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

// unique returns 80 random bits as 16 letters and digits.
func unique() string {
	var b [10]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// outcome returns a digest of all verdicts and findings. It contains nothing random and
// no times, so it is the same whenever examining the same content comes to the same.
func (j *judgement) outcome() string {
	var b strings.Builder
	add := json.NewEncoder(&b)
	for _, o := range j.Orders {
		_ = add.Encode(o.Findings) // writing to a strings.Builder never fails
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

package review

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
)

// casePage is the page of a case.
type casePage struct {
	Case        order.Case
	Attempt     *order.Attempt // the attempt that is shown; nil if the case has none
	Number      int            // its number, from 1
	Last        bool           // it is the attempt that acts are about
	Attempts    []attemptLink
	Form        *formView // nil if the attempt has no form, or it cannot be drawn
	FormFault   string    // why the attempt's form cannot be drawn
	Remarks     []remark  // the findings, if no form is drawn
	MoreRemarks int       // how many findings are left out of Remarks
	Diff        []difference
	MoreDiff    int          // how many differences are left out of Diff
	Group       []sibling    // the other forms of its message that may be versions of its order
	Message     *messageView // the message that the attempt came with; nil if it was erased
	Latest      *messageView // a later message without a form, or nil
	History     []event      // the latest first
	Earlier     string       // the address with the whole history, or "" if nothing is left out
	Colleagues  []order.User
	Pending     *pending
	Next        string      // the code of the next case that waits, or ""
	Editable    bool        // the user may correct cells
	CanAccept   bool        // the order can be accepted as it is
	CanReturn   bool        // the form can be sent back to the bookseller
	Standing    int         // how many findings keep the order from being accepted
	Waivable    []remark    // those of them that are shown
	MorePoints  int         // how many of them are left out of Waivable
	Wants       bool        // the case asks for an account that the user may create
	Unknown     string      // the sender's address, if the user may register it; or ""
	TakeUp      *takeUpView // what is known of a message to take up; nil if it is none
}

// Answerable reports whether the attempt's message has a sender to answer.
func (p casePage) Answerable() bool {
	return p.Message != nil && p.Message.From != "" && p.Case.Erased == nil
}

// attemptLink is a link to one of the attempts of a case.
type attemptLink struct {
	Number  int // from 1
	At      time.Time
	Verdict order.Verdict
	On      bool // the page shows this attempt
}

// event is one line of a case's history.
type event struct {
	At    time.Time
	Who   string // the user's name, "" for the bookseller
	What  string // what happened, in French, to be read after Who
	Text  string // what the user wrote
	Order string // the number of the order that the act accepted, or ""
	Mail  string // whether the reply was sent, in French; "" if there is none
	Undid bool   // the act was taken back
}

// pending is an act whose reply has not been sent, so that it can still be taken
// back.
type pending struct {
	What    string
	Order   string    // the number of the order that the act accepted, or ""
	Until   time.Time // when the reply is sent
	Seconds int       // until then
}

// caseDetail shows a case, with the attempt that the address asks for or else the
// one that acts are about.
func (c *Console) caseDetail(v *visit) error {
	k, err := c.Store.Case(v.r.Context(), v.r.PathValue("code"))
	if err != nil {
		return err
	}
	p := casePage{Case: k}
	if n, err := strconv.Atoi(v.r.FormValue("essai")); err == nil && n >= 1 && n <= len(k.Attempts) {
		p.Number = n
	} else {
		p.Number = current(&k) + 1
	}
	if len(k.Attempts) > 0 {
		p.Attempt, p.Last = &k.Attempts[p.Number-1], p.Number == current(&k)+1
		if err := c.fillAttempt(v, &p); err != nil {
			return err
		}
	}
	if err := c.fillHistory(v, &p); err != nil {
		return err
	}
	if p.Colleagues, err = c.Store.Users(v.r.Context()); err != nil {
		return err
	}
	p.Colleagues = slices.DeleteFunc(p.Colleagues, func(u order.User) bool {
		return u.Closed || !u.Role.Covers(order.Sales)
	})
	if p.Next, err = c.next(v.r.Context(), &k); err != nil {
		return err
	}
	return v.show(http.StatusOK, "dossier", "Dossier "+k.Code, p)
}

// current is the index of the attempt that acts are about: the latest that has a
// form, or else the latest. It is -1 if there is none.
func current(k *order.Case) int {
	for i, a := range slices.Backward(k.Attempts) {
		if a.Order != nil {
			return i
		}
	}
	return len(k.Attempts) - 1
}

// next is the code of the oldest other case that waits for a decision, or "".
func (c *Console) next(ctx context.Context, k *order.Case) (string, error) {
	rows, err := c.Store.CaseRows(ctx, store.CaseFilter{State: order.Waiting}, "", 2)
	for _, r := range rows {
		if r.Code != k.Code {
			return r.Code, err
		}
	}
	return "", err
}

// fillAttempt fills in what the page shows of p.Attempt: its messages, its form or
// its findings, and what the user may do about it.
func (c *Console) fillAttempt(v *visit, p *casePage) error {
	if err := c.fillMessages(v, p); err != nil {
		return err
	}
	for i := range p.Case.Attempts {
		other := &p.Case.Attempts[i]
		p.Attempts = append(p.Attempts, attemptLink{i + 1, other.At, other.Verdict, i+1 == p.Number})
	}
	if p.Number > 1 {
		previous := &p.Case.Attempts[p.Number-2]
		p.Diff, p.MoreDiff = some(differences(c.Form, previous, p.Attempt), mostChanges)
	}
	if err := c.fillGroup(v, p); err != nil {
		return err
	}
	p.Waivable = standing(newRemarks(c.Form, p.Attempt))
	p.Standing = len(p.Waivable)
	p.fillActs(v.user)
	return c.fillForm(v, p)
}

// fillMessages reads the message that the attempt came with and, on the attempt
// that acts are about, a later message without a form. Either may have been erased:
// it is nil then.
func (c *Console) fillMessages(v *visit, p *casePage) error {
	var err error
	if p.Message, err = c.storedMessage(v, p.Attempt.Message); err != nil {
		return err
	}
	if latest := p.Case.Attempts[len(p.Case.Attempts)-1]; p.Last && latest.Message != p.Attempt.Message {
		p.Latest, err = c.storedMessage(v, latest.Message)
	}
	return err
}

// storedMessage reads a message for a page; nil where the store has it no longer.
func (c *Console) storedMessage(v *visit, key order.Key) (*messageView, error) {
	m, err := c.Store.Message(v.r.Context(), key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v.messageView(&m), nil
}

// fillActs says what the user may do about the attempt: nothing where it is not the
// one that acts are about, or the case is closed. It needs p.Message and p.Standing.
func (p *casePage) fillActs(u order.User) {
	if !p.Last || p.Case.State == order.Closed || p.Case.Erased != nil {
		return
	}
	p.CanAccept = p.Answerable() && acceptable(p.Attempt)
	p.CanReturn = p.Answerable() && p.Attempt.Order != nil && p.Standing > 0
	if toTakeUp(&p.Case) {
		p.CanAccept, p.CanReturn, p.TakeUp = false, false, newTakeUpView(&p.Case, p.Attempt)
	}
	p.Editable = u.Role.Covers(order.Sales)
	if !p.Editable {
		return
	}
	by, _ := wantsAccount(&p.Case)
	p.Wants = by != nil
	if p.Message != nil && p.Message.Erased == nil {
		p.Unknown = unregistered(p.Attempt, p.Message.Message)
	}
}

// fillForm draws the attempt's form, and says why where it should have one that
// cannot be drawn. Without a form, the findings are listed.
func (c *Console) fillForm(v *visit, p *casePage) error {
	if p.Case.Erased != nil { // its workbook may have come again, but the case shows nothing of it
		p.Attempt.Parts = nil
		p.Remarks, p.MoreRemarks = some(newRemarks(c.Form, p.Attempt), mostRemarks)
		return nil
	}
	var err error
	p.Form, err = c.form(v.r.Context(), p.Attempt, p.Editable, v.r.FormValue("modifier"))
	switch {
	case errors.Is(err, ingest.ErrChanged), errors.Is(err, store.ErrNotFound):
		p.FormFault = "Le bon n’a pas pu être relu dans son classeur, " +
			"ou sa pièce jointe a été effacée après le temps prévu."
	case err != nil:
		return err
	}
	if p.Form != nil {
		p.Form.shorten(v.r)
		p.Waivable = p.Form.standing()
	} else {
		p.Remarks, p.MoreRemarks = some(newRemarks(c.Form, p.Attempt), mostRemarks)
	}
	// That a message is to be taken up is decided by taking it up, and by nothing else.
	taken := len(p.Waivable)
	p.Waivable = slices.DeleteFunc(p.Waivable, func(r remark) bool { return ingest.IsTakeUp(r.Finding) })
	p.Standing -= taken - len(p.Waivable)
	p.Waivable, _ = some(p.Waivable, mostPoints)
	p.MorePoints = p.Standing - len(p.Waivable)
	return nil
}

// acceptable reports whether a person may accept an attempt's order: it has no
// errors but those that were waived. Findings that only a person can decide do not
// matter, because accepting the order decides them.
func acceptable(a *order.Attempt) bool {
	return a.Order != nil && order.Judge(a.Standing()) != order.Rejected
}

// form draws an attempt's form, or returns nil if it has none. If editable, cells are
// drawn as inputs (see formView.open). The error wraps store.ErrNotFound if the
// workbook was erased, and ingest.ErrChanged if the form cannot be read from it.
func (c *Console) form(ctx context.Context, a *order.Attempt, editable bool, edit string) (*formView, error) {
	if a.Order == nil || a.Workbook == "" {
		return nil, nil
	}
	workbook, err := c.Store.Blob(ctx, a.Workbook)
	if err != nil {
		return nil, err
	}
	draft, err := c.Examiner.Draft(a, workbook)
	if err != nil {
		return nil, err
	}
	typed := draft
	if len(a.Corrections) > 0 {
		plain := *a
		plain.Corrections = nil
		if typed, err = c.Examiner.Draft(&plain, workbook); err != nil {
			return nil, err
		}
	}
	v := drawForm(c.Form, draft, typed, a)
	if editable {
		v.open(edit)
	}
	return v, nil
}

// fillHistory lists what happened to the case, the latest first: the bookseller's
// messages, what was answered automatically, and what people did.
func (c *Console) fillHistory(v *visit, p *casePage) error {
	for _, a := range p.Case.Attempts {
		what := "a écrit, sans bon de commande"
		switch {
		case a.Agreed:
			what = "a accepté par e-mail les corrections proposées"
		case a.Part != "":
			what = "a envoyé " + a.Part
		}
		p.History = append(p.History, event{At: a.At, What: what})
	}
	if err := c.fillAnswers(v, p); err != nil {
		return err
	}
	for _, a := range p.Case.Acts {
		e, err := c.actEvent(v, p, a)
		if err != nil {
			return err
		}
		p.History = append(p.History, e)
	}
	slices.SortStableFunc(p.History, func(a, b event) int { return a.At.Compare(b.At) })
	slices.Reverse(p.History)
	if len(p.History) > mostEvents && v.r.FormValue(wholeKey) != wholeHistory {
		p.History, p.Earlier = p.History[:mostEvents], query(v.r, wholeKey, wholeHistory)
	}
	return nil
}

// actEvent is an act as a line of the history. If the reply that the act caused can
// still be taken back, p.Pending is set.
func (c *Console) actEvent(v *visit, p *casePage, a order.Act) (event, error) {
	e := event{At: a.At, Who: a.Actor, What: actWord(a), Text: a.Text, Order: a.Order, Undid: a.Undone}
	if a.Kind == order.ActUndo {
		e.Text = ""
	}
	if a.Actor == "bdc" {
		e.Who = program
	}
	if a.Reply == 0 {
		return e, nil
	}
	d, err := c.Store.Delivery(v.r.Context(), a.Reply)
	if err != nil {
		return e, err
	}
	e.Mail = deliveryWord(d)
	now := c.Clock()
	if d.Outcome == "" && d.Attempts == 0 && d.Due.After(now) && !a.Undone {
		seconds := int((d.Due.Sub(now) + time.Second - 1) / time.Second)
		p.Pending = &pending{actWord(a), a.Order, d.Due, seconds}
	}
	return e, nil
}

// fillAnswers adds the automatic replies to the case's messages to the history.
func (c *Console) fillAnswers(v *visit, p *casePage) error {
	known := map[uint64]bool{}
	for _, a := range p.Case.Acts {
		known[a.Reply] = true
	}
	for _, a := range p.Case.Attempts {
		answers, err := c.Store.Answers(v.r.Context(), a.Message)
		if err != nil {
			return err
		}
		for _, answer := range answers {
			if r := &answer.Reply; !known[r.ID] {
				known[r.ID] = true
				p.History = append(p.History, event{
					At: r.CreatedAt, Who: program,
					What: answerWord(r, p.Case.Code), Mail: deliveryWord(answer.Delivery),
				})
			}
		}
	}
	return nil
}

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

// casePage is everything about one case.
type casePage struct {
	Case        order.Case
	Attempt     *order.Attempt // the one that is shown
	Number      int            // of it, from 1
	Last        bool           // it is the latest: the one that acts are about
	Attempts    []attemptLink
	Form        *formView // nil where there is no form to draw
	FormFault   string    // why, where there should be one
	Remarks     []remark  // findings of an attempt whose form is not drawn
	MoreRemarks int
	Diff        []difference
	MoreDiff    int
	Message     *letterView // that the attempt came with; nil where it is gone
	Latest      *letterView // written since, without a form; nil where nothing was
	History     []event
	Earlier     string // the address with the whole history, or "" where this is it
	Colleagues  []order.User
	Pending     *pending
	Next        string // the code of the next case that waits, or ""
	Editable    bool   // cells can be corrected, by this user
	CanAccept   bool
	CanReturn   bool
	Standing    int      // findings that hold the order up
	Waivable    []remark // those of them that are shown
	MorePoints  int      // and the others
	Wants       bool     // an account is to be created
	Unknown     string   // the sender's address, where it only has to be registered; or ""
}

// Answerable tells whether there is somebody to answer.
func (p casePage) Answerable() bool { return p.Message != nil && p.Message.From != "" }

type attemptLink struct {
	Number  int
	At      time.Time
	Verdict order.Verdict
	On      bool
}

// event is one line of the history.
type event struct {
	At    time.Time
	Who   string // "" for the bookseller
	What  string
	Text  string
	Order string
	Mail  string // how far the reply has come
	Undid bool
}

// pending is a reply that can still be taken back.
type pending struct {
	What    string
	Order   string
	Until   time.Time
	Seconds int
}

func (c *Console) caseFile(v *visit) error {
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

// current is the attempt that acts are about: the latest with a form, or else
// the latest.
func current(k *order.Case) int {
	for i, a := range slices.Backward(k.Attempts) {
		if a.Order != nil {
			return i
		}
	}
	return len(k.Attempts) - 1
}

// next is the oldest waiting case but this one.
func (c *Console) next(ctx context.Context, k *order.Case) (string, error) {
	rows, err := c.Store.CaseRows(ctx, store.CaseFilter{State: order.Waiting}, "", 2)
	for _, r := range rows {
		if r.Code != k.Code {
			return r.Code, err
		}
	}
	return "", err
}

// fillAttempt reads what the attempt is about: its message, its form.
func (c *Console) fillAttempt(v *visit, p *casePage) error {
	a, ctx := p.Attempt, v.r.Context()
	m, err := c.Store.Message(ctx, a.Message)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil {
		p.Message = v.letter(&m)
	}
	if latest := p.Case.Attempts[len(p.Case.Attempts)-1]; p.Last && latest.Message != a.Message {
		if m, err := c.Store.Message(ctx, latest.Message); err == nil {
			p.Latest = v.letter(&m)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	for i := range p.Case.Attempts {
		other := &p.Case.Attempts[i]
		p.Attempts = append(p.Attempts, attemptLink{i + 1, other.At, other.Verdict, i+1 == p.Number})
	}
	if p.Number > 1 {
		p.Diff, p.MoreDiff = some(differences(c.Form, &p.Case.Attempts[p.Number-2], a), mostChanges)
	}
	for i := range a.Findings {
		if r := newRemark(c.Form, a, i); r.Stands() {
			p.Waivable = append(p.Waivable, r)
			p.Standing++
		}
	}
	open := p.Last && p.Case.State != order.Closed && p.Answerable()
	p.CanAccept = open && acceptable(a)
	p.CanReturn = open && a.Order != nil && p.Standing > 0
	p.Editable = p.Last && p.Case.State != order.Closed && v.user.Role.Covers(order.Sales)
	if p.Editable {
		by, _ := applies(&p.Case)
		p.Wants = by != nil
	}
	if p.Editable && p.Message != nil {
		p.Unknown = unregistered(a, p.Message.Message)
	}
	p.Form, err = c.form(ctx, a, p.Editable, v.r.FormValue("modifier"))
	if p.Form != nil {
		p.Form.shorten(v.r)
		p.Waivable = p.Form.standing()
	}
	p.Waivable, _ = some(p.Waivable, mostPoints)
	p.MorePoints = p.Standing - len(p.Waivable)
	switch {
	case errors.Is(err, ingest.ErrChanged), errors.Is(err, store.ErrNotFound):
		p.FormFault = "Le bon n’a pas pu être relu dans son classeur, ou sa pièce jointe a été effacée après le " +
			"temps prévu."
	case err != nil:
		return err
	}
	if p.Form == nil {
		for i := range a.Findings {
			p.Remarks = append(p.Remarks, newRemark(c.Form, a, i))
		}
		p.Remarks, p.MoreRemarks = some(p.Remarks, mostRemarks)
	}
	return nil
}

// acceptable reports whether an order can be recorded as it stands: a form that
// nothing is wrong with, whatever there was to decide.
func acceptable(a *order.Attempt) bool {
	return a.Order != nil && order.Judge(a.Standing()) != order.Rejected
}

// form draws an attempt's form; nil where it has none.
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

// fillHistory merges what came and what was answered with what people did, the
// latest first.
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
	now := c.Clock()
	for _, a := range p.Case.Acts {
		e := event{At: a.At, Who: a.Actor, What: actWord(a), Text: a.Text, Order: a.Order, Undid: a.Undone}
		if a.Kind == order.ActUndo {
			e.Text = ""
		}
		if a.Actor == "bdc" {
			e.Who = program
		}
		if a.Reply != 0 {
			d, err := c.Store.Delivery(v.r.Context(), a.Reply)
			if err != nil {
				return err
			}
			e.Mail = deliveryWord(d)
			if d.Outcome == "" && d.Attempts == 0 && d.Due.After(now) && !a.Undone {
				p.Pending = &pending{actWord(a), a.Order, d.Due, int((d.Due.Sub(now) + time.Second - 1) / time.Second)}
			}
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

// fillAnswers adds what was answered by itself to the messages of the case.
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
				p.History = append(p.History,
					event{
						At: r.CreatedAt, Who: program, What: answerWord(r, p.Case.Code),
						Mail: deliveryWord(answer.Delivery),
					})
			}
		}
	}
	return nil
}

package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/validate"
)

// Waiting accepts orders that have waited for their bookseller to be registered.
type Waiting struct {
	Store    store.Store
	Fence    store.Fence // the lease under which orders are accepted; zero to check none
	Examiner *Examiner
	Clock    func() time.Time
	Log      *slog.Logger
}

// welcome is the note in the history of a case whose order Reexamine accepted.
const welcome = "Le libraire est enregistré : le bon, vérifié de nouveau, est accepté."

// Reexamine examines again the cases that wait because their sender is registered for no
// account, or because their account is unknown or inactive. If nothing else stands
// against the order, it records and acknowledges the order and closes the case. It
// returns how many orders it accepted.
//
// It leaves alone a case in which a person has made a decision (answered, refused or
// reopened it), and logs a case that somebody else changes at the same time, or whose
// order gets no number because the record may not own its inbox. It may be called again
// at any time, also after an error: orders that were accepted no longer wait.
func (w *Waiting) Reexamine(ctx context.Context) (accepted int, err error) {
	for _, reason := range []order.Code{
		validate.CodeSenderUnregistered, validate.CodeAccountUnknown,
		validate.CodeAccountInactive,
	} {
		filter := store.CaseFilter{State: order.Waiting, Reason: reason}
		for beyond := ""; ; {
			rows, err := w.Store.CaseRows(ctx, filter, beyond, 100)
			if err != nil {
				return accepted, err
			}
			for _, row := range rows {
				beyond = row.Code
				ok, err := w.reexamine(ctx, row.Code)
				switch {
				case errors.Is(err, ErrChanged), errors.Is(err, store.ErrRevision), errors.Is(err, store.ErrNotFound),
					errors.Is(err, store.ErrNotOwner), errors.Is(err, store.ErrErased):
					w.Log.Warn("a waiting order was not examined again", "case", row.Code, "err", err)
				case err != nil:
					return accepted, fmt.Errorf("case %s: %w", row.Code, err)
				case ok:
					accepted++
				}
			}
			if len(rows) == 0 {
				break
			}
		}
	}
	return accepted, nil
}

// reexamine examines one case, and reports whether it accepted the order.
func (w *Waiting) reexamine(ctx context.Context, code string) (bool, error) {
	c, err := w.Store.Case(ctx, code)
	if err != nil {
		return false, err
	}
	index := len(c.Attempts) - 1
	if index < 0 || c.Attempts[index].Order == nil || decided(&c) {
		return false, nil
	}
	a := c.Attempts[index]
	m, err := w.Store.Message(ctx, a.Message)
	if err == nil && m.Erased != nil {
		err = store.ErrErased
	}
	if err != nil {
		return false, err
	}
	workbook, err := w.Store.Blob(ctx, a.Workbook)
	if err != nil {
		return false, err
	}
	if a, err = w.Examiner.Recheck(ctx, a, &m, workbook, w.Store); err != nil {
		return false, err
	}
	findings := a.Standing()
	if order.Judge(findings) != order.Accepted {
		return false, nil
	}
	o := *a.Order
	o.Status, o.Verdict, o.Findings = order.Received, order.Accepted, findings
	reply := w.Examiner.Answer(order.ReplyAck, &c, &a, &m, "")
	_, err = w.Store.Decide(ctx, w.Fence, order.Decision{
		Case: c.Code, Revision: c.Revision, Actor: "bdc", At: w.Clock().UTC(), Kind: order.ActAccept,
		State: order.Closed, Note: welcome,
		Order: &o, Reply: &reply, Attempt: &a, Index: index,
	})
	return err == nil, err
}

// decided reports whether a case has an order, or whether a person has made a decision in
// it that accepting its order could contradict.
func decided(c *order.Case) bool {
	for _, act := range c.Acts {
		switch act.Kind {
		case order.ActNote, order.ActHand, order.ActCorrect, order.ActWaive:
		default:
			return true
		}
	}
	return len(c.Orders) > 0
}

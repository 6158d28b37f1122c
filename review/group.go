package review

import (
	"errors"
	"slices"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
)

// sibling is another form of an attempt's message that may be a version of the same order.
type sibling struct {
	Part     string
	Date     time.Time // of the form; zero where it has none
	Case     string    // the code of its case, or ""
	State    order.State
	Order    string // the number of the order that it is, or ""
	Diff     []difference
	MoreDiff int // how many differences are left out of Diff
}

// fillGroup finds the other forms of the attempt's message, if one of them may be a version
// of its order: by the reply that told of all of them.
func (c *Console) fillGroup(v *visit, p *casePage) error {
	if p.Attempt.Order == nil || !slices.ContainsFunc(p.Attempt.Findings, ingest.IsSeveral) {
		return nil
	}
	answers, err := c.Store.Answers(v.r.Context(), p.Attempt.Message)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(answers, func(a store.Answer) bool { return len(a.Reply.Results) > 1 })
	if at < 0 {
		return nil
	}
	for _, r := range answers[at].Reply.Results {
		if r.Case == p.Case.Code || r.UAI != p.Attempt.Order.UAI {
			continue
		}
		s := sibling{Part: r.Part, Case: r.Case, Order: r.Number}
		if err := c.compare(v, p, &s, r); err != nil {
			return err
		}
		p.Group = append(p.Group, s)
	}
	return nil
}

// compare completes what is known of a sibling from its case: its state, the date of the
// form, and how the form of p differs from it.
func (c *Console) compare(v *visit, p *casePage, s *sibling, r order.Result) error {
	if r.Case == "" {
		return nil
	}
	k, err := c.Store.Case(v.r.Context(), r.Case)
	if errors.Is(err, store.ErrNotFound) {
		s.Case = ""
		return nil
	}
	if err != nil {
		return err
	}
	s.State = k.State
	at := slices.IndexFunc(k.Attempts, func(a order.Attempt) bool {
		return a.Order != nil && a.Message == p.Attempt.Message && a.Part == r.Part && a.Draft == r.Draft
	})
	if at < 0 || k.Erased != nil {
		return nil
	}
	s.Date, _ = time.Parse(time.DateOnly, k.Attempts[at].Order.Fields[order.FieldDate])
	s.Diff, s.MoreDiff = some(differences(c.Form, &k.Attempts[at], p.Attempt), mostChanges)
	return nil
}

package notify

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
)

// The backoff of a single reply.
const (
	backoffFirst = time.Minute
	backoffMost  = 4 * time.Hour

	patience        = 3 * 24 * time.Hour
	attemptsMost    = 26 // the attempts that fit into patience
	compositionMost = 6  // the attempts to compose a reply, within half an hour
)

// The reasons of cases that the outbox opens: when a reply is given up, and when too many
// mails have left for one recipient.
const (
	ReasonFailed order.Code = "reply.failed"
	ReasonMany   order.Code = "reply.many"
)

// backoff is how long to wait after an attempt, counted from 1.
func backoff(attempt int) time.Duration {
	d := backoffFirst
	for ; attempt > 1 && d < backoffMost; attempt-- {
		d *= 2
	}
	return min(d, backoffMost)
}

func (r *run) sent(j *job) store.Settlement {
	r.log.Info("reply sent", "reply", j.ID, "attempt", j.Attempt)
	return store.Settlement{Reply: j.ID, Outcome: store.Sent, At: r.clock()}
}

// putBack settles a reply that was not tried: it is due at once, as before its claim.
func (r *run) putBack(j *job, words string) store.Settlement {
	r.log.Debug("reply put back", "reply", j.ID, "attempt", j.Attempt, "words", words)
	return store.Settlement{Reply: j.ID, Outcome: store.Later, At: r.clock(), Next: j.CreatedAt, Words: words}
}

// later puts a reply off by its own backoff.
func (r *run) later(j *job, words string) store.Settlement {
	now := r.clock()
	next := now.Add(backoff(j.Attempt))
	r.log.Debug("reply put off", "reply", j.ID, "attempt", j.Attempt, "words", words, "next_attempt", next.UTC())
	return store.Settlement{Reply: j.ID, Outcome: store.Later, At: now, Next: next, Words: words}
}

// stalled puts a reply off that was not tried because an older one to its recipient has to wait:
// it is due again with that one.
func (r *run) stalled(j *job) store.Settlement {
	s := r.later(j, wordsStalled)
	if s.Untried = true; !j.behind.IsZero() {
		s.Next = j.behind
	}
	return s
}

// again settles a reply whose attempt has failed: it puts the reply off, or gives it up after
// too many attempts.
func (r *run) again(j *job, err error) store.Settlement {
	if j.Attempt >= attemptsMost && r.clock().Sub(j.CreatedAt) >= patience {
		return r.failed(j, err)
	}
	code, words := answer(err)
	r.log.Warn("reply has to be sent again", "reply", j.ID, "attempt", j.Attempt, "smtp_code", code)
	return r.later(j, words)
}

// crowded puts off a reply whose recipient has had too many mails within an hour. The first
// opens a case.
func (r *run) crowded(j *job, u ruling) store.Settlement {
	s := store.Settlement{
		Reply: j.ID, Outcome: store.Later, At: r.clock(), Next: u.until, Words: wordsMany, Untried: true,
	}
	if u.why == "" {
		return s
	}
	s.Case = newCase(j, s.At, "")
	s.Case.Reason = ReasonMany
	s.Case.Note = fmt.Sprintf("%s (%s). Peut-être deux programmes se répondent-ils. Ses réponses attendent, et "+
		"partent peu à peu ; celles des autres partent comme d’habitude.", u.why, j.To)
	r.log.Error("a recipient's replies wait: too many within an hour", "reply", j.ID, "reason", u.why,
		"next_attempt", u.until.UTC(), "case", s.Case.Code)
	return s
}

// misfit settles a reply of which no mail could be made.
func (r *run) misfit(j *job, err error) store.Settlement {
	if errors.Is(err, ErrUnmailable) || errors.Is(err, errEndless) || j.Attempt >= compositionMost {
		return r.failed(j, err)
	}
	r.log.Warn("reply can't be composed yet", "reply", j.ID, "attempt", j.Attempt)
	return r.later(j, clean(err.Error(), wordsLimit))
}

// failed gives a reply up, and opens a case.
func (r *run) failed(j *job, err error) store.Settlement {
	now := r.clock()
	code, words := answer(err)
	c := newCase(j, now, words)
	r.log.Error("reply given up", "reply", j.ID, "attempt", j.Attempt, "smtp_code", code, "case", c.Code)
	r.log.Debug("reply given up", "reply", j.ID, "words", words)
	return store.Settlement{Reply: j.ID, Outcome: store.Failed, At: now, Words: words, Case: c}
}

// answer returns the code of the server's answer, or 0 if there was none, and the words of
// the answer or of the error.
func answer(err error) (code int, words string) {
	if e, ok := errors.AsType[*Error](err); ok {
		words = e.Answer()
		if e.Step == Dot && e.Code == 0 {
			words += " (after the final dot: the mail may have been taken)"
		}
		return e.Code, words
	}
	return 0, clean(err.Error(), wordsLimit)
}

// newCase makes the case that is opened when a reply is given up, so that staff tell the
// bookseller what the reply would have said.
func newCase(j *job, now time.Time, words string) *order.Case {
	c := &order.Case{
		Code:      order.NewCaseCode(),
		State:     order.Waiting,
		Reason:    ReasonFailed,
		OpenedAt:  now,
		UpdatedAt: now,
		Message:   j.Message,
		From:      j.To,
		Subject:   j.Subject,
		Note: fmt.Sprintf("La réponse destinée à %s n’a pas pu être remise (%d tentatives). Dernière erreur : %s",
			j.To, j.Attempt, words),
	}
	if j.Attempt == 1 {
		c.Note = fmt.Sprintf("La réponse destinée à %s n’a pas pu être remise. Erreur : %s", j.To, words)
	}
	var about []string
	for _, result := range j.Results {
		if result.Number != "" {
			c.Orders = append(c.Orders, result.Number)
		}
		if result.Case != "" {
			about = append(about, result.Case)
		}
	}
	if len(about) > 0 {
		c.Note += "\nDossier concerné : " + strings.Join(about, ", ")
	}
	if len(j.Results) == 1 {
		c.UAI, c.Reference = j.Results[0].UAI, j.Results[0].Reference
	}
	return c
}

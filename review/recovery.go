package review

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
)

// recoveryPage shows what a restore left to people: replies that may have left already,
// messages to take up, and what was answered since the copy was made.
type recoveryPage struct {
	Doubtful []doubtfulLine
	More     bool // there are more of them
	TakeUps  bool // some messages are still to be taken up
	Lost     []lostLine
	Next     string // the address of the next lines of Lost, or ""
	First    string // the address of the first ones, or "" if these are they
}

// doubtfulLine is a reply that may have left before the record was restored.
type doubtfulLine struct {
	store.Answer
	What    string   // the kind, in French
	Numbers []string // the orders that it tells of
	Cases   []string // the cases that it tells of
}

// lostLine is a reply that left, and that the restored record does not know.
type lostLine struct {
	order.Event
	Precise string
}

// mostDoubtful is how many doubtful replies the page shows at most.
const mostDoubtful = 200

// recovery shows what a restore left to people.
func (c *Console) recovery(v *visit) error {
	ctx := v.r.Context()
	replies, err := c.Store.Doubtful(ctx, 0, mostDoubtful+1)
	if err != nil {
		return err
	}
	p := recoveryPage{More: len(replies) > mostDoubtful}
	for _, r := range replies[:min(len(replies), mostDoubtful)] {
		line := doubtfulLine{Answer: r, What: replyWord(r.Reply.Kind)}
		for _, result := range r.Reply.Results {
			if result.Number != "" {
				line.Numbers = append(line.Numbers, result.Number)
			}
			if result.Case != "" {
				line.Cases = append(line.Cases, result.Case)
			}
		}
		p.Doubtful = append(p.Doubtful, line)
	}
	if p.TakeUps, err = c.takeUps(v); err != nil {
		return err
	}
	below, err := strconv.ParseUint(v.r.FormValue("avant"), 10, 64)
	if err != nil {
		below = 0 // from the latest on
	}
	events, next, err := c.Store.Events(ctx, store.EventFilter{Verb: store.VerbLost}, below, pageSize)
	if err != nil {
		return err
	}
	for _, e := range events {
		kind, rest, _ := strings.Cut(e.Detail, ", ")
		p.Lost = append(p.Lost, lostLine{e, replyWord(order.ReplyKind(kind)) + ", " + rest})
	}
	if next > 0 {
		p.Next = query(v.r, "avant", strconv.FormatUint(next, 10))
	}
	if below > 0 {
		p.First = query(v.r, "avant", "")
	}
	return v.show(http.StatusOK, "reprise", "Reprise après une restauration", p)
}

// takeUps reports whether a case waits for a person to say what is taken up.
func (c *Console) takeUps(v *visit) (bool, error) {
	rows, err := c.Store.CaseRows(v.r.Context(),
		store.CaseFilter{State: order.Waiting, Reason: order.ReasonTakeUp}, "", 1)
	return len(rows) > 0, err
}

// sendDoubtful lets a doubtful reply leave.
func (c *Console) sendDoubtful(v *visit) error { return v.settleDoubtful(c.Store.SendDoubtful, true) }

// dropDoubtful takes a doubtful reply for one that has left, or need not.
func (c *Console) dropDoubtful(v *visit) error { return v.settleDoubtful(c.Store.DropDoubtful, false) }

// settleDoubtful settles the doubtful reply that the address names; leaves says that it is
// to leave.
func (v *visit) settleDoubtful(
	settle func(ctx context.Context, id uint64, actor string, at time.Time) error, leaves bool,
) error {
	id, err := strconv.ParseUint(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return store.ErrNotFound
	}
	err = settle(v.r.Context(), id, v.user.Name, v.c.Clock().UTC())
	if errors.Is(err, store.ErrRevision) { // a colleague was faster
		return v.redirect("/reprise")
	}
	if err != nil {
		return notYet(err)
	}
	v.c.Log.Info("a doubtful reply is decided", "reply", id, "actor", v.user.Name)
	if leaves && v.c.Wake != nil {
		v.c.Wake()
	}
	return v.redirect("/reprise")
}

// recovering reports whether a restore left something to decide.
func (c *Console) recovering(v *visit) (bool, error) {
	replies, err := c.Store.Doubtful(v.r.Context(), 0, 1)
	if err != nil || len(replies) > 0 {
		return len(replies) > 0, err
	}
	return c.takeUps(v)
}

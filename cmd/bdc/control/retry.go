package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"bdc/store"
)

// Retried is a reply that was given up, and that is sent again.
type Retried struct {
	Reply uint64 `json:"reply"` // its id
	To    string `json:"to"`
	Words string `json:"words"` // why it was given up
}

// retries adds the request to send again what was given up: the replies whose ids it names,
// or all of them. If one of them can't be, those before it are sent again all the same.
func (s *Server) retries(mux *http.ServeMux) {
	mux.HandleFunc("POST /outbox/retry", answer(func(r *http.Request) (any, error) {
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		if s.Wake != nil {
			defer s.Wake()
		}
		return s.retry(r.Context(), r.Form["reply"])
	}))
}

func (s *Server) retry(ctx context.Context, named []string) ([]Retried, error) {
	retried := []Retried{}
	retry := func(a store.Answer) error {
		const actor = "bdc" // the socket does not say who asks
		if err := s.Store.Retry(ctx, a.Reply.ID, actor, time.Now().UTC()); err != nil {
			return err
		}
		retried = append(retried, Retried{a.Reply.ID, a.Reply.To, a.Words})
		return nil
	}
	for _, name := range named {
		id, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			return retried, err
		}
		r, err := s.Store.Reply(ctx, id)
		if err != nil {
			return retried, err
		}
		d, err := s.Store.Delivery(ctx, id)
		if err != nil {
			return retried, err
		}
		if err := retry(store.Answer{Reply: r.Reply, Delivery: d}); err != nil {
			return retried, err
		}
	}
	for after := uint64(0); len(named) == 0; {
		list, err := s.Store.GivenUp(ctx, after, maxPage)
		if err != nil || len(list) == 0 {
			return retried, err
		}
		for _, a := range list {
			after = a.Reply.ID
			// What was erased has nobody to go to, and a colleague may be faster.
			if err := retry(a); err != nil && !errors.Is(err, store.ErrErased) && !errors.Is(err, store.ErrRevision) {
				return retried, err
			}
		}
	}
	return retried, nil
}

// Retry sends again the replies of these ids, which were given up; with none, all that were.
func (c *Client) Retry(ctx context.Context, replies ...uint64) (retried []Retried, err error) {
	form := url.Values{}
	for _, id := range replies {
		form.Add("reply", strconv.FormatUint(id, 10))
	}
	return retried, c.call(ctx, "POST", "/outbox/retry?"+form.Encode(), nil, &retried)
}

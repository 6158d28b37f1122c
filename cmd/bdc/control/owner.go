package control

import (
	"context"
	"net/http"
	"time"

	"bdc/store"
)

// owner adds the requests about whether the record owns its inbox.
func (s *Server) owner(mux *http.ServeMux) {
	mux.HandleFunc("GET /ownership", answer(func(r *http.Request) (any, error) {
		return s.Store.Ownership(r.Context())
	}))
	mux.HandleFunc("POST /claim", answer(func(r *http.Request) (any, error) {
		// The socket does not say who asks.
		t := store.Takeover{Claimed: true, Actor: "bdc", At: time.Now().UTC()}
		if err := s.Store.TakeOver(r.Context(), t); err != nil {
			return nil, err
		}
		s.raise()
		return s.Store.Ownership(r.Context())
	}))
}

func (s *Server) raise() {
	if s.Raise != nil {
		s.Raise()
	}
}

// Ownership returns what the record knows of whether it owns its inbox.
func (c *Client) Ownership(ctx context.Context) (o store.Ownership, err error) {
	return o, c.call(ctx, "GET", "/ownership", nil, &o)
}

// Claim makes the record the one that owns its inbox, whatever the mailbox says: see
// store.Owner.TakeOver. It returns the ownership as it is then. A daemon that runs asks the
// mailbox at once, else the one that starts next.
func (c *Client) Claim(ctx context.Context) (o store.Ownership, err error) {
	return o, c.call(ctx, "POST", "/claim", nil, &o)
}

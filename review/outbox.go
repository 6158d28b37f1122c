package review

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"bdc/store"
)

// outbox serves what holds the outbox and lets it go.
func (c *Control) outbox(mux *http.ServeMux) {
	const actor = "bdc" // whoever may open the socket
	mux.HandleFunc("POST /outbox/hold", answer(func(r *http.Request) (any, error) {
		h := store.Hold{At: time.Now().UTC(), Actor: actor, Reason: r.FormValue("reason")}
		return h, c.Store.HoldOutbox(r.Context(), h)
	}))
	mux.HandleFunc("POST /outbox/release", answer(func(r *http.Request) (any, error) {
		return struct{}{}, c.Store.ReleaseOutbox(r.Context(), actor, time.Now().UTC())
	}))
}

// HoldOutbox keeps replies from being sent until somebody releases the outbox.
func (c *Client) HoldOutbox(ctx context.Context, reason string) error {
	return c.call(ctx, "POST", "/outbox/hold?reason="+url.QueryEscape(reason), nil, &store.Hold{})
}

// ReleaseOutbox lets replies be sent again.
func (c *Client) ReleaseOutbox(ctx context.Context) error {
	return c.call(ctx, "POST", "/outbox/release", nil, &struct{}{})
}

package review

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"bdc/store"
)

// holds serves what holds the outbox or the intake, and lets it go.
func (c *Control) holds(mux *http.ServeMux) {
	const actor = "bdc" // whoever may open the socket
	for what, verbs := range map[string]struct {
		hold    func(context.Context, store.Pause) error
		release func(context.Context, string, time.Time) error
	}{"outbox": {c.Store.PauseOutbox, c.Store.ResumeOutbox}, "inbox": {c.Store.PauseIntake, c.Store.ResumeIntake}} {
		mux.HandleFunc("POST /"+what+"/hold", answer(func(r *http.Request) (any, error) {
			h := store.Pause{At: time.Now().UTC(), Actor: actor, Reason: r.FormValue("reason")}
			return h, verbs.hold(r.Context(), h)
		}))
		mux.HandleFunc("POST /"+what+"/release", answer(func(r *http.Request) (any, error) {
			return struct{}{}, verbs.release(r.Context(), actor, time.Now().UTC())
		}))
	}
}

// HoldOutbox keeps replies from being sent until somebody releases the outbox.
func (c *Client) HoldOutbox(ctx context.Context, reason string) error {
	return c.call(ctx, "POST", "/outbox/hold?reason="+url.QueryEscape(reason), nil, &store.Pause{})
}

// ReleaseOutbox lets replies be sent again.
func (c *Client) ReleaseOutbox(ctx context.Context) error {
	return c.call(ctx, "POST", "/outbox/release", nil, &struct{}{})
}

// HoldInbox keeps messages from being taken in until somebody releases the inbox.
func (c *Client) HoldInbox(ctx context.Context, reason string) error {
	return c.call(ctx, "POST", "/inbox/hold?reason="+url.QueryEscape(reason), nil, &store.Pause{})
}

// ReleaseInbox lets messages be taken in again.
func (c *Client) ReleaseInbox(ctx context.Context) error {
	return c.call(ctx, "POST", "/inbox/release", nil, &struct{}{})
}

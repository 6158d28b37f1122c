package control

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"bdc/store"
)

// pauses adds the requests by which a person pauses the outbox or the intake, and
// resumes it.
func (s *Server) pauses(mux *http.ServeMux) {
	const actor = "bdc" // the socket does not say who asks
	for what, verbs := range map[string]struct {
		hold    func(context.Context, store.Pause) error
		release func(context.Context, string, time.Time) error
	}{"outbox": {s.Store.PauseOutbox, s.Store.ResumeOutbox}, "inbox": {s.Store.PauseIntake, s.Store.ResumeIntake}} {
		mux.HandleFunc("POST /"+what+"/hold", answer(func(r *http.Request) (any, error) {
			h := store.Pause{At: time.Now().UTC(), Actor: actor, Reason: r.FormValue("reason")}
			return h, verbs.hold(r.Context(), h)
		}))
		mux.HandleFunc("POST /"+what+"/release", answer(func(r *http.Request) (any, error) {
			return struct{}{}, verbs.release(r.Context(), actor, time.Now().UTC())
		}))
	}
}

// PauseOutbox keeps replies from being sent until somebody resumes the outbox. The
// reason is shown to staff.
func (c *Client) PauseOutbox(ctx context.Context, reason string) error {
	return c.call(ctx, "POST", "/outbox/hold?reason="+url.QueryEscape(reason), nil, &store.Pause{})
}

// ResumeOutbox lets replies be sent again.
func (c *Client) ResumeOutbox(ctx context.Context) error {
	return c.call(ctx, "POST", "/outbox/release", nil, &struct{}{})
}

// PauseIntake leaves new messages in the mailbox until somebody resumes the
// intake. The reason is shown to staff.
func (c *Client) PauseIntake(ctx context.Context, reason string) error {
	return c.call(ctx, "POST", "/inbox/hold?reason="+url.QueryEscape(reason), nil, &store.Pause{})
}

// ResumeIntake lets messages be taken in again.
func (c *Client) ResumeIntake(ctx context.Context) error {
	return c.call(ctx, "POST", "/inbox/release", nil, &struct{}{})
}

// Resume lets the inbox connect at once if it waits before it tries again.
func (c *Client) Resume(ctx context.Context) error {
	return c.call(ctx, "POST", "/resume", nil, &struct{}{})
}

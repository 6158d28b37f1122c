package control

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"bdc/store"
)

// erasure is a call of store.Retention.Erase on the wire.
type erasure struct {
	Kind store.Kind `json:"kind"`
	store.Erasure
}

// people adds the requests about what the record holds of one person.
func (s *Server) people(mux *http.ServeMux) {
	mux.HandleFunc("GET /people", answer(func(r *http.Request) (any, error) {
		return s.Store.Holdings(r.Context(), r.FormValue("address"), r.FormValue("after"))
	}))
	mux.HandleFunc("POST /people/erase", answer(func(r *http.Request) (any, error) {
		var e erasure
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			return nil, err
		}
		return s.Store.Erase(r.Context(), e.Kind, e.Erasure)
	}))
	mux.HandleFunc("GET /mails/{reply}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseUint(r.PathValue("reply"), 10, 64)
		if err != nil {
			refuse(w, store.ErrNotFound)
			return
		}
		reply, err := s.Store.Reply(r.Context(), id)
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "message/rfc822")
		_, _ = w.Write(reply.Mail) // the caller is gone: nobody to tell
	})
}

// Holdings returns a page of what names an address: see store.Retention.
func (c *Client) Holdings(ctx context.Context, address, after string) (h store.Holdings, err error) {
	query := url.Values{"address": {address}, "after": {after}}
	return h, c.call(ctx, "GET", "/people?"+query.Encode(), nil, &h)
}

// Erase erases things of one kind: see store.Retention. One call erases a bounded number.
func (c *Client) Erase(ctx context.Context, kind store.Kind, e store.Erasure) (done store.Erased, err error) {
	body, err := json.Marshal(erasure{kind, e})
	if err != nil {
		return done, err
	}
	return done, c.call(ctx, "POST", "/people/erase", bytes.NewReader(body), &done)
}

// Mail returns the composed bytes of a reply; none if it was not composed, or was erased.
// The error wraps store.ErrNotFound if there is no such reply.
func (c *Client) Mail(ctx context.Context, reply uint64) ([]byte, error) {
	body, _, err := c.do(ctx, "GET", "/mails/"+strconv.FormatUint(reply, 10), nil)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"bdc/store"
)

// told is one line of the answer to a request to verify the store. The last line has End.
type told struct {
	Done  int64  `json:"done,omitempty"`
	Total int64  `json:"total,omitempty"`
	Fault string `json:"fault,omitempty"`
	End   bool   `json:"end,omitempty"`
	Error string `json:"error,omitempty"` // with End: why it was not verified to its end
}

// tellEvery is the shortest time between two lines about progress.
const tellEvery = 100 * time.Millisecond

// verify verifies the store, and sends a line for each fault, and now and then one about its
// progress.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc, flush := json.NewEncoder(w), http.NewResponseController(w)
	var last time.Time
	send := func(t told) {
		_ = enc.Encode(t) // if the caller is gone, r's context ends the work
		_ = flush.Flush()
	}
	err := s.Store.Verify(r.Context(), store.Verification{
		Progress: func(done, total int64) {
			if now := time.Now(); now.Sub(last) >= tellEvery || done == total {
				last = now
				send(told{Done: done, Total: total})
			}
		},
		Fault: func(words string) { send(told{Fault: words}) },
	})
	end := told{End: true}
	if err != nil {
		end.Error = err.Error()
	}
	send(end)
}

// Verify verifies the store, as store.Store's Verify does.
func (c *Client) Verify(ctx context.Context, v store.Verification) error {
	body, _, err := c.do(ctx, "GET", "/verify", nil)
	if err != nil {
		return err
	}
	defer body.Close()
	for dec := json.NewDecoder(body); ; {
		var t told
		if err := dec.Decode(&t); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("daemon: %w", err)
		}
		switch {
		case t.End && t.Error != "":
			return remoteError{t.Error, nil}
		case t.End:
			return nil
		case t.Fault != "" && v.Fault != nil:
			v.Fault(t.Fault)
		case t.Fault == "" && v.Progress != nil:
			v.Progress(t.Done, t.Total)
		}
	}
}

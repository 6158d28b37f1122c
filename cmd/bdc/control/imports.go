package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"bdc/order"
)

// ImportRequest is an import that a subcommand asks for.
type ImportRequest struct {
	Register string // "annuaire", "catalogue" or "libraires"
	Name     string // the name of the file, for the record
	Preview  bool   // nothing is to be changed
	Force    bool   // it is meant even if it removes more than a tenth of the register

	// Progress is told how many rows and octets of the file were read. It may be nil.
	Progress func(rows int, octets int64)
}

// importLine is a line of JSON by which the daemon answers a request to import: how far it
// is, and in the last line what came of it.
type importLine struct {
	Rows    int            `json:"rows,omitempty"`
	Octets  int64          `json:"octets,omitempty"`
	Preview *order.Preview `json:"preview,omitempty"`
	Error   string         `json:"error,omitempty"`
}

// lineEvery is the shortest time between two lines that tell progress.
const lineEvery = 100 * time.Millisecond

// replace imports the body of a request into a register, and tells meanwhile how far it is.
// It reads the body to its end even if the file is refused before, so that the client,
// which is still sending, gets to read why.
func (s *Server) replace(w http.ResponseWriter, r *http.Request) {
	flow := http.NewResponseController(w)
	if err := flow.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	tell := func(line importLine) {
		_ = enc.Encode(line) // the caller is gone: nobody to tell
		_ = flow.Flush()
	}
	q := r.URL.Query()
	var last time.Time
	p, err := s.Import(r.Context(), ImportRequest{
		Register: r.PathValue("register"), Name: q.Get("name"), Preview: q.Has("preview"), Force: q.Has("force"),
		Progress: func(rows int, octets int64) {
			if now := time.Now(); now.Sub(last) >= lineEvery {
				last = now
				tell(importLine{Rows: rows, Octets: octets})
			}
		},
	}, r.Body)
	_, _ = io.Copy(io.Discard, r.Body)
	if err != nil {
		tell(importLine{Error: err.Error()})
		return
	}
	tell(importLine{Preview: &p})
}

// Import replaces a register by the content of a file, or says what would change. If Done of
// what it returns is false, nothing was changed: a preview was asked for, or the import
// removes more than a tenth of the register and is not forced.
func (c *Client) Import(ctx context.Context, ask ImportRequest, r io.Reader) (p order.Preview, err error) {
	q := url.Values{"name": {ask.Name}}
	if ask.Preview {
		q.Set("preview", "1")
	}
	if ask.Force {
		q.Set("force", "1")
	}
	body, _, err := c.do(ctx, "POST", "/registers/"+url.PathEscape(ask.Register)+"?"+q.Encode(), r)
	if err != nil {
		return p, err
	}
	defer body.Close()
	for dec := json.NewDecoder(body); ; {
		var line importLine
		switch err := dec.Decode(&line); {
		case err != nil:
			return p, fmt.Errorf("daemon: the import broke off: %w", err)
		case line.Error != "":
			return p, remoteError{line.Error, nil}
		case line.Preview != nil:
			return *line.Preview, nil
		case ask.Progress != nil:
			ask.Progress(line.Rows, line.Octets)
		}
	}
}

// Undo undoes the newest import of a register that can be undone, and returns what that
// changed.
func (c *Client) Undo(ctx context.Context, register string) (i order.Import, err error) {
	return i, c.call(ctx, "POST", "/registers/"+url.PathEscape(register)+"/undo", nil, &i)
}

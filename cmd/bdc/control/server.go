// Package control is the control socket: how the subcommands of bdc reach the
// store while the daemon holds the lock of its data file.
//
// The daemon opens a Unix socket beside the data file with Listen, and serves the Handler
// of a Server on it. A subcommand first calls Dial. If a daemon runs, that returns a Client
// of it. If none runs, the subcommand opens the data file itself, and takes a Client from
// Local, whose Server is in the same process. Both ways give the same answers.
//
// The socket speaks HTTP and JSON. It has mode 0600, and nothing else guards it:
// whoever may open it may read every order, import registers, change users, erase what
// names a person, pause or resume intake and outbox, and send replies again. A request that
// fails changes nothing, but for one to send several replies again. If a backup breaks off,
// the client gets an error, so that it never takes an incomplete copy for a whole one.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
)

// maxPage is the most entries that one page of a list holds.
const maxPage = 500

// Server answers the subcommands from the store. Set its fields before Handler is
// called, and leave them alone afterwards.
type Server struct {
	Store store.Store
	// Import replaces a register ("annuaire", "catalogue" or "libraires") by the content of
	// a file, which it reads from r as it arrives, and makes the daemon use the new
	// register; or it says what would change.
	Import func(ctx context.Context, ask ImportRequest, r io.Reader) (order.Preview, error)
	// Undo undoes the newest import of a register that can be undone.
	Undo func(ctx context.Context, register string) (order.Import, error)
	// Health returns how the daemon is doing, as a value that encoding/json encodes. It
	// is nil if no daemon runs.
	Health func(ctx context.Context) (any, error)
	// Facts returns which data file it is that the Store has open, and how much is in it, as
	// a value that encoding/json encodes. It is nil if no daemon runs.
	Facts func(ctx context.Context) (any, error)
	// Raise raises the generation of the record in the mailbox, after a backup and after the
	// inbox was claimed. It must not block. It is nil if no daemon runs.
	Raise func()
	// Resume lets the inbox connect at once if it waits before it tries again. It must not
	// block. It is nil if no daemon runs.
	Resume func()
	// Wake tells the outbox that replies have become due. It must not block. It is nil if no
	// daemon runs.
	Wake func()
	// Log is told of backups that break off.
	Log *slog.Logger
}

// Handler returns the handler of all requests that a Client makes. An error is
// answered as a JSON object with the member "error": with status 404 where the error wraps
// store.ErrNotFound, 409 where it wraps store.ErrExists, else with 422.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", answer(func(r *http.Request) (any, error) {
		return s.Store.Status(r.Context())
	}))
	if s.Health != nil {
		mux.HandleFunc("GET /health", answer(func(r *http.Request) (any, error) { return s.Health(r.Context()) }))
	}
	if s.Facts != nil {
		mux.HandleFunc("GET /facts", answer(func(r *http.Request) (any, error) { return s.Facts(r.Context()) }))
	}
	mux.HandleFunc("GET /orders", s.orders)
	mux.HandleFunc("GET /orders/{number}", answer(func(r *http.Request) (any, error) {
		return s.Store.Order(r.Context(), r.PathValue("number"))
	}))
	mux.HandleFunc("GET /cases", answer(func(r *http.Request) (any, error) {
		after, limit := page(r)
		return s.Store.Cases(r.Context(), order.State(r.FormValue("state")), after, limit)
	}))
	mux.HandleFunc("GET /cases/{code}", answer(func(r *http.Request) (any, error) {
		return s.Store.Case(r.Context(), r.PathValue("code"))
	}))
	mux.HandleFunc("GET /message", answer(func(r *http.Request) (any, error) {
		var key order.Key
		if err := json.Unmarshal([]byte(r.FormValue("key")), &key); err != nil {
			return nil, err
		}
		return s.Store.Message(r.Context(), key)
	}))
	mux.HandleFunc("GET /blobs/{hash}", s.blob)
	mux.HandleFunc("POST /registers/{register}", s.replace)
	mux.HandleFunc("POST /registers/{register}/undo", answer(func(r *http.Request) (any, error) {
		return s.Undo(r.Context(), r.PathValue("register"))
	}))
	mux.HandleFunc("GET /registers/{register}", s.register)
	mux.HandleFunc("GET /backup", s.backup)
	mux.HandleFunc("GET /verify", s.verify)
	mux.HandleFunc("POST /backup", answer(func(r *http.Request) (any, error) {
		err := s.Store.BackedUp(r.Context(), time.Now().UTC())
		if err == nil {
			s.raise()
		}
		return struct{}{}, err
	}))
	if s.Resume != nil {
		mux.HandleFunc("POST /resume", answer(func(*http.Request) (any, error) {
			s.Resume()
			return struct{}{}, nil
		}))
	}
	s.pauses(mux)
	s.retries(mux)
	s.people(mux)
	s.owner(mux)
	s.users(mux)
	return mux
}

// page reads which part of a list is asked for: the entries after a key, and how
// many at most.
func page(r *http.Request) (after string, limit int) {
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit < 1 || limit > maxPage {
		limit = maxPage
	}
	return r.FormValue("after"), limit
}

// fault is an error on the wire.
type fault struct {
	Error string `json:"error"`
}

// answer writes what f returns as JSON.
func answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := f(r)
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v) // the caller is gone: nobody to tell
	}
}

func refuse(w http.ResponseWriter, err error) {
	status := http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, store.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, store.ErrExists):
		status = http.StatusConflict
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(fault{err.Error()})
}

// register sends a register as it is stored, its import in a header.
func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	data, imported, err := s.Store.Register(r.Context(), r.PathValue("register"))
	if err != nil {
		refuse(w, err)
		return
	}
	head, err := json.Marshal(imported)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set(importHeader, string(head))
	_, _ = w.Write(data)
}

// blob sends an attachment's bytes.
func (s *Server) blob(w http.ResponseWriter, r *http.Request) {
	data, err := s.Store.Blob(r.Context(), order.Hash(r.PathValue("hash")))
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(data) // the caller is gone: nobody to tell
}

const (
	importHeader  = "Bdc-Import"
	damagedHeader = "Bdc-Damaged" // the numbers of the orders of a page that can't be read
)

// orders sends a page of orders, and in a header the numbers of those that can't be read.
func (s *Server) orders(w http.ResponseWriter, r *http.Request) {
	after, limit := page(r)
	orders, err := s.Store.Orders(r.Context(), after, limit)
	if unreadable, ok := errors.AsType[*store.UnreadableError](err); ok {
		w.Header().Set(damagedHeader, strings.Join(unreadable.Numbers, " "))
		err = nil
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(orders) // the caller is gone: nobody to tell
}

// backup streams a copy of the store. One that breaks off is not ended as HTTP
// ends a body, so that the other side can tell.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.Store.Backup(r.Context(), w); err != nil {
		s.Log.Error("backup", "err", err)
		panic(http.ErrAbortHandler)
	}
}

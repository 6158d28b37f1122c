package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"bdc/order"
	"bdc/store"
)

// maxPage is the most entries that one page of a list holds.
const maxPage = 500

// Control answers the subcommands: a handler over the store.
type Control struct {
	Store store.Store
	// Import replaces a register by the file called name that r holds, and
	// makes the daemon use it. It reads r as it comes.
	Import func(ctx context.Context, register, name string, r io.Reader) (order.Import, error)
	// Health tells how the daemon fares, as JSON; nil where there is none.
	Health func(ctx context.Context) (any, error)
	Log    *slog.Logger
}

// Handler serves the control socket.
func (c *Control) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", answer(func(r *http.Request) (any, error) {
		return c.Store.Status(r.Context())
	}))
	if c.Health != nil {
		mux.HandleFunc("GET /health", answer(func(r *http.Request) (any, error) { return c.Health(r.Context()) }))
	}
	mux.HandleFunc("GET /orders", answer(func(r *http.Request) (any, error) {
		after, limit := page(r)
		return c.Store.Orders(r.Context(), after, limit)
	}))
	mux.HandleFunc("GET /orders/{number}", answer(func(r *http.Request) (any, error) {
		return c.Store.Order(r.Context(), r.PathValue("number"))
	}))
	mux.HandleFunc("GET /cases", answer(func(r *http.Request) (any, error) {
		after, limit := page(r)
		return c.Store.Cases(r.Context(), order.State(r.FormValue("state")), after, limit)
	}))
	mux.HandleFunc("GET /cases/{code}", answer(func(r *http.Request) (any, error) {
		return c.Store.Case(r.Context(), r.PathValue("code"))
	}))
	mux.HandleFunc("GET /message", answer(func(r *http.Request) (any, error) {
		var key order.Key
		if err := json.Unmarshal([]byte(r.FormValue("key")), &key); err != nil {
			return nil, err
		}
		return c.Store.Message(r.Context(), key)
	}))
	mux.HandleFunc("GET /blobs/{hash}", c.blob)
	mux.HandleFunc("POST /registers/{register}", answer(func(r *http.Request) (any, error) {
		return c.Import(r.Context(), r.PathValue("register"), r.FormValue("name"), r.Body)
	}))
	mux.HandleFunc("GET /registers/{register}", c.register)
	mux.HandleFunc("GET /backup", c.backup)
	mux.HandleFunc("POST /backup", answer(func(r *http.Request) (any, error) {
		return struct{}{}, c.Store.BackedUp(r.Context(), time.Now().UTC())
	}))
	c.holds(mux)
	mux.HandleFunc("GET /users", answer(func(r *http.Request) (any, error) {
		return c.Store.Users(r.Context())
	}))
	mux.HandleFunc("POST /users", answer(func(r *http.Request) (any, error) {
		var u order.User
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			return nil, err
		}
		return u, c.Store.SaveUser(r.Context(), u, "bdc", time.Now().UTC())
	}))
	return mux
}

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
	if errors.Is(err, store.ErrNotFound) {
		status = http.StatusNotFound
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(fault{err.Error()})
}

// register sends a register as it is stored, its import in a header.
func (c *Control) register(w http.ResponseWriter, r *http.Request) {
	data, imported, err := c.Store.Register(r.Context(), r.PathValue("register"))
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
func (c *Control) blob(w http.ResponseWriter, r *http.Request) {
	data, err := c.Store.Blob(r.Context(), order.Hash(r.PathValue("hash")))
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(data) // the caller is gone: nobody to tell
}

const importHeader = "Bdc-Import"

// backup streams a copy of the store. One that breaks off is not ended as HTTP
// ends a body, so that the other side can tell.
func (c *Control) backup(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := c.Store.Backup(r.Context(), w); err != nil {
		c.Log.Error("backup", "err", err)
		panic(http.ErrAbortHandler)
	}
}

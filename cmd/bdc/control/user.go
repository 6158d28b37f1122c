package control

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"bdc/order"
	"bdc/store"
)

// userChange is a change of a user on the wire. Value is what becomes of the user: a
// password's hash, a role, or the name to sign in with; "" where nothing is to be said.
type userChange struct {
	Revision uint64 `json:"revision"`
	Value    string `json:"value,omitempty"`
	FullName string `json:"full_name,omitempty"`
}

// users adds the handlers of what the subcommands do about users.
func (s *Server) users(mux *http.ServeMux) {
	mux.HandleFunc("GET /users", answer(func(r *http.Request) (any, error) {
		return s.Store.Users(r.Context())
	}))
	mux.HandleFunc("POST /users", answer(func(r *http.Request) (any, error) {
		var u order.User
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			return nil, err
		}
		return struct{}{}, s.Store.AddUser(r.Context(), u, "bdc", time.Now().UTC())
	}))
	for what, do := range map[string]func(ctx context.Context, c store.UserChange, w userChange) error{
		"password": func(ctx context.Context, c store.UserChange, w userChange) error {
			return s.Store.GivePassword(ctx, c, w.Value)
		},
		"role": func(ctx context.Context, c store.UserChange, w userChange) error {
			return s.Store.SetRole(ctx, c, order.Role(w.Value))
		},
		"name": func(ctx context.Context, c store.UserChange, w userChange) error {
			return s.Store.Rename(ctx, c, w.Value, w.FullName)
		},
		"close": func(ctx context.Context, c store.UserChange, _ userChange) error {
			return s.Store.CloseUser(ctx, c)
		},
		"reopen": func(ctx context.Context, c store.UserChange, _ userChange) error {
			return s.Store.ReopenUser(ctx, c)
		},
	} {
		mux.HandleFunc("POST /users/{name}/"+what, answer(func(r *http.Request) (any, error) {
			var w userChange
			if err := json.NewDecoder(r.Body).Decode(&w); err != nil {
				return nil, err
			}
			c := store.UserChange{
				User: r.PathValue("name"), Revision: w.Revision, Actor: "bdc", At: time.Now().UTC(),
			}
			return struct{}{}, do(r.Context(), c, w)
		}))
	}
}

// Users returns the console's users, sorted by name.
func (c *Client) Users(ctx context.Context) (users []order.User, err error) {
	return users, c.call(ctx, "GET", "/users", nil, &users)
}

// AddUser records a new user. The error wraps store.ErrExists if the name is taken.
func (c *Client) AddUser(ctx context.Context, u order.User) error {
	return c.tell(ctx, "/users", u)
}

// The following methods change a user, as store.People says of the verb of the same name.
// Of the user u, name and revision say who is changed.

// GivePassword gives a user another password, of which this is the hash.
func (c *Client) GivePassword(ctx context.Context, u order.User, hash string) error {
	return c.changeUser(ctx, u, "password", userChange{Value: hash})
}

// SetRole gives a user another role.
func (c *Client) SetRole(ctx context.Context, u order.User, role order.Role) error {
	return c.changeUser(ctx, u, "role", userChange{Value: string(role)})
}

// Rename gives a user other names. The error wraps store.ErrExists if the name to sign in
// with is taken.
func (c *Client) Rename(ctx context.Context, u order.User, name, full string) error {
	return c.changeUser(ctx, u, "name", userChange{Value: name, FullName: full})
}

// CloseUser keeps a user from signing in.
func (c *Client) CloseUser(ctx context.Context, u order.User) error {
	return c.changeUser(ctx, u, "close", userChange{})
}

// ReopenUser lets a user sign in again.
func (c *Client) ReopenUser(ctx context.Context, u order.User) error {
	return c.changeUser(ctx, u, "reopen", userChange{})
}

func (c *Client) changeUser(ctx context.Context, u order.User, what string, change userChange) error {
	change.Revision = u.Revision
	return c.tell(ctx, "/users/"+url.PathEscape(u.Name)+"/"+what, change)
}

// tell posts a value as JSON.
func (c *Client) tell(ctx context.Context, path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.call(ctx, "POST", path, bytes.NewReader(data), &struct{}{})
}

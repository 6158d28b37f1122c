package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/store"
)

// Client sends requests to a Server, in this process or in the daemon's. Its methods may
// be called concurrently. Whoever called Dial or Local closes the Client.
type Client struct {
	http  *http.Client
	close func() error
}

// Dial returns a client of the daemon that listens on a socket. If no daemon
// listens there, it returns an error of package net at once.
func Dial(ctx context.Context, socket string) (*Client, error) {
	dial := func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	conn, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	conn.Close() // somebody listens, which is all we asked
	t := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }}
	return &Client{&http.Client{Transport: t}, func() error { t.CloseIdleConnections(); return nil }}, nil
}

// Local returns a client of a Server in this process, for when no daemon runs. It
// starts a goroutine that serves the client's requests; closing the client ends it.
func Local(s *Server) *Client {
	l := newPipes()
	srv := &http.Server{Handler: s.Handler()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(l) // ends when l is closed
	}()
	t := &http.Transport{DialContext: l.dial}
	return &Client{&http.Client{Transport: t}, func() error {
		t.CloseIdleConnections()
		err := srv.Close()
		<-done
		return err
	}}
}

// Close ends the client's connections, and the server that Local started.
func (c *Client) Close() error { return c.close() }

// Status returns the store's counts.
func (c *Client) Status(ctx context.Context) (s store.Status, err error) {
	return s, c.call(ctx, "GET", "/status", nil, &s)
}

// Health asks how the daemon is doing, and decodes the answer into v, as encoding/json
// does. The error wraps store.ErrNotFound if no daemon runs, since the Server of Local has
// no Health.
func (c *Client) Health(ctx context.Context, v any) error {
	return c.call(ctx, "GET", "/health", nil, v)
}

// Facts asks which data file the daemon has open, and how much is in it, and decodes the
// answer into v, as encoding/json does. The error wraps store.ErrNotFound if no daemon runs.
func (c *Client) Facts(ctx context.Context, v any) error {
	return c.call(ctx, "GET", "/facts", nil, v)
}

// Order returns one order. The error wraps store.ErrNotFound.
func (c *Client) Order(ctx context.Context, number string) (o order.Order, err error) {
	return o, c.call(ctx, "GET", "/orders/"+url.PathEscape(number), nil, &o)
}

// Orders yields all orders by rising number. It reads them in pages, so that no
// more than one page is in memory. With an order that can't be read it yields its number
// alone, and an error that wraps store.ErrDamaged, and goes on. After another error it
// yields nothing more.
func (c *Client) Orders(ctx context.Context) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for after := ""; ; {
			orders, damaged, err := c.orders(ctx, after)
			if err != nil {
				yield(order.Order{}, err)
				return
			}
			for _, o := range orders {
				if !yield(o, nil) {
					return
				}
				after = later(after, o.Number)
			}
			for _, number := range damaged {
				if !yield(order.Order{Number: number}, fmt.Errorf("order %s: %w", number, store.ErrDamaged)) {
					return
				}
				after = later(after, number)
			}
			if len(orders)+len(damaged) < maxPage {
				return
			}
		}
	}
}

// orders reads one page.
func (c *Client) orders(ctx context.Context, after string) (orders []order.Order, damaged []string, err error) {
	body, head, err := c.do(ctx, "GET", "/orders?after="+url.QueryEscape(after), nil)
	if err != nil {
		return nil, nil, err
	}
	defer body.Close()
	return orders, strings.Fields(head.Get(damagedHeader)), json.NewDecoder(body).Decode(&orders)
}

// later returns the higher of two order numbers of which either may be "". Within a year, a
// number with more digits is higher.
func later(a, b string) string {
	const year = len("CNS-2026")
	switch {
	case len(a) < year || len(b) < year:
		return max(a, b)
	case a[:year] != b[:year]:
		return max(a, b)
	case len(a) != len(b):
		if len(a) > len(b) {
			return a
		}
		return b
	}
	return max(a, b)
}

// Case returns one case. The error wraps store.ErrNotFound.
func (c *Client) Case(ctx context.Context, code string) (k order.Case, err error) {
	return k, c.call(ctx, "GET", "/cases/"+url.PathEscape(code), nil, &k)
}

// Cases yields the cases of a state, or all cases for "", the oldest first. It
// reads them in pages, and after an error yields nothing more.
func (c *Client) Cases(ctx context.Context, state order.State) iter.Seq2[order.Case, error] {
	return pages(func(after string) (list []order.Case, err error) {
		return list, c.call(ctx, "GET", "/cases?state="+string(state)+"&after="+url.QueryEscape(after), nil, &list)
	}, func(k order.Case) string { return k.Code })
}

// pages yields the entries of a list that is read by cursor.
func pages[T any](read func(after string) ([]T, error), cursor func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := ""; ; {
			list, err := read(after)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, v := range list {
				if !yield(v, nil) {
					return
				}
				after = cursor(v)
			}
			if len(list) < maxPage {
				return
			}
		}
	}
}

// Message returns what was kept of a message. The error wraps store.ErrNotFound.
func (c *Client) Message(ctx context.Context, key order.Key) (m order.Message, err error) {
	text, err := json.Marshal(key)
	if err != nil {
		return m, err
	}
	return m, c.call(ctx, "GET", "/message?key="+url.QueryEscape(string(text)), nil, &m)
}

// Blob returns an attachment's bytes. The error wraps store.ErrNotFound.
func (c *Client) Blob(ctx context.Context, hash order.Hash) ([]byte, error) {
	body, _, err := c.do(ctx, "GET", "/blobs/"+url.PathEscape(string(hash)), nil)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// Register returns a register as it is stored, and the import that made it. The
// error wraps store.ErrNotFound when nothing was ever imported.
func (c *Client) Register(ctx context.Context, register string) (data []byte, imported order.Import, err error) {
	body, head, err := c.do(ctx, "GET", "/registers/"+url.PathEscape(register), nil)
	if err != nil {
		return nil, imported, err
	}
	defer body.Close()
	if err := json.Unmarshal([]byte(head.Get(importHeader)), &imported); err != nil {
		return nil, imported, fmt.Errorf("register %s: %w", register, err)
	}
	data, err = io.ReadAll(body)
	return data, imported, err
}

// Backup writes a consistent copy of the data file to w. It returns an error when
// the copy broke off; what was written is then of no use.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	body, _, err := c.do(ctx, "GET", "/backup", nil)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(w, body)
	return err
}

// BackedUp tells the store that the copy which Backup wrote is complete and saved in its
// final place. The store then keeps the time as that of the last backup.
func (c *Client) BackedUp(ctx context.Context) error {
	return c.call(ctx, "POST", "/backup", nil, &struct{}{})
}

func (c *Client) call(ctx context.Context, method, path string, send io.Reader, into any) error {
	body, _, err := c.do(ctx, method, path, send)
	if err != nil {
		return err
	}
	defer body.Close()
	return json.NewDecoder(body).Decode(into)
}

// do makes a request, and turns an answer that is an error into one.
func (c *Client) do(ctx context.Context, method, path string, send io.Reader) (io.ReadCloser, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://bdc"+path, send)
	if err != nil {
		return nil, nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // the address means nothing to anybody
		}
		return nil, nil, fmt.Errorf("daemon: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, resp.Header, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // what came of it is all there is to say
	var f fault
	if json.Unmarshal(bytes.TrimSpace(text), &f) != nil || f.Error == "" {
		f.Error = "answered " + strconv.Itoa(resp.StatusCode)
	}
	switch resp.StatusCode {
	case http.StatusNotFound:
		return nil, nil, remoteError{f.Error, store.ErrNotFound}
	case http.StatusConflict:
		return nil, nil, remoteError{f.Error, store.ErrExists}
	}
	return nil, nil, remoteError{f.Error, nil}
}

// remoteError is what the other side said, and the sentinel that it stands for.
type remoteError struct {
	text string
	is   error
}

func (e remoteError) Error() string { return e.text }
func (e remoteError) Unwrap() error { return e.is }

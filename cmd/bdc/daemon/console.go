package daemon

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"bdc/cmd/bdc/config"
	"bdc/order"
	"bdc/review"
	"bdc/sheet/form"
	"bdc/sheet/mark"
	"bdc/templates"
)

// Console is the console, its HTTP server and its port.
type Console struct {
	*review.Console
	server   http.Server
	listener net.Listener
}

// newConsole opens the console's port. It returns nil if the configuration has no console.
// Nothing is served before run; the caller closes the console.
func newConsole(ctx context.Context, cfg config.Config, d *Daemon, form *order.Form, renderer *templates.Renderer,
	log *slog.Logger,
) (*Console, error) {
	c := cfg.Console
	if c.Listen == "" {
		return nil, nil
	}
	origin := strings.TrimSuffix(c.URL, "/")
	people := clerk{d.Registers}
	served := &Console{Console: &review.Console{
		Store: d.Store, Fence: d.fence, Form: form, Examiner: d.Inbox.Examiner, Renderer: renderer,
		Options: templates.Options{OpeningHours: cfg.Accept.OpeningHours},
		Exports: exports(form), Registry: func() review.Registry { return d.Registers.Current() },
		Import: people.upload, Undo: people.undo, Amend: people.amend, Spool: cfg.Data + ".import",
		Wake: d.Outbox.Wake, UndoFor: c.UndoFor, Enclosed: mark.FileName, Health: d.dashboard, Secure: c.Secure(),
		Origin: origin, Proxies: c.Proxies, Clock: time.Now, Log: log,
	}}
	if c.PublicCheck {
		marker, err := newMarker(form, d.turns)
		if err != nil {
			return nil, err
		}
		served.Verifier = &review.Verifier{Mark: markVerified(form, marker)}
	}
	handler, err := served.Handler()
	if err != nil {
		return nil, err
	}
	served.server = http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	served.server.RegisterOnShutdown(served.Quit)
	if served.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", c.Listen); err != nil {
		return nil, fmt.Errorf("console.listen: %w", err)
	}
	if c.TLSCert == "" {
		return served, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("console.tls_cert: %w", err), served.listener.Close())
	}
	served.listener = tls.NewListener(served.listener,
		&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	return served, nil
}

// Address returns the URL under which a browser finds the console.
func (c *Console) Address() string {
	if c.Origin != "" {
		return c.Origin
	}
	scheme := "http"
	if c.Secure {
		scheme = "https"
	}
	return scheme + "://" + c.listener.Addr().String()
}

// run serves until close.
func (c *Console) run(log *slog.Logger) {
	log.Info("console", "address", c.Address())
	if err := c.server.Serve(c.listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("console", "err", err)
	}
}

// drainTime is how long close lets requests go on.
const drainTime = 2 * time.Second

// close waits for running requests, at most drainTime, and ends the streams of events at
// once.
func (c *Console) close() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if c.server.Shutdown(ctx) != nil {
		_ = c.server.Close() // they had their time
	}
}

// exports returns the file formats in which the console saves a list of orders.
func exports(definition *order.Form) map[string]review.Export {
	return map[string]review.Export{
		"xlsx": {Type: xlsxType, Write: func(w io.Writer, orders iter.Seq2[order.Order, error]) error {
			return form.Export(w, definition, orders)
		}},
		"csv": {Type: "text/csv; charset=utf-8", Write: func(w io.Writer, orders iter.Seq2[order.Order, error]) error {
			return form.ExportCSV(w, definition, orders)
		}},
		"jsonl": {Type: "application/jsonl", Write: ExportJSON},
	}
}

// ExportJSON writes an order a line.
func ExportJSON(w io.Writer, orders iter.Seq2[order.Order, error]) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for o, err := range orders {
		if err != nil {
			return err
		}
		if err := enc.Encode(o); err != nil {
			return err
		}
	}
	return nil
}

package main

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
	"net/netip"
	"net/url"
	"strings"
	"time"

	"bdc/order"
	"bdc/review"
	"bdc/sheet/form"
	"bdc/sheet/mark"
	"bdc/templates"
)

// Console is where staff look and decide.
type Console struct {
	Listen         string   `toml:"listen"`
	URL            string   `toml:"url"`
	TLSCert        string   `toml:"tls_cert"`
	TLSKey         string   `toml:"tls_key"`
	TrustedProxies []string `toml:"trusted_proxies"`
	Undo           string   `toml:"undo"`
	PublicCheck    bool     `toml:"public_check"`

	proxies []netip.Prefix
	undo    time.Duration
}

// secure reports whether browsers come by https, to us or to the proxy.
func (c Console) secure() bool { return c.TLSCert != "" || strings.HasPrefix(c.URL, "https://") }

// console finds what is wrong with the console's section. Sessions and orders
// never cross a network in the clear: beyond this machine there is TLS, ours or a
// proxy's.
func (f *faults) console(c *Console) {
	var err error
	if c.undo, err = time.ParseDuration(c.Undo); err != nil || c.undo < 0 || c.undo > time.Hour {
		f.add("console.undo", `must be between "0s" and "1h", such as "30s"`)
	}
	for _, text := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(text)
		if address, addressErr := netip.ParseAddr(text); addressErr == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			f.add("console.trusted_proxies", fmt.Sprintf("%q is neither an address nor a network such as 10.0.0.0/8", text))
			continue
		}
		c.proxies = append(c.proxies, prefix.Masked())
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		f.add("console.tls_cert", "goes with console.tls_key: give both or neither")
	} else if c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			f.add("console.tls_cert", err.Error())
		}
	}
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			f.add("console.url", `must be the address that browsers open, such as "https://bdc.example.org"`)
		}
	}
	if c.Listen == "" {
		return
	}
	host, _, err := net.SplitHostPort(c.Listen)
	switch {
	case err != nil:
		f.add("console.listen", `must be an address and a port, such as "127.0.0.1:8080"`)
	case !loopback(host) && c.TLSCert == "" && len(c.proxies) == 0:
		f.add("console.listen", "is open to the network in the clear: set console.tls_cert and tls_key, or trusted_proxies, or listen on 127.0.0.1")
	}
}

// console is the console's server, and what tells its browsers of changes.
type console struct {
	*review.Console
	server   http.Server
	listener net.Listener
}

// newConsole listens, where the configuration says so; nil otherwise. The caller
// closes it.
func newConsole(ctx context.Context, cfg Config, d *daemon, k keeper, form *order.Form, renderer *templates.Renderer, log *slog.Logger) (*console, error) {
	c := cfg.Console
	if c.Listen == "" {
		return nil, nil
	}
	origin := strings.TrimSuffix(c.URL, "/")
	served := &console{Console: &review.Console{
		Store: d.store, Form: form, Examiner: d.inbox.Examiner, Renderer: renderer, Options: templates.Options{OpeningHours: cfg.Accept.OpeningHours},
		Exports: exports(form), Registry: func() review.Registry { return d.registers.current.Load() }, Import: k.upload, Amend: k.amend, Spool: cfg.Data + ".import",
		Wake: d.outbox.Wake, UndoFor: c.undo, Enclosed: mark.FileName, Health: d.dashboard, Secure: c.secure(), Origin: origin, Proxies: c.proxies, Clock: time.Now, Log: log,
	}}
	if c.PublicCheck {
		// A marker of its own: the answers to mails wait for no stranger's workbook.
		marker, err := newMarker(form)
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
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
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
	served.listener = tls.NewListener(served.listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	return served, nil
}

// address is where a browser on this machine finds the console.
func (c *console) address() string {
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
func (c *console) run(log *slog.Logger) {
	log.Info("console", "address", c.address())
	if err := c.server.Serve(c.listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("console", "err", err)
	}
}

// drainTime is how long requests may take to end.
const drainTime = 5 * time.Second

// close lets requests end, and ends streams and what takes too long.
func (c *console) close() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if c.server.Shutdown(ctx) != nil {
		_ = c.server.Close() // they had their time
	}
}

// exports are the files that a list of orders can be saved as.
func exports(definition *order.Form) map[string]review.Export {
	return map[string]review.Export{
		"xlsx": {Type: xlsxType, Write: func(w io.Writer, orders iter.Seq2[order.Order, error]) error {
			return form.Export(w, definition, orders)
		}},
		"csv": {Type: "text/csv; charset=utf-8", Write: func(w io.Writer, orders iter.Seq2[order.Order, error]) error {
			return form.ExportCSV(w, definition, orders)
		}},
		"jsonl": {Type: "application/jsonl", Write: exportJSON},
	}
}

// exportJSON writes an order a line.
func exportJSON(w io.Writer, orders iter.Seq2[order.Order, error]) error {
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

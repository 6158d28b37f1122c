package config

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Console says where and how the web pages for staff are served.
type Console struct {
	Listen         string   `toml:"listen"`          // an address; "" for no console
	URL            string   `toml:"url"`             // the address that browsers open, if it is that of a proxy
	TLSCert        string   `toml:"tls_cert"`        // PEM file
	TLSKey         string   `toml:"tls_key"`         // PEM file
	TrustedProxies []string `toml:"trusted_proxies"` // addresses and networks
	Undo           string   `toml:"undo"`            // a duration, such as "30s"
	PublicCheck    bool     `toml:"public_check"`    // serve the public page on which forms are tried

	// Proxies are the networks of TrustedProxies. The console believes a proxy in one
	// of them about the address of its client.
	Proxies []netip.Prefix `toml:"-"`
	// UndoFor is the duration of Undo: for how long a reply that a person decided on
	// waits before it is sent, so that the person can undo the decision.
	UndoFor time.Duration `toml:"-"`
}

// Secure reports whether browsers use https, with us or with a proxy in front of us.
func (c Console) Secure() bool { return c.TLSCert != "" || strings.HasPrefix(c.URL, "https://") }

// console finds what is wrong with the console's section.
func (f *faults) console(c *Console) {
	var err error
	if c.UndoFor, err = time.ParseDuration(c.Undo); err != nil || c.UndoFor < 0 || c.UndoFor > time.Hour {
		f.add("console.undo", `must be between "0s" and "1h", such as "30s"`)
	}
	f.proxies(c)
	f.certificate(c)
	f.url(c)
	f.listen(c)
}

// proxies reads the addresses and networks of the trusted proxies.
func (f *faults) proxies(c *Console) {
	for _, text := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(text)
		if address, addressErr := netip.ParseAddr(text); addressErr == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			f.add("console.trusted_proxies", fmt.Sprintf("%q is neither an address nor a network such as 10.0.0.0/8",
				text))
			continue
		}
		c.Proxies = append(c.Proxies, prefix.Masked())
	}
}

// certificate tries the certificate and its key.
func (f *faults) certificate(c *Console) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		f.add("console.tls_cert", "goes with console.tls_key: give both or neither")
	} else if c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			f.add("console.tls_cert", err.Error())
		}
	}
}

// url finds what is wrong with the address that browsers open: it has no path or query.
func (f *faults) url(c *Console) {
	if c.URL == "" {
		return
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" {
		f.add("console.url", `must be the address that browsers open, such as "https://bdc.example.org"`)
	}
}

// listen finds what is wrong with the address that the console listens on. Sessions and
// orders never cross a network in the clear: a console that other machines can reach
// needs TLS, its own or a proxy's.
func (f *faults) listen(c *Console) {
	if c.Listen == "" {
		return
	}
	host, _, err := net.SplitHostPort(c.Listen)
	switch {
	case err != nil:
		f.add("console.listen", `must be an address and a port, such as "127.0.0.1:8080"`)
	case !loopback(host) && c.TLSCert == "" && len(c.Proxies) == 0:
		f.add("console.listen", "is open to the network in the clear: set console.tls_cert and tls_key, or "+
			"trusted_proxies, or listen on 127.0.0.1")
	}
}

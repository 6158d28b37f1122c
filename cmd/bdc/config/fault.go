package config

import (
	"errors"
	"net"
	"os"
	"strings"
)

// faults gathers what is wrong with a configuration, one text each.
type faults []string

func (f *faults) add(key, what string) { *f = append(*f, key+": "+what) }

// err returns all faults as one error, or nil if there is none.
func (f faults) err(path string) error {
	if len(f) == 0 {
		return nil
	}
	return errors.New(path + ":\n  " + strings.Join(f, "\n  "))
}

// secret reads a secret from the file that may be named instead of it.
func (f *faults) secret(key string, value *string, file string) {
	if file != "" {
		if *value != "" {
			f.add(key+"_file", key+" is there too: keep one of them")
		}
		b, err := os.ReadFile(file)
		*value = strings.TrimRight(string(b), "\r\n")
		switch {
		case err != nil:
			f.add(key+"_file", err.Error())
		case *value == "":
			f.add(key+"_file", file+" is empty")
		}
	}
	if strings.ContainsAny(*value, "\x00\r\n") {
		f.add(key, "must not hold line ends")
	}
}

// metrics are served to this machine alone: they need no sign-in.
func (f *faults) metrics(m Metrics) {
	if m.Listen == "" {
		return
	}
	if host, _, err := net.SplitHostPort(m.Listen); err != nil || !loopback(host) {
		f.add("metrics.listen", `must be an address of this machine alone, such as "127.0.0.1:9123"`)
	}
}

func (f *faults) accept(a *Accept) {
	if a.Senders != "registered" && a.Senders != "any" {
		f.add("accept.senders", `must be "registered" or "any"`)
	}
	if a.DMARC != "required" && a.DMARC != "optional" {
		f.add("accept.dmarc", `must be "required" or "optional"`)
	}
	if strings.ContainsAny(a.AuthservID, " ;()\"") {
		f.add("accept.authserv_id", `must be a name such as "mx.example.org", or "unnamed-topmost"`)
	}
	if a.OpeningHours < 0 {
		f.add("accept.opening_hours", "must not be negative; 0 promises nothing")
	}
	if a.MaxQuantity < 1 {
		f.add("accept.max_quantity", "must be at least 1")
	}
	var ok bool
	if a.SameFor, ok = parseAge(a.SameWithin); !ok {
		f.add("accept.same_within", `must be such as "120 days" or "4 months", and at least "30 days"`)
	}
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

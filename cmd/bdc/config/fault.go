package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/mail"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/templates"
)

// faults gathers what is wrong with a configuration.
type faults []string

func (f *faults) add(key, what string) { *f = append(*f, key+": "+what) }

func (f faults) err(path string) error {
	if len(f) == 0 {
		return nil
	}
	return errors.New(path + ":\n  " + strings.Join(f, "\n  "))
}

func (f *faults) server(section string, s *Server, ports map[string]int) {
	if s.Host == "" {
		f.add(section+".host", "is missing")
	}
	port, ok := ports[s.TLS]
	switch {
	case !ok:
		f.add(section+".tls", `must be "implicit", "starttls" or "none"`)
	case s.TLS == "none" && s.Host != "" && !loopback(s.Host):
		f.add(section+".tls", `"none" sends the password in the clear: it is only for this machine (localhost)`)
	}
	if s.Port == 0 {
		s.Port = port
	}
	if s.Port < 0 || s.Port > 65535 {
		f.add(section+".port", "must be between 1 and 65535")
	}
	if s.CAFile != "" {
		if _, err := certificates(s.CAFile); err != nil {
			f.add(section+".ca_file", err.Error())
		}
	}
	f.secret(section+".password", &s.Password, s.PasswordFile)
	switch {
	case s.OAuth2 != "" && s.Password+s.PasswordFile != "":
		f.add(section+".password", "oauth2 is there too: keep one of them")
	case s.OAuth2 == "" && s.Username != "" && s.Password == "" && s.PasswordFile == "":
		f.add(section+".password", "is missing (or password_file, or oauth2)")
	}
	if strings.ContainsAny(s.Username, "\x00\x01\r\n") {
		f.add(section+".username", "must not hold control characters")
	}
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

func (f *faults) mailbox(m *Mailbox) {
	if m.Username == "" {
		f.add("mailbox.username", "is missing")
	}
	names := map[string]string{}
	for _, folder := range []struct{ key, name string }{
		{"folder", m.Folder}, {"processed", m.Processed}, {"rejected", m.Rejected}, {"attention", m.Attention},
	} {
		switch other, taken := names[folder.name]; {
		case folder.name == "":
			f.add("mailbox."+folder.key, "is empty")
		case taken:
			f.add("mailbox."+folder.key, "is the same folder as mailbox."+other)
		}
		names[folder.name] = folder.key
	}
	var err error
	if m.Since == "" {
		f.add("mailbox.since", `is missing: the day from which mail is taken in, such as "2026-11-21"`)
	} else if m.since, err = time.Parse(time.DateOnly, m.Since); err != nil {
		f.add("mailbox.since", `must be a day such as "2026-11-21"`)
	}
	if m.poll, err = time.ParseDuration(m.Poll); err != nil || m.poll < time.Second || m.poll > 5*time.Minute {
		f.add("mailbox.poll", `must be between "1s" and "5m", such as "1m"`)
	}
}

func (f *faults) smtp(s *SMTP) {
	if s.From == "" {
		f.add("smtp.from", "is missing: the address that replies come from")
	} else if _, err := mail.ParseAddress(s.From); err != nil {
		f.add("smtp.from", "is not an address")
	}
	if s.Envelope != "" && s.Envelope != "<>" {
		if _, err := mail.ParseAddress(s.Envelope); err != nil {
			f.add("smtp.envelope", `is not an address, nor "<>" for the null sender`)
		}
	}
	if s.Connections < 1 || s.Connections > 32 {
		f.add("smtp.connections", "must be between 1 and 32")
	}
	if s.Hourly < 0 || s.HourlyEach < 0 {
		f.add("smtp.hourly", "must not be negative, nor may hourly_each; 0 bounds nothing")
	}
}

// rules are the severities that differ from the defaults.
func (f *faults) rules(texts map[order.Code]*string) map[order.Code]order.Severity {
	rules := map[order.Code]order.Severity{}
	for _, code := range slices.Sorted(maps.Keys(texts)) {
		severity := order.Severity(*texts[code])
		switch allowed := templates.Allowed(code); {
		case severity == "":
		case slices.Contains(allowed, severity):
			rules[code] = severity
		default:
			f.add("rules."+string(code), fmt.Sprintf("must be one of %q", allowed))
		}
	}
	return rules
}

// file sets each key that the file has.
func (f *faults) file(known map[string]reflect.Value, prefix string, table map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key, value := prefix+name, table[name]
		if inner, ok := value.(map[string]any); ok {
			f.file(known, key+".", inner)
			continue
		}
		field, ok := known[key]
		switch value := value.(type) {
		case string:
			if ok && field.Kind() == reflect.String {
				field.SetString(value)
				continue
			}
		case int64:
			if ok && field.Kind() == reflect.Int {
				field.SetInt(value)
				continue
			}
		case bool:
			if ok && field.Kind() == reflect.Bool {
				field.SetBool(value)
				continue
			}
		case []any:
			if ok && field.Kind() == reflect.Slice && setTexts(field, value) {
				continue
			}
		}
		if ok {
			f.add(key, "must be "+map[reflect.Kind]string{reflect.Int: "a number", reflect.Bool: "true or false", reflect.String: "a text in quotes", reflect.Slice: "a list of texts in quotes"}[field.Kind()])
		} else {
			f.add(key, "unknown key")
		}
	}
}

// setTexts sets a list, and reports whether all in it is text.
func setTexts(field reflect.Value, values []any) bool {
	texts := make([]string, len(values))
	for i, v := range values {
		var ok bool
		if texts[i], ok = v.(string); !ok {
			return false
		}
	}
	field.Set(reflect.ValueOf(texts))
	return true
}

// environment sets each key that has a variable; of a list, the texts between
// commas.
func (f *faults) environment(known map[string]reflect.Value, environ []string) {
	variables := make(map[string]reflect.Value, len(known))
	for key, field := range known {
		variables["BDC_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = field
	}
	for _, entry := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(entry, "=")
		field, ok := variables[name]
		switch {
		case !strings.HasPrefix(name, "BDC_") || strings.HasPrefix(name, "BDC_TEST_"):
		case !ok:
			f.add(name, "unknown variable")
		case field.Kind() == reflect.Int:
			n, err := strconv.Atoi(value)
			if err != nil {
				f.add(name, "must be a number")
			}
			field.SetInt(int64(n))
		case field.Kind() == reflect.Bool:
			yes, err := strconv.ParseBool(value)
			if err != nil {
				f.add(name, "must be true or false")
			}
			field.SetBool(yes)
		case field.Kind() == reflect.Slice:
			field.Set(reflect.ValueOf(strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })))
		default:
			field.SetString(value)
		}
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// certificates reads a file of PEM certificates.
func certificates(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("holds no PEM certificate")
	}
	return pool, nil
}

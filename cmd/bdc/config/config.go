package main

import (
	"fmt"
	"net"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"bdc/notify"
	"bdc/order"
	"bdc/templates"
	"bdc/validate"
)

// Config is the daemon's configuration file (docs/configuration.md). Each key is
// also an environment variable: mailbox.host is BDC_MAILBOX_HOST, which wins.
type Config struct {
	Data    string  `toml:"data"`
	Mailbox Mailbox `toml:"mailbox"`
	SMTP    SMTP    `toml:"smtp"`
	OAuth2  OAuth2  `toml:"oauth2"`
	Accept  Accept  `toml:"accept"`
	Staff   Staff   `toml:"staff"`
	Metrics Metrics `toml:"metrics"`
	Console Console `toml:"console"`
	Replies Replies `toml:"replies"`

	Retention Retention `toml:"retention"`

	rules map[order.Code]order.Severity // [rules]: the severity of a code, where it is not the default
}

// policy is what the configuration decides about the rules.
func (c Config) policy() validate.Policy {
	return validate.Policy{Quantity: c.Accept.MaxQuantity, Severity: func(code order.Code, severity order.Severity) order.Severity {
		if s, ok := c.rules[code]; ok {
			return s
		}
		return severity
	}}
}

// Server is what reaching either server takes.
type Server struct {
	Host         string `toml:"host"`
	Port         int    `toml:"port"`
	TLS          string `toml:"tls"`
	CAFile       string `toml:"ca_file"`
	Username     string `toml:"username"`
	Password     string `toml:"password"`
	PasswordFile string `toml:"password_file"`
	OAuth2       string `toml:"oauth2"` // the provider; "" to sign in by password
}

// Mailbox is the inbox that orders arrive in.
type Mailbox struct {
	Server
	Folder    string `toml:"folder"`
	Processed string `toml:"processed"`
	Rejected  string `toml:"rejected"`
	Attention string `toml:"attention"`
	Since     string `toml:"since"`
	Poll      string `toml:"poll"`

	since time.Time
	poll  time.Duration
}

// SMTP is the server that sends the replies.
type SMTP struct {
	Server
	From        string `toml:"from"`
	Envelope    string `toml:"envelope"`
	Connections int    `toml:"connections"`
	Hourly      int    `toml:"hourly"`
	HourlyEach  int    `toml:"hourly_each"`

	DKIMKeyFile  string `toml:"dkim_key_file"`
	DKIMSelector string `toml:"dkim_selector"`
	DKIMDomain   string `toml:"dkim_domain"`

	dkim *notify.DKIM
}

// Accept says which orders are taken.
type Accept struct {
	Senders      string `toml:"senders"`
	AuthservID   string `toml:"authserv_id"`
	DMARC        string `toml:"dmarc"`
	OpeningHours int    `toml:"opening_hours"`
	MaxQuantity  int    `toml:"max_quantity"`
	Formless     bool   `toml:"answer_without_form"`
}

// Metrics says where they can be fetched besides the control socket.
type Metrics struct {
	Listen string `toml:"listen"`
}

// defaults is the configuration before any file is read.
func defaults() Config {
	return Config{
		Data: "bdc.db",
		Mailbox: Mailbox{
			Server: Server{TLS: "implicit"}, Folder: "INBOX", Processed: "Traitées", Rejected: "Rejetées", Attention: "À traiter", Poll: "1m",
		},
		SMTP:    SMTP{Server: Server{TLS: "starttls"}, Connections: 4, Hourly: 20_000, HourlyEach: 2_000},
		Accept:  Accept{Senders: "registered", DMARC: "required", MaxQuantity: validate.DefaultQuantity},
		Console: Console{Listen: "127.0.0.1:8080", Undo: "30s"},
	}
}

// loadConfig reads a configuration file and the environment over it. The error
// lists every fault that can be found without using the network, each with its
// key.
func loadConfig(path string, environ []string) (Config, error) {
	c := defaults()
	var file map[string]any
	if _, err := toml.DecodeFile(path, &file); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	var f faults
	known := map[string]reflect.Value{}
	keys(reflect.ValueOf(&c).Elem(), "", known)
	rules := ruleKeys(known)
	f.file(known, "", file)
	f.environment(known, environ)
	if !filepath.IsAbs(c.Data) { // beside the file that names it, wherever bdc is called from
		c.Data = filepath.Join(filepath.Dir(path), c.Data)
	}
	if c.Replies.Folder != "" && !filepath.IsAbs(c.Replies.Folder) {
		c.Replies.Folder = filepath.Join(filepath.Dir(path), c.Replies.Folder)
	}
	f.server("mailbox", &c.Mailbox.Server, map[string]int{"implicit": 993, "starttls": 143, "none": 143})
	f.server("smtp", &c.SMTP.Server, map[string]int{"implicit": 465, "starttls": 587, "none": 25})
	f.mailbox(&c.Mailbox)
	f.smtp(&c.SMTP)
	f.oauth2(&c)
	if c.Metrics.Listen != "" {
		if host, _, err := net.SplitHostPort(c.Metrics.Listen); err != nil || !loopback(host) {
			f.add("metrics.listen", `must be an address of this machine alone, such as "127.0.0.1:9123"`)
		}
	}
	if c.Accept.Senders != "registered" && c.Accept.Senders != "any" {
		f.add("accept.senders", `must be "registered" or "any"`)
	}
	if c.Accept.DMARC != "required" && c.Accept.DMARC != "optional" {
		f.add("accept.dmarc", `must be "required" or "optional"`)
	}
	if strings.ContainsAny(c.Accept.AuthservID, " ;()\"") {
		f.add("accept.authserv_id", `must be a name such as "mx.example.org", or "unnamed-topmost"`)
	}
	f.dkim(&c.SMTP)
	f.staff(&c)
	if c.Accept.OpeningHours < 0 {
		f.add("accept.opening_hours", "must not be negative; 0 promises nothing")
	}
	if c.Accept.MaxQuantity < 1 {
		f.add("accept.max_quantity", "must be at least 1")
	}
	f.console(&c.Console)
	f.words(c)
	f.retention(&c.Retention)
	c.rules = f.rules(rules)
	return c, f.err(path)
}

// keys maps each key, such as "mailbox.host", to its field.
func keys(v reflect.Value, prefix string, into map[string]reflect.Value) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		tag := field.Tag.Get("toml")
		switch {
		case !field.IsExported():
		case field.Anonymous:
			keys(value, prefix, into)
		case value.Kind() == reflect.Struct:
			keys(value, prefix+tag+".", into)
		default:
			into[prefix+tag] = value
		}
	}
}

// ruleKeys adds the keys of the rules whose severity may be changed, such as
// "rules.line.price.mismatch", and returns the text of each.
func ruleKeys(known map[string]reflect.Value) map[order.Code]*string {
	texts := map[order.Code]*string{}
	for _, code := range templates.Codes() {
		if len(templates.Allowed(code)) > 0 {
			texts[code] = new(string)
			known["rules."+string(code)] = reflect.ValueOf(texts[code]).Elem()
		}
	}
	return texts
}

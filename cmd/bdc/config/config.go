// Package config reads and checks the configuration of the daemon and of the
// subcommands: a TOML file, and environment variables, which override it.
// docs/configuration.md describes every key.
//
// Load finds every fault that can be found without using the network, and tells all
// of them at once, each with its key. An unknown key or variable is a fault too. No
// error has a password or another secret in it. Files that the configuration names
// (passwords, certificates, keys, words of replies) are read to be checked; nothing
// is written, and no connection is opened.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"

	"github.com/BurntSushi/toml"

	"bdc/order"
	"bdc/validate"
)

// Config is a whole configuration. A field with a key in its toml tag has the value of
// the environment variable, or else that of the file, or else the default. Load computes
// the fields with the tag "-" from these. The variable of a key has the key's name in
// capitals: BDC_MAILBOX_HOST is that of mailbox.host.
type Config struct {
	// Data is the path of the data file. Load takes a relative path as one that starts at
	// the folder of the configuration file.
	Data      string    `toml:"data"`
	Mailbox   Mailbox   `toml:"mailbox"`
	SMTP      SMTP      `toml:"smtp"`
	OAuth2    OAuth2    `toml:"oauth2"`
	Accept    Accept    `toml:"accept"`
	Staff     Staff     `toml:"staff"`
	Metrics   Metrics   `toml:"metrics"`
	Console   Console   `toml:"console"`
	Replies   Replies   `toml:"replies"`
	Retention Retention `toml:"retention"`
	Backup    Backup    `toml:"backup"`

	// Rules is the table [rules]: the severity of each code that does not keep its
	// default.
	Rules map[order.Code]order.Severity `toml:"-"`
}

// Accept says from whom orders are accepted, and how far without a person.
type Accept struct {
	// Senders is "registered", for the addresses registered for an account, or "any".
	Senders string `toml:"senders"`
	// AuthservID is the name by which the receiving server signs its
	// Authentication-Results (RFC 8601), or "unnamed-topmost"; "" to ask for no proof
	// of the sender.
	AuthservID string `toml:"authserv_id"`
	// DMARC is "required", or "optional" to take mail from domains without a policy.
	DMARC string `toml:"dmarc"`
	// OpeningHours is the number of hours after an order within which replies promise
	// to open the ordered service. With 0, they make no promise.
	OpeningHours int `toml:"opening_hours"`
	// MaxQuantity is the largest quantity of an order line that is accepted without the
	// decision of a person.
	MaxQuantity int `toml:"max_quantity"`
	// SameWithin is how long an order that comes again is the one that was recorded already,
	// as "120 days".
	SameWithin string `toml:"same_within"`
	SameFor    Age    `toml:"-"` // SameWithin
	// Formless says whether registered booksellers who write without an order form get
	// an answer that tells them how to order.
	Formless bool `toml:"answer_without_form"`
}

// Metrics says at which address Prometheus can fetch the metrics. The control socket has
// them in any case.
type Metrics struct {
	Listen string `toml:"listen"` // an address of this machine, or "" for none
}

// Policy returns the settings of the rules by which forms are checked.
func (c Config) Policy() validate.Policy {
	return validate.Policy{
		Quantity: c.Accept.MaxQuantity,
		Severity: func(code order.Code, severity order.Severity) order.Severity {
			if s, ok := c.Rules[code]; ok {
				return s
			}
			return severity
		},
	}
}

// Default returns the configuration before any file is read. Keys without a default,
// such as the servers, are empty in it.
func Default() Config {
	return Config{
		Data: "bdc.db",
		Mailbox: Mailbox{
			Server: Server{TLS: "implicit"}, Folder: "INBOX", Processed: "Traitées", Rejected: "Rejetées",
			Attention: "À traiter", Record: "bdc", Sent: "Envoyés", Poll: "1m",
		},
		SMTP: SMTP{Server: Server{TLS: "starttls"}, Connections: 4, Hourly: 20_000, HourlyEach: 2_000},
		Accept: Accept{
			Senders: "registered", DMARC: "required", MaxQuantity: validate.DefaultQuantity, SameWithin: "120 days",
		},
		Console: Console{Listen: "127.0.0.1:8080", Undo: "30s"},
		Backup:  Backup{Keep: 7},
	}
}

// Load reads the configuration file at path, and then the variables of environ, which
// has the form of os.Environ. The error lists every fault, one a line, each with its key.
// A configuration that is returned with an error must not be used.
func Load(path string, environ []string) (Config, error) {
	c := Default()
	var file map[string]any
	if _, err := toml.DecodeFile(path, &file); err != nil {
		if _, unread := errors.AsType[*fs.PathError](err); unread { // it names the path
			return c, err
		}
		return c, fmt.Errorf("%s: %w", path, err)
	}
	var f faults
	known := map[string]reflect.Value{}
	keys(reflect.ValueOf(&c).Elem(), "", known)
	rules := ruleKeys(known)
	f.file(known, "", file)
	f.environment(known, environ)
	beside(path, &c.Data)
	if c.Replies.Folder != "" {
		beside(path, &c.Replies.Folder)
	}
	f.server("mailbox", &c.Mailbox.Server, map[string]int{"implicit": 993, "starttls": 143, "none": 143})
	f.server("smtp", &c.SMTP.Server, map[string]int{"implicit": 465, "starttls": 587, "none": 25})
	f.mailbox(&c.Mailbox)
	f.smtp(&c.SMTP)
	f.oauth2(&c)
	f.metrics(c.Metrics)
	f.accept(&c.Accept)
	f.dkim(&c.SMTP)
	f.staff(&c)
	f.console(&c.Console)
	f.replies(c)
	f.retention(&c.Retention)
	f.backup(path, &c.Backup)
	c.Rules = f.rules(rules)
	return c, f.err(path)
}

// beside makes a relative path start at the folder of the file that names it,
// wherever bdc is called from.
func beside(file string, path *string) {
	if !filepath.IsAbs(*path) {
		*path = filepath.Join(filepath.Dir(file), *path)
	}
}

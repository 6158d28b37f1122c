package config

import (
	"cmp"
	"net/mail"
	"os"
	"strings"

	"bdc/notify"
)

// SMTP is the server that sends the replies, and how they are sent.
type SMTP struct {
	Server
	// From is the address that replies come from.
	From string `toml:"from"`
	// Envelope is the envelope sender, to which other servers send bounces: "" for the
	// address of From, "<>" for the null sender.
	Envelope    string `toml:"envelope"`
	Connections int    `toml:"connections"` // how many mails are sent at once
	Hourly      int    `toml:"hourly"`      // mails an hour before the outbox is paused; 0 for no limit
	HourlyEach  int    `toml:"hourly_each"` // the same for one recipient

	DKIMKeyFile  string `toml:"dkim_key_file"` // PEM file of the private key; "" to sign nothing
	DKIMSelector string `toml:"dkim_selector"` // the name of the key in DNS
	DKIMDomain   string `toml:"dkim_domain"`   // the domain that signs; by default that of From

	// DKIM signs every mail; nil where there is no key.
	DKIM *notify.DKIM `toml:"-"`
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

// dkim finds what is wrong with the key that signs our mails, and makes the signer.
func (f *faults) dkim(s *SMTP) {
	if s.DKIMKeyFile == "" {
		if s.DKIMSelector+s.DKIMDomain != "" {
			f.add("smtp.dkim_key_file", "is missing: dkim_selector and dkim_domain go with it")
		}
		return
	}
	if s.DKIMSelector == "" {
		f.add("smtp.dkim_selector", "is missing: the name under which DNS has the key")
	}
	if s.DKIMDomain == "" {
		if from, err := mail.ParseAddress(s.From); err == nil {
			_, s.DKIMDomain, _ = strings.Cut(from.Address, "@")
		}
	}
	for _, name := range []struct{ key, text string }{
		{"smtp.dkim_selector", s.DKIMSelector}, {"smtp.dkim_domain", s.DKIMDomain},
	} {
		if strings.ContainsFunc(name.text, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == ';' || c == '=' }) {
			f.add(name.key, "must be a name as DNS has it")
		}
	}
	key, err := os.ReadFile(s.DKIMKeyFile)
	if err == nil {
		// The file is judged whatever the names are: all faults are told at once.
		s.DKIM, err = notify.NewDKIM(cmp.Or(s.DKIMDomain, "example.org"), cmp.Or(s.DKIMSelector, "selector"), key)
	}
	if err != nil {
		f.add("smtp.dkim_key_file", err.Error())
	}
}

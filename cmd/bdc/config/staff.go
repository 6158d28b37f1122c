package config

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"bdc/notify/staff"
)

// Staff says who works with the orders, and which mails these people get.
type Staff struct {
	// Addresses get the digest. What they send to the inbox becomes a case.
	Addresses []string `toml:"addresses"`
	Digest    string   `toml:"digest"` // a time of the day in Paris, such as "08:00"; "" for no digest
	// Alerts get a mail when something breaks, and when it works again.
	Alerts []string `toml:"alerts"`

	// DigestAt is the time of Digest; nil for no digest.
	DigestAt *staff.TimeOfDay `toml:"-"`
}

// Everybody returns all addresses of staff: their mail becomes a case, and is never
// answered.
func (s Staff) Everybody() []string { return slices.Concat(s.Addresses, s.Alerts) }

// staff finds what is wrong with the staff's section. What is mailed to the inbox
// itself would come back as a case each time.
func (f *faults) staff(c *Config) {
	s := &c.Staff
	ours := map[string]bool{strings.ToLower(c.Mailbox.Username): true}
	if from, err := mail.ParseAddress(c.SMTP.From); err == nil {
		ours[strings.ToLower(from.Address)] = true
	}
	for _, list := range []struct {
		key       string
		addresses []string
		told      bool
	}{{"staff.addresses", s.Addresses, s.Digest != ""}, {"staff.alerts", s.Alerts, true}} {
		for i, address := range list.addresses {
			a, err := mail.ParseAddress(address)
			if err != nil {
				f.add(list.key, fmt.Sprintf("%q is not an address", address))
				continue
			}
			list.addresses[i] = strings.ToLower(a.Address)
			if list.told && ours[list.addresses[i]] {
				f.add(list.key, fmt.Sprintf("%q is the inbox itself, where a mail to staff would be one more case",
					address))
			}
		}
	}
	if s.Digest == "" {
		return
	}
	at, err := staff.ParseTimeOfDay(s.Digest)
	if err != nil {
		f.add("staff.digest", `must be a time of the day such as "08:00", or "" for no digest`)
	}
	if len(s.Addresses) == 0 {
		f.add("staff.digest", "goes to staff.addresses, and there are none")
	}
	s.DigestAt = &at
}

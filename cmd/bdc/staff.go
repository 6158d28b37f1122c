package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"slices"
	"strings"
	"time"

	"bdc/notify"
	"bdc/notify/staff"
	"bdc/order"
	"bdc/templates"
)

// Staff are the people who work with the orders, and what they are told.
type Staff struct {
	Addresses []string `toml:"addresses"`
	Digest    string   `toml:"digest"`
	Alerts    []string `toml:"alerts"`

	at *staff.TimeOfDay // of the digest; nil for none
}

// everybody is whose mail becomes a case, and is never answered.
func (s Staff) everybody() []string { return slices.Concat(s.Addresses, s.Alerts) }

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
				f.add(list.key, fmt.Sprintf("%q is the inbox itself, where a mail to staff would be one more case", address))
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
	s.at = &at
}

// dkim finds what is wrong with the keys that sign our mails, and makes the
// signer.
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
	for _, name := range []struct{ key, text string }{{"smtp.dkim_selector", s.DKIMSelector}, {"smtp.dkim_domain", s.DKIMDomain}} {
		if strings.ContainsFunc(name.text, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == ';' || c == '=' }) {
			f.add(name.key, "must be a name as DNS has it")
		}
	}
	key, err := os.ReadFile(s.DKIMKeyFile)
	if err == nil {
		// The file is judged whatever the names are: all faults are told at once.
		s.dkim, err = notify.NewDKIM(cmp.Or(s.DKIMDomain, "example.org"), cmp.Or(s.DKIMSelector, "selector"), key)
	}
	if err != nil {
		f.add("smtp.dkim_key_file", err.Error())
	}
}

// writer composes all that is mailed: replies, and what is for staff.
type writer struct {
	replies composer
	staff   *templates.StaffRenderer
}

func (w writer) Compose(ctx context.Context, r order.Reply) (notify.Letter, error) {
	if !r.Kind.ForStaff() {
		return w.replies.Compose(ctx, r)
	}
	subject, text, html, err := w.staff.Render(r)
	return notify.Letter{Subject: subject, Text: text, HTML: html}, err
}

// newWatch tells staff how the daemon fares.
func newWatch(cfg Config, d *daemon, domain string, log *slog.Logger) *staff.Watch {
	return &staff.Watch{
		Store: d.store,
		Read: func(ctx context.Context) ([]staff.Reading, error) {
			h, err := d.health(ctx)
			if err != nil {
				return nil, err
			}
			return h.readings(time.Now()), nil
		},
		At: cfg.Staff.at, Digest: cfg.Staff.Addresses, Alerts: cfg.Staff.Alerts, Domain: domain, Hours: cfg.Accept.OpeningHours,
		Wake: d.outbox.Wake, Clock: time.Now, Log: log,
	}
}

// backlogMost is how many messages to be examined are no trouble yet.
const backlogMost = 1000

// readings are how what staff are alerted about fares.
func (h health) readings(now time.Time) []staff.Reading {
	var all []staff.Reading
	read := func(cause order.Cause, broken, fine bool, since time.Time, words string) {
		r := staff.Reading{Cause: cause}
		switch {
		case broken:
			r.Condition, r.Since, r.Words = staff.Broken, since, words
		case fine:
			r.Condition = staff.Fine
		}
		all = append(all, r)
	}
	if s := h.Inbox; s != nil {
		searched := s.Error == "" && !s.LastCheck.IsZero()
		read(order.CauseInbox, s.Error != "", searched, s.Since, s.Error)
		read(order.CauseMoves, s.MoveError != "", searched && s.Unmoved == 0, time.Time{}, s.MoveError)
		read(order.CauseBacklog, searched && s.Backlog >= backlogMost, searched, time.Time{}, fmt.Sprintf("%d messages à traiter", s.Backlog))
	}
	if s := h.Outbox; s != nil {
		read(order.CauseOutbox, s.Error != "", !s.LastAnswer.IsZero(), s.Since, s.Error)
	}
	if s := h.Disk; s != nil {
		read(order.CauseDisk, s.low(), true, time.Time{}, fmt.Sprintf("%d Mo libres sur le disque des données", s.Free>>20))
	}
	held := h.Store.OutboxPause
	read(order.CausePause, held.Reason != "", true, held.At, held.Reason)
	if s := h.SignIn; s != nil {
		read(order.CauseSignIn, s.Error != "", !s.Expires.IsZero(), time.Time{}, s.Error)
		read(order.CauseExpiry, s.Ending(now) != "", true, time.Time{}, s.Ending(now))
	}
	return all
}

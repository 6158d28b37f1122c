package config

import "time"

// Mailbox is the IMAP server where orders arrive, and its folders.
type Mailbox struct {
	Server
	Folder    string `toml:"folder"`    // where orders arrive
	Processed string `toml:"processed"` // where messages are moved that became orders
	Rejected  string `toml:"rejected"`  // where messages are moved whose forms have to be corrected
	Attention string `toml:"attention"` // where messages are moved that a person must look at
	Record    string `toml:"record"`    // where the message is that says which record owns the inbox
	Sent      string `toml:"sent"`      // where copies of the replies go; "" for none
	Since     string `toml:"since"`     // a day, such as "2026-11-21"
	Poll      string `toml:"poll"`      // a duration, such as "1m"

	// SinceDay is the day of Since, at midnight UTC: older mail is left alone.
	SinceDay time.Time `toml:"-"`
	// PollEvery is the duration of Poll: how often the folder is searched, where the
	// server does not announce new mail.
	PollEvery time.Duration `toml:"-"`
}

func (f *faults) mailbox(m *Mailbox) {
	if m.Username == "" {
		f.add("mailbox.username", "is missing")
	}
	names := map[string]string{}
	for _, folder := range []struct{ key, name string }{
		{"folder", m.Folder},
		{"processed", m.Processed},
		{"rejected", m.Rejected},
		{"attention", m.Attention},
		{"record", m.Record},
		{"sent", m.Sent},
	} {
		switch other, taken := names[folder.name]; {
		case folder.name == "" && folder.key == "sent":
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
	} else if m.SinceDay, err = time.Parse(time.DateOnly, m.Since); err != nil {
		f.add("mailbox.since", `must be a day such as "2026-11-21"`)
	}
	m.PollEvery, err = time.ParseDuration(m.Poll)
	if err != nil || m.PollEvery < time.Second || m.PollEvery > 5*time.Minute {
		f.add("mailbox.poll", `must be between "1s" and "5m", such as "1m"`)
	}
}

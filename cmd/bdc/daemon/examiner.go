package daemon

import (
	"net/mail"
	"slices"
	"strings"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/registers"
	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
)

// Examiner returns an examiner with the settings of a configuration. own is the address
// that replies come from.
func Examiner(c config.Config, form *order.Form, r *registers.Registers, own string) *ingest.Examiner {
	_, domain, _ := strings.Cut(own, "@")
	return &ingest.Examiner{
		Form: form, Registry: r.Snapshot, AnySender: c.Accept.Senders == "any",
		OwnAddresses: addresses(c, own), Domain: domain,
		AnswerFormless: c.Accept.Formless, StaffAddresses: c.Staff.Everybody(),
		AuthservID: c.Accept.AuthservID, DMARCOptional: c.Accept.DMARC == "optional",
		SameWithin: c.Accept.SameFor.Duration(),
		Policy:     c.Policy(), Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
}

// addresses returns our own addresses, in lower case: own, from which replies come; the
// envelope sender, to which bounces go; and that of the mailbox, from which staff may
// write.
func addresses(c config.Config, own string) []string {
	ours := []string{strings.ToLower(own)}
	for _, other := range []string{c.SMTP.Envelope, c.Mailbox.Username} {
		if a, err := mail.ParseAddress(other); err == nil && !slices.Contains(ours, strings.ToLower(a.Address)) {
			ours = append(ours, strings.ToLower(a.Address))
		}
	}
	return ours
}

package ingest

import (
	"cmp"
	"slices"
	"strings"

	"bdc/ingest/mime"
	"bdc/order"
)

// Codes of mail that is a case whatever is in it, and never answered.
const (
	codeAutomatic order.Code = "mail.automatic"
	codeUnproven  order.Code = "mail.unauthenticated" // Args: sender
	codeStaff     order.Code = "mail.staff"           // Args: sender
)

// strangers is the rate limit of replies to senders that no account is registered
// for. All of them share it, since anybody can make us write to anybody else.
const strangers = "strangers"

// formless is the rate limit of answers to mail without a form. Such a mail may have
// been written by a program that does not say so, and nothing in it shows that: the
// limit bounds what two programs could write to each other.
const formless = "formless"

// opening reports whether a mail without a form begins a conversation with a
// registered bookseller: it answers no mail, and names neither a case nor an
// order of ours. Any other is read by people alone.
func (e *Examiner) opening(x *Exam, past order.Past) bool {
	m := &x.Message
	answers := m.InReplyTo != "" || len(m.References) > 0
	names := len(x.Query.Mentions) > 0 || len(past.Numbers) > 0 || past.Mentioned.Case != ""
	return len(x.Query.Accounts) > 0 && !answers && !names
}

// maxChain is how many of our own mails may stand before one in its thread. No
// conversation about an order is that long, but that of two programs is longer.
const maxChain = 10

// unanswerable is why a message must not be answered though a person may have written
// it, or "".
func (e *Examiner) unanswerable(m *mime.Message) order.Code {
	if e.AuthservID != "" {
		if v := m.DMARC(e.AuthservID); v != "pass" && (v != "none" || !e.DMARCOptional) {
			return codeUnproven
		}
	}
	if e.isStaff(m.From) {
		return codeStaff
	}
	return ""
}

// isStaff reports whether one of our own people writes: from their own address, or
// from ours, which are those of a mailbox that they share with us.
func (e *Examiner) isStaff(address string) bool {
	return slices.Contains(e.StaffAddresses, address) || slices.Contains(e.OwnAddresses, address)
}

// proven reports whether the sender is who the mail says: no less than that will
// do for an order that is made of one word.
func (e *Examiner) proven(m *mime.Message) bool {
	return e.AuthservID != "" && m.DMARC(e.AuthservID) == "pass"
}

// automatic is why a program wrote a message, as far as its header says, or as
// our own part in it tells: our Message-ID as its name, or a thread in which we have
// said enough.
func (e *Examiner) automatic(m *mime.Message) string {
	if m.Automatic != "" {
		return m.Automatic
	}
	ours := 0
	for _, id := range m.References {
		if e.isOurs(id) {
			ours++
		}
	}
	switch {
	case e.isOurs(m.MessageID):
		return "own"
	case ours >= maxChain:
		return "loop"
	}
	return ""
}

// isOurs reports whether a Message-ID has the form of those that we make.
func (e *Examiner) isOurs(id string) bool {
	about, ok := strings.CutSuffix(strings.TrimPrefix(id, "<"), "@"+e.domain()+">")
	code, random, _ := strings.Cut(about, ".")
	return ok && len(random) == 16 && (code == noCase || caseCode.MatchString(code))
}

// noCase stands in a Message-ID for the code of a case where there is none.
const noCase = "bdc"

func (e *Examiner) domain() string { return cmp.Or(e.Domain, "localhost") }

// returned are those of our Message-IDs that an automatic mail is about: what it
// returns before what it answers.
func (e *Examiner) returned(m *mime.Message) []string {
	ids := append(slices.Clone(m.OriginalIDs), m.InReplyTo)
	later := slices.Clone(m.References)
	slices.Reverse(later)
	var ours []string
	for _, id := range append(ids, later...) {
		if e.isOurs(id) && !slices.Contains(ours, id) && len(ours) < maxMentions {
			ours = append(ours, id)
		}
	}
	return ours
}

// answered is the latest of our mails that a mail answers, or "".
func (e *Examiner) answered(m *mime.Message) string {
	ids := append(slices.Clone(m.References), m.InReplyTo)
	for _, id := range slices.Backward(ids) {
		if e.isOurs(id) {
			return id
		}
	}
	return ""
}

// recipient is where an answer goes: to the Reply-To only where it is registered
// to the same bookseller as the author, since whoever sent the mail chose it.
func (e *Examiner) recipient(m *order.Message) string {
	other := strings.ToLower(m.ReplyTo)
	if other == "" || other == m.From || slices.Contains(e.OwnAddresses, other) {
		return m.From
	}
	registry := e.Registry()
	mine := registry.Accounts(m.From)
	for _, a := range registry.Accounts(other) {
		if slices.ContainsFunc(mine, func(b order.Account) bool { return a.Number == b.Number }) {
			return other
		}
	}
	return m.From
}

// addressee is whom a person's answer about an attempt goes to: the sender, but
// where our own people sent a form on, the bookseller that it is of, by an address
// registered for the account. It is "" where there is none.
func (e *Examiner) addressee(m *order.Message, a *order.Attempt) (address, name string) {
	if !e.isStaff(m.From) {
		return e.recipient(m), m.FromName
	}
	if a.Order == nil {
		return "", ""
	}
	typed := strings.ToLower(a.Order.Fields[order.FieldBookMail])
	account, known := e.Registry().Account(a.Order.Account)
	switch {
	case known && slices.ContainsFunc(e.Registry().Accounts(typed),
		func(b order.Account) bool { return b.Number == account.Number }):
		return typed, account.Name
	case known && len(account.Emails) > 0:
		return account.Emails[0], account.Name
	case e.AnySender:
		return typed, a.Order.Fields[order.FieldBookseller]
	}
	return "", ""
}

package ingest

import (
	"cmp"
	"slices"
	"strings"

	"bdc/ingest/mime"
	"bdc/order"
)

// Codes of mails that we never answer. Each becomes a case, whatever is in it.
const (
	codeAutomatic order.Code = "mail.automatic"       // a program wrote it
	codeUnproven  order.Code = "mail.unauthenticated" // a required proof of its sender is missing; Args: sender
	codeStaff     order.Code = "mail.staff"           // staff wrote it; Args: sender
)

// strangers is the rate limit of replies to senders who are registered for no account.
// They share it, because whoever forges a sender can make us write to any address.
const strangers = "strangers"

// formless is the rate limit of replies to mail without a form. Such a mail may come from
// a program that does not say that it is one. The limit bounds how much the two programs
// could write to each other.
const formless = "formless"

// opening reports whether a mail without a form begins a conversation with a registered
// bookseller: it answers no mail, and names neither a case nor an order.
func (e *Examiner) opening(x *Exam, past order.Past) bool {
	m := &x.Message
	answers := m.InReplyTo != "" || len(m.References) > 0
	names := len(x.Query.Mentions) > 0 || len(past.Numbers) > 0 || past.Mentioned.Case != ""
	return len(x.accounts) > 0 && !answers && !names
}

// maxChain is the number of mails of ours in a thread from which on we take the other
// side for a program. No conversation with a bookseller about an order is that long.
const maxChain = 10

// unanswerable returns Exam.Unanswerable for a message.
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

// isStaff reports whether an address is one of staff: their own, or one of our mailbox,
// which they share with the program.
func (e *Examiner) isStaff(address string) bool {
	return slices.Contains(e.StaffAddresses, address) || slices.Contains(e.OwnAddresses, address)
}

// proven reports whether DMARC proves the sender of a mail.
func (e *Examiner) proven(m *mime.Message) bool {
	return e.AuthservID != "" && m.DMARC(e.AuthservID) == "pass"
}

// automatic returns Exam.Automatic for a message.
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

// isOurs reports whether a Message-ID has the form of those that reply makes: "<", a case
// code or noCase, ".", 16 letters and digits, "@", our domain, ">".
func (e *Examiner) isOurs(id string) bool {
	about, ok := strings.CutSuffix(strings.TrimPrefix(id, "<"), "@"+e.domain()+">")
	code, random, _ := strings.Cut(about, ".")
	return ok && len(random) == 16 && (code == noCase || caseCode.MatchString(code))
}

// noCase replaces the case code in the Message-ID of a reply that is about no case.
const noCase = "bdc"

// domain returns the domain of the Message-IDs that we make.
func (e *Examiner) domain() string { return cmp.Or(e.Domain, "localhost") }

// originals returns the Message-IDs of our mails that an automatic mail is about: first
// those that it carries or reports on, then those that it answers, the latest first.
func (e *Examiner) originals(m *mime.Message) []string {
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

// returned is what an automatic mail says of the mail that it returns: our subjects begin
// with case codes and order numbers.
func returned(m *mime.Message) (r order.Returned) {
	for _, subject := range m.OriginalSubjects {
		r.Cases = append(r.Cases, caseCode.FindAllString(subject, maxMentions)...)
		r.Numbers = append(r.Numbers, orderNumber.FindAllString(subject, maxMentions)...)
		if len(r.Cases)+len(r.Numbers) >= maxMentions {
			break
		}
	}
	if len(r.Cases)+len(r.Numbers) > 0 {
		r.To = m.OriginalTo
	}
	return r
}

// latestAnswered returns the Message-ID of the latest of our mails that a mail answers, or
// "".
func (e *Examiner) latestAnswered(m *mime.Message) string {
	ids := append(slices.Clone(m.References), m.InReplyTo)
	for _, id := range slices.Backward(ids) {
		if e.isOurs(id) {
			return id
		}
	}
	return ""
}

// recipient returns the address that a reply to a message goes to. That is the sender's,
// or the one in Reply-To if both are registered for the same account: anybody can write
// any address there.
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

// addressee returns whom staff's reply about an attempt goes to. That is the sender of its
// message or, if staff forwarded the form, the bookseller: at the address typed in the
// form if it is registered for the form's account, else at the account's first address.
// With AnySender, the typed address need not be registered if the account is unknown. It
// is "" if no address is known.
func (e *Examiner) addressee(m *order.Message, a *order.Attempt) string {
	if !e.isStaff(m.From) {
		return e.recipient(m)
	}
	if a.Order == nil {
		return ""
	}
	typed := strings.ToLower(a.Order.Fields[order.FieldBookMail])
	account, known := e.Registry().Account(a.Order.Account)
	switch {
	case known && slices.ContainsFunc(e.Registry().Accounts(typed),
		func(b order.Account) bool { return b.Number == account.Number }):
		return typed
	case known && len(account.Emails) > 0:
		return account.Emails[0]
	case e.AnySender:
		return typed
	}
	return ""
}

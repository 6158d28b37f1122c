package notify

import (
	"slices"
	"strconv"
	"strings"
)

// concernsUs reports whether an answer is about our own account, our sender or our machine,
// and not about the recipient or the mail: it would be the same for every reply.
func (e *Error) concernsUs() bool {
	if e.unauthenticated() || e.Enhanced == "5.4.5" {
		return true
	}
	_, detail, _ := strings.Cut(e.Enhanced, ".")
	if slices.Contains(accountDetails, detail) {
		return true
	}
	// Exchange Online: banned senders' addresses, and what it thinks of our whole tenant. Its
	// 5.7.703 is about a recipient whom our own organisation blocks.
	if n, err := strconv.Atoi(strings.TrimPrefix(detail, "7.")); err == nil &&
		(n >= 606 && n <= 649 || n >= 700 && n <= 799 && n != 703) {
		return true
	}
	words := strings.ToLower(e.Words)
	return slices.ContainsFunc(accountWords, func(phrase string) bool { return strings.Contains(words, phrase) })
}

// accountDetails are enhanced codes, without their class, that concern our account:
// RFC 3463 (1.7, 1.8: the sender's address), RFC 5248 (7.13: account disabled), RFC 7372
// and RFC 7505 (7.20 to 7.27: signature, SPF, name of the machine), Google (7.14: sign in by
// a browser first), and Exchange Online's (the others). Google's 5.4.5 is a spent quota,
// whereas 4.4.5 is congestion (RFC 3463).
var accountDetails = []string{
	"1.7", "1.8", "1.90", "2.252", "7.12", "7.13", "7.14",
	"7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27",
	"7.54", "7.64", "7.232", "7.233", "7.501", "7.502", "7.503", "7.506", "7.508", "7.509", "7.511",
}

// accountWords are phrases of servers that give the code 5.7.1, 5.2.0 or none for what
// concerns our account, in lower case. Postfix says them at RCPT, where it judges the sender
// too (smtpd_delay_reject).
var accountWords = []string{
	"sender address rejected", "client host rejected", "helo command rejected", "data command rejected", // Postfix
	"sender verify failed",                    // Exim
	"sendasdenied", "submissionquotaexceeded", // Exchange
	"emails per hour", "max defers and failures", "outgoing mail from", // cPanel
	"authentication required", "authentication is required", "not authenticated", "not logged in",
	"sending quota", "sending limit", "relay quota", "outgoing limit", "outgoing email quota",
	"messages per day", "messages per hour", "exceeded hour limit", "too many emails", "your account reached",
}

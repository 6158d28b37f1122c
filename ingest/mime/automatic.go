package mime

import (
	"slices"
	"strings"
)

// The reasons of Message.Automatic.
const (
	autoNullSender = "null-sender"    // Return-Path: <>, a bounce (RFC 5321, 4.5.5)
	autoSubmitted  = "auto-submitted" // Auto-Submitted other than "no" (RFC 3834, 5)
	autoSuppress   = "suppress"       // X-Auto-Response-Suppress ([MS-OXCMAIL], 2.2.3.2.14)
	autoReplied    = "auto-reply"     // one of the fields that programs invented before RFC 3834
	autoPrecedence = "precedence"     // Precedence: bulk, junk, list or auto_reply
	autoList       = "list"           // a field of a mailing list (RFC 2369, RFC 2919)
	autoReport     = "report"         // a report about another message (RFC 6522)
	autoNoSender   = "no-sender"      // no address to answer
	autoDaemon     = "daemon"         // written by a mail server
	autoNoReply    = "noreply"        // from an address that says it is not read
	autoSubject    = "bounce-subject" // a subject that only programs write
)

// automatic says why no machine may answer a message, or "" when a person wrote
// it. It trusts what a message says of itself: a program that hides what it is
// cannot be told from a person.
func automatic(m *Message) string {
	switch kind, _ := parseParams(m.header.first("content-type")); {
	case isNullSender(m):
		return autoNullSender
	case isSubmitted(m):
		return autoSubmitted
	case saysOther(m, "x-auto-response-suppress", "none"):
		return autoSuppress
	case isReplied(m):
		return autoReplied
	case hasPrecedence(m):
		return autoPrecedence
	case isList(m):
		return autoList
	case kind == "multipart/report" || kind == "message/delivery-status" || kind == "message/disposition-notification":
		return autoReport
	case m.From == "":
		return autoNoSender
	case isDaemon(m.From):
		return autoDaemon
	case isNoReply(m.From):
		return autoNoReply
	case isSubject(m.Subject):
		return autoSubject
	}
	return ""
}

// isNullSender looks at every Return-Path: the server that delivered the message
// wrote one, and servers before it may have. A path that only takes bounces is
// not among the signs: services that send orders for their users have one.
func isNullSender(m *Message) bool {
	for _, v := range m.Values("return-path") {
		if path := strings.Trim(v, "<> "); path == "" || isDaemon(path) {
			return true
		}
	}
	return false
}

func isSubmitted(m *Message) bool {
	return saysOther(m, "auto-submitted", "no")
}

// saysOther reports whether a field says anything but one word.
func saysOther(m *Message, name, word string) bool {
	for _, f := range m.header {
		if f.is(name) && token(f.value) != word {
			return true
		}
	}
	return false
}

func isReplied(m *Message) bool {
	for _, name := range []string{
		"x-autoreply", "x-auto-reply", "x-autoreply-from", "x-auto-reply-from", "x-autorespond", "x-autoresponder",
		"x-mail-autoreply", "x-failed-recipients", "x-ms-exchange-message-is-ndr",
	} {
		if m.header.has(name) {
			return true
		}
	}
	return false
}

func hasPrecedence(m *Message) bool {
	for _, v := range m.Values("precedence") {
		switch strings.ToLower(v) {
		case "bulk", "junk", "list", "auto_reply":
			return true
		}
	}
	return false
}

func isList(m *Message) bool {
	for _, f := range m.header {
		if len(f.name) > 5 && strings.EqualFold(string(f.name[:5]), "list-") {
			return true
		}
	}
	return false
}

// localPart returns what stands before the @ of an address, in lower case, and
// the same with nothing but its letters: "no-reply", "no_reply" and "NoReply2"
// are one.
func localPart(addr string) (local, letters string) {
	local, _, _ = strings.Cut(strings.ToLower(addr), "@")
	letters = strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, local)
	return local, letters
}

// isDaemon reports whether an address is that of a mail server.
func isDaemon(addr string) bool {
	_, letters := localPart(addr)
	return letters == "postmaster" || strings.HasPrefix(letters, "mailerdaemon")
}

// isNoReply reports whether an address says that nobody reads it, or that it
// only takes bounces.
func isNoReply(addr string) bool {
	local, letters := localPart(addr)
	for _, s := range []string{"noreply", "donotreply", "nepasrepondre", "noresponse"} {
		if strings.Contains(letters, s) {
			return true
		}
	}
	word := local
	if i := strings.IndexAny(local, "+-=._"); i >= 0 {
		word = local[:i]
	}
	return word == "bounce" || word == "bounces"
}

// isSubject reports whether a subject begins like those of bounces and absence
// notices, in English and French. A person who forwards or answers one puts
// something before it.
func isSubject(subject string) bool {
	return isBounceSubject(subject) || beginsWith(subject,
		"automatic reply:", "auto-reply:", "autoreply:", "out of office:", "out of office reply", "out of office autoreply",
		"réponse automatique", "absence du bureau", "absent du bureau", "absent(e) du bureau")
}

// isBounceSubject is isSubject for bounces alone.
func isBounceSubject(subject string) bool {
	return beginsWith(subject,
		"undeliverable:", "undelivered mail", "mail delivery failed", "mail delivery failure", "mail delivery system",
		"delivery status notification", "delivery failure", "returned mail:", "failure notice",
		"non remis :", "non remis:", "non remis\u00a0:", "échec de la remise", "échec de remise", "notification d'état de remise")
}

func beginsWith(subject string, beginnings ...string) bool {
	subject = strings.ReplaceAll(strings.ToLower(subject), "’", "'")
	return slices.ContainsFunc(beginnings, func(s string) bool { return strings.HasPrefix(subject, s) })
}

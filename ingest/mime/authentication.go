package mime

import (
	"bytes"
	"slices"
	"strings"
)

// UnnamedTopmost is passed to DMARC instead of a server's name if the receiving server
// writes Authentication-Results without its name, as Microsoft's servers do. DMARC then
// believes the topmost field if that has no server's name.
const UnnamedTopmost = "unnamed-topmost"

// DMARC returns the result of DMARC (RFC 7489) for the author's domain, in lower case:
// "pass", "fail", "none" and others. It takes the result from the field
// Authentication-Results (RFC 8601) that the receiving server, called authserv, added
// to the message. It returns "" where there is no result that can be believed.
//
// Senders can write such fields into their mails too. But the receiving server puts its
// own field above all others, so that DMARC believes only the topmost field, and only
// if it names authserv. If a field further down names authserv too and has a result
// other than "pass", DMARC returns that one, since some servers do not put their field
// on top. A result about another domain than that of From counts as "fail". Where From
// has addresses in several domains, DMARC returns "", since it is not known which of
// them the server checked (RFC 7489, 6.6.1).
func (m *Message) DMARC(authserv string) string {
	fields := m.Values("authentication-results")
	if authserv == "" || len(fields) == 0 || !m.isOfOneDomain() {
		return ""
	}
	verdict := ""
	for i, field := range fields {
		r, ok := parseResults(field)
		if !ok || !r.isFrom(authserv) {
			if i == 0 {
				return ""
			}
			continue
		}
		switch found := r.dmarc(m.From); {
		case i == 0 && found == "":
			return ""
		case i == 0:
			verdict = found
		case found != "" && found != "pass":
			verdict = found
		}
	}
	return verdict
}

// isOfOneDomain reports whether there is one From field and all addresses in it are in
// the domain of the author, even those that another program may find where this one
// sees a name or a comment.
func (m *Message) isOfOneDomain() bool {
	fields := 0
	for _, f := range m.header {
		if !f.is("from") || len(bytes.TrimSpace(f.value)) == 0 {
			continue
		}
		if fields++; fields > 1 || len(f.value) > maxValue {
			return false
		}
		for rest := unfold(f.value); rest != ""; {
			var box mailbox
			box, rest = nextMailbox(rest)
			a, ok := box.address()
			if !ok && box.angles+box.bare > 0 || ok && (domain(a.addr) != domain(m.From) || box.names(domain(a.addr))) {
				return false
			}
		}
	}
	return true
}

// names reports whether the name of a person or a group in the mailbox contains an
// address of another domain than own.
func (m mailbox) names(own string) bool {
	if m.angles == 0 {
		return m.bare > 1
	}
	words := strings.Fields(strings.ToLower(string(m.outside)))
	return m.bare > 0 && slices.ContainsFunc(words, func(word string) bool {
		word = strings.Trim(word, "'@")
		return strings.Contains(word, "@") && domain(word) != own
	})
}

func domain(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }

// results is an Authentication-Results field, taken apart.
type results struct {
	server     string // in lower case; "" where the field names none
	statements [][]assignment
}

type assignment struct{ key, value string } // both in lower case

func (r results) isFrom(authserv string) bool {
	if authserv == UnnamedTopmost {
		return r.server == ""
	}
	return r.server == strings.ToLower(authserv)
}

// dmarc returns the result of the method dmarc for the domain of an address. Of several
// results, the first other than "pass" counts.
func (r results) dmarc(from string) string {
	verdict := ""
	for _, s := range r.statements {
		if method, _, _ := strings.Cut(s[0].key, "/"); method != "dmarc" {
			continue
		}
		found := s[0].value
		for _, a := range s[1:] {
			if a.key == "header.from" && domain(a.value) != domain(from) {
				found = "fail" // about another domain
			}
		}
		if verdict == "" || verdict == "pass" {
			verdict = found
		}
	}
	return verdict
}

// parseResults reads a field (RFC 8601, 2.2). It reports false for a field that is not
// well formed: a tolerant reading might find a result that the server never wrote.
func parseResults(field string) (results, bool) {
	var r results
	l := resultLexer{rest: field}
	for first := true; ; first = false {
		var s []assignment
		for {
			a, ok := l.assignment()
			if !ok {
				break
			}
			s = append(s, a)
		}
		if l.failed {
			return results{}, false
		}
		named := first && len(s) > 0 && s[0].value == ""
		switch {
		case named:
			if len(s) > 2 || len(s) == 2 && s[1] != (assignment{"1", ""}) { // RFC 8601, 2.2: the only version
				return results{}, false
			}
			r.server = s[0].key
		case len(s) > 0:
			r.statements = append(r.statements, s)
		case first:
			return results{}, false
		}
		if l.rest == "" {
			return r, true
		}
		l.rest = l.rest[1:] // the semicolon
	}
}

// resultLexer reads words, quoted strings and comments (RFC 5322, 3.2). A
// comment or string that is never closed makes it fail.
type resultLexer struct {
	rest   string
	failed bool
}

// assignment reads "key", or "key = value", and reports false before a
// semicolon or the end.
func (l *resultLexer) assignment() (a assignment, ok bool) {
	l.skip()
	if l.rest == "" || l.rest[0] == ';' {
		return assignment{}, false
	}
	a.key = l.key()
	if l.skip(); strings.HasPrefix(l.rest, "=") {
		l.rest = l.rest[1:]
		l.skip()
		a.value = l.word("")
		l.failed = l.failed || a.value == ""
	}
	return a, !l.failed && a.key != ""
}

// key reads the key of an assignment. Spaces and comments may stand around a dot and a slash
// in it (RFC 8601, 2.2): "header . from", "dmarc / 1".
func (l *resultLexer) key() string {
	key := l.word("=")
	for !l.failed && l.rest != "" {
		l.skip()
		joins := strings.HasPrefix(l.rest, ".") || strings.HasPrefix(l.rest, "/")
		if !joins && !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, "/") || strings.HasPrefix(l.rest, "=") {
			break
		}
		if l.rest == "" || l.rest[0] == ';' {
			break
		}
		key += l.word("=")
	}
	return key
}

// skip goes past spaces and comments.
func (l *resultLexer) skip() {
	for depth := 0; l.rest != "" && !l.failed; {
		switch c := l.rest[0]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == '\\' && depth > 0 && len(l.rest) > 1:
			l.rest = l.rest[1:]
		case c != ' ' && depth == 0:
			return
		}
		l.rest = l.rest[1:]
		l.failed = depth > 0 && l.rest == ""
	}
}

// word reads up to a space, a comment, a semicolon or one of ends; or a quoted
// string.
func (l *resultLexer) word(ends string) string {
	if strings.HasPrefix(l.rest, `"`) {
		var b strings.Builder
		for i := 1; i < len(l.rest); i++ {
			switch c := l.rest[i]; {
			case c == '"':
				l.rest = l.rest[i+1:]
				return strings.ToLower(b.String())
			case c == '\\' && i+1 < len(l.rest):
				i++
				b.WriteByte(l.rest[i])
			default:
				b.WriteByte(c)
			}
		}
		l.failed = true
		return ""
	}
	n := strings.IndexAny(l.rest, " ();"+ends)
	if n < 0 {
		n = len(l.rest)
	}
	w := l.rest[:n]
	l.rest = l.rest[n:]
	l.failed = l.failed || n == 0
	return strings.ToLower(w)
}

package mime

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

// address is one mailbox of an address list: its display name decoded, its
// address in lower case.
type address struct{ name, addr string }

func firstAddress(v []byte) string {
	if list := parseAddresses(v, 1); len(list) > 0 {
		return list[0].addr
	}
	return ""
}

// parseAddresses returns the first addresses of an address list (RFC 5322, 3.4), at most
// limit of them. It accepts more than the grammar. But it leaves out a mailbox from
// which two programs could read two different addresses, and one without an address.
func parseAddresses(v []byte, limit int) []address {
	var list []address
	rest := unfold(v[:min(len(v), maxValue)])
	for rest != "" && len(list) < limit {
		var m mailbox
		m, rest = nextMailbox(rest)
		if a, ok := m.address(); ok {
			list = append(list, a)
		}
	}
	return list
}

// plainAddress is an address that no program reads in two ways.
var plainAddress = regexp.MustCompile(
	"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+$")

// onlyAddress returns the address in From fields that follow no grammar, such as « Librairie
// achats@librairie.fr », if people find one there, and no other: each @ in the fields belongs
// to it.
func onlyAddress(h header) string {
	only := ""
	for _, f := range h {
		if !f.is("from") {
			continue
		}
		if strings.Contains(unfold(f.value), "<>") { // a program's that wants no answer
			return ""
		}
		for _, word := range strings.FieldsFunc(words(f.value), func(r rune) bool {
			return strings.ContainsRune("<>()[]:;,\" \t", r)
		}) {
			address := strings.ToLower(strings.Trim(word, "'"))
			switch {
			case strings.HasPrefix(word, "."): // perhaps the rest of an address
				return ""
			case !strings.Contains(word, "@"):
			case !plainAddress.MatchString(strings.Trim(word, "'")), only != "" && address != only:
				return ""
			default:
				only = address
			}
		}
	}
	return only
}

// mailbox is one element of an address list, taken apart: what stands in angle
// brackets, in comments, and outside of both.
type mailbox struct {
	outside, angle, comment []byte
	angles                  int // the number of pairs of angle brackets
	bare                    int // the number of @ outside of brackets, comments and quotes
	group                   int // how many bytes of outside are the name of a group and its colon
}

// nextMailbox reads one mailbox, up to the next comma or the semicolon that ends a
// group, and returns what follows that.
func nextMailbox(s string) (mailbox, string) {
	var r mailboxReader
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && (r.quoted || r.depth > 0) && i+1 < len(s) {
			i++
			r.keep(s[i])
			continue
		}
		if ends := r.read(s[i]); ends {
			return r.mailbox, s[i+1:]
		}
	}
	return r.mailbox, ""
}

// mailboxReader reads a mailbox character by character.
type mailboxReader struct {
	mailbox
	quoted  bool // within quotes
	inAngle bool // within angle brackets
	depth   int  // of comments within each other
}

// read reads a character that no backslash stands before. It reports whether the
// character ends the mailbox.
func (r *mailboxReader) read(c byte) (ends bool) {
	switch {
	case r.quoted && c == '"':
		r.quoted = false
	case r.quoted:
		r.keep(c)
	case c == '(':
		r.depth++
	case r.depth > 0 && c == ')':
		r.depth--
	case r.inAngle && r.depth == 0 && c == '>':
		r.inAngle = false
	case r.depth > 0 || r.inAngle:
		r.keep(c)
	default:
		return r.readOutside(c)
	}
	return false
}

// readOutside reads a character that stands outside of quotes, comments and angle
// brackets.
func (r *mailboxReader) readOutside(c byte) (ends bool) {
	switch c {
	case ',', ';':
		return true
	case '"':
		r.quoted = true
		return false
	case '<':
		r.inAngle = true
		r.angles++
		return false
	case '@':
		r.bare++
	case ':':
		r.group = len(r.outside) + 1
	}
	r.keep(c)
	return false
}

// keep adds a character to the text that is being read.
func (r *mailboxReader) keep(c byte) {
	switch {
	case r.depth > 0:
		r.comment = append(r.comment, c)
	case r.inAngle:
		r.angle = append(r.angle, c)
	default:
		r.outside = append(r.outside, c)
	}
}

// address returns the one address that a mailbox holds.
func (m mailbox) address() (address, bool) {
	outside := m.outside
	if !bytes.Contains(outside, []byte("=?")) { // the colon in an encoded word does not end the name of a group
		outside = outside[m.group:]
	}
	addr, name := m.angle, outside
	if m.angles == 0 {
		addr, name = outside, m.comment
	}
	addr = bytes.TrimSpace(addr)
	local, domain, ok := bytes.Cut(addr, []byte("@"))
	if m.angles > 1 || !ok || len(local) == 0 || len(domain) == 0 || len(addr) > 254 {
		return address{}, false
	}
	for _, c := range addr {
		if c <= ' ' || c == 0x7f || bytes.IndexByte([]byte(`()<>,;:"\`), c) >= 0 {
			return address{}, false
		}
	}
	if bytes.IndexByte(domain, '@') >= 0 {
		return address{}, false
	}
	utf8 := toUTF8("", addr)
	if strings.ContainsFunc(utf8, func(r rune) bool {
		// Some controls have two octets, and in lower case the Kelvin sign would be a k.
		return unicode.IsControl(r) || r > unicode.MaxASCII && unicode.ToLower(r) <= unicode.MaxASCII
	}) {
		return address{}, false
	}
	return address{name: words(name), addr: strings.ToLower(utf8)}, true
}

package mime

import (
	"bytes"
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

// parseAddresses reads the first of an address list (RFC 5322, 3.4), at most
// limit of them. It is more tolerant than the grammar, except where two readers
// could take two different addresses from one mailbox: such a one is left out,
// like all that hold no address.
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

// mailbox is one element of an address list, taken apart: what stands in angle
// brackets, in comments, and outside of both.
type mailbox struct {
	outside, angle, comment []byte
	angles                  int // pairs of angle brackets
	bare                    int // @ outside of all, and of quotes
	group                   int // length of the group's name, with its colon, at the start of outside
}

// nextMailbox reads up to the next comma, or the semicolon that ends a group,
// and returns what follows it.
func nextMailbox(s string) (mailbox, string) {
	var m mailbox
	quoted, angle, depth := false, false, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		into := &m.outside
		switch {
		case depth > 0:
			into = &m.comment
		case angle:
			into = &m.angle
		}
		if c == '\\' && (quoted || depth > 0) && i+1 < len(s) {
			i++
			*into = append(*into, s[i])
			continue
		}
		switch {
		case quoted:
			if c == '"' {
				quoted = false
				continue
			}
		case depth > 0 || c == '(':
			if c == '(' {
				depth++
				continue
			}
			if c == ')' {
				depth--
				continue
			}
		case angle:
			if c == '>' {
				angle = false
				continue
			}
		case c == '"':
			quoted = true
			continue
		case c == '<':
			angle = true
			m.angles++
			continue
		case c == '@':
			m.bare++
		case c == ':':
			m.group = len(m.outside) + 1
		case c == ',', c == ';':
			return m, s[i+1:]
		}
		*into = append(*into, c)
	}
	return m, ""
}

// address returns the one address that a mailbox holds.
func (m mailbox) address() (address, bool) {
	outside := m.outside
	if !bytes.Contains(outside, []byte("=?")) { // the colon of an encoded word ends no group
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

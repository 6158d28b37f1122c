package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// greeting writes the server's greeting for go-imap, with the capabilities that are known.
func greeting(r *Response, caps string) []byte {
	if r.Name != "OK" && r.Name != "PREAUTH" {
		return fmt.Appendf(nil, "* %s %s\r\n", r.Name, plain(r.Text))
	}
	return fmt.Appendf(nil, "* %s [CAPABILITY%s] %s\r\n", r.Name, caps, plain(r.Text))
}

// completion writes the answer to a command for go-imap. OK carries the capabilities that are
// known.
func completion(r *Response, caps string) []byte {
	name, code := r.Name, ""
	switch {
	case name == "OK":
		code = "[CAPABILITY" + caps + "] "
	case r.Args == "" && isCode(r.Code):
		code = "[" + r.Code + "] "
	}
	if name != "OK" && name != "NO" {
		name = "BAD"
	}
	return fmt.Appendf(nil, "%s %s %s%s\r\n", r.Tag, name, code, plain(r.Text))
}

// rewrite writes another response for go-imap, or returns nil if it has no use for it.
func (c *Conn) rewrite(r *Response) []byte {
	switch {
	case r.Tag == "+":
		if !c.asked { // go-imap closes the connection over one that it does not wait for
			return nil
		}
		c.asked = false
		return []byte("+ " + continued(r.Text) + "\r\n")
	case r.Tag != "*":
		return nil
	}
	switch r.Name {
	case "BYE":
		return []byte("* BYE " + plain(r.Text) + "\r\n")
	case "OK", "NO", "BAD":
		if r.Code == "CAPABILITY" {
			return []byte("* CAPABILITY" + c.caps + "\r\n")
		}
	case "CAPABILITY":
		return []byte("* CAPABILITY" + c.caps + "\r\n")
	case "LIST":
		return c.listed(r.Items)
	case "NAMESPACE":
		return namespace(r.Items)
	}
	return nil
}

// plain returns a text without what can't stand in one. It is never empty.
func plain(text string) string {
	if text == "" {
		return "no more"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

// continued returns the text of a request to go on, which may be empty: it is what SASL
// mechanisms answer to.
func continued(text string) string {
	if text == "" {
		return ""
	}
	return plain(text)
}

// isCode reports whether a response code is a plain word.
func isCode(code string) bool {
	return code != "" && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == "" &&
		code != "COPYUID" && code != "APPENDUID" && code != "CAPABILITY"
}

// useful are the capabilities of which use is made. Of what is not among them, such as
// LITERAL+ and CONDSTORE, nothing is expected that the server may then not do.
var useful = []string{
	"LOGINDISABLED", "SASL-IR", "NAMESPACE", "SPECIAL-USE", "LIST-EXTENDED", "IDLE", "UIDPLUS", "MOVE", "ID",
	"UNSELECT",
}

// capabilities returns the useful ones among the names. IMAP4rev2 is one only where IMAP4rev1
// is missing: with both, the server expects names of folders in UTF-7 until IMAP4rev2 is
// enabled (RFC 9051, section 6.3.1), while go-imap sends them in UTF-8 at once.
func capabilities(names []string) string {
	var b strings.Builder
	first, second := false, false
	for _, name := range names {
		name = strings.ToUpper(name)
		switch {
		case name == "IMAP4REV2":
			second = true
		case name == "IMAP4REV1" || name == "IMAP4":
			first = true
		case strings.HasPrefix(name, "AUTH=") && strings.Trim(name[5:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == "":
			b.WriteString(" " + name)
		default:
			for _, u := range useful {
				if name == u {
					b.WriteString(" " + name)
				}
			}
		}
	}
	if second && !first {
		return " IMAP4rev2" + b.String()
	}
	return " IMAP4rev1" + b.String()
}

// listed writes a folder of LIST, or nil for one whose name makes no sense.
func (c *Conn) listed(items []Item) []byte {
	if len(items) < 3 || !items[0].IsList {
		return nil
	}
	var attrs []string
	for _, a := range items[0].List {
		if name := a.String(); strings.HasPrefix(name, `\`) && strings.Trim(name[1:], letters) == "" {
			attrs = append(attrs, name)
		}
	}
	said := items[2].String()
	for _, more := range items[3:] { // a name with spaces that is not quoted
		if more.IsList {
			break
		}
		said += " " + more.String()
	}
	name, ok := DecodeName(said)
	if !ok {
		return nil
	}
	encoded := EncodeName(name)
	if encoded != said && !strings.EqualFold(name, "INBOX") {
		c.raw[name] = said
	}
	return fmt.Appendf(nil, "* LIST (%s) %s %s\r\n", strings.Join(attrs, " "), delimiter(items[1]), Quote(encoded))
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// delimiter writes the character between levels.
func delimiter(i Item) string {
	if text := i.String(); !i.Nil && len(text) == 1 {
		return Quote(text)
	}
	return "NIL"
}

// namespace writes the account's own namespace, or nil if there is none.
func namespace(items []Item) []byte {
	if len(items) == 0 || !items[0].IsList || len(items[0].List) == 0 {
		return nil
	}
	own := items[0].List[0]
	if !own.IsList || len(own.List) < 2 {
		return nil
	}
	prefix, ok := DecodeName(own.List[0].String())
	if !ok || own.List[0].Nil {
		prefix = ""
	}
	return fmt.Appendf(nil, "* NAMESPACE ((%s %s)) NIL NIL\r\n", Quote(EncodeName(prefix)), delimiter(own.List[1]))
}

// ParseSet returns the numbers of a set such as "1:3,7", at most most of them, and whether it
// is one.
func ParseSet(set string, most int) (numbers []uint32, ok bool) {
	for part := range strings.SplitSeq(set, ",") {
		from, to, isRange := strings.Cut(part, ":")
		a, err := strconv.ParseUint(from, 10, 32)
		b := a
		if err == nil && isRange {
			b, err = strconv.ParseUint(to, 10, 32)
		}
		a, b = min(a, b), max(a, b)
		if err != nil || a == 0 || b-a >= uint64(most-len(numbers)) {
			return nil, false
		}
		for n := a; n <= b; n++ {
			numbers = append(numbers, uint32(n))
		}
	}
	return numbers, true
}

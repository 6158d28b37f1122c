package validate

import (
	"strings"
	"unicode"

	"bdc/order"
)

// CodeEmail says that a text is no e-mail address.
const CodeEmail order.Code = "email.format"

// normalizeEmail reads one address, which may stand in "Nom <adresse>" or in a link.
// Of several addresses it takes the first. It keeps the case of letters, because two
// addresses that differ in it before the @ may be different (RFC 5321, 2.4).
func normalizeEmail(text string) reading {
	address := text
	if _, rest, ok := strings.Cut(text, "<"); ok {
		address, _, _ = strings.Cut(rest, ">")
	}
	if len(address) > 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	}
	address = strings.ReplaceAll(strings.ReplaceAll(address, " @", "@"), "@ ", "@")
	parts := strings.FieldsFunc(address, func(r rune) bool { return strings.ContainsRune(" ;,/", r) })
	first := ""
	for _, part := range parts {
		if part == "ou" || part == "et" || part == "-" {
			continue
		}
		part = strings.TrimRight(part, ".")
		if !isEmail(part) {
			return faulty(CodeEmail, order.Error)
		}
		if first == "" {
			first = part
		}
	}
	if first == "" {
		return faulty(CodeEmail, order.Error)
	}
	return taken(first, text)
}

// isEmail reports whether a text is an address of the kind that people have: a
// dot-atom before the @ and a host name with a dot after it (RFC 5321, 4.1.2), not
// longer than section 4.5.3.1 allows. Host names may have accents. Quoted local parts
// and address literals are refused.
func isEmail(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	if !ok || len(s) > 254 || len(local) > 64 {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !isAtext(r) }) {
			return false
		}
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool {
				return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			}) {
			return false
		}
	}
	top := labels[len(labels)-1]
	return len(labels) > 1 && len(top) > 1 && !isDigits(top)
}

// isAtext reports whether a character is one of RFC 5322's atext. The slash is not
// accepted, since people write it between two addresses.
func isAtext(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-=?^_`{|}~", r)
}

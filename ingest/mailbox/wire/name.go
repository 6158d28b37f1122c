package wire

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// base64 of modified UTF-7 (RFC 3501, section 5.1.3).
var utf7 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding)

// EncodeName encodes a folder's name in modified UTF-7.
func EncodeName(name string) string {
	var b strings.Builder
	var wide []rune
	flush := func() {
		if len(wide) == 0 {
			return
		}
		var octets []byte
		for _, u := range utf16.Encode(wide) {
			octets = append(octets, byte(u>>8), byte(u))
		}
		b.WriteString("&" + utf7.EncodeToString(octets) + "-")
		wide = wide[:0]
	}
	for _, r := range name {
		if r < ' ' || r > '~' {
			wide = append(wide, r)
			continue
		}
		flush()
		if b.WriteRune(r); r == '&' {
			b.WriteByte('-')
		}
	}
	flush()
	return b.String()
}

// DecodeName decodes a folder's name as a server lists it: in modified UTF-7 or, where that
// makes no sense, in UTF-8. It reports whether the name makes any sense.
func DecodeName(name string) (string, bool) {
	var b strings.Builder
	for rest := name; rest != ""; {
		if rest[0] != '&' {
			r, size := utf8.DecodeRuneInString(rest)
			if r == utf8.RuneError && size == 1 {
				return "", false
			}
			b.WriteString(rest[:size])
			rest = rest[size:]
			continue
		}
		code, after, ok := strings.Cut(rest[1:], "-")
		octets, err := utf7.DecodeString(code)
		if !ok || err != nil || len(octets)%2 != 0 {
			return name, true // "R&D", sent as it is
		}
		if rest = after; code == "" {
			b.WriteByte('&')
			continue
		}
		units := make([]uint16, len(octets)/2)
		for i := range units {
			units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
		}
		b.WriteString(string(utf16.Decode(units)))
	}
	return b.String(), true
}

// Quote returns a text as a quoted string of IMAP.
func Quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "", "\x00", "").Replace(text) + `"`
}

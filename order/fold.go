package order

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns a text in the form in which the program compares texts: two texts
// that people take for the same one have the same fold. It is the only such rule
// of the program; FoldKey follows it too.
//
//   - Letters become lower case and lose their accents, whether accent and letter
//     are one character or two. Ligatures become the letters they are made of: œ is
//     oe, æ is ae, ß is ss, ﬁ is fi. Full-width, superscript and other variants of
//     letters and digits become plain ones (6ᵉ is 6e); Hangul syllables are taken
//     apart into their letters.
//   - Each apostrophe, and each accent that stands alone as one (’ ‘ ʼ ` ´ ′), is '.
//   - Each dash, and the minus sign, is -.
//   - Each white space character and each control character, line ends included,
//     is one plain space. Runs of spaces stay as long as they are.
//   - The ordinal signs º and ª are the degree sign, as in N°.
//   - Characters of no width go: zero-width spaces, soft hyphens, marks of direction.
//   - Other signs stay, as their plain variant where they have one (？ is ?). A sign
//     whose plain variant would have letters or digits stays itself: ², ½, ™, №.
//
// Invalid UTF-8 becomes U+FFFD. Folding twice changes nothing more.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	var buf [128]byte // most texts are shorter
	b := buf[:0]
	if len(s) > len(buf) {
		b = make([]byte, 0, len(s)+8)
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			var size int
			b, size = appendFolded(b, s[i:])
			i += size
			continue
		}
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c < ' ', c == 0x7f:
			c = ' '
		case c == '`':
			c = '\''
		}
		b = append(b, c)
		i++
	}
	return string(b)
}

// isFolded reports whether a text is plain ASCII that Fold leaves as it is.
func isFolded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '`' || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// FoldKey returns the letters and digits of Fold(s), and nothing else: texts that
// also differ in spaces and punctuation have the same key. "N° UAI *:" is "nuai".
func FoldKey(s string) string {
	if isKey(s) {
		return s
	}
	var buf [64]byte
	return string(AppendFoldKey(buf[:0], s))
}

// isKey reports whether a text is plain ASCII that FoldKey leaves as it is.
func isKey(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// AppendFoldKey appends FoldKey(s) to b and returns the extended slice. It needs
// no memory of its own where b has room.
func AppendFoldKey(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b = append(b, c)
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		case c >= utf8.RuneSelf:
			n := len(b)
			var size int
			b, size = appendFolded(b, s[i:])
			b = keepKey(b, n)
			i += size
			continue
		}
		i++
	}
	return b
}

// keepKey removes from b[n:] what is neither a letter nor a digit.
func keepKey(b []byte, n int) []byte {
	kept := n
	for i := n; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			kept += copy(b[kept:], b[i:i+size])
		}
		i += size
	}
	return b[:kept]
}

// latin has the fold of each character from U+00C0 to U+017F that folds to one
// ASCII letter, and a point for each other. It only saves time: most letters of
// French that are not ASCII are here.
const (
	latinFirst = 'À'
	latin      = "aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.y" +
		"aaaaaaccccccccdd..eeeeeeeeeegggggggghh..iiiiiiiii...jjkk.llllll." +
		"...nnnnnn...oooooo..rrrrrrsssssssstttt..uuuuuuuuuuuuwwyyyzzzzzzs"
)

// appendFolded appends the fold of the first character of s, which is not ASCII,
// and returns the character's length in bytes.
func appendFolded(b []byte, s string) (_ []byte, size int) {
	r, size := utf8.DecodeRuneInString(s)
	if i := int(r) - latinFirst; i >= 0 && i < len(latin) && latin[i] != '.' {
		return append(b, latin[i]), size
	}
	switch {
	case r == 'º', r == 'ª':
		return append(b, "°"...), size
	case isApostrophe(r): // asked before the decomposition, which turns ´ into a space
		return append(b, '\''), size
	}
	parts := norm.NFKD.PropertiesString(s).Decomposition()
	if parts == nil { // it has none, or is a Hangul syllable, which the properties don't decompose
		parts = norm.NFKD.AppendString(nil, s[:size])
	}
	if !opens(r) && hasLetter(parts) {
		return utf8.AppendRune(b, unicode.ToLower(r)), size
	}
	for len(parts) > 0 {
		part, n := utf8.DecodeRune(parts)
		b = appendPart(b, part)
		parts = parts[n:]
	}
	return b, size
}

// opens reports whether the letters and digits that a character is made of take its
// place: it is itself a letter, a mark, a digit or a number letter such as Ⅳ, and not
// a sign such as ½.
func opens(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl)
}

func hasLetter(parts []byte) bool {
	for len(parts) > 0 {
		r, n := utf8.DecodeRune(parts)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return true
		}
		parts = parts[n:]
	}
	return false
}

// appendPart appends the fold of a character that is decomposed already.
func appendPart(b []byte, r rune) []byte {
	switch r = unicode.ToLower(r); {
	case r == 'œ':
		return append(b, "oe"...)
	case r == 'æ':
		return append(b, "ae"...)
	case r == 'ß':
		return append(b, "ss"...)
	case r == 'ς': // a small sigma at the end of a word, of which Σ is the capital too
		return append(b, "σ"...)
	case unicode.In(r, unicode.Mn, unicode.Cf):
		return b
	case isApostrophe(r):
		return append(b, '\'')
	case r == '−', unicode.Is(unicode.Pd, r):
		return append(b, '-')
	case unicode.IsSpace(r), unicode.IsControl(r):
		return append(b, ' ')
	}
	return utf8.AppendRune(b, r)
}

// isApostrophe reports whether people type a character for an apostrophe.
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '‛', 'ʼ', 'ʻ', 'ʹ', '`', '´', '′':
		return true
	}
	return false
}

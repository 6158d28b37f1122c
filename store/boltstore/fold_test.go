package boltstore

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bdc/order"
)

// foldsOtherwise reports whether a character may have another fold in the rows of
// the store than order.Fold gives it. The store's fold is part of the file's format,
// in rows, tags, index keys and sketches, and was there first. So a search of orders
// or cases does not find, until a later format folds the rows anew:
//
//   - an apostrophe other than ' and ’ by another one, or a dash by another one;
//   - a word with a character of no width in it (a soft hyphen) without that;
//   - ß by ss, a ς by σ, and words parted by a line separator;
//   - N° by Nº (which is "no" in rows), and a sign such as ½, ² or ™ by itself alone:
//     rows have the digits and letters that it is made of.
//
// All else it finds as order.Fold has it, œ and æ included.
func foldsOtherwise(r rune) bool {
	if strings.ContainsRune("`´ʼʻʹ‘‛′−ẞºª\u1680\u2028\u2029", r) || unicode.In(r, unicode.Cf, unicode.Pd) {
		return true
	}
	parts := norm.NFKD.String(string(r))
	if strings.ContainsAny(parts, "`ʼʹ′−ßς") { // ″ is two primes, ŉ has an apostrophe
		return true
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl) &&
		strings.ContainsFunc(parts, func(p rune) bool { return unicode.IsLetter(p) || unicode.IsDigit(p) })
}

// TestFoldIsTheRule holds the store's fold to order.Fold: equal for each character,
// and for texts of several, but for those that foldsOtherwise names.
func TestFoldIsTheRule(t *testing.T) {
	var alike []rune
	others := 0
	for r := rune(0); r < 0xF0000; r++ { // beyond are characters of private use
		if r == 0x40000 {
			r = 0xE0000 // the planes between have no characters
		}
		if !utf8.ValidRune(r) {
			continue
		}
		got, want := fold(string(r)), order.Fold(string(r))
		switch {
		case foldsOtherwise(r):
			if got != want {
				others++
			}
		case got != want:
			t.Errorf("%U %q: got %q in a row, want %q", r, r, got, want)
		default:
			alike = append(alike, r)
		}
	}
	if others < 1000 || others > 2000 {
		t.Errorf("got %d characters that fold otherwise, want some 1,100", others)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text := make([]rune, random.IntN(20))
		for i := range text {
			text[i] = alike[random.IntN(len(alike))]
			if random.IntN(2) == 0 { // mostly what people type
				text[i] = rune(' ' + random.IntN(0x250))
			}
		}
		checkRule(t, string(text))
	}
}

// checkRule compares the folds of a text without the characters that fold otherwise.
// Those few marks that stay are left out too: in a row their order is the canonical
// one, and order.Fold leaves it.
func checkRule(t *testing.T, text string) {
	t.Helper()
	text = strings.Map(func(r rune) rune {
		if foldsOtherwise(r) || norm.NFKD.PropertiesString(string(r)).CCC() != 0 && !unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, text)
	if got, want := fold(text), order.Fold(text); got != want {
		t.Errorf("%q: got %q in a row, want %q", text, got, want)
	}
}

func TestFold(t *testing.T) {
	tests := []struct{ input, inRow, want string }{
		{"Chœurs et mœurs, ÆQUO", "choeurs et moeurs, aequo", "choeurs et moeurs, aequo"},
		{"L’Été d'É\u0301tienne", "l'ete d'etienne", "l'ete d'etienne"},
		{"N° 5\u00a0– ﬁn\tＵＡＩ", "n° 5 – fin uai", "n° 5 - fin uai"},
		{"한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "\u1112\u1161\u11ab\u1100\u116e\u11a8"},
		{"6ᵉ Ⅳ", "6e iv", "6e iv"},
		{"lʼEau", "lʼeau", "l'eau"},
		{"l´eau", "l eau", "l'eau"},
		{"a–b‑c−d", "a–b‐c−d", "a-b-c-d"},
		{"so\u00adft", "so\u00adft", "soft"},
		{"Straße", "straße", "strasse"},
		{"Nº 5", "no 5", "n° 5"},
		{"2½ m²", "21⁄2 m2", "2½ m²"},
	}
	for _, tt := range tests {
		if got := fold(tt.input); got != tt.inRow {
			t.Errorf("%q: got %q in a row, want %q", tt.input, got, tt.inRow)
		}
		if got := order.Fold(tt.input); got != tt.want {
			t.Errorf("order.Fold(%q): got %q, want %q", tt.input, got, tt.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{
		"Chœurs et mœurs", "L’Été d'É\u0301tienne", "한국 ＵＡＩ ﬁn", "a\u0301\u0327\u0323b", "\xff\x00", "e\u0345Ǖ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkRule(t, s) })
}

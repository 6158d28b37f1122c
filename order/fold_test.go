package order

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	tests := []struct{ name, input, want, key string }{
		{"nothing", "", "", ""},
		{"folded already", "coeur de l'ete 2", "coeur de l'ete 2", "coeurdelete2"},
		{"case", "LYCÉE Édouard HERRIOT", "lycee edouard herriot", "lyceeedouardherriot"},
		{
			"accents", "àâäáãå ç éèêë îïíì ñ ôöóòõ ùûüú ÿý", "aaaaaa c eeee iiii n ooooo uuuu yy",
			"aaaaaaceeeeiiiinooooouuuuyy",
		},
		{"accents beyond French", "Škoda Dvořák Őri İzmir", "skoda dvorak ori izmir", "skodadvorakoriizmir"},
		{"combining accents", "E\u0301cole e\u0302tre C\u0327a", "ecole etre ca", "ecoleetreca"},
		{"œ", "Chœurs et mœurs", "choeurs et moeurs", "choeursetmoeurs"},
		{"Œ", "ŒUVRE", "oeuvre", "oeuvre"},
		{"œ typed as two letters", "CHOEURS ET MOEURS", "choeurs et moeurs", "choeursetmoeurs"},
		{"æ", "Ex æquo, Æsope, ǽ", "ex aequo, aesope, ae", "exaequoaesopeae"},
		{"ß", "Straße STRAẞE", "strasse strasse", "strassestrasse"},
		{
			"typographic ligatures", "eﬀet ﬁn conﬂit eﬃcace aﬄux ﬆ ĳ", "effet fin conflit efficace afflux st ij",
			"effetfinconflitefficaceaffluxstij",
		},
		{
			"apostrophes", "l'a l’b l‘c lʼd l`e l´f l′g l＇h lʻi", "l'a l'b l'c l'd l'e l'f l'g l'h l'i",
			"lalblcldlelflglhli",
		},
		{"dashes", "a-b‐c‑d‒e–f—g―h−i﹣j－k⸺l", "a-b-c-d-e-f-g-h-i-j-k-l", "abcdefghijkl"},
		{"spaces of any width", "a\u00a0b\u202fc\u2009d\u3000e\u2028f\u0085g", "a b c d e f g", "abcdefg"},
		{"tabs and line ends", "a\tb\r\nc\x00d\x7f", "a b  c d ", "abcd"},
		{"runs of spaces stay", "  a   b ", "  a   b ", "ab"},
		{"no width", "a\u200bb\u200dc\u00add\ufeffe\u2060f\u200eg", "abcdefg", "abcdefg"},
		{"an emoji's variant", "☎\ufe0f 👍🏽", "☎ 👍🏽", ""},
		{"ordinal signs", "N° Nº nª", "n° n° n°", "nnn"},
		{"superscript letters", "6ᵉ 1ʳᵉ 2ⁿᵈ", "6e 1re 2nd", "6e1re2nd"},
		{"signs made of letters or digits", "UAI² 1½ Pix™ № ①", "uai² 1½ pix™ № ①", "uai1pix"},
		{"letters that count", "Henri Ⅳ", "henri iv", "henriiv"},
		{"full width", "ＵＡＩ　０７５？：", "uai 075?:", "uai075"},
		{"half width", "ｶﾞ", "カ", "カ"},
		{"punctuation", "« Oui » ! (« sûr »…) a@b.fr_x", "« oui » ! (« sur »...) a@b.fr_x", "ouisurabfrx"},
		{"digits of other scripts", "٣ ३", "٣ ३", "٣३"},
		{"other scripts", "ΆΣ ΐς Ёж", "ασ ισ еж", "ασισеж"},
		{"Hangul", "한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "\u1112\u1161\u11ab\u1100\u116e\u11a8"},
		{"Hangul typed as letters", "\u1112\u1161\u11ab", "\u1112\u1161\u11ab", "\u1112\u1161\u11ab"},
		{"invalid UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd", "ab"},
	}
	for _, tt := range tests {
		if got := Fold(tt.input); got != tt.want {
			t.Errorf("%s: Fold(%q): got %q, want %q", tt.name, tt.input, got, tt.want)
		}
		if got := FoldKey(tt.input); got != tt.key {
			t.Errorf("%s: FoldKey(%q): got %q, want %q", tt.name, tt.input, got, tt.key)
		}
	}
}

// TestFoldOfEachCharacter: whatever the character, folding twice changes nothing
// more, a capital folds as its small letter, and the key is the fold without what
// is neither letter nor digit.
func TestFoldOfEachCharacter(t *testing.T) {
	for r := rune(0); r < 0xF0000; r++ { // beyond are characters of private use
		if r == 0x40000 {
			r = 0xE0000 // the planes between have no characters
		}
		if !utf8.ValidRune(r) {
			continue
		}
		checkFold(t, string(r))
		if capital, small := Fold(string(r)), Fold(string(unicode.ToLower(r))); capital != small {
			t.Errorf("Fold(%q): got %q, want that of its small letter, %q", r, capital, small)
		}
	}
	for i, want := range []byte(latin) { // the table, against the rule that it abbreviates
		var got []byte
		for _, part := range norm.NFKD.String(string(rune(latinFirst + i))) {
			got = appendPart(got, part)
		}
		if want != '.' && string(got) != string(want) {
			t.Errorf("%c is %c in the table, want %s", latinFirst+i, want, got)
		}
	}
}

func checkFold(t *testing.T, s string) {
	t.Helper()
	folded, key := Fold(s), FoldKey(s)
	if again := Fold(folded); again != folded {
		t.Errorf("Fold(%q): got %q, and %q when it is folded again", s, folded, again)
	}
	if again := FoldKey(key); again != key {
		t.Errorf("FoldKey(%q): got %q, and %q when it is folded again", s, key, again)
	}
	want := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, folded)
	if key != want {
		t.Errorf("FoldKey(%q): got %q, want the letters and digits of Fold, %q", s, key, want)
	}
	if !utf8.ValidString(folded) {
		t.Errorf("Fold(%q): got %q, which is no UTF-8", s, folded)
	}
}

// TestFoldOfTheWhole: what is folded character by character is what the whole
// text would be, taken apart at once.
func TestFoldOfTheWhole(t *testing.T) {
	whole := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, norm.NFKD.String(s))
	}
	for _, s := range []string{
		"", "Lycée Évariste-Galois", "e\u0301cole E\u0301", "\u0301a", "été d’Été n° 5", "ﬁn Ⅳ", "a\xffb\xc3",
		"İstanbul ΑΣ ǅ", "x\u00a0y\u2003z", "o\u0328\u0304ǭ", "한국",
	} {
		if got, want := FoldKey(s), whole(s); got != want {
			t.Errorf("FoldKey(%q): got %q, want %q", s, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{
		"Chœurs et mœurs", "N° UAI *:", "l’Église – 2ᵉ", "한국 ＵＡＩ", "e\u0301\u0327 ﬁ ß",
		"\xff\xfe\x00", "ŉ ﷺ ½",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkFold(t, s)
		if got := string(AppendFoldKey([]byte("é-"), s)); got != "é-"+FoldKey(s) {
			t.Errorf("AppendFoldKey behind %q: got %q, want %q", "é-", got, "é-"+FoldKey(s))
		}
	})
}

func BenchmarkFoldKey(b *testing.B) {
	var buf [200]byte
	for _, s := range []string{"Code postal de l'etablissement *", "Référence de l’œuvre (éditeur)"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				AppendFoldKey(buf[:0], s)
			}
		})
	}
}

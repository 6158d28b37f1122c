package order

import "testing"

func TestClean(t *testing.T) {
	for _, tt := range []struct{ name, input, want string }{
		{"empty", "", ""},
		{"clean", "Lycée Évariste-Galois 2de", "Lycée Évariste-Galois 2de"},
		{"spaces around", " \ta\n ", "a"},
		{"spaces between", "a \u00a0\u2003 b  c", "a b c"},
		{"nothing but spaces", " \u00a0 ", ""},
		{"characters of no width", "a\u200bb\u00adc\u200ed\ufeff", "abcd"},
		{"controls", "a\x00b\x7fc\u0085d", "abc d"},
		{"accents apart", "e\u0301cole", "école"},
		{"signs that stay", "ﬁn ½ « œ » – ’", "ﬁn ½ « œ » – ’"},
	} {
		if got := Clean(tt.input); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if got := Clean(tt.want); got != tt.want {
			t.Errorf("%s: got %q of what is clean already, want it as it is: %q", tt.name, got, tt.want)
		}
	}
}

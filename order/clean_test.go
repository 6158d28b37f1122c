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

// What a stranger typed can't move the cursor of a terminal, change its colours or begin
// a line of its own.
func TestPrintable(t *testing.T) {
	for input, want := range map[string]string{
		"Lycée « Ada »": "Lycée « Ada »",
		"a\r\nb\tc":     "a  b c",
		"\x1b[31mred\a": " [31mred ",
		"\u009b2J\x7f":  " 2J ",
	} {
		if got := Printable(input); got != want {
			t.Errorf("Printable(%q): got %q, want %q", input, got, want)
		}
	}
}

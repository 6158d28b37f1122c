package templates

import "testing"

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		name   string
		indent int
		in     string
		want   string
	}{
		{"nothing", 0, "", ""},
		{"short", 2, "un deux", "un deux"},
		{"exactly", 0, "0123456789", "0123456789"},
		{"broken", 0, "0123 456 89", "0123 456\n89"},
		{"indented", 2, "0123 567 9", "0123 567\n  9"},
		{"a long word", 0, "a 01234567890123 b", "a\n01234567890123\nb"},
		{"not at a no-break space", 0, "abcdefgh\u00a0: b", "abcdefgh\u00a0:\nb"},
		{"not between guillemets", 0, "a «\u00a001 42 72 00 00\u00a0» b", "a\n«\u00a001 42 72 00 00\u00a0»\nb"},
		{"a guillemet too many", 0, "» 0123456 89", "» 0123456\n89"},
	} {
		if got := wrap(10, test.indent, test.in); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

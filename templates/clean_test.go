package templates

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, test := range []struct {
		name, in string
		max      int
		want     string
	}{
		{"nothing", "", 5, ""},
		{"only spaces", " \r\n\t", 5, ""},
		{"spaces around and within", "  a \n\n b\u00a0c ", 9, "a b c"},
		{"as long as may be", "abcde", 5, "abcde"},
		{"one too long", "abcdef", 5, "abcd…"},
		{"cut after a space", "abc def", 5, "abc…"},
		{"characters, not octets", "éééééé", 5, "éééé…"},
		{"not UTF-8", "a\xffb", 5, "ab"},
		{"right to left override", "a\u202egpj.exe", 20, "agpj.exe"},
		{"an emoji of several runes", "👩\u200d🏫", 5, "👩\u200d🏫"},
	} {
		if got := clean(test.in, test.max); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(" a\x00b ", 3)
	f.Add(hostile[:300], 80)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = 1 + (n&0x7fffffff)%500
		got := clean(s, n)
		if utf8.RuneCountInString(got) > n || !utf8.ValidString(got) || strings.TrimSpace(got) != got {
			t.Errorf("clean(%q, %d): got %q", s, n, got)
		}
		if again := clean(got, n); again != got {
			t.Errorf("cleaned again: got %q, want %q", again, got)
		}
	})
}

package templates

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestFrenchTime(t *testing.T) {
	for _, test := range []struct {
		in   time.Time
		want string
	}{
		{time.Date(2026, 11, 21, 18, 5, 59, 0, time.UTC), "21\u00a0novembre\u00a02026 à 18\u00a0h\u00a005"},
		{time.Date(2027, 8, 1, 0, 0, 0, 0, time.UTC), "1er\u00a0août\u00a02027 à 0\u00a0h\u00a000"},
	} {
		if got := frenchTime(test.in); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestNumbersInWords(t *testing.T) {
	for _, test := range []struct {
		name     string
		say      func(string) string
		in, want string
	}{
		{"number", number, "999", "999"},
		{"number", number, "1000", "1\u202f000"},
		{"number", number, "1234567", "1\u202f234\u202f567"},
		{"number", number, "beaucoup", "beaucoup"},
		{"number", number, "-1", "-1"},
		{"mega", mega, "26214400", "25\u00a0Mo"},
		{"mega", mega, "262144", "256\u00a0Ko"},
		{"mega", mega, "12", "12\u00a0octets"},
		{"mega", mega, "25 MiB", "25 MiB"},
		{"day", day, "2026-06-01", "1er\u00a0juin\u00a02026"},
		{"day in Paris", day, "2026-06-30T22:30:00Z", "1er\u00a0juillet\u00a02026"},
		{"day", day, "hier", "hier"},
	} {
		if got := test.say(test.in); got != test.want {
			t.Errorf("%s of %q: got %q, want %q", test.name, test.in, got, test.want)
		}
	}
}

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

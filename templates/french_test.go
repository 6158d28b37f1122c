package templates

import (
	"testing"
	"time"
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

package templates

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// noBreak replaces the plain spaces before : ; ? ! » and after « by no-break spaces, as
// French typography requires: no line may begin with such a sign or end in «. It leaves
// the := of a template alone.
var noBreak = strings.NewReplacer(
	" :=", " :=", " :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0",
)

// French returns s with no-break spaces where French typography requires them: before
// : ; ? ! » and after «. The texts in the form's definition have plain spaces there.
func French(s string) string { return noBreak.Replace(s) }

// frenchDay writes the day of t, in t's own time zone: « 1er juin 2026 ».
func frenchDay(t time.Time) string {
	months := [...]string{
		"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
		"décembre",
	}
	d := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		d = "1er"
	}
	return fmt.Sprintf("%s\u00a0%s\u00a0%d", d, months[t.Month()-1], t.Year())
}

// frenchTime writes the day and the time of t, in t's own time zone: « 21 novembre 2026 à
// 18 h 05 ».
func frenchTime(t time.Time) string {
	return fmt.Sprintf("%s à %d\u00a0h\u00a0%02d", frenchDay(t), t.Hour(), t.Minute())
}

// quote puts guillemets around s, unless there is nothing to quote. The full stop of a sentence is not
// quoted, since the sentence around it has one.
func quote(s string) string {
	if short := strings.TrimSuffix(s, "."); !strings.HasSuffix(short, ".") {
		s = strings.TrimSpace(short)
	}
	if s == "" {
		return ""
	}
	return "«\u00a0" + s + "\u00a0»"
}

// sentence adds a full stop to s, unless s is empty or ends like a sentence already.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// FrenchDay writes the day that t is in France: « 1er juin 2026 ».
func FrenchDay(t time.Time) string { return frenchDay(t.In(order.Paris)) }

// FrenchNumber writes n with its digits in groups of three: « 12 345 ».
func FrenchNumber(n int) string { return number(strconv.Itoa(n)) }

// FrenchTime writes the day and the time that t is in France: « 1er juin 2026 à 18 h 05 ».
func FrenchTime(t time.Time) string { return frenchTime(t.In(order.Paris)) }

// number writes a number with its digits in groups of three, with a narrow no-break space
// between. Anything but a natural number it returns unchanged.
func number(s string) string {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return s
	}
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// mega writes a number of octets in Mo of 1,048,576 octets or Ko of 1,024, rounded down,
// as file managers do. Anything but a natural number it returns unchanged.
func mega(octets string) string {
	n, err := strconv.ParseUint(octets, 10, 63)
	switch {
	case err != nil:
		return octets
	case n >= 1<<20:
		return number(strconv.FormatUint(n>>20, 10)) + "\u00a0Mo"
	case n >= 1<<10:
		return strconv.FormatUint(n>>10, 10) + "\u00a0Ko"
	}
	return octets + "\u00a0octets"
}

// day writes a date like 2026-06-15, or the day in France of a time in RFC 3339, in
// French. Anything else it returns unchanged.
func day(s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return frenchDay(t)
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return frenchDay(t.In(order.Paris))
	}
	return s
}

// plural returns the ending that a French noun or participle takes for n things: "s", or
// nothing for 0 and 1.
func plural(n int) string {
	if n > 1 {
		return "s"
	}
	return ""
}

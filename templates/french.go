package templates

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// noBreak puts the no-break spaces of French typography where a source has
// plain ones: no line may begin with a sign, or end in an opening guillemet.
// It leaves alone the := of a template.
var noBreak = strings.NewReplacer(
	" :=", " :=", " :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0",
)

// French puts them into a text of the form's definition.
func French(s string) string { return noBreak.Replace(s) }

// frenchDay writes the day of t in t's own zone: « 1er juin 2026 ».
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

// frenchTime adds the hour: « 21 novembre 2026 à 18 h 05 ».
func frenchTime(t time.Time) string {
	return fmt.Sprintf("%s à %d\u00a0h\u00a0%02d", frenchDay(t), t.Hour(), t.Minute())
}

// quote puts guillemets around s, unless there is nothing to quote.
func quote(s string) string {
	if s == "" {
		return ""
	}
	return "«\u00a0" + s + "\u00a0»"
}

// sentence ends s with a full stop, unless it ends like a sentence already.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// FrenchDay and FrenchTime write a moment as a clock in France shows it: « 1er juin
// 2026 », « 1er juin 2026 à 18 h 05 ».
func FrenchDay(t time.Time) string { return frenchDay(t.In(order.Paris)) }

// FrenchNumber groups digits by three: « 12 345 ».
func FrenchNumber(n int) string { return number(strconv.Itoa(n)) }

// FrenchTime adds the hour.
func FrenchTime(t time.Time) string { return frenchTime(t.In(order.Paris)) }

// number groups digits by three, as French prints them; what is no number stays
// as it is.
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

// mega says a number of octets in binary Mo or Ko, as file managers do.
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

// day says a date of the form 2026-06-15, or a moment of RFC 3339, in French;
// what is neither stays as it is.
func day(s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return frenchDay(t)
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return frenchDay(t.In(order.Paris))
	}
	return s
}

// plural is the ending of a French noun or participle that n things take.
func plural(n int) string {
	if n > 1 {
		return "s"
	}
	return ""
}

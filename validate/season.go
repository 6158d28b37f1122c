package validate

import (
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// otherSeason reports whether a text names a school year (« 2024-2025 », « 2026/27 », « rentrée
// 2027 »), and none that is ordered for on policy.Today or a month around it.
func (p Policy) otherSeason(text string) bool {
	if p.Today.IsZero() || !strings.Contains(text, "20") {
		return false
	}
	today := p.Today.In(order.Paris)
	named := false
	before, year := "", 0
	for word := range meaningful(text) {
		begins := 0
		n, isYear := yearOf(word)
		switch {
		case year != 0 && (isYear && n == year+1 || len(word) == 2 && word == strconv.Itoa(year + 1)[2:]):
			begins = year
		case isYear && strings.HasPrefix(before, "rentree"):
			begins = n
		}
		if begins != 0 {
			if begins == schoolYear(today.Add(-nearYear)) || begins == schoolYear(today.Add(nearYear)) {
				return false
			}
			named = true
		}
		year = n
		if word != "de" && word != "scolaire" && word != "septembre" {
			before = word
		}
	}
	return named
}

// yearOf reads a year of this century.
func yearOf(word string) (year int, ok bool) {
	if len(word) != 4 || !isDigits(word) || !strings.HasPrefix(word, "20") {
		return 0, false
	}
	year, _ = strconv.Atoi(word)
	return year, true
}

// opens reports whether a folded header is that of a day on which a service is to be opened.
func opens(head string) bool {
	for _, part := range []string{
		"ouver", "ouvrir", "activ", "apartir", "livr", "debut", "effet", "miseadispo", "miseenserv",
	} {
		if strings.Contains(head, part) {
			return true
		}
	}
	return false
}

// isLater reports whether a text is a day after policy.Today, or a month or year that may be.
func (p Policy) isLater(text string) bool {
	if r := normalizeDate(strings.TrimSpace(text)); r.code == "" {
		return !p.Today.IsZero() && r.value > day(p.Today)
	}
	for word := range meaningful(text) {
		if _, ok := yearOf(word); ok || len(word) > 2 && !isDigits(word) && month(word) != 0 {
			return true
		}
	}
	return false
}

// nearYear is how far a form's date may be from the day on which it was received, without
// being looked at. In spring, forms for both school years are sent.
const nearYear = 31 * 24 * time.Hour

package validate

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"bdc/order"
)

// shown returns the text of a cell as a person sees it: cleaned by order.Clean, and
// numbers in plain digits in whatever notation the workbook stores them.
func shown(cell order.Cell) string {
	text := order.Clean(cell.Text)
	if cell.Kind == order.KindNumber {
		return plainNumber(text)
	}
	return text
}

// isBlank reports whether a text has neither letter nor digit.
func isBlank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// plainNumber writes a number as digits: 9.782090000313E12 as 9782090000313. It
// keeps fifteen significant digits, as Excel does: a workbook stores 4.6 as
// 4.5999999999999996. A text that is no number, and a number from 1e15 on, stays.
func plainNumber(text string) string {
	if isDigits(text) && len(text) <= 15 {
		return text
	}
	if strings.Trim(text, "0123456789.eE+-") != "" {
		return text // ParseFloat also reads "Inf" and "0x1p-2"
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(v) >= 1e15 {
		return text
	}
	if mantissa, _, _ := strings.Cut(strings.ToUpper(text), "E"); len(mantissa) > 15 {
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', 14, 64), 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// isDigits reports whether s is made of one or more ASCII digits.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// squeeze removes what people put between the groups of a code: spaces, dots,
// dashes of any length, slashes, apostrophes.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '.', '/', '\'', '’', '_':
			return -1
		}
		if unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, s)
}

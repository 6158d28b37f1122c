package validate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"bdc/order"
)

// Codes about a line's price. They are warnings only: what is charged is the price
// in the catalogue.
const (
	CodePriceFormat   order.Code = "line.price.format"
	CodePriceMismatch order.Code = "line.price.mismatch" // Args: price, typed
)

// isAbout reports whether two prices differ by one cent at most. Prices before tax
// that were computed from prices with tax are often wrong by a cent.
func isAbout(a, b order.Cents) bool { return a-b <= 1 && b-a <= 1 }

// maxEuros bounds a unit price.
const maxEuros = 1_000_000

var (
	money   = regexp.MustCompile(`(?i)^(?:€|eur|euros?)? ?([0-9][0-9 .,]*) ?(?:€|eur|euros?)?(?: ?h\.?t\.?)?$`)
	grouped = regexp.MustCompile(`^[0-9]{1,3}(?:[ .,][0-9]{3})+$`)
)

// normalizeMoney reads an amount in euros as "12,50". It rounds to the cent, since
// prices before tax are often computed from prices with tax. The rounding of a number
// cell is not reported: such a cell mostly shows two decimals anyway.
func normalizeMoney(text string, kind order.Kind) reading {
	whole, fraction := splitAmount(text)
	plain := isDigits(whole) && len(fraction) <= 2
	if !isDigits(whole) || fraction != "" && !isDigits(fraction) {
		m := money.FindStringSubmatch(text)
		if m == nil {
			return faulty(CodePriceFormat, order.Warning)
		}
		whole, fraction = splitAmount(strings.TrimSpace(m[1]))
		plain = false
	}
	if grouped.MatchString(whole) {
		whole = squeeze(strings.ReplaceAll(whole, ",", ""))
	}
	euros, err := strconv.Atoi(whole)
	if err != nil || euros > maxEuros || fraction != "" && !isDigits(fraction) {
		return faulty(CodePriceFormat, order.Warning)
	}
	thousandths, _ := strconv.Atoi((fraction + "000")[:3])
	cents := order.Cents(euros*100 + (thousandths+5)/10)
	return reading{
		value: fmt.Sprintf("%d,%02d", cents/100, cents%100),
		fixed: !plain && kind != order.KindNumber,
	}
}

// splitAmount splits an amount at its last point or comma.
func splitAmount(s string) (whole, fraction string) {
	if i := strings.LastIndexAny(s, ".,"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// cents reads an amount that normalizeMoney wrote.
func cents(value string) order.Cents {
	n, _ := strconv.Atoi(strings.Replace(value, ",", "", 1))
	return order.Cents(n)
}

package validate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"bdc/order"
)

// CodePriceFormat: a line's price is no amount. A warning only, for the price is
// indicative: the catalogue's counts.
const CodePriceFormat order.Code = "line.price.format"

// maxEuros bounds a unit price.
const maxEuros = 1_000_000

var (
	money      = regexp.MustCompile(`(?i)^(?:€|eur|euros?)? ?([0-9][0-9 .,]*) ?(?:€|eur|euros?)?(?: ?h\.?t\.?)?$`)
	plainMoney = regexp.MustCompile(`^[0-9]+(?:[.,][0-9]{1,2})?$`)
	grouped    = regexp.MustCompile(`^([0-9]+|[0-9]{1,3}(?:[ .,][0-9]{3})+)$`)
)

// normalizeMoney reads an amount in euros as "12,50", rounded to the cent:
// prices before tax are often computed from prices with it. The rounding of a
// number goes unsaid, as its cell shows two decimals anyway.
func normalizeMoney(text string, kind order.Kind) reading {
	wrong := faulty(CodePriceFormat, order.Warning)
	m := money.FindStringSubmatch(text)
	if m == nil {
		return wrong
	}
	whole, fraction := strings.TrimSpace(m[1]), ""
	if i := strings.LastIndexAny(whole, ".,"); i >= 0 {
		whole, fraction = whole[:i], whole[i+1:]
	}
	if !grouped.MatchString(whole) || fraction != "" && !isDigits(fraction) {
		return wrong
	}
	whole = strings.NewReplacer(" ", "", ".", "", ",", "").Replace(whole)
	euros, err := strconv.Atoi(whole)
	if err != nil || euros > maxEuros {
		return wrong
	}
	thousandths, _ := strconv.Atoi((fraction + "000")[:3])
	cents := order.Cents(euros*100 + (thousandths+5)/10)
	return reading{
		value: fmt.Sprintf("%d,%02d", cents/100, cents%100),
		fixed: kind != order.KindNumber && !plainMoney.MatchString(text),
	}
}

// cents is the amount that normalizeMoney wrote.
func cents(value string) order.Cents {
	n, _ := strconv.Atoi(strings.Replace(value, ",", "", 1))
	return order.Cents(n)
}

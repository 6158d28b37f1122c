package validate

import (
	"unicode"

	"bdc/order"
)

// CodePhone: the text is no telephone number. This is only a warning: an order does
// not fail for want of one.
const CodePhone order.Code = "phone.format"

// The digits of a telephone number: six in New Caledonia; two numbers with
// their country codes in one cell.
const (
	minPhone = 6
	maxPhone = 30
)

// normalizePhone leaves a number as it is written, but for the leading zero that
// Excel drops from a number cell.
func normalizePhone(text string, kind order.Kind) reading {
	if kind == order.KindNumber && isDigits(text) && len(text) == 9 {
		return taken("0"+text, text)
	}
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits < minPhone || digits > maxPhone || kind == order.KindDate {
		return faulty(CodePhone, order.Warning)
	}
	return reading{value: text}
}

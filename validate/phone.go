package validate

import (
	"unicode"

	"bdc/order"
)

// CodePhone says that a text is no telephone number. It is only a warning, since an
// order can be carried out without one.
const CodePhone order.Code = "phone.format"

// The least and the greatest number of digits of a telephone cell. Numbers in New
// Caledonia have six digits; some people write two numbers with their country codes
// into one cell.
const (
	minPhone = 6
	maxPhone = 30
)

// normalizePhone keeps a number as it is written. It only restores the leading zero
// that Excel drops from a number cell.
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

package validate

import (
	"regexp"

	"bdc/order"
)

// CodePostcode says that a text is no French postal code.
const CodePostcode order.Code = "postcode.format"

// postcode matches a code of five digits as people write it on an envelope: "F-75003",
// "75 003", "75003 Paris", "75272 CEDEX 06".
var postcode = regexp.MustCompile(`^(?i:FR?[- ]?)?([0-9]{2}) ?([0-9]{3})(?: \D.*)?$`)

// normalizePostcode reads a code of five digits. In a code of four digits Excel has
// dropped the leading zero. The first two digits may be any: besides the departments,
// overseas territories, Monaco and the army have their own.
func normalizePostcode(text string) reading {
	code := text
	if isDigits(text) && len(text) == 4 {
		code = "0" + text
	} else if m := postcode.FindStringSubmatch(text); m != nil {
		code = m[1] + m[2]
	}
	if !isDigits(code) || len(code) != 5 || code == "00000" {
		return faulty(CodePostcode, order.Error)
	}
	return taken(code, text)
}

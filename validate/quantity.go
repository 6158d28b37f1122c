package validate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// Codes about a line's quantity.
const (
	CodeQuantityMissing order.Code = "line.quantity.missing"
	CodeQuantityFormat  order.Code = "line.quantity.format"  // Args: maximum
	CodeQuantityMinimum order.Code = "line.quantity.minimum" // Args: minimum
	CodeQuantityAbsurd  order.Code = "line.quantity.absurd"  // Args: maximum that goes without saying
)

// maxQuantity is the greatest quantity that is read as one. Real orders go to
// 1,120; seven digits are a slip, or an EAN in the wrong column.
const maxQuantity = 1_000_000

// quantity is a whole number, in groups of three or not, with nothing but zeros
// behind the point, and perhaps words of what it counts.
var quantity = regexp.MustCompile(`^[xX×]? ?([0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,]0*)?((?: ?[\pL×]+\.?)*)$`)

func normalizeQuantity(text string) reading {
	digits := text
	if !isDigits(text) {
		m := quantity.FindStringSubmatch(text)
		if m == nil || slices.ContainsFunc(strings.Fields(m[2]), isNoUnit) {
			return wrongQuantity()
		}
		digits = strings.ReplaceAll(m[1], " ", "")
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > maxQuantity {
		return wrongQuantity()
	}
	return taken(strconv.Itoa(n), text)
}

func wrongQuantity() reading {
	r := faulty(CodeQuantityFormat, order.Error)
	r.args = map[string]string{"maximum": strconv.Itoa(maxQuantity)}
	return r
}

// isNoUnit reports whether a word says that the number before it does not count
// single users: "10 lots", unlike "10 ex.".
func isNoUnit(word string) bool {
	switch strings.TrimSuffix(order.FoldKey(word), "s") {
	case "", "x", "u", "ex", "expl", "exemplaire", "licence", "license", "acce", "eleve", "enseignant", "prof",
		"professeur",
		"utilisateur", "unite", "pce", "piece", "abonnement", "compte":
		return false
	}
	return true
}

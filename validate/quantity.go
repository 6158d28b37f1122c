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
	CodeQuantityFormat  order.Code = "line.quantity.format"  // no whole number; Args: maximum
	CodeQuantityMinimum order.Code = "line.quantity.minimum" // less than the offer's; Args: minimum
	CodeQuantityAbsurd  order.Code = "line.quantity.absurd"  // above Policy.Quantity; Args: maximum

	// CodeQuantityPupils: more than the school has pupils. Args: pupils, school, schooltown.
	CodeQuantityPupils order.Code = "line.quantity.pupils"
)

// maxQuantity is the greatest number that is accepted as a quantity. The greatest in
// real orders is 1,120; a number of seven digits is a typing error, or an EAN in the
// wrong column.
const maxQuantity = 1_000_000

// quantity matches a whole number, with or without spaces between thousands. Only zeros
// may follow its decimal point, but not three of them, since "2.000" may be two thousand;
// and words may say what it counts ("10 ex.").
var quantity = regexp.MustCompile(`^[xX×]? ?([0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,](?:0{0,2}|0{4,}))?` +
	`((?: ?[\pL×]+\.?)*)$`)

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

// pupils reports a line of more licences than the school has pupils. Several lines that
// are together more are normal, since each pupil has several books. So are licences for
// teachers, whose number the directory does not give.
func (c *checker) pupils(l *order.DraftLine, line *order.Line) {
	if line.Quantity <= c.most.Pupils || c.most.Pupils == 0 ||
		isFor(teachers, line.Licence) || isFor(teachers, line.Title) {
		return
	}
	args := named(c.most)
	args["pupils"] = strconv.Itoa(c.most.Pupils)
	c.addLine(l, CodeQuantityPupils, order.Warning, order.ColumnQuantity, args)
}

func wrongQuantity() reading {
	r := faulty(CodeQuantityFormat, order.Error)
	r.args = map[string]string{"maximum": strconv.Itoa(maxQuantity)}
	return r
}

// isNoUnit reports whether a word behind a number is none of those for single copies
// or users: "lots" in "10 lots", unlike "ex." in "10 ex.".
func isNoUnit(word string) bool {
	switch strings.TrimSuffix(order.FoldKey(word), "s") {
	case "", "x", "u", "ex", "expl", "exemplaire", "licence", "license", "acce", "eleve", "enseignant", "prof",
		"professeur",
		"utilisateur", "unite", "pce", "piece", "abonnement", "compte":
		return false
	}
	return true
}

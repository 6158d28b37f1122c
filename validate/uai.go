package validate

import (
	"errors"
	"strings"

	"bdc/order"
)

// Codes about the school's code. Those that find it wrong come with what may be
// meant: the likeliest UAI in Proposal, its school in Args name and town, two more
// in proposal2, name2, town2 and proposal3, name3, town3.
const (
	CodeUAIMissing order.Code = "uai.missing"
	CodeUAIFormat  order.Code = "uai.format"
	CodeUAIKey     order.Code = "uai.key" // Args: letter, the one that fits
	CodeUAIUnknown order.Code = "uai.unknown"
	CodeUAINone    order.Code = "uai.none"
	CodeUAIClosed  order.Code = "uai.closed"  // Args: school, schooltown, closed
	CodeUAIOpening order.Code = "uai.opening" // Args: school, schooltown, opened
	CodeUAIOther   order.Code = "uai.other"   // Args: school, schooltown
)

func normalizeUAI(text string) reading {
	code := strings.ToUpper(squeeze(text))
	_, err := order.ParseUAI(code)
	switch {
	case err == nil:
		return taken(code, text)
	case errors.Is(err, order.ErrUAIKey):
		letter := fittingLetter(code[:7])
		r := faulty(CodeUAIKey, order.Error)
		r.args = map[string]string{"letter": letter}
		r.proposal = code[:7] + letter // if it is the letter that is wrong
		return r
	default:
		return faulty(CodeUAIFormat, order.Error)
	}
}

// fittingLetter is the check letter of seven digits.
func fittingLetter(digits string) string {
	for c := 'A'; c <= 'Z'; c++ {
		if _, err := order.ParseUAI(digits + string(c)); err == nil {
			return string(c)
		}
	}
	return ""
}

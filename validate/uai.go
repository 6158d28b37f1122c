package validate

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"bdc/order"
)

// Codes about the UAI, the code by which the ministry identifies a school. A finding
// of a wrong UAI may propose up to three schools: the UAI of the likeliest is in
// Proposal, its name and town in Args["name"] and Args["town"]; the others are in
// Args["proposal2"], Args["name2"] and Args["town2"], and in Args["proposal3"],
// Args["name3"] and Args["town3"].
const (
	CodeUAIMissing order.Code = "uai.missing"
	CodeUAIFormat  order.Code = "uai.format"  // not seven digits and a letter; Args of several in a cell: first, second
	CodeUAIKey     order.Code = "uai.key"     // the check letter does not fit; Args: letter (the one that does)
	CodeUAIUnknown order.Code = "uai.unknown" // the directory does not have it
	CodeUAINone    order.Code = "uai.none"    // the form says that the school has none
	CodeUAIClosed  order.Code = "uai.closed"  // Args: school, schooltown, closed
	CodeUAIOpening order.Code = "uai.opening" // not open yet; Args: school, schooltown, opened
	CodeUAIOther   order.Code = "uai.other"   // it is another school's; Args: school, schooltown
)

// normalizeUAI reads seven digits and a letter, in groups or not, with a label or a name beside
// them or not.
func normalizeUAI(text string) reading {
	if codes := uaisIn(text); len(codes) > 1 {
		return several(CodeUAIFormat, codes)
	}
	code := strings.ToUpper(squeeze(unlabelled(text, isUAILabel)))
	if b := apart(text, isUAIShape, isUAILabel); b.code != "" {
		if b.doubts(text, isUAILabel) {
			return faulty(CodeUAIFormat, order.Error)
		}
		code = strings.ToUpper(b.code)
	}
	_, err := order.ParseUAI(code)
	switch {
	case err == nil:
		return taken(code, text)
	case errors.Is(err, order.ErrUAIKey):
		letter := fittingLetter(code[:7])
		r := faulty(CodeUAIKey, order.Error)
		r.args = map[string]string{"letter": letter}
		r.proposal = code[:7] + letter // right if the error is in the letter
		return r
	default:
		return faulty(CodeUAIFormat, order.Error)
	}
}

// uaiIn finds what looks like a UAI.
var uaiIn = regexp.MustCompile(`\b[0-9]{7} ?[A-Z]\b`)

// uaisIn returns the different UAIs in a text, if it has several.
func uaisIn(text string) []string {
	if len(text) < 16 {
		return nil
	}
	var list []string
	for _, code := range uaiIn.FindAllString(strings.ToUpper(text), -1) {
		uai, err := order.ParseUAI(squeeze(code))
		if err == nil && !slices.Contains(list, uai.String()) {
			list = append(list, uai.String())
		}
	}
	return list
}

// fittingLetter returns the check letter of seven digits.
func fittingLetter(digits string) string {
	for c := 'A'; c <= 'Z'; c++ {
		if _, err := order.ParseUAI(digits + string(c)); err == nil {
			return string(c)
		}
	}
	return ""
}

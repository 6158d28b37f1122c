package validate

import (
	"strings"

	"bdc/order"
)

// CodeChoice: the text is none of the choices of its field's list. The text is kept.
const CodeChoice order.Code = "choice.unknown" // Args: choices

// openChoice, among the choices of a list, says that others may be written.
const openChoice = "Autre"

// normalizeChoice finds the choice that is meant, whatever its case, accents,
// spaces and plural; a number alone is the only choice that begins with it
// ("1" is "1 an").
func normalizeChoice(text string, choices []string) reading {
	for _, choice := range choices {
		if choice == text {
			return reading{value: choice}
		}
	}
	folded := order.FoldKey(text)
	digits, begun := "", 0
	for _, choice := range choices {
		switch f := order.FoldKey(choice); {
		case f == folded, f+"s" == folded, f == folded+"s":
			return taken(choice, text)
		case isDigits(text) && strings.HasPrefix(choice, text+" "):
			digits = choice
			begun++
		case choice == openChoice:
			return reading{value: text}
		}
	}
	if begun == 1 {
		return taken(digits, text)
	}
	r := faulty(CodeChoice, order.Warning)
	r.args = map[string]string{"choices": strings.Join(choices, ", ")}
	return r
}

// normalizeFlag reads a box: ticked is "Oui" (or the list's own word for it),
// not ticked "". Words that are neither count as ticked: somebody had a
// reason to write them, and a ticked box is looked at by a person.
func normalizeFlag(text string, choices []string) reading {
	ticked := "Oui"
	if len(choices) > 0 {
		ticked = choices[0]
	}
	switch order.FoldKey(text) {
	case "non", "no", "n", "false", "faux", "0":
		return reading{}
	case order.FoldKey(ticked), "oui", "o", "yes", "y", "x", "true", "vrai", "1":
		return reading{value: ticked}
	case "":
		if strings.ContainsAny(text, "✓✔☑☒✗✘×") {
			return reading{value: ticked}
		}
		return reading{}
	}
	return reading{
		value: ticked, code: CodeChoice, severity: order.Warning,
		args: map[string]string{"choices": strings.Join(choices, ", ")},
	}
}

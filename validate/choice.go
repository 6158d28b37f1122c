package validate

import (
	"strings"

	"bdc/order"
)

// CodeChoice says that a text is not one of the choices of its field. The text is kept
// as the field's value.
const CodeChoice order.Code = "choice.unknown" // Args: choices

// openChoice is the choice that, where a list has it, allows any other text.
const openChoice = "Autre"

// normalizeChoice finds the choice that a text means. Case, accents, spaces and a
// plural s make no difference. A number alone means the choice that begins with it
// ("1" is "1 an"), if there is only one.
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

// normalizeFlag reads a box. Its value is "Oui", or the first of choices, where it is
// ticked, and "" where it is not. Words that mean neither count as ticked, with a
// warning: somebody had a reason to write them, and a person looks at a ticked box.
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

package form

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"bdc/order"
)

// What Excel accepts in a data validation, in UTF-16 units. It calls a file with longer texts
// damaged.
const (
	maxRuleTitle   = 32
	maxRuleText    = 255
	maxRuleFormula = 255
)

// rule is what Excel checks when somebody types a value into a field. Excel does not check
// what is pasted, so each formula is also the condition of a tint.
type rule struct {
	formula string // true for a right value; "" if there is nothing to check
	fault   string // what Excel says about a wrong value, in French
	warns   bool   // Excel only warns: we correct such a fault, or let it pass
}

// ruleOf is the rule for a type of field. Its formula is about the given cell, a relative
// address. Formulas use no arrays, since a data validation allows no array constant, and
// no other cells: the trick of counting with a range such as $1:$13 breaks as soon as a row
// is inserted.
func ruleOf(t order.Type, cell string) rule {
	var formula, fault string
	warns := false
	switch t {
	case order.TypeUAI:
		// TEXT gives back the same seven characters only for seven digits: not for 1E+0005 or -000001.
		formula = `AND(LEN(#)=8,TEXT(--LEFT(#,7),"0000000")=LEFT(#,7),` +
			`MID("ABCDEFGHJKLMNPRSTUVWXYZ",MOD(LEFT(#,7),23)+1,1)=UPPER(RIGHT(#,1)))`
		fault = "Un UAI compte 7 chiffres puis 1 lettre de contrôle, par exemple 0750647W. " +
			"Vérifiez-le : un chiffre ou la lettre ne convient pas."
	case order.TypeEAN:
		formula = `AND(LEN(#)=13,ISNUMBER(--#),MOD(` + everySecond(1) + `+3*(` + everySecond(2) + `),10)=0)`
		fault = "Un EAN compte 13 chiffres, sans espace ni tiret, et le dernier contrôle les autres. " +
			"Vérifiez-le : un chiffre ne convient pas."
	case order.TypePostcode:
		formula = `AND(LEN(#)=5,TEXT(--#,"00000")=#&"")`
		fault = "Un code postal compte 5 chiffres, par exemple 01000."
	case order.TypeEmail:
		formula = `AND(LEN(#)-LEN(SUBSTITUTE(#,"@",""))=1,` +
			`ISNUMBER(FIND(".",#,FIND("@",#)+2)),ISERROR(FIND(" ",TRIM(#))))`
		fault = "Saisissez une seule adresse e-mail, par exemple contact@exemple.fr."
	case order.TypeQuantity:
		formula = `AND(--#>=1,--#=INT(--#))`
		fault = "Saisissez un nombre entier, au moins 1."
	case order.TypeAccount:
		formula = `ISNUMBER(--SUBSTITUTE(#," ",""))`
		fault = "Un numéro de compte Interforum est fait de chiffres. Le garder ainsi ?"
		warns = true
	}
	return rule{strings.ReplaceAll(formula, "#", cell), fault, warns}
}

// everySecond is the sum of every second digit of an EAN, from the given one on.
func everySecond(from int) string {
	var terms []string
	for i := from; i <= 13; i += 2 {
		terms = append(terms, fmt.Sprintf("MID(#,%d,1)", i))
	}
	return strings.Join(terms, "+")
}

// validate adds the data validation of a field to the cells that it is typed into. Excel shows
// the help of the field when a cell is entered, and checks the rule when it is left. choices
// is the range with the choices of the field, or "".
func (ws *worksheet) validate(f order.Field, rng, choices string) {
	v := excelize.NewDataValidation(true)
	v.Sqref = rng
	first, _ := ends(rng)
	fault, style := "", excelize.DataValidationErrorStyleStop
	switch {
	case choices != "":
		v.SetSqrefDropList(choices)
		fault = "Cette valeur n’est pas dans la liste. La garder ?"
		style = excelize.DataValidationErrorStyleWarning
		if f.Type == order.TypeFlag {
			fault = "Choisissez « " + strings.Join(f.Choices, " » ou « ") + " », ou laissez vide."
			style = excelize.DataValidationErrorStyleStop
		}
	case f.Type == order.TypeQuantity:
		ws.do(v.SetRange(1, "", excelize.DataValidationTypeWhole, excelize.DataValidationOperatorGreaterThanOrEqual))
		fault = ruleOf(f.Type, first).fault
	case f.Type == order.TypeMoney:
		ws.do(v.SetRange(0, "", excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorGreaterThanOrEqual))
		fault = "Saisissez un montant en euros, par exemple 4,50, sans le signe €."
	case f.Type == order.TypeDate:
		// The serial number of 1 January 2000: what is typed as text, or an amount, is below it.
		ws.do(v.SetRange(36526, "", excelize.DataValidationTypeDate, excelize.DataValidationOperatorGreaterThanOrEqual))
		fault = "Saisissez une date jour/mois/année, par exemple 15/06/2026."
	default:
		if r := ruleOf(f.Type, first); r.formula != "" {
			ws.do(v.SetRange(xmlText(r.formula), "", excelize.DataValidationTypeCustom, 0))
			ws.limit(f, r.formula, maxRuleFormula)
			fault = r.fault
			if r.warns {
				style = excelize.DataValidationErrorStyleWarning
			}
		}
	}
	if fault != "" {
		v.SetError(style, f.Label, fault)
	}
	if prompt := promptOf(f); prompt != "" {
		v.SetInput(f.Label, prompt)
		ws.limit(f, prompt, maxRuleText)
	}
	if fault == "" && v.Prompt == nil {
		return
	}
	ws.limit(f, f.Label, maxRuleTitle)
	ws.limit(f, fault, maxRuleText)
	ws.do(ws.file.AddDataValidation(ws.sheet, v))
}

// promptOf is what Excel shows beside a cell when it is entered.
func promptOf(f order.Field) string {
	lines := make([]string, 0, 2)
	if f.Help != "" {
		lines = append(lines, f.Help)
	}
	if f.Example != "" && !strings.Contains(f.Help, f.Example) {
		lines = append(lines, "Exemple : "+f.Example)
	}
	return strings.Join(lines, "\n")
}

func (ws *worksheet) limit(f order.Field, text string, most int) {
	if n := len(utf16.Encode([]rune(text))); n > most {
		ws.do(fmt.Errorf("field %s: %d characters in %q, Excel allows %d", f.ID, n, text, most))
	}
}

// tint gives a conditional format to a range. The condition is a formula about the first cell
// of the range.
func (ws *worksheet) tint(rng, formula string, format int) {
	ws.do(ws.file.SetConditionalFormat(ws.sheet, rng, []excelize.ConditionalFormatOptions{
		{Type: "formula", Criteria: formula, Format: &format, StopIfTrue: true},
	}))
}

// xmlText escapes a text that excelize writes into XML without escaping it.
func xmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

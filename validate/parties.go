package validate

import (
	"regexp"
	"slices"
	"strings"

	"bdc/order"
	"bdc/validate/school"
)

// CodeTwice is about a second value of a field, which is not that of the form. Package sheet finds
// it under other labels; Check finds another school's UAI in the cell of another field.
const CodeTwice order.Code = "form.field.twice" // Args: other (the cell of the form's own value)

// strangers holds a form one of whose fields has the UAI of another school than that of the
// form, that says in one cell that there is none, or that has the bookseller's address for the
// school's.
func (c *checker) strangers() {
	_, own := c.draft.Where(order.FieldUAI)
	for i := range c.form.Fields {
		field := &c.form.Fields[i]
		cell, filled := c.draft.Fields[field.ID]
		if !filled || field.ID == order.FieldUAI || field.Type == order.TypeEmail || c.order.UAI.IsZero() {
			continue
		}
		for _, code := range uaiIn.FindAllString(strings.ToUpper(cell.Text), -1) {
			if uai, err := order.ParseUAI(squeeze(code)); err == nil && uai != c.order.UAI {
				c.findings = append(c.findings, order.Finding{
					Code: CodeTwice, Severity: order.Hold, Field: order.FieldUAI, Sheet: cell.Sheet, Cell: cell.Ref,
					Value: cell.Text, Args: map[string]string{"other": own},
				})
				break
			}
		}
	}
	if !c.order.UAI.IsZero() && c.header.value(order.FieldNoUAI) != "" {
		c.add(CodeUAINone, order.Hold, order.FieldNoUAI, nil)
	}
}

// isShops reports whether the address of the school is that of the form's bookseller, in a
// place where the directory has no site of the school.
func (c *checker) isShops(likely school.Likely) bool {
	account, known := c.reg.Account(c.header.value(order.FieldAccount))
	town, postcode := c.header.value(order.FieldTown), c.header.value(order.FieldPostcode)
	return known && town != "" && !likely.Town && account.Postcode == postcode &&
		order.FoldKey(account.Town) == order.FoldKey(town)
}

// between are the signs and words that stand between the names of two schools in one cell.
var between = regexp.MustCompile(`(?i)[/();,+&]| - | – | et | ou `)

// namesOther reports whether a typed name, which passes for that of a school, names another school in
// one of its parts: with a word for its kind, and a name that is not that of any site.
func namesOther(text string, sites []order.School) bool {
	parts := between.Split(text, -1)
	if len(parts) == 1 {
		return false
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		name := school.ParseName(part, "")
		if name.Kind == 0 {
			return false
		}
		name.Kind = 0 // parts of one school may have several kinds
		return !slices.ContainsFunc(sites, func(s order.School) bool {
			return name.Same(school.ParseName(s.Name, s.Kind), school.ParseTown(s.Town))
		})
	})
}

package validate

import (
	"slices"

	"bdc/order"
)

// Codes about the form as a whole, and about any of its fields.
const (
	CodeOutdated   order.Code = "form.template.outdated" // Args: version, current
	CodeMissing    order.Code = "field.missing"          // a required field is empty
	CodeNormalized order.Code = "value.normalized"       // taken as Proposal says, which looks different
	CodeError      order.Code = "value.error"            // the cell holds an Excel error such as #N/A

	// CodeWhose is about a field that was found nowhere but in the bookseller's block, and so
	// not read. Package sheet finds it, and Check never does.
	CodeWhose order.Code = "form.field.whose"

	// CodeUncomputed is about a formula whose result the workbook does not contain.
	// Package sheet finds it when it reads the workbook, and Check never does.
	CodeUncomputed order.Code = "value.uncomputed"
)

// Check judges a draft. It returns the order as far as it could be read, the findings
// and the verdict. A field with an error keeps the text that was typed. The findings of
// the draft itself come first, then those of Check in the order of the form: header,
// school, bookseller, lines. Check treats a nil registry as one in which nothing was
// imported.
//
// Check leaves the number, status, sender, date and message of the order empty: the
// caller sets them.
func Check(
	form *order.Form, d *order.Draft, reg Registry, sender Sender, policy Policy,
) (order.Order, []order.Finding, order.Verdict) {
	if reg == nil {
		reg = nothing{}
	}
	c := &checker{
		form: form, draft: d, reg: reg, sender: sender, policy: policy,
		header:   newReadings(form.Fields),
		findings: slices.Clone(d.Findings),
	}
	c.order.Part = d.Part
	c.template()
	c.fields()
	c.year()
	c.school()
	c.strangers()
	c.bookseller()
	c.lines()
	policy.weigh(c.findings)
	c.order.Findings = c.findings
	c.order.Verdict = order.Judge(c.findings)
	return c.order, c.findings, c.order.Verdict
}

// checker holds the state of one call of Check.
type checker struct {
	form     *order.Form
	draft    *order.Draft
	reg      Registry
	sender   Sender
	policy   Policy
	header   readings
	order    order.Order
	rows     []lineRow    // of each line of the order
	most     order.School // the site of the school with the most pupils; zero where the directory has none
	findings []order.Finding
}

func (c *checker) template() {
	if v := c.draft.Template; v != "" && v != c.form.Version && !c.said(CodeOutdated) {
		c.findings = append(c.findings, order.Finding{
			Code: CodeOutdated, Severity: order.Warning, Sheet: c.draft.Sheet, Value: v,
			Args: map[string]string{"version": v, "current": c.form.Version},
		})
	}
}

// fields reads the header block and reports what is wrong within each field,
// and the required ones that are empty.
func (c *checker) fields() {
	c.order.Fields = make(map[string]string, len(c.form.Fields))
	for i := range c.form.Fields {
		field := &c.form.Fields[i]
		var r reading
		if cell, ok := c.draft.Fields[field.ID]; ok {
			r = read(field, cell)
		}
		c.header.list[i] = r
		c.order.Fields[field.ID] = r.value
	}
	for i := range c.form.Fields {
		field := &c.form.Fields[i]
		if field.Type == order.TypePostcode && c.withoutUAI() {
			continue // a school abroad, where postal codes look different or do not exist
		}
		if f, ok := c.header.finding(i); ok && !c.excused(f) {
			f.Sheet, f.Cell = c.draft.Where(field.ID)
			f.Value = c.draft.Fields[field.ID].Text
			if f.Code == CodeChoice && field.ID == order.FieldAccess && isUnclear(f.Value, field.Choices) {
				f.Code, f.Severity = CodeUnclear, order.Error
			}
			c.findings = append(c.findings, f)
		}
	}
}

// excused reports whether a finding that a required field is empty is to be left out:
// the draft's layout has no place for the field, or what stands there may be the bookseller's,
// and a person is to decide already; or the cell was reported as a formula without a result.
func (c *checker) excused(f order.Finding) bool {
	if f.Code != missing(f.Field) {
		return false
	}
	whose := func(d order.Finding) bool { return d.Code == CodeWhose && d.Field == f.Field }
	return c.homeless(f.Field) || slices.ContainsFunc(c.draft.Findings, whose) ||
		c.uncomputed(c.draft.Where(f.Field))
}

// homeless reports whether the draft came in a layout that has no place for a field.
func (c *checker) homeless(field string) bool {
	_, labelled := c.draft.Labels[field]
	return c.draft.Layout != "" && !labelled
}

// uncomputed reports whether a cell was reported as a formula without a result, or as one of several
// that share a quantity.
func (c *checker) uncomputed(sheet, cell string) bool {
	return slices.ContainsFunc(c.draft.Findings, func(f order.Finding) bool {
		return (f.Code == CodeUncomputed || f.Code == CodeQuantityMerged) && f.Sheet == sheet && f.Cell == cell
	})
}

// add reports a finding about a field of the header block.
func (c *checker) add(code order.Code, severity order.Severity, field string, args map[string]string) {
	f := order.Finding{Code: code, Severity: severity, Field: field, Value: c.draft.Fields[field].Text, Args: args}
	f.Sheet, f.Cell = c.draft.Where(field)
	c.findings = append(c.findings, f)
}

// fix gives a field of the header block a value other than the text that was typed,
// and reports that. The finding replaces an earlier one about the same field.
func (c *checker) fix(field, value string) {
	c.findings = slices.DeleteFunc(c.findings, func(f order.Finding) bool {
		return f.Code == CodeNormalized && f.Field == field
	})
	c.add(CodeNormalized, order.Fixed, field, nil)
	c.findings[len(c.findings)-1].Proposal = value
	c.order.Fields[field] = value
}

// said reports whether there is a finding with this code already.
func (c *checker) said(code order.Code) bool {
	return slices.ContainsFunc(c.findings, func(f order.Finding) bool { return f.Code == code })
}

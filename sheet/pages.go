package sheet

import (
	"slices"
	"strings"

	"bdc/order"
)

// goOn joins the lines of tables that stand alone on further sheets to the one form of the
// workbook, if the sheets are called as pages are. If one has another name, nothing is joined, and
// a finding of severity hold says that the order may be more than the form: or last year's lines,
// or those that were cancelled.
func (s *survey) goOn() {
	if len(s.whole) != 1 || len(s.whole[0].lines) == 0 || len(s.blocks) > 0 {
		return
	}
	form := s.whole[0]
	further := slices.DeleteFunc(slices.Clone(s.tables), func(t *found) bool {
		return t.on.Hidden || t.on.Index < form.on.Index || !t.continues(form)
	})
	code, severity := order.Code("form.sheet.joined"), order.Fixed
	if slices.ContainsFunc(further, func(t *found) bool { return !isPage(t.on.Name, form.on.Name) }) {
		code, severity = "form.sheet.more", order.Hold
	}
	for _, t := range further {
		cell := t.lines[0].Cells[order.ColumnEAN]
		form.findings = append(form.findings, order.Finding{
			Code: code, Severity: severity, Sheet: t.on.Name, Cell: cell.Ref, Value: cell.Text,
		})
		if severity == order.Fixed {
			form.lines = append(form.lines, t.lines...)
			form.findings = append(form.findings, t.findings...)
			s.tables = slices.DeleteFunc(s.tables, func(o *found) bool { return o == t })
		}
	}
}

// continues says whether a table has lines with quantities, under the headers that a form has, and
// no header field that says otherwise than the form's.
func (s *found) continues(form *found) bool {
	if s.table.layout != nil || form.table.layout != nil || len(s.table.columns) == 0 {
		return false
	}
	for id, c := range s.block.fields {
		if order.FoldKey(c.Text) != order.FoldKey(form.block.fields[id].Text) {
			return false
		}
	}
	for _, c := range s.table.columns {
		if form.table.column(c.id) == nil {
			return false
		}
	}
	return slices.ContainsFunc(s.lines,
		func(l order.DraftLine) bool { return plain(l.Cells[order.ColumnQuantity].Text) > 0 })
}

// isPage says whether a sheet is called as the next page of another is: « Page 2 », « Feuil2 »,
// « Suite », or the other's name with a number. A year is no page.
func isPage(name, first string) bool {
	key := order.FoldKey(name)
	bare := strings.TrimRight(key, "0123456789")
	if len(key)-len(bare) > 2 {
		return false
	}
	switch bare {
	case "page", "p", "feuil", "feuille", "sheet", "suite", "commandesuite", "suitecommande", "lignes", "lignessuite",
		"tableau", "":
		return key != ""
	}
	return bare == strings.TrimRight(order.FoldKey(first),
		"0123456789") && bare != key || strings.HasSuffix(bare, "suite")
}

// Package form writes workbooks of our own: the blank order form, order forms that are filled
// in, and lists of orders. It writes them with excelize, and reads none.
package form

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"bdc/order"
)

// SheetName is the name of the sheet that people fill in.
const SheetName = "Bon de commande"

// listsSheet is the hidden sheet of the form. It holds the choices of fields, the
// version of the template and the code of the case that a filled form belongs to.
const listsSheet = "Listes"

// Blank returns the blank order form of a definition, as an .xlsx workbook. The same
// definition gives the same bytes. It is an error if the definition exceeds what Excel accepts,
// such as 32 characters in a label.
func Blank(form *order.Form) ([]byte, error) {
	plan, err := layOut(form, form.Rows)
	if err != nil {
		return nil, err
	}
	p := newForm(plan)
	defer p.file.Close()
	data, err := p.bytes()
	if err != nil {
		return nil, fmt.Errorf("blank form: %w", err)
	}
	return data, nil
}

// orderForm draws an order form.
type orderForm struct {
	worksheet
	*Layout
	choices map[string]string // the range with the choices of a field, by its id
	empty   int               // the conditional format of a required cell that is empty
	refused int               // the conditional format of a value that breaks its rule
}

// newForm draws the empty form. The caller closes its file.
func newForm(plan *Layout) *orderForm {
	p := &orderForm{
		worksheet: worksheet{file: excelize.NewFile(), sheet: SheetName},
		Layout:    plan,
		choices:   map[string]string{},
	}
	p.empty = p.conditional(excelize.Style{Fill: fill(peach)})
	p.refused = p.conditional(excelize.Style{Fill: fill(rose), Font: &excelize.Font{Bold: true, Color: alarmInk}})
	p.do(p.file.SetSheetName("Sheet1", SheetName))
	p.drawLists()
	p.drawTop()
	p.drawGuide()
	for _, b := range p.bands {
		p.drawBand(b.row, b.title, b.hint)
	}
	p.drawFields()
	p.drawLines()
	p.setUp()
	return p
}

// drawLists fills the hidden sheet: two named cells, then a column for each
// field with choices.
func (p *orderForm) drawLists() {
	lists := &worksheet{file: p.file, sheet: listsSheet}
	_, err := p.file.NewSheet(listsSheet)
	lists.do(err)
	lists.text("A1", "Version du modèle")
	lists.text("B1", p.form.Version)
	lists.text("A2", "Dossier")
	lists.paint("B1:B2", lists.style(excelize.Style{NumFmt: 49}))
	lists.name(order.NameVersion, listsSheet, "$B$1")
	lists.name(order.NameCase, listsSheet, "$B$2")
	col, rows := 3, 2
	for _, f := range append(append([]order.Field{}, p.form.Fields...), p.form.Columns...) {
		if len(f.Choices) == 0 {
			continue
		}
		lists.text(cellName(col, 1), f.Label)
		for i, choice := range f.Choices {
			lists.text(cellName(col, i+2), choice)
		}
		rows = max(rows, 1+len(f.Choices))
		p.choices[f.ID] = listsSheet + "!" + fixedRange(span{col, col}, 2, 1+len(f.Choices))
		col++
	}
	last, err := excelize.ColumnNumberToName(col - 1)
	lists.do(err)
	lists.do(p.file.SetColWidth(listsSheet, "A", last, 24))
	lists.do(p.file.SetSheetDimension(listsSheet, rangeName(span{1, col - 1}, 1, rows)))
	lists.do(p.file.ProtectSheet(listsSheet, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true,
	}))
	lists.do(p.file.SetSheetVisible(listsSheet, false))
	p.do(lists.err)
}

// drawTop draws the two rows that stay in sight when people scroll: the title, and what the
// form still lacks and sums up to.
func (p *orderForm) drawTop() {
	n := len(p.columns)
	title := p.style(excelize.Style{Fill: fill(Navy), Font: font(20, true, "FFFFFF"), Alignment: aligned("left")})
	version := p.style(excelize.Style{Fill: fill(Navy), Font: font(9, false, "C9D4E8"), Alignment: aligned("right")})
	p.block(rangeName(span{1, n - 4}, 1, 1), title)
	p.rich("A1",
		excelize.RichTextRun{Text: p.form.Title, Font: font(20, true, "FFFFFF")},
		excelize.RichTextRun{Text: "     " + p.form.Subtitle, Font: font(12, false, Sky)})
	p.block(rangeName(span{n - 3, n}, 1, 1), version)
	p.text(cellName(n-3, 1), "Modèle "+p.form.Version)
	p.height(1, 36)

	state := p.style(excelize.Style{Fill: fill(Sky), Font: font(10.5, true, Navy), Alignment: shrunk("left")})
	p.block(rangeName(span{1, n - 4}, 2, 2), state)
	p.formula("A2", p.stateFormula())
	p.height(2, 22)
	if p.total == 0 {
		p.block(rangeName(span{n - 3, n}, 2, 2), state)
		return
	}
	sum := func(format string, alignment *excelize.Alignment) int {
		return p.style(excelize.Style{
			Fill: fill(Sky), Font: font(11, true, Navy), Alignment: alignment, CustomNumFmt: &format,
		})
	}
	p.block(rangeName(span{n - 3, n - 2}, 2, 2), sum(formatText, aligned("right")))
	p.text(cellName(n-3, 2), "Total de la commande :")
	quantity, price := p.columnRange(p.column(order.ColumnQuantity)), p.columnRange(p.column(order.ColumnPrice))
	p.paint(cellName(n-1, 2), sum(formatLicences, aligned("right")))
	p.formula(cellName(n-1, 2), "SUM("+quantity+")")
	p.paint(cellName(n, 2), sum(formatTotal, &excelize.Alignment{Horizontal: "right", Vertical: "center"}))
	p.formula(cellName(n, 2), "SUMPRODUCT("+quantity+","+price+")")
}

// columnRange is a column of the order lines as a range for formulas. It reaches from the
// header to the row below the last line, so that lines inserted at either end are counted.
func (l *Layout) columnRange(col int) string { return fixedRange(span{col, col}, l.head, l.end) }

// drawGuide draws how to fill in the form, and the legend of its colours.
func (p *orderForm) drawGuide() {
	if p.guide == 0 {
		return
	}
	n := len(p.columns)
	p.drawBand(p.guide, "Comment remplir ce bon", "")
	text := p.style(excelize.Style{Fill: fill(paper), Font: font(10, false, Ink), Alignment: shrunk("left")})
	row := p.guide
	for i := range (len(p.form.Guide) + len(p.panels) - 1) / len(p.panels) * len(p.panels) {
		panel := p.panels[i%len(p.panels)]
		if i%len(p.panels) == 0 {
			row++
			p.height(row, 18)
		}
		p.block(rangeName(span{panel.label.first, panel.input.last}, row, row), text)
		if i < len(p.form.Guide) {
			p.rich(cellName(panel.label.first, row),
				excelize.RichTextRun{Text: fmt.Sprintf("%d.  ", i+1), Font: font(10, true, Blue)},
				excelize.RichTextRun{Text: p.form.Guide[i], Font: font(10, false, Ink)})
		}
	}
	for i, key := range []struct {
		text, color, ink string
		bold             bool
	}{
		{"À remplir", cream, Ink, false},
		{"Calculé", Grey, Ink, false},
		{"À vérifier", rose, alarmInk, true},
		{"* Obligatoire, à remplir", peach, Ink, false},
	} {
		cell := cellName(n-3+i, p.guide)
		p.paint(cell, p.style(excelize.Style{
			Fill: fill(key.color), Font: font(9, key.bold, key.ink), Border: box(Blue), Alignment: shrunk("center"),
		}))
		p.text(cell, key.text)
	}
}

// drawBand draws the title of a section across the form.
func (p *orderForm) drawBand(row int, title, hint string) {
	n := len(p.columns)
	if row == p.guide {
		n -= 4 // the legend
	}
	p.height(row-1, 6)
	white := p.style(excelize.Style{Fill: fill(Blue), Font: font(11, true, "FFFFFF"), Alignment: aligned("left")})
	p.block(rangeName(span{1, n}, row, row), white)
	p.height(row, 19)
	runs := []excelize.RichTextRun{{Text: title, Font: font(11, true, "FFFFFF")}}
	if hint != "" {
		runs = append(runs, excelize.RichTextRun{Text: "     " + hint, Font: font(10, false, "E4ECF7")})
	}
	p.rich(cellName(1, row), runs...)
}

// drawFields draws the labels and inputs of the header block.
func (p *orderForm) drawFields() {
	label := p.style(excelize.Style{
		Fill:      fill(mist),
		Font:      font(10.5, false, Ink),
		Border:    box(Hairline),
		Alignment: shrunk("left"),
	})
	idle := p.style(excelize.Style{Fill: fill(paper)})
	begun := p.begunFormula()
	for i, f := range p.places {
		p.height(f.row, 21)
		if last := i+1 == len(p.places) || p.places[i+1].row != f.row; last && f.input.last < len(p.columns) {
			p.paint(rangeName(span{f.input.last + 1, len(p.columns)}, f.row, f.row), idle)
		}
		p.block(rangeName(f.label, f.row, f.row), label)
		p.text(cellName(f.label.first, f.row), labelOf(f.Field))
		input := rangeName(f.input, f.row, f.row)
		p.block(input, p.style(inputStyle(f.Field, cream, "left")))
		p.name(order.NamePrefix+f.ID, SheetName, fixedCell(f.input.first, f.row))
		p.validate(f.Field, f.cell(), p.choices[f.ID])
		p.ignoreText(f.cell())
		if f.Required {
			p.tint(input, "AND("+begun+","+p.missing(f)+")", p.empty)
		}
		if r := ruleOf(f.Type, "$"+f.cell()); r.formula != "" {
			p.tintFault(input, fixedCell(f.input.first, f.row), r.formula)
		}
	}
}

// labelOf is a label as it is printed. An asterisk says that the field, or another one in its
// place (order.Field.Or), is required.
func labelOf(f order.Field) string {
	if f.Required {
		return f.Label + " *"
	}
	return f.Label
}

// tintFault tints a value for which the formula of its rule is false or fails.
func (p *orderForm) tintFault(rng, cell, formula string) {
	p.tint(rng, fmt.Sprintf(`IF(%s="",FALSE,IFERROR(NOT(%s),TRUE))`, cell, formula), p.refused)
}

// inputStyle is the format of a cell that people type into. It is unlocked. All fields but
// dates, quantities and prices have Excel's text format, so that Excel does not turn an EAN
// or a postcode into a number.
func inputStyle(f order.Field, color, horizontal string) excelize.Style {
	format := formatText
	switch f.Type {
	case order.TypeDate:
		format = formatDate
	case order.TypeQuantity:
		format = formatWhole
	case order.TypeMoney:
		format = formatMoney
	}
	return excelize.Style{
		Fill: fill(color), Font: font(10.5, false, "000000"), Border: box(Hairline), Alignment: shrunk(horizontal),
		CustomNumFmt: &format, Protection: &excelize.Protection{Locked: false},
	}
}

// ignoreText keeps Excel from marking each EAN with a green corner because it is a number
// stored as text: we want it so.
func (p *orderForm) ignoreText(rng string) {
	p.do(p.file.AddIgnoredErrors(p.sheet, rng, excelize.IgnoredErrorsNumberStoredAsText))
}

// drawLines draws the order table.
func (p *orderForm) drawLines() {
	head := p.style(excelize.Style{
		Fill: fill(Navy), Font: font(10.5, true, "FFFFFF"), Border: box("FFFFFF"),
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
	})
	rank := p.style(excelize.Style{
		Fill:      fill(Grey),
		Font:      font(9, false, SoftInk),
		Border:    box(Hairline),
		Alignment: aligned("center"),
	})
	money := formatMoney
	total := p.style(excelize.Style{
		Fill:         fill(Grey),
		Font:         font(10.5, false, Ink),
		Border:       box(Hairline),
		Alignment:    shrunk("right"),
		CustomNumFmt: &money,
	})
	p.height(p.head, 32)
	for row := p.first; row <= p.last; row++ {
		p.height(row, 18)
	}
	for i, c := range p.columns {
		col := span{i + 1, i + 1}
		letters, err := excelize.ColumnNumberToName(i + 1)
		p.do(err)
		p.do(p.file.SetColWidth(p.sheet, letters, letters, c.Width))
		p.paint(cellName(i+1, p.head), head)
		p.text(cellName(i+1, p.head), labelOf(c))
		cells := rangeName(col, p.first, p.last)
		switch {
		case i == 0:
			p.paint(cells, rank)
			for row := p.first; row <= p.last; row++ {
				p.do(p.file.SetCellInt(p.sheet, cellName(1, row), int64(row-p.head)))
			}
		case i+1 == p.total:
			p.paint(cells, total)
			for row := p.first; row <= p.last; row++ {
				q, u := cellName(p.column(order.ColumnQuantity), row), cellName(p.column(order.ColumnPrice), row)
				p.formula(cellName(i+1, row), fmt.Sprintf(`IF(AND(ISNUMBER(%s),ISNUMBER(%s)),%[1]s*%[2]s,"")`, q, u))
			}
		default:
			p.drawColumn(i+1, c, cells)
		}
	}
	p.tintLines()
	all := span{1, len(p.columns)}
	p.block(rangeName(all, p.end, p.end), p.style(excelize.Style{
		Fill: fill(mist), Font: font(9, false, SoftInk), Border: box(Hairline), Alignment: aligned("left"),
	}))
	p.text(cellName(1, p.end), "Besoin de plus de lignes ? Insérez-les au-dessus de celle-ci.")
	p.height(p.end, 18)
}

func (p *orderForm) drawColumn(col int, c order.Field, cells string) {
	horizontal := "center"
	switch c.Type {
	case order.TypeText:
		horizontal = "left"
	case order.TypeMoney:
		horizontal = "right"
	}
	p.paint(cells, p.style(inputStyle(c, "FFFFFF", horizontal)))
	p.name(order.NamePrefix+c.ID, SheetName, fixedRange(span{col, col}, p.first, p.last))
	p.validate(c, cells, p.choices[c.ID])
	p.ignoreText(cells)
}

// tintLines tints the required cells that are empty in a line that was begun, and the values
// that break their rule.
func (p *orderForm) tintLines() {
	for i, c := range p.columns {
		cells := rangeName(span{i + 1, i + 1}, p.first, p.last)
		first := cellName(i+1, p.first)
		if c.Required {
			p.tint(cells, "AND("+p.lineBegun()+","+p.lineMissing(c, p.first, p.first)+")", p.empty)
		}
		if r := ruleOf(c.Type, "$"+first); r.formula != "" {
			p.tintFault(cells, "$"+first, r.formula)
		}
	}
}

// setUp makes the sheet printable on A4, protects it, and names the document.
func (p *orderForm) setUp() {
	n := len(p.columns)
	paper, landscape, one, any, yes, no := 9, "landscape", 1, 0, true, false
	margin, foot := 0.4, 0.25
	p.do(p.file.SetPageLayout(p.sheet, &excelize.PageLayoutOptions{
		Size: &paper, Orientation: &landscape, FitToWidth: &one, FitToHeight: &any,
	}))
	p.do(p.file.SetSheetProps(p.sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
	p.do(p.file.SetPageMargins(p.sheet, &excelize.PageLayoutMarginsOptions{
		Left: &margin, Right: &margin, Top: &margin, Bottom: &margin, Header: &foot, Footer: &foot, Horizontally: &yes,
	}))
	// The space after &8 keeps a text that starts with a digit from being read as the size.
	footer := "&L&8 " + strings.ReplaceAll(p.form.Subtitle, "&", "&&") +
		"&C&8Modèle " + p.form.Version + "&R&8Page &P / &N"
	p.do(p.file.SetHeaderFooter(p.sheet, &excelize.HeaderFooterOptions{OddFooter: footer}))
	all := span{1, n}
	p.do(p.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: SheetName, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", SheetName, p.head, p.head),
	}))
	p.do(p.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", Scope: SheetName, RefersTo: "'" + SheetName + "'!" + fixedRange(all, 1, p.end),
	}))
	start := "A1"
	if len(p.places) > 0 {
		start = p.places[0].cell()
	}
	p.do(p.file.SetPanes(p.sheet, &excelize.Panes{
		Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{Pane: "bottomLeft", ActiveCell: start, SQRef: start}},
	}))
	p.do(p.file.SetSheetView(p.sheet, 0, &excelize.ViewOptions{ShowGridLines: &no}))
	p.do(p.file.ProtectSheet(p.sheet, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true, InsertRows: true,
	}))
	p.do(p.file.SetSheetDimension(p.sheet, rangeName(all, 1, p.end)))
	p.do(p.file.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &yes}))
	p.file.SetActiveSheet(0)
	p.properties(p.form.Title, p.form.Subtitle+" — "+p.form.Version)
}

package form

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"bdc/order"
)

// The narrowest that the label and the input of a header field may be, in
// characters: an e-mail address of ordinary length stays readable.
const (
	labelWidth = 23
	inputWidth = 32
)

// minColumns is what the rows above the order lines need: a title, and the
// four cells of the totals.
const minColumns = 5

// span is a run of columns, from 1, both ends included.
type span struct{ first, last int }

// panel is where a header field goes within its row: its label, and to the
// right its input.
type panel struct{ label, input span }

// place is a header field where it stands.
type place struct {
	order.Field
	panel
	row int
}

// cell is the input: the anchor of the merged cells.
func (p place) cell() string { return cellName(p.input.first, p.row) }

// band is the title row of a section.
type band struct {
	row         int
	title, hint string
}

// Layout says where everything stands on the sheet of an order form.
type Layout struct {
	form    *order.Form
	columns []order.Field // of the lines; the rank and the line's total have no id
	total   int           // the column of the line's total, or 0
	panels  []panel
	guide   int // the row of the guide's title, its sentences below; or 0
	bands   []band
	places  []place
	head    int // the row of the column headers
	first   int // the row of the first order line
	last    int // the row of the last order line
	end     int // the row below, which closes the table
}

// NewLayout returns the layout of the form that Fill returns for that many order lines. It is
// an error if the definition has too few columns or rows.
func NewLayout(form *order.Form, lines int) (*Layout, error) {
	return layOut(form, max(form.Rows, lines))
}

// Cell returns the address, such as "C13", of a cell on the sheet SheetName. If id is that of
// a header field, it is the cell that the value is typed into. If id is that of a column, it
// is the column's cell in an order line; the first line is 0, and -1 stands for the headers.
// For any other id it is "".
func (l *Layout) Cell(id string, line int) string {
	if field, ok := l.place(id); ok {
		return field.cell()
	}
	switch col := l.column(id); {
	case col == 0:
		return ""
	case line < 0:
		return cellName(col, l.head)
	default:
		return cellName(col, l.first+line)
	}
}

// layOut places the fields of a form, and below them that many order lines.
//
// Header fields fill a row before the next row begins, since that is the way that the Tab key
// goes on a protected sheet. The columns are as wide as the order lines need them; a header
// field takes several columns, merged. The order lines cannot be merged, since people paste
// into them, and Excel pastes nothing into merged cells.
func layOut(form *order.Form, rows int) (*Layout, error) {
	p := &Layout{form: form, columns: []order.Field{{Label: "N°", Width: 5}}}
	_, counted := form.Field(order.ColumnQuantity)
	for _, c := range form.Columns {
		p.columns = append(p.columns, c)
		if counted && c.ID == order.ColumnPrice {
			p.columns = append(p.columns, order.Field{Label: "Total HT", Width: 13})
			p.total = len(p.columns)
		}
	}
	if len(p.columns) < minColumns || rows < 1 {
		return nil, fmt.Errorf("lay out the form: %d columns and %d lines, want at least %d and 1",
			len(p.columns), rows, minColumns)
	}
	p.panels = panelsOf(p.columns)

	row := 4 // below the title, the totals and a gap
	if n := len(form.Guide); n > 0 {
		p.guide = row
		row += 1 + (n+len(p.panels)-1)/len(p.panels) + 1
	}
	lines := form.Columns[0].Section
	for _, section := range form.Sections {
		fields := fieldsOf(form, section.ID)
		if len(fields) == 0 || section.ID == lines {
			continue
		}
		p.addBand(row, section)
		for i, f := range fields {
			slot := i % len(p.panels)
			if slot == 0 {
				row++
			}
			p.places = append(p.places, place{f, p.panels[slot], row})
		}
		row += 2
	}
	for _, section := range form.Sections {
		if section.ID == lines {
			p.addBand(row, section)
			row++
		}
	}
	p.head, p.first, p.last, p.end = row, row+1, row+rows, row+rows+1
	return p, nil
}

func (l *Layout) addBand(row int, s order.Section) {
	title := fmt.Sprintf("%d · %s", len(l.bands)+1, s.Title)
	l.bands = append(l.bands, band{row, title, s.Hint})
}

func fieldsOf(form *order.Form, section string) []order.Field {
	var fields []order.Field
	for _, f := range form.Fields {
		if f.Section == section {
			fields = append(fields, f)
		}
	}
	return fields
}

// panelsOf cuts the columns into panels, from left to right, as many as there is room for. The
// columns that remain at the right widen the input of the last panel.
func panelsOf(columns []order.Field) []panel {
	var panels []panel
	take := func(from int, width float64) (span, bool) {
		for col, sum := from, 0.0; col <= len(columns); col++ {
			if sum += columns[col-1].Width; sum >= width {
				return span{from, col}, true
			}
		}
		return span{}, false
	}
	for next := 1; ; {
		label, ok := take(next, labelWidth)
		if !ok {
			break
		}
		input, ok := take(label.last+1, inputWidth)
		if !ok {
			break
		}
		panels = append(panels, panel{label, input})
		next = input.last + 1
	}
	if panels == nil {
		half := len(columns) / 2
		panels = []panel{{span{1, half}, span{half + 1, len(columns)}}}
	}
	panels[len(panels)-1].input.last = len(columns)
	return panels
}

// inputs calls do for each run of input cells side by side in the order lines.
func (l *Layout) inputs(do func(span)) {
	for col := 1; col <= len(l.columns); col++ {
		if l.columns[col-1].ID == "" {
			continue
		}
		run := span{col, col}
		for run.last < len(l.columns) && l.columns[run.last].ID != "" {
			run.last++
		}
		do(run)
		col = run.last
	}
}

// column is where a column of the form stands, or 0.
func (l *Layout) column(id string) int {
	for i, c := range l.columns {
		if id != "" && c.ID == id {
			return i + 1
		}
	}
	return 0
}

// place finds a header field.
func (l *Layout) place(id string) (place, bool) {
	for _, f := range l.places {
		if f.ID == id {
			return f, true
		}
	}
	return place{}, false
}

// cellName is an address such as "C13". It panics if Excel has no such cell; the columns and
// rows of a form are far within Excel's limits.
func cellName(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		panic(err)
	}
	return name
}

// rangeName is the address of a range, such as "C13:D13", or of a single cell.
func rangeName(s span, row, lastRow int) string {
	if s.first == s.last && row == lastRow {
		return cellName(s.first, row)
	}
	return cellName(s.first, row) + ":" + cellName(s.last, lastRow)
}

// fixedCell is an absolute address, such as "$C$13".
func fixedCell(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row, true)
	if err != nil {
		panic(err)
	}
	return name
}

// fixedRange is the absolute address of a range, such as "$C$13:$C$20".
func fixedRange(s span, row, lastRow int) string {
	return fixedCell(s.first, row) + ":" + fixedCell(s.last, lastRow)
}

package order

// Kind says how a workbook stored a cell's value.
type Kind uint8

// The kinds of a cell.
const (
	KindText   Kind = iota // a text
	KindNumber             // a number, as the file spells it: "9.782090000313E12"
	KindDate               // a number under a date format, or an ISO date: "2026-06-15"
	KindBool               // "TRUE" or "FALSE"
	KindError              // "#N/A", "#REF!"…
)

// Cell is the content of one cell as its sender typed it, not interpreted in any way.
type Cell struct {
	Sheet   string `json:"sheet,omitempty"`
	Ref     string `json:"cell,omitempty"` // "C13"
	Text    string `json:"text"`           // as stored, with its spaces
	Kind    Kind   `json:"kind,omitempty"`
	Formula bool   `json:"formula,omitempty"` // the cell has a formula, and Text is its value as last computed
}

// DraftLine is one row of the order table that is not empty.
type DraftLine struct {
	Sheet string          `json:"sheet"`
	Row   int             `json:"row"`   // 1-based
	Cells map[string]Cell `json:"cells"` // by column id; only those that are filled
}

// Draft is one order as read from a workbook: cells as typed, each with its address.
// Nothing in it has been checked.
type Draft struct {
	Part     string            `json:"part"`             // the attachment's name, as shown to people
	Sheet    string            `json:"sheet"`            // the sheet that has the header block
	Template string            `json:"template"`         // the Form.Version that the workbook names, or ""
	Layout   string            `json:"layout,omitempty"` // the id of the Layout in which it came; "" for a form
	Case     string            `json:"case"`             // the case code hidden in the workbook (NameCase), or ""
	Fields   map[string]Cell   `json:"fields"`           // by field id: the header fields that are filled
	Labels   map[string]Cell   `json:"labels"`           // by field or column id: the cell of its label or header
	Inputs   map[string]string `json:"inputs"`           // by field id: the cell where its value belongs ("C13")
	Lines    []DraftLine       `json:"lines"`
	Findings []Finding         `json:"findings"` // made while reading, such as about a hidden sheet

	// Asides is what the workbook says beside the cells of the form. It is judged once, when
	// the workbook is read, and not kept: what it comes to is among Findings.
	Asides []Aside `json:"-"`
}

// AsideKind says where something stands that a workbook says beside the cells of a form.
type AsideKind string

// The kinds of asides.
const (
	AsideBeside  AsideKind = "beside"  // in the row of a line, in a column that the form has not
	AsideText    AsideKind = "text"    // anywhere else on the sheet of the form
	AsideSheet   AsideKind = "sheet"   // the name of the sheet
	AsideOther   AsideKind = "other"   // on another sheet
	AsideNote    AsideKind = "note"    // a note or comment on a cell
	AsideBox     AsideKind = "box"     // a text box or another shape
	AsidePicture AsideKind = "picture" // a picture, without a text
	AsideHeader  AsideKind = "header"  // a page header or footer
	AsideFile    AsideKind = "file"    // the name of the file
	AsideMore    AsideKind = "more"    // beyond what is read of a sheet: nobody knows what it says
	AsideStruck  AsideKind = "struck"  // a cell that is struck through, of which Text is the content
)

// Aside is something that a workbook says beside the cells of a form.
type Aside struct {
	Kind AsideKind
	Cell
	Row  int    // of the line in whose row it stands, or 0
	Head string // the header of its column, or ""
	Rows []int  // of the lines that have its colour, where others have not: it may be their legend
}

// Where returns the sheet and cell that a finding about a field should point at: the
// cell of its value; if there is none, the cell where the value belongs; if that is not
// known, the cell of its label.
func (d *Draft) Where(id string) (sheet, cell string) {
	if c, ok := d.Fields[id]; ok {
		return c.Sheet, c.Ref
	}
	label := d.Labels[id]
	if label.Sheet == "" {
		label.Sheet = d.Sheet
	}
	if ref := d.Inputs[id]; ref != "" {
		return label.Sheet, ref
	}
	return label.Sheet, label.Ref
}

package form

import "github.com/xuri/excelize/v2"

// The colours of the form. Each is told apart without seeing it: inputs by
// their border and lock, required ones by their asterisk, empty ones by the
// count above the form.
const (
	Navy     = "1F3864" // title
	Blue     = "2F5597" // sections, column headers
	Sky      = "DCE6F5" // what the form comes to
	mist     = "EAF0F8" // labels
	paper    = "F8FAFD" // the guide, and where no field stands
	cream    = "FFFBE6" // inputs
	peach    = "FBE0CC" // required and still empty
	rose     = "FBE3E4" // refused by its check
	Grey     = "F2F4F7" // computed
	Hairline = "BCC7D8" // borders
	Ink      = "1A1A1A"
	SoftInk  = "44546A"
	alarmInk = "B00020"
)

// The number formats of the form. French Excel shows their separators as
// French writes them.
const (
	formatText     = "@"
	formatDate     = "dd/mm/yyyy"
	formatWhole    = "0"
	formatMoney    = `#,##0.00\ "€"`
	formatTotal    = `#,##0.00\ "€ HT"_M` // padded: LibreOffice drops the indent of a number at the edge
	formatLicences = `[<2]#,##0\ "licence";#,##0\ "licences"`
)

func font(size float64, bold bool, color string) *excelize.Font {
	return &excelize.Font{Family: "Calibri", Size: size, Bold: bold, Color: color}
}

func fill(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

func box(color string) []excelize.Border {
	return []excelize.Border{
		{Type: "left", Color: color, Style: 1},
		{Type: "right", Color: color, Style: 1},
		{Type: "top", Color: color, Style: 1},
		{Type: "bottom", Color: color, Style: 1},
	}
}

// aligned indents text from the side that it is aligned to.
func aligned(horizontal string) *excelize.Alignment {
	a := &excelize.Alignment{Horizontal: horizontal, Vertical: "center"}
	if horizontal != "center" {
		a.Indent = 1
	}
	return a
}

// shrunk is aligned, and makes long text smaller rather than cut it.
func shrunk(horizontal string) *excelize.Alignment {
	a := aligned(horizontal)
	a.ShrinkToFit = true
	return a
}

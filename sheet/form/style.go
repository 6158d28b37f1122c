package form

import "github.com/xuri/excelize/v2"

// Colours of the form, as RGB in hexadecimal. Package mark uses them for the report that it
// adds to a workbook.
const (
	Navy     = "1F3864" // behind titles
	Blue     = "2F5597" // behind the titles of sections
	Sky      = "DCE6F5" // behind sums
	Grey     = "F2F4F7" // behind what people do not type
	Hairline = "BCC7D8" // borders
	Ink      = "1A1A1A" // text
	SoftInk  = "44546A" // text of less weight
)

// The other colours of the form. No meaning is in a colour alone: inputs also have a
// border and are not locked, required ones have an asterisk, and the row above the form
// counts those that are empty.
const (
	mist     = "EAF0F8" // behind labels
	paper    = "F8FAFD" // behind the guide, and where no field stands
	cream    = "FFFBE6" // behind inputs
	peach    = "FBE0CC" // behind a required input that is empty
	rose     = "FBE3E4" // behind a value that its rule refuses
	alarmInk = "B00020" // such a value
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

// shrunk is like aligned, and makes a long text smaller instead of cutting it off.
func shrunk(horizontal string) *excelize.Alignment {
	a := aligned(horizontal)
	a.ShrinkToFit = true
	return a
}

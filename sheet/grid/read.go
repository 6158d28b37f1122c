package grid

import "bdc/order"

// Read reads a file, whose kind is what Sniff(data) returns. An "xlsx" or "xlsm" is read as a
// workbook; a "csv" becomes a workbook with one sheet, whose name is "". For any other kind
// the error has a code that names the kind. The error is always a *Refusal. The Workbook
// keeps no reference to data.
func Read(kind string, data []byte, lim Limits) (*Workbook, error) {
	wb, err := readKind(kind, data, lim)
	if err != nil {
		return nil, refusalOf(err)
	}
	return wb, nil
}

func readKind(kind string, data []byte, lim Limits) (*Workbook, error) {
	switch kind {
	case "xlsx", "xlsm":
		p, err := Open(data, lim)
		if err != nil {
			return nil, err
		}
		return p.Workbook()
	case "csv":
		g, err := csvGrid(data, &lim)
		if err != nil {
			return nil, err
		}
		return &Workbook{Sheets: []Sheet{{Grid: g}}}, nil
	}
	return nil, unreadable(kind, data)
}

// Workbook reads the whole workbook: the list of sheets, and the cells of each sheet. Its error
// is a *Refusal.
func (p *Package) Workbook() (*Workbook, error) {
	r, err := p.sheetReader()
	if err != nil {
		return nil, refusalOf(err)
	}
	for i := range r.wb.Sheets {
		t := &r.wb.Sheets[i]
		if t.Part == "" {
			continue
		}
		t.Grid = &Grid{Name: t.Name, Index: i, Hidden: t.Hidden, Cells: p.roomFor(t.Part)}
		c := r.cells(t.Grid)
		if err := p.read(t.Part, c.visit); err != nil {
			return nil, refusalOf(err)
		}
		if err := p.asides(t); err != nil {
			return nil, refusalOf(err)
		}
	}
	return r.wb, nil
}

// roomFor is an empty list for the cells of a part. Its capacity is a guess from the part's
// compressed size, which counts no higher than the size of the file.
func (p *Package) roomFor(part string) []Cell {
	const compressedCell = 24 // about how many bytes a filled cell of a form takes in the file
	f := p.parts[part]
	if f == nil {
		return nil
	}
	return make([]Cell, 0, min(f.CompressedSize64, uint64(len(p.data)))/compressedCell)
}

// sheetReader holds what is needed to read the sheets of a workbook.
type sheetReader struct {
	wb      *Workbook
	styles  []style // the cell formats, by their index
	strings *sharedStrings
	lim     *Limits
	used    usage
}

func (p *Package) sheetReader() (*sheetReader, error) {
	wb, err := p.sheetList()
	if err != nil {
		return nil, err
	}
	styles, err := p.cellStyles(wb.Styles)
	if err != nil {
		return nil, err
	}
	table, err := p.sharedStrings(wb.strings)
	if err != nil {
		return nil, err
	}
	return &sheetReader{wb: wb, styles: styles, strings: table, lim: &p.lim}, nil
}

// cells returns a reader of one sheet's cells, which puts them into the grid.
func (r *sheetReader) cells(g *Grid) *cellReader {
	return &cellReader{
		grid:     g,
		lim:      r.lim,
		used:     &r.used,
		strings:  r.strings,
		styles:   r.styles,
		date1904: r.wb.date1904,
	}
}

// unreadable returns the *Refusal for a file of a kind that Read does not read.
func unreadable(kind string, data []byte) error {
	switch kind {
	case "xls", "xlsb", "ods", "numbers":
		return &Refusal{order.Code("form.unreadable." + kind), map[string]string{"program": programOf(kind, data)}}
	case "empty", "encrypted", "xml2003", "csv", "pdf", "html", "text":
		return &Refusal{Code: order.Code("form.unreadable." + kind)}
	case "png", "jpeg", "gif", "tiff", "bmp", "webp":
		return &Refusal{"form.unreadable.image", map[string]string{"kind": kind}}
	case "docx", "doc", "odt", "rtf":
		return &Refusal{"form.unreadable.document", map[string]string{"kind": kind}}
	case "zip":
		if _, err := Open(data, DefaultLimits()); err != nil {
			return err
		}
		return &Refusal{Code: "form.unreadable.zip"}
	}
	return &Refusal{"form.unreadable.unknown", map[string]string{"kind": kind}}
}

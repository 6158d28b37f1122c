package sheet

import (
	"errors"

	"bdc/order"
)

// Book is what Read found in a file.
type Book struct {
	Drafts []order.Draft

	// Findings say why the file as a whole is refused, or what was noticed about
	// it. One of severity order.Error means that there are no drafts.
	Findings []order.Finding

	Kind string // what Sniff says of the bytes
}

// Read finds the orders in a file. The name is the one that people know it by:
// it goes into Draft.Part and decides nothing. Whatever is wrong with the file
// is a finding: Read neither fails nor panics, and stays within lim. It may be
// called concurrently; it keeps nothing of data.
func Read(name string, data []byte, form *order.Form, lim Limits) Book {
	book := Book{Kind: Sniff(data)}
	drafts, err := read(book.Kind, data, form, lim)
	var r *refusal
	switch {
	case errors.As(err, &r):
		book.Findings = append(book.Findings, r.finding())
		return book
	case err != nil: // every error below is a refusal; one that is not still refuses the file
		book.Findings = append(book.Findings, (&refusal{"form.unreadable.damaged", map[string]string{"detail": err.Error()}}).finding())
		return book
	}
	for i := range drafts {
		drafts[i].Part = name
	}
	book.Drafts = drafts
	return book
}

func read(kind string, data []byte, form *order.Form, lim Limits) ([]order.Draft, error) {
	var (
		wb    = &workbook{}
		grids []*grid
		err   error
	)
	w := lim.watch()
	switch kind {
	case "xlsx", "xlsm":
		var p *pack
		if p, err = openPack(data, lim); err == nil {
			wb, grids, err = p.grids()
		}
	case "csv":
		grids, err = csvGrid(data, &lim)
	default:
		err = unreadable(kind, data)
	}
	if err != nil {
		return nil, err
	}
	drafts := newFinder(form, wb, grids).drafts()
	switch {
	case len(drafts) == 0 && kind == "csv":
		return nil, unreadable(kind, data)
	case len(drafts) == 0:
		return nil, &refusal{code: "form.none"}
	case len(drafts) > lim.Orders:
		return nil, exceeded("orders", int64(lim.Orders), int64(len(drafts)))
	}
	for i := range drafts {
		if n := len(drafts[i].Lines); n > lim.Lines {
			return nil, exceeded("lines", int64(lim.Lines), int64(n))
		}
	}
	return drafts, w.overdue()
}

// unreadable refuses a file that is no workbook of a kind that is read here.
func unreadable(kind string, data []byte) error {
	switch kind {
	case "xls", "xlsb", "ods", "numbers":
		return &refusal{order.Code("form.unreadable." + kind), map[string]string{"program": programOf(kind, data)}}
	case "empty", "encrypted", "xml2003", "csv", "pdf", "html", "text":
		return &refusal{code: order.Code("form.unreadable." + kind)}
	case "png", "jpeg", "gif", "tiff", "bmp", "webp":
		return &refusal{"form.unreadable.image", map[string]string{"kind": kind}}
	case "docx", "doc", "odt", "rtf":
		return &refusal{"form.unreadable.document", map[string]string{"kind": kind}}
	case "zip":
		if _, err := openPack(data, DefaultLimits()); err != nil {
			return err
		}
		return &refusal{code: "form.unreadable.zip"}
	}
	return &refusal{"form.unreadable.unknown", map[string]string{"kind": kind}}
}

// grids reads every sheet with cells.
func (p *pack) grids() (*workbook, []*grid, error) {
	wb, err := p.workbook()
	if err != nil {
		return nil, nil, err
	}
	styles, err := p.dateStyles(wb.styles)
	if err != nil {
		return nil, nil, err
	}
	table, err := p.sharedStrings(wb.strings)
	if err != nil {
		return nil, nil, err
	}
	var grids []*grid
	var sum tally
	for i, t := range wb.sheets {
		if t.part == "" {
			continue
		}
		g, err := p.grid(t, i, wb, table, styles, &sum)
		if err != nil {
			return nil, nil, err
		}
		grids = append(grids, g)
	}
	return wb, grids, nil
}

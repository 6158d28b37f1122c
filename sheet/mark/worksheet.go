package mark

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bdc/sheet/grid"
)

// worksheet is the XML of one sheet, and the edits that mark it.
type worksheet struct {
	name  string
	part  string
	text  []byte
	root  tag
	edits []edit

	merges map[grid.Pos]grid.Area
	cols   []colRange
	width  float64         // of a column without a width of its own, in characters
	height float64         // of a row without a height of its own, in points
	tall   map[int]float64 // the heights of the other rows, in points

	data         tag    // <sheetData>
	legacy       string // the id of the relationship to the drawing of the notes, or ""
	afterDrawing int    // where a <legacyDrawing> belongs
}

// colRange is a <col>: the width and the format of some columns.
type colRange struct {
	first, last, style int
	width              float64
	hidden             bool
}

// beforeLegacy are the elements that stand before <legacyDrawing> in a sheet: ECMA-376
// part 1, 18.3.1.99.
const beforeLegacy = " sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection" +
	" protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr" +
	" conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks" +
	" colBreaks customProperties cellWatches ignoredErrors smartTags drawing "

// readWorksheet reads the part of a sheet, as far as marking needs it.
func readWorksheet(name, part string, text []byte) (*worksheet, error) {
	ws := &worksheet{
		name:   name,
		part:   part,
		text:   text,
		merges: map[grid.Pos]grid.Area{},
		tall:   map[int]float64{},
		width:  9.14,
		height: 15,
	}
	row := 0
	err := walk(text, func(t tag) error {
		switch {
		case t.kind == tagEnd && t.depth == 2:
			if strings.Contains(beforeLegacy, " "+t.name+" ") {
				ws.afterDrawing = t.to
			}
		case t.kind != tagStart:
		case t.depth == 1:
			ws.root = t
		case t.depth == 2:
			ws.readElement(t)
		case t.depth == 3:
			switch t.name {
			case "col":
				ws.readColumns(t)
			case "row":
				row = int(number(t.attr("r"), float64(row+1)))
				ws.readRow(row, t)
			case "mergeCell":
				if a, ok := grid.ParseArea(t.attr("ref")); ok {
					ws.merges[a.First] = a
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", part, err)
	}
	if ws.root.name != "worksheet" || ws.data.name == "" {
		return nil, fmt.Errorf("part %s: %w", part, malformed("no sheet with cells"))
	}
	return ws, nil
}

// readElement reads the start of an element below the root.
func (ws *worksheet) readElement(t tag) {
	switch t.name {
	case "sheetFormatPr":
		ws.width = number(t.attr("defaultColWidth"), ws.width)
		ws.height = number(t.attr("defaultRowHeight"), ws.height)
	case "sheetData":
		ws.data = t
	case "legacyDrawing":
		ws.legacy = t.prefixed("id")
	}
}

// readColumns reads a <col>.
func (ws *worksheet) readColumns(t tag) {
	if len(ws.cols) >= grid.LastColumn {
		return
	}
	ws.cols = append(ws.cols, colRange{
		first:  int(number(t.attr("min"), 0)),
		last:   int(number(t.attr("max"), 0)),
		style:  int(number(t.attr("style"), 0)),
		width:  number(t.attr("width"), ws.width),
		hidden: isTrue(t.attr("hidden")),
	})
}

// readRow reads the height of a row, if it has one of its own.
func (ws *worksheet) readRow(row int, t tag) {
	if isTrue(t.attr("hidden")) {
		ws.tall[row] = 0
	} else if height := t.attr("ht"); height != "" {
		ws.tall[row] = number(height, ws.height)
	}
}

func isTrue(s string) bool { return s == "1" || s == "true" }

// number reads the value of an attribute that is no negative number and not above ten
// million. Of any other value it returns otherwise.
func number(s string, otherwise float64) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 0 || n > 1e7 {
		return otherwise
	}
	return n
}

// anchor is the area of merged cells that a cell belongs to, or of the cell alone.
func (ws *worksheet) anchor(at grid.Pos) grid.Area {
	for _, a := range ws.merges {
		if a.Holds(at) {
			return a
		}
	}
	return grid.Area{First: at, Last: at}
}

// columnStyle is the format that a column gives to the cells that are not stored.
func (ws *worksheet) columnStyle(col int) int {
	for _, c := range ws.cols {
		if col >= c.first && col <= c.last {
			return c.style
		}
	}
	return 0
}

// restyle changes the formats of cells. It calls format for each cell that is stored or
// wanted, with the place and the format of the cell, and gives the cell the format that
// format returns. A wanted cell that is not stored becomes a stored one without a value.
// Values do not change.
func (ws *worksheet) restyle(wanted []grid.Pos, format func(grid.Pos, int) (int, error)) error {
	slices.SortFunc(wanted, byPlace)
	r := restyler{worksheet: ws, wanted: slices.Compact(wanted), format: format}
	if err := walk(ws.text, r.visit); err != nil {
		return fmt.Errorf("part %s: %w", ws.part, err)
	}
	return nil
}

// restyler passes once over the cells of a sheet, from top to bottom.
type restyler struct {
	*worksheet
	format   func(grid.Pos, int) (int, error)
	wanted   []grid.Pos // the wanted cells that were not passed yet
	row, col int        // the last row, and the last cell in it, that was passed
	start    tag        // the start tag of the row
	widened  bool       // the start tag of the row has been edited
}

func (r *restyler) visit(t tag) error {
	switch {
	case t.kind == tagText || t.from < r.data.from:
	case t.depth == 2 && t.name == "sheetData" && t.kind == tagEnd:
		return r.endData(t)
	case t.depth == 3 && t.name == "row" && t.kind == tagStart:
		return r.startRow(t)
	case t.depth == 3 && t.name == "row":
		return r.endRow(t)
	case t.depth == 4 && t.name == "c" && t.kind == tagStart:
		return r.cell(t)
	}
	return nil
}

// endData adds the wanted rows below the last stored one, and ends the pass.
func (r *restyler) endData(t tag) error {
	xml, err := r.rowsBefore(grid.LastRow + 1)
	if err != nil {
		return err
	}
	if xml != "" {
		r.edits = append(r.edits, atEnd(r.text, r.data, t, xml))
	}
	return errWalked
}

// startRow passes to a stored row, and adds the wanted rows above it.
func (r *restyler) startRow(t tag) error {
	next := int(number(t.attr("r"), float64(r.row+1)))
	xml, err := r.rowsBefore(next)
	if err != nil {
		return err
	}
	if xml != "" {
		r.edits = append(r.edits, edit{t.from, t.from, xml})
	}
	r.row, r.col, r.start, r.widened = next, 0, t, false
	return nil
}

// cell passes a stored cell, and adds the wanted cells to the left of it.
func (r *restyler) cell(t tag) error {
	at := grid.At(r.row, r.col+1)
	if ref := t.attr("r"); ref != "" {
		var ok bool
		if at, ok = grid.ParsePos(ref); !ok || at.Row != r.row {
			return malformed("cell %q in row %d", ref, r.row)
		}
	}
	r.col = at.Col
	xml, err := r.cellsBefore(at.Col)
	if err != nil {
		return err
	}
	if xml != "" {
		r.widen()
		r.edits = append(r.edits, edit{t.from, t.from, xml})
	}
	if len(r.wanted) > 0 && r.wanted[0] == at {
		r.wanted = r.wanted[1:]
	}
	was := int(number(t.attr("s"), 0))
	id, err := r.format(at, was)
	if err == nil && id != was {
		r.edits = append(r.edits, edit{t.from, t.to, withAttrs(string(r.text[t.from:t.to]), "s", strconv.Itoa(id))})
	}
	return err
}

// endRow adds the wanted cells to the right of the last stored one.
func (r *restyler) endRow(t tag) error {
	xml, err := r.cellsBefore(grid.LastColumn + 1)
	switch {
	case err != nil || xml == "":
	case r.start.empty:
		e := filled(r.text, r.start, xml)
		head, rest := cutStart(e.text)
		e.text = withAttrs(head, "spans", "") + rest
		r.edits = append(r.edits, e)
	default:
		r.widen()
		r.edits = append(r.edits, edit{t.from, t.from, xml})
	}
	return err
}

// widen removes the row's attribute spans, which names the first and the last column with a
// cell: a hint to readers that an added cell can make wrong.
func (r *restyler) widen() {
	if r.widened {
		return
	}
	r.widened = true
	start := withAttrs(string(r.text[r.start.from:r.start.to]), "spans", "")
	r.edits = append(r.edits, edit{r.start.from, r.start.to, start})
}

// cellsBefore takes the wanted cells of the row that stand before a column, and returns their
// XML.
func (r *restyler) cellsBefore(col int) (string, error) {
	var b strings.Builder
	for len(r.wanted) > 0 && r.wanted[0].Row == r.row && r.wanted[0].Col < col {
		at := r.wanted[0]
		r.wanted = r.wanted[1:]
		was := r.columnStyle(at.Col)
		if isTrue(r.start.attr("customFormat")) {
			was = int(number(r.start.attr("s"), 0))
		}
		id, err := r.format(at, was)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, `<c r="%s" s="%d"/>`, at, id)
	}
	return prefixed(b.String(), r.root.prefix), nil
}

// rowsBefore takes the wanted cells above a row, whose rows are not stored, and returns the
// XML of these rows.
func (r *restyler) rowsBefore(row int) (string, error) {
	var b strings.Builder
	for len(r.wanted) > 0 && r.wanted[0].Row < row {
		r.row, r.start = r.wanted[0].Row, tag{}
		cells, err := r.cellsBefore(grid.LastColumn + 1)
		if err != nil {
			return "", err
		}
		start, end := prefixed(fmt.Sprintf(`<row r="%d">`, r.row), r.root.prefix), prefixed("</row>", r.root.prefix)
		b.WriteString(start + cells + end)
	}
	return b.String(), nil
}

package mark

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bdc/sheet"
	"bdc/sheet/grid"
)

// annotate returns the workbook with its findings marked. Each cell that a finding is
// about is coloured and has a note that says what is wrong; a sheet in front, the report,
// lists all findings. The code of the case goes into the defined name bdc_dossier. If the
// workbook was marked before and has come back, the old marks are removed first.
//
// Only the places that marking needs are edited; all other bytes stay as they are. The
// workbook must be one that sheet.Read accepts. If a finding can't be marked with
// certainty, such as one about a cell with a thread of comments, annotate returns an error.
//
// The parts that are edited are held in memory twice, before and after. A stranger's
// workbook is therefore marked in a child process only: see Marker.
func annotate(workbook []byte, marks []Mark, code string, lim grid.Limits) ([]byte, error) {
	p, err := openParts(workbook, lim)
	if err != nil {
		return nil, err
	}
	a := annotation{
		parts:  p,
		code:   code,
		owners: map[string]map[grid.Pos]*spot{},
		former: map[string]map[grid.Pos]int{},
	}
	if err := a.survey(workbook, lim); err != nil {
		return nil, err
	}
	if err := a.place(marks); err != nil {
		return nil, err
	}
	if err := a.mark(); err != nil {
		return nil, err
	}
	return a.bytes()
}

// annotation is one call of annotate.
type annotation struct {
	*parts
	code   string // of the case
	root   tag    // the root element of the workbook's main part
	schema string // what the types of the main part's relationships begin with

	wb     *grid.Workbook
	report int    // the index of an earlier report among the sheets, or -1
	title  string // of the sheet with the report
	styles *stylesheet
	sheets map[string]*worksheet // by part

	// The formats that cells had before an earlier marking, by the name of the sheet.
	former map[string]map[grid.Pos]int
	// The spots, by the name of the sheet and by each cell of the spot.
	owners map[string]map[grid.Pos]*spot

	lines []reportLine // of the report
	more  int          // how many findings the report leaves out
}

// survey reads the workbook as it came: its sheets, its stylesheet, and what an earlier
// report says.
func (a *annotation) survey(workbook []byte, lim grid.Limits) error {
	// A package of its own: what is read here does not count against the limits of editing.
	p, err := grid.Open(workbook, lim)
	if err != nil {
		return err
	}
	wb, err := p.Workbook()
	if err != nil {
		return err
	}
	a.wb, a.report, a.sheets, a.title = wb, -1, map[string]*worksheet{}, sheet.ReportSheet
	taken := func(t grid.Sheet) bool { return strings.EqualFold(t.Name, a.title) }
	for n := 2; slices.ContainsFunc(wb.Sheets, taken); n++ {
		a.title = fmt.Sprintf("%s (%d)", sheet.ReportSheet, n)
	}
	text, err := a.part(a.wb.Main)
	if err != nil {
		return err
	}
	if err := walk(text, func(t tag) error { a.root = t; return errWalked }); err != nil {
		return err
	}
	links, err := a.links(a.wb.Main)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.kind == "worksheet" {
			a.schema = l.schema
		}
	}
	for _, g := range wb.Grids() {
		if sheet.IsReport(g) && a.report < 0 {
			a.report, a.title = g.Index, g.Name
			if err := a.recall(g); err != nil {
				return err
			}
		}
	}
	return a.readStyles()
}

// spreadsheetType begins the content type of each part that marking adds to a workbook,
// but for drawings.
const spreadsheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml."

// readStyles reads the stylesheet. A workbook that has none gets an empty one.
func (a *annotation) readStyles() error {
	text := []byte(strings.Replace(emptyStyles, spreadsheetML, a.root.namespace(), 1))
	var err error
	if a.wb.Styles == "" {
		a.wb.Styles = a.free("xl/styles%d.xml")
		if _, err := a.relate(a.wb.Main, a.schema+"styles", a.wb.Styles); err != nil {
			return err
		}
		if err := a.declare(a.wb.Styles, "", spreadsheetType+"styles+xml"); err != nil {
			return err
		}
	} else if text, err = a.part(a.wb.Styles); err != nil {
		return err
	}
	if a.styles, err = readStyles(text); err != nil {
		return fmt.Errorf("part %s: %w", a.wb.Styles, err)
	}
	return nil
}

// recall reads from an earlier report, the sheet g, which formats the marked cells had
// before. Each row of the report names a marked cell. The hidden cells of the row have
// the formats that the marked cell, and those merged with it, had.
func (a *annotation) recall(g *grid.Grid) error {
	text, err := a.part(a.wb.Sheets[g.Index].Part)
	if err != nil {
		return err
	}
	formats, err := hiddenFormats(text)
	if err != nil {
		return err
	}
	for row, list := range formats {
		ws, first, err := a.cellNamedIn(g, row)
		if err != nil {
			return err
		}
		if ws == nil {
			continue
		}
		if a.former[ws.name] == nil {
			a.former[ws.name] = map[grid.Pos]int{}
		}
		for i, at := range cells(ws.anchor(first)) {
			if i < len(list) {
				a.former[ws.name][at] = list[i]
			}
		}
	}
	return nil
}

// hiddenFormats are the formats of the hidden cells of a report: by row, and from left to
// right.
func hiddenFormats(text []byte) (map[int][]int, error) {
	formats := map[int][]int{}
	err := walk(text, func(t tag) error {
		if t.kind != tagStart || t.depth != 4 || t.name != "c" {
			return nil
		}
		at, ok := grid.ParsePos(t.attr("r"))
		if ok && at.Col >= reportHidden && at.Col < reportHidden+maxMerged {
			formats[at.Row] = append(formats[at.Row], int(number(t.attr("s"), 0)))
		}
		return nil
	})
	return formats, err
}

// cellNamedIn is the cell that a row of the report g names, and the sheet of that cell.
// The sheet is nil if the row names no cell of a sheet that is still there.
func (a *annotation) cellNamedIn(g *grid.Grid, row int) (*worksheet, grid.Pos, error) {
	name, cell := g.At(grid.At(row, reportSheets)), g.At(grid.At(row, reportCells))
	if name == nil || cell == nil {
		return nil, grid.Pos{}, nil
	}
	at, ok := grid.ParsePos(cell.Text)
	index := a.sheetNamed(name.Text)
	if !ok || index < 0 {
		return nil, grid.Pos{}, nil
	}
	ws, err := a.worksheet(index)
	return ws, at, err
}

// sheetNamed is the index of the sheet with cells that has a name, or -1.
func (a *annotation) sheetNamed(name string) int {
	return slices.IndexFunc(a.wb.Sheets, func(t grid.Sheet) bool { return t.Name == name && t.Part != "" })
}

// cells are the cells of an area, row by row; of a large one the first maxMerged.
func cells(a grid.Area) []grid.Pos {
	var list []grid.Pos
	for row := a.First.Row; row <= a.Last.Row; row++ {
		for col := a.First.Col; col <= a.Last.Col; col++ {
			if len(list) == maxMerged {
				return list
			}
			list = append(list, grid.At(row, col))
		}
	}
	return list
}

// worksheet returns the sheet of that index. It is read at the first call.
func (a *annotation) worksheet(index int) (*worksheet, error) {
	t := a.wb.Sheets[index]
	if g := a.sheets[t.Part]; g != nil {
		return g, nil
	}
	text, err := a.part(t.Part)
	if err != nil {
		return nil, err
	}
	g, err := readWorksheet(t.Name, t.Part, text)
	if err == nil {
		a.sheets[t.Part] = g
	}
	return g, err
}

// place finds the cells that the marks are about. A mark about a cell that the workbook
// does not have gets a line in the report only.
func (a *annotation) place(marks []Mark) error {
	marks, a.more = inOrder(marks)
	for i, m := range marks {
		line := reportLine{numberedMark: numberedMark{m, i + 1}}
		at, ok := grid.ParsePos(m.Finding.Cell)
		if index := a.sheetNamed(m.Finding.Sheet); ok && index >= 0 {
			g, err := a.worksheet(index)
			if err != nil {
				return err
			}
			if a.owners[g.name] == nil {
				a.owners[g.name] = map[grid.Pos]*spot{}
			}
			owners, whole := a.owners[g.name], g.anchor(at)
			if line.spot = owners[whole.First]; line.spot == nil {
				line.spot = &spot{Area: whole}
				for _, at := range cells(whole) {
					owners[at] = line.spot
				}
			}
			line.spot.marks = append(line.spot.marks, line.numberedMark)
		}
		a.lines = append(a.lines, line)
	}
	return nil
}

// mark edits the sheets, writes the report and the stylesheet, and adds the report to the
// list of sheets.
func (a *annotation) mark() error {
	for i, t := range a.wb.Sheets {
		if t.Part == "" || i == a.report {
			continue
		}
		if err := a.markSheet(i); err != nil {
			return err
		}
	}
	styles := newReportStyles(a.styles)
	part, id, err := a.reportPart()
	if err != nil {
		return err
	}
	a.write(part, reportXML(a.lines, a.more, a.code, a.root.namespace(), styles))
	text, err := a.styles.bytes()
	if err != nil {
		return err
	}
	a.write(a.wb.Styles, text)
	if err := a.deselect(part); err != nil {
		return err
	}
	return a.enterReport(id)
}

// markSheet colours the marked cells of a sheet and adds their notes. Cells that only an
// earlier marking coloured get back the format that they had.
func (a *annotation) markSheet(index int) error {
	owners := a.owners[a.wb.Sheets[index].Name]
	if len(owners) == 0 && len(a.styles.marked) == 0 && a.report < 0 {
		return nil
	}
	g, err := a.worksheet(index)
	if err != nil {
		return err
	}
	spots := map[grid.Pos]*spot{}
	var wanted []grid.Pos
	for at, s := range owners {
		spots[s.First] = s
		wanted = append(wanted, at)
	}
	err = g.restyle(wanted, func(at grid.Pos, format int) (int, error) {
		if a.styles.marked[format] {
			format = a.restored(g.name, at, format)
		}
		s := owners[at]
		if s == nil {
			return format, nil
		}
		s.was = append(s.was, format)
		return a.styles.mark(format, s.marks[0].look())
	})
	if err != nil {
		return err
	}
	if err := a.addNotes(g, spots, a.schema); err != nil {
		return err
	}
	if len(g.edits) > 0 {
		g.text = splice(g.text, g.edits)
		g.edits = nil
		a.write(g.part, g.text)
	}
	return nil
}

// restored is the format that a marked cell had before it was marked. If the earlier
// report does not say, since rows were inserted, it is the one that the nearest marked
// cell of the same column had.
func (a *annotation) restored(name string, at grid.Pos, format int) int {
	former := a.former[name]
	if was, ok := former[at]; ok {
		return was
	}
	found := false
	var nearest grid.Pos
	for other := range former {
		if other.Col == at.Col && (!found || isNearer(other.Row, nearest.Row, at.Row)) {
			nearest, found = other, true
		}
	}
	if found {
		return former[nearest]
	}
	return a.styles.plain(format)
}

// isNearer says whether the row a is nearer to a row than b is. Of two rows that are
// equally near, the upper one counts as nearer.
func isNearer(a, b, row int) bool {
	return cmp.Or(cmp.Compare(abs(a-row), abs(b-row)), cmp.Compare(a, b)) < 0
}

func abs(n int) int { return max(n, -n) }

// reportPart is the part for the report, and the id of the relationship to it. If there
// is an earlier report, the new one takes over its part, and the id is "".
func (a *annotation) reportPart() (part, id string, err error) {
	if a.report >= 0 {
		part = a.wb.Sheets[a.report].Part
		// The earlier report's relationships are to links, and to what another program added.
		a.gone[grid.RelationsOf(part)] = true
		return part, "", nil
	}
	part = a.free("xl/worksheets/sheet%d.xml")
	if err := a.declare(part, "", spreadsheetType+"worksheet+xml"); err != nil {
		return "", "", err
	}
	id, err = a.relate(a.wb.Main, a.schema+"worksheet", part)
	return part, id, err
}

// spreadsheetML is the namespace of transitional workbooks.
const spreadsheetML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

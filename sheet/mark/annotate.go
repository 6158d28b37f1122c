package mark

import (
	"fmt"
	"slices"
	"strings"

	"bdc/sheet"
	"bdc/sheet/grid"
)

// annotate returns the workbook with its findings marked: each cell coloured,
// with a note that says what is wrong with it, and in front a sheet that lists
// them all. The code of the case goes into the name bdc_dossier. What an earlier
// call marked in the workbook, which came back, is taken away first.
//
// Only what marking needs is written anew, and in it only the places that marking
// needs; all else keeps its bytes. The workbook must be one that Read accepts.
// Of what can't be marked with certainty, such as a thread of comments on a wrong
// cell, Annotate makes an error. It holds the parts that it edits in memory,
// twice: a stranger's workbook is for a child process, see Marker.
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

// annotation is one call of Annotate.
type annotation struct {
	*parts
	code   string
	root   tag    // of the workbook's own part
	schema string // begins the types of its relationships

	wb     *grid.Workbook
	report int // the index of an earlier report among the sheets, or -1
	title  string
	styles *stylesheet
	sheets map[string]*worksheet         // by part
	former map[string]map[grid.Pos]int   // by sheet: the formats that cells had before an earlier marking
	owners map[string]map[grid.Pos]*spot // by sheet: the spots by all their cells
	lines  []reportLine
	more   int
}

// survey reads what there is.
func (a *annotation) survey(workbook []byte, lim grid.Limits) error {
	p, err := grid.Open(workbook, lim) // another one: reading and editing are limited each on its own
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

func (a *annotation) readStyles() error {
	text := []byte(strings.Replace(emptyStyles, spreadsheetML, a.root.namespace(), 1))
	var err error
	if a.wb.Styles == "" {
		a.wb.Styles = a.free("xl/styles%d.xml")
		if _, err := a.relate(a.wb.Main, a.schema+"styles", a.wb.Styles); err != nil {
			return err
		}
		if err := a.declare(a.wb.Styles, "", "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"); err != nil {
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

// recall reads from an earlier report which formats the marked cells had.
func (a *annotation) recall(g *grid.Grid) error {
	text, err := a.part(a.wb.Sheets[g.Index].Part)
	if err != nil {
		return err
	}
	formats := map[int][]int{} // by row
	err = walk(text, func(t tag) error {
		if t.kind == tagStart && t.depth == 4 && t.name == "c" {
			if at, ok := grid.ParsePos(t.attr("r")); ok && at.Col >= reportHidden && at.Col < reportHidden+maxMerged {
				formats[at.Row] = append(formats[at.Row], int(number(t.attr("s"), 0)))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for row, list := range formats {
		name, cell := g.At(grid.At(row, reportSheets)), g.At(grid.At(row, reportCells))
		if name == nil || cell == nil {
			continue
		}
		first, ok := grid.ParsePos(cell.Text)
		i := slices.IndexFunc(a.wb.Sheets, func(t grid.Sheet) bool { return t.Name == name.Text && t.Part != "" })
		if !ok || i < 0 {
			continue
		}
		page, err := a.worksheet(i)
		if err != nil {
			return err
		}
		if a.former[page.name] == nil {
			a.former[page.name] = map[grid.Pos]int{}
		}
		for i, at := range cells(page.anchor(first)) {
			if i < len(list) {
				a.former[page.name][at] = list[i]
			}
		}
	}
	return nil
}

// cells are the first cells of an area, row by row.
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

// worksheet reads a sheet, the first time that it is asked for.
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

// place finds the cells that the marks are about. A mark about a cell that is
// not there is only listed.
func (a *annotation) place(marks []Mark) error {
	marks, a.more = inOrder(marks)
	for i, m := range marks {
		line := reportLine{numberedMark: numberedMark{m, i + 1}}
		at, ok := grid.ParsePos(m.Finding.Cell)
		index := slices.IndexFunc(
			a.wb.Sheets,
			func(t grid.Sheet) bool { return t.Name == m.Finding.Sheet && t.Part != "" },
		)
		if ok && index >= 0 {
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

// mark writes the parts anew.
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

// markSheet colours the cells of a sheet and annotates them.
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

// restored is the format that a marked cell had before. Where rows were inserted
// since, that of another marked cell of the column will do.
func (a *annotation) restored(name string, at grid.Pos, format int) int {
	if was, ok := a.former[name][at]; ok {
		return was
	}
	near, found := 0, false
	var from grid.Pos
	for other, was := range a.former[name] {
		if other.Col == at.Col &&
			(!found || abs(other.Row-at.Row) < abs(from.Row-at.Row) || abs(other.Row-at.Row) == abs(from.Row-at.Row) && other.Row < from.Row) {
			near, from, found = was, other, true
		}
	}
	if found {
		return near
	}
	return a.styles.plain(format)
}

func abs(n int) int { return max(n, -n) }

// reportPart is the part for the report, that of an earlier one if there is one,
// and the id of its relationship; "" for an earlier one.
func (a *annotation) reportPart() (part, id string, err error) {
	if a.report >= 0 {
		part = a.wb.Sheets[a.report].Part
		a.gone[grid.RelationsOf(part)] = true // of links, and of what another program added
		return part, "", nil
	}
	part = a.free("xl/worksheets/sheet%d.xml")
	if err := a.declare(part, "", "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"); err != nil {
		return "", "", err
	}
	id, err = a.relate(a.wb.Main, a.schema+"worksheet", part)
	return part, id, err
}

// spreadsheetML is the namespace of transitional workbooks.
const spreadsheetML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

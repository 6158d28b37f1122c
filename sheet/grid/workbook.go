package grid

import (
	"path"
	"strings"

	"bdc/order"
)

// maxRelations is how many relationships a part may have, and how many sheets and names a
// workbook. No order form has nearly as many.
const maxRelations = 10_000

// Workbook is what was read from a file.
type Workbook struct {
	Sheets   []Sheet       // in the order of their tabs; charts and hidden sheets are among them
	Names    []DefinedName // the defined names of the order form, in the order of the file
	Main     string        // the part that lists the sheets and the names; "" for separated values
	Styles   string        // the part with the formats of cells; "" if there is none
	strings  string        // the part with the shared strings, or ""
	date1904 bool          // dates count from 1904 instead of 1900
}

// Grids returns the cells of all sheets, leaving out charts.
func (wb *Workbook) Grids() []*Grid {
	var grids []*Grid
	for _, t := range wb.Sheets {
		if t.Grid != nil {
			grids = append(grids, t.Grid)
		}
	}
	return grids
}

// Sheet is an entry of a workbook's list of sheets.
type Sheet struct {
	Name   string
	Hidden bool
	Part   string // where its cells are stored; "" for a chart and for separated values
	Grid   *Grid  // its cells; nil for a chart

	// The list names no part for the sheet. It is a module of macros from Excel 95, which later
	// versions of Excel keep in the list; or a program has lost the sheet.
	partless bool
}

// DefinedName is a name that the workbook gives to cells or to a text; "defined name" is Excel's
// word. Only those of the order form are read, which begin with order.NamePrefix.
type DefinedName struct {
	Name     string // in lower case, as Excel ignores case
	Sheet    int    // the index of the sheet that the name is local to, or -1 if it is not local
	RefersTo string // its formula: cells such as Sheet1!$B$2, or a text in double quotes
}

// relation is a relationship: the part that it points to, and as its kind the last word of its
// type, which is the same in strict and transitional workbooks.
type relation struct{ kind, part string }

// relations reads the relationships of a part, or for "" those of the package, by their ids.
// There may be none.
func (p *Package) relations(part string) (map[string]relation, error) {
	rels := RelationsOf(part)
	if !p.Has(rels) {
		return nil, nil
	}
	found := map[string]relation{}
	err := p.read(rels, func(s *scanner, tok token) error {
		if tok != tokenStart || s.depth != 2 || string(s.name) != "Relationship" ||
			string(s.attr("TargetMode")) == "External" {
			return nil
		}
		if len(found) == maxRelations {
			return damaged("more than %d relationships", maxRelations)
		}
		id, err := s.attrText("Id")
		if err != nil {
			return err
		}
		target, err := s.attrText("Target")
		if err != nil {
			return err
		}
		kind, err := s.attrText("Type")
		if err != nil {
			return err
		}
		found[id] = relation{path.Base(kind), Resolve(part, target)}
		return nil
	})
	return found, err
}

// sheetList reads the list of sheets and the defined names, but no cells.
func (p *Package) sheetList() (*Workbook, error) {
	root, err := p.relations("")
	if err != nil {
		return nil, err
	}
	wb := &Workbook{Main: "xl/workbook.xml"} // where every program puts it
	for _, r := range root {
		if r.kind == "officeDocument" {
			wb.Main = r.part
		}
	}
	rels, err := p.relations(wb.Main)
	if err != nil {
		return nil, err
	}
	for _, r := range rels {
		switch r.kind {
		case "sharedStrings":
			wb.strings = r.part
		case "styles":
			wb.Styles = r.part
		}
	}
	r := workbookReader{wb: wb, rels: rels, taken: map[string]bool{}}
	if err := p.read(wb.Main, r.visit); err != nil {
		return nil, err
	}
	return wb, r.check()
}

// workbookReader reads the sheets and the names out of the main part.
type workbookReader struct {
	wb       *Workbook
	rels     map[string]relation
	taken    map[string]bool // the parts that a sheet was found for
	partless bool            // one of the sheets has no part
	inName   bool            // within the element of the last name
}

func (r *workbookReader) visit(s *scanner, tok token) error {
	switch tok {
	case tokenStart:
		switch {
		case s.depth == 2 && string(s.name) == "workbookPr":
			r.wb.date1904 = s.attrFlag("date1904")
		case s.depth == 3 && string(s.name) == "sheet" && string(s.parent()) == "sheets":
			return r.sheet(s)
		case s.depth == 3 && string(s.name) == "definedName":
			return r.startName(s)
		}
	case tokenText:
		if r.inName {
			if last := &r.wb.Names[len(r.wb.Names)-1]; len(last.RefersTo)+len(s.text) <= maxRefer {
				last.RefersTo += string(s.text)
			}
		}
	case tokenEnd:
		if s.depth == 3 {
			r.inName = false
		}
	}
	return nil
}

// sheet adds a sheet to the list.
func (r *workbookReader) sheet(s *scanner) error {
	t, err := sheetTab(s, r.rels)
	if err != nil {
		return err
	}
	if t.Part != "" && r.taken[t.Part] {
		return damaged("two sheets share the part %s", t.Part)
	}
	r.taken[t.Part] = true
	r.partless = r.partless || t.partless
	if len(r.wb.Sheets) == maxRelations {
		return damaged("more than %d sheets", maxRelations)
	}
	r.wb.Sheets = append(r.wb.Sheets, t)
	return nil
}

// startName adds a defined name, if it belongs to the form.
func (r *workbookReader) startName(s *scanner) error {
	name, err := s.attrText("name")
	if err != nil {
		return err
	}
	if name = strings.ToLower(name); !strings.HasPrefix(name, order.NamePrefix) {
		return nil
	}
	if len(r.wb.Names) == maxRelations {
		return damaged("more than %d names of the form", maxRelations)
	}
	sheet := -1
	if local := s.attr("localSheetId"); local != nil {
		n, ok := digits(local)
		if !ok {
			return damaged("local sheet %q of a name", local)
		}
		sheet = n
	}
	r.wb.Names = append(r.wb.Names, DefinedName{Name: name, Sheet: sheet})
	r.inName = true
	return nil
}

// check returns an error if the workbook has lost sheets.
func (r *workbookReader) check() error {
	if len(r.wb.Sheets) == 0 {
		return damaged("a workbook without sheets")
	}
	for _, rel := range r.rels {
		if r.partless && rel.kind == "worksheet" && !r.taken[rel.part] {
			return damaged("a sheet without a part, and a part without a sheet")
		}
	}
	return nil
}

// maxRefer is the longest formula that Excel keeps in a defined name.
const maxRefer = 8192

// sheetTab reads one <sheet> of the workbook.
func sheetTab(s *scanner, rels map[string]relation) (Sheet, error) {
	var t Sheet
	var err error
	if t.Name, err = s.attrText("name"); err != nil {
		return t, err
	}
	state := string(s.attr("state"))
	t.Hidden = state == "hidden" || state == "veryHidden"
	// The id of the relationship is the only attribute id with a prefix, which is r as a rule.
	id := s.prefixed("id")
	if id != nil && len(id) == 0 {
		t.partless = true
		return t, nil
	}
	rel, ok := rels[string(id)]
	if !ok {
		return t, damaged("sheet %q has no part", t.Name)
	}
	if rel.kind == "worksheet" {
		t.Part = rel.part
	}
	return t, nil
}

// digits reads a number of at most nine digits and nothing else. No index or count in a
// workbook is larger.
func digits(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

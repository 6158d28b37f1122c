package sheet

import (
	"path"
	"strings"

	"bdc/order"
)

// maxRelations is how many relationships a part may have: each names a part,
// and a workbook of more has nothing to do with an order.
const maxRelations = 10_000

// workbook is what the package says of its sheets, before they are read.
type workbook struct {
	sheets   []tab
	names    []definedName
	date1904 bool   // dates count from 1904 instead of 1900
	strings  string // the part with the shared strings, or ""
	styles   string // the part with the cell formats, or ""
}

// tab is a sheet as the workbook lists it.
type tab struct {
	name   string
	hidden bool
	part   string // "" for a chart or another sheet without cells

	// It is a module of macros from Excel 95, which later ones keep listed; or a
	// sheet that a program lost.
	partless bool
}

// definedName is a name of the form's own, "bdc_…" in lower case.
type definedName struct {
	name  string
	sheet int // the sheet it is local to; -1 for the whole workbook
	refer string
}

// relation is where a relationship points, and the last word of its type,
// which is the same in strict and transitional OOXML.
type relation struct{ kind, part string }

// relations reads the relationships of a part, or of the package for "", by
// their ids. It may have none.
func (p *pack) relations(part string) (map[string]relation, error) {
	folder, file := path.Split(part)
	rels := folder + "_rels/" + file + ".rels"
	if !p.has(rels) {
		return nil, nil
	}
	found := map[string]relation{}
	err := p.read(rels, func(s *scanner, tok token) error {
		if tok != tokenStart || s.depth != 2 || string(s.name) != "Relationship" || string(s.attr("TargetMode")) == "External" {
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
		found[id] = relation{path.Base(kind), resolve(part, target)}
		return nil
	})
	return found, err
}

// workbook reads the list of sheets and the defined names of the form.
func (p *pack) workbook() (*workbook, error) {
	root, err := p.relations("")
	if err != nil {
		return nil, err
	}
	main := "xl/workbook.xml" // where every program puts it
	for _, r := range root {
		if r.kind == "officeDocument" {
			main = r.part
		}
	}
	rels, err := p.relations(main)
	if err != nil {
		return nil, err
	}
	var wb workbook
	for _, r := range rels {
		switch r.kind {
		case "sharedStrings":
			wb.strings = r.part
		case "styles":
			wb.styles = r.part
		}
	}
	taken := map[string]bool{}
	partless := false
	var open *definedName
	err = p.read(main, func(s *scanner, tok token) error {
		switch tok {
		case tokenStart:
			switch {
			case s.depth == 2 && string(s.name) == "workbookPr":
				wb.date1904 = s.attrFlag("date1904")
			case s.depth == 3 && string(s.name) == "sheet" && string(s.parent()) == "sheets":
				t, err := sheetTab(s, rels)
				if err != nil {
					return err
				}
				if t.part != "" && taken[t.part] {
					return damaged("two sheets share the part %s", t.part)
				}
				taken[t.part] = true
				partless = partless || t.partless
				if len(wb.sheets) == maxRelations {
					return damaged("more than %d sheets", maxRelations)
				}
				wb.sheets = append(wb.sheets, t)
			case s.depth == 3 && string(s.name) == "definedName":
				name, err := s.attrText("name")
				if err != nil {
					return err
				}
				if name = strings.ToLower(name); !strings.HasPrefix(name, order.NamePrefix) {
					return nil
				}
				if len(wb.names) == maxRelations {
					return damaged("more than %d names of the form", maxRelations)
				}
				wb.names = append(wb.names, definedName{name: name, sheet: -1})
				open = &wb.names[len(wb.names)-1]
				if local := s.attr("localSheetId"); local != nil {
					n, ok := digits(local)
					if !ok {
						return damaged("local sheet %q of a name", local)
					}
					open.sheet = n
				}
			}
		case tokenText:
			if open != nil && len(open.refer)+len(s.text) <= maxRefer {
				open.refer += string(s.text)
			}
		case tokenEnd:
			if s.depth == 3 {
				open = nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(wb.sheets) == 0 {
		return nil, damaged("a workbook without sheets")
	}
	for _, r := range rels {
		if partless && r.kind == "worksheet" && !taken[r.part] {
			return nil, damaged("a sheet without a part, and a part without a sheet")
		}
	}
	return &wb, nil
}

// maxRefer is the longest formula that Excel keeps in a defined name.
const maxRefer = 8192

// sheetTab reads one <sheet> of the workbook.
func sheetTab(s *scanner, rels map[string]relation) (tab, error) {
	var t tab
	var err error
	if t.name, err = s.attrText("name"); err != nil {
		return t, err
	}
	state := string(s.attr("state"))
	t.hidden = state == "hidden" || state == "veryHidden"
	// The id of the relationship is the only attribute called id that has a
	// prefix, r: as a rule.
	id := s.prefixed("id")
	if id != nil && len(id) == 0 {
		t.partless = true
		return t, nil
	}
	rel, ok := rels[string(id)]
	if !ok {
		return t, damaged("sheet %q has no part", t.name)
	}
	if rel.kind == "worksheet" {
		t.part = rel.part
	}
	return t, nil
}

// digits reads an unsigned number of at most nine digits, which no index or
// count here exceeds.
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

package sheet

import (
	"strings"
	"unicode/utf8"

	"bdc/order"
	"bdc/sheet/grid"
)

// target is where a defined name of the form points.
type target struct {
	on   *worksheet
	area grid.Area
}

// names is what the defined names of the form say.
type names struct {
	targets  map[*worksheet]map[string]grid.Area // the cells of a field or column, by its sheet and its id
	template string                              // the version of the form, or ""
	code     string                              // the code of the case, or ""
}

// resolveNames looks up what the defined names of the form point to. A name that points
// nowhere (#REF!), to several areas or to another workbook is ignored. If there is a name
// for the whole workbook and one that is local to a sheet, as copying a sheet makes, the
// local one counts.
func resolveNames(wb *grid.Workbook, sheets []*worksheet) names {
	byTitle := make(map[string]*worksheet, len(sheets))
	for _, g := range sheets {
		byTitle[strings.ToLower(g.Name)] = g
	}
	n := names{targets: map[*worksheet]map[string]grid.Area{}}
	for _, local := range []bool{false, true} {
		for _, d := range wb.Names {
			if d.Sheet >= 0 != local {
				continue
			}
			refer := d.RefersTo
			if !utf8.ValidString(refer) || strings.ContainsFunc(refer, isForbidden) {
				continue
			}
			if text, ok := constant(refer); ok {
				n.carry(d.Name, text)
				continue
			}
			t, ok := parseTarget(refer, byTitle)
			if !ok {
				continue
			}
			if d.Name == order.NameVersion || d.Name == order.NameCase {
				if cell := t.on.at(t.on.Anchor(t.area.First)); cell.filled() {
					n.carry(d.Name, cell.Text)
				}
				continue
			}
			if n.targets[t.on] == nil {
				n.targets[t.on] = map[string]grid.Area{}
			}
			n.targets[t.on][strings.TrimPrefix(d.Name, order.NamePrefix)] = t.area
		}
	}
	return n
}

// isForbidden says whether XML forbids a character in texts.
func isForbidden(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' }

// carry keeps the text that a hidden name of the form holds.
func (n *names) carry(name, text string) {
	text = strings.Clone(strings.TrimSpace(text))
	switch name {
	case order.NameVersion:
		n.template = text
	case order.NameCase:
		n.code = text
	}
}

// constant reads the formula of a text constant, such as "BDC-2027.1" with its quotes.
func constant(refer string) (string, bool) {
	refer = strings.TrimPrefix(refer, "=")
	if len(refer) < 2 || refer[0] != '"' || refer[len(refer)-1] != '"' {
		return "", false
	}
	return strings.ReplaceAll(refer[1:len(refer)-1], `""`, `"`), true
}

// parseTarget reads "Sheet!$C$5", "'Bon de commande'!$B$30:$B$149" or
// "Sheet!$B:$B". The sheet's name is compared as Excel does, without case.
func parseTarget(refer string, byTitle map[string]*worksheet) (target, bool) {
	i := strings.LastIndexByte(refer, '!')
	if i < 0 {
		return target{}, false
	}
	title := refer[:i]
	if len(title) >= 2 && title[0] == '\'' && title[len(title)-1] == '\'' {
		title = strings.ReplaceAll(title[1:len(title)-1], "''", "'")
	}
	g := byTitle[strings.ToLower(title)]
	if g == nil {
		return target{}, false
	}
	a, ok := grid.ParseArea(strings.ReplaceAll(refer[i+1:], "$", ""))
	return target{g, a}, ok
}

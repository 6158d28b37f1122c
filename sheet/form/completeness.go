package form

import (
	"fmt"
	"strings"

	"bdc/order"
)

// The formulas here say how complete a form is, in words above it and as the
// conditions of its tints.

// begunFormula is true once any input of the header block is filled.
func (p *Layout) begunFormula() string { return p.filledFields() + ">0" }

// filledFields counts the filled inputs of the header block.
func (p *Layout) filledFields() string {
	if len(p.places) == 0 {
		return "0"
	}
	ranges := make([]string, len(p.panels))
	top, bottom := p.places[0].row, p.places[len(p.places)-1].row
	for i, panel := range p.panels {
		ranges[i] = fixedRange(span{panel.input.first, panel.input.first}, top, bottom)
	}
	return "COUNTA(" + strings.Join(ranges, ",") + ")"
}

// missing is true while a required field is empty, and so is the one that may
// do instead.
func (p *Layout) missing(f place) string {
	empty := fixedCell(f.input.first, f.row) + `=""`
	if other, ok := p.place(f.Or); ok {
		return "AND(" + empty + "," + fixedCell(other.input.first, other.row) + `="")`
	}
	return empty
}

// lineBegun is true of the first order line once any of its inputs is filled.
func (p *Layout) lineBegun() string {
	var runs []string
	p.inputs(func(s span) {
		runs = append(runs, fmt.Sprintf("$%s:$%s", cellName(s.first, p.first), cellName(s.last, p.first)))
	})
	return "COUNTA(" + strings.Join(runs, ",") + ")>0"
}

// lineMissing is true of a line without a required value, nor the one that may
// do instead: for the first line as a relative formula, for several as an array.
func (p *Layout) lineMissing(c order.Field, first, last int) string {
	empty := func(id string) string {
		col := p.column(id)
		if first == last {
			return "($" + cellName(col, first) + `="")`
		}
		return "(" + fixedRange(span{col, col}, first, last) + `="")`
	}
	if p.column(c.Or) > 0 {
		return empty(c.ID) + "*" + empty(c.Or)
	}
	return empty(c.ID)
}

// linesBegun is an array, true for each row of the table that holds anything,
// from the header to the closing row.
func (p *Layout) linesBegun() string {
	var filled []string
	for i, c := range p.columns {
		if c.ID != "" {
			filled = append(filled, "("+p.columnRange(i+1)+`<>"")`)
		}
	}
	return "((" + strings.Join(filled, "+") + ")>0)"
}

// stateFormula says in French what the form still lacks. The header row counts
// as a line that lacks nothing, hence the -1.
func (p *Layout) stateFormula() string {
	var fields, columns []string
	for _, f := range p.places {
		if f.Required {
			fields = append(fields, "("+p.missing(f)+")")
		}
	}
	for _, c := range p.columns {
		if c.Required {
			columns = append(columns, p.lineMissing(c, p.head, p.end))
		}
	}
	fields, columns = append(fields, "0"), append(columns, "0")
	lines := "(SUMPRODUCT(--" + p.linesBegun() + ")-1)"
	partial := "SUMPRODUCT(" + p.linesBegun() + "*((" + strings.Join(columns, "+") + ")>0))"
	missing := strings.Join(fields, "+")
	return fmt.Sprintf(`IF(%[1]s+%[2]s=0,"Remplissez les cases jaunes, puis le tableau.",IF(AND(%[3]s=0,%[2]s>0,%[4]s=0),"Toutes les cases obligatoires sont remplies.",`+
		`"À compléter"&%[5]s&IF(%[2]s=0," · aucune ligne de commande","")&%[6]s))`,
		p.filledFields(), lines, missing, partial,
		counted(missing, "case obligatoire", "cases obligatoires"),
		counted(partial, "ligne inachevée", "lignes inachevées"))
}

// counted says how many there are, where there are any.
func counted(n, one, many string) string {
	return fmt.Sprintf(`IF(%[1]s=0,""," · "&(%[1]s)&IF(%[1]s>1," %[3]s"," %[2]s"))`, n, one, many)
}

package form

import (
	"fmt"
	"strings"

	"bdc/order"
)

// The formulas here say how complete a form is. The form shows that in words in its second
// row, and by tints, whose conditions they are.

// begunFormula is true once any input of the header block is filled.
func (l *Layout) begunFormula() string { return l.filledFields() + ">0" }

// filledFields counts the filled inputs of the header block.
func (l *Layout) filledFields() string {
	if len(l.places) == 0 {
		return "0"
	}
	ranges := make([]string, len(l.panels))
	top, bottom := l.places[0].row, l.places[len(l.places)-1].row
	for i, panel := range l.panels {
		ranges[i] = fixedRange(span{panel.input.first, panel.input.first}, top, bottom)
	}
	return "COUNTA(" + strings.Join(ranges, ",") + ")"
}

// missing is true while a required field is empty, and the other field that may be filled in
// instead of it (order.Field.Or) is empty, too.
func (l *Layout) missing(f place) string {
	empty := fixedCell(f.input.first, f.row) + `=""`
	if other, ok := l.place(f.Or); ok {
		return "AND(" + empty + "," + fixedCell(other.input.first, other.row) + `="")`
	}
	return empty
}

// lineBegun is true of the first order line once any of its inputs is filled.
func (l *Layout) lineBegun() string {
	var runs []string
	l.inputs(func(s span) {
		runs = append(runs, fmt.Sprintf("$%s:$%s", cellName(s.first, l.first), cellName(s.last, l.first)))
	})
	return "COUNTA(" + strings.Join(runs, ",") + ")>0"
}

// lineMissing is true for a line in which a required value is missing, and the other value
// that may stand instead of it, too. For one line the formula is relative to that line; for
// several it is an array.
func (l *Layout) lineMissing(c order.Field, first, last int) string {
	empty := func(id string) string {
		col := l.column(id)
		if first == last {
			return "($" + cellName(col, first) + `="")`
		}
		return "(" + fixedRange(span{col, col}, first, last) + `="")`
	}
	if l.column(c.Or) > 0 {
		return empty(c.ID) + "*" + empty(c.Or)
	}
	return empty(c.ID)
}

// linesBegun is an array, true for each row of the table that holds anything,
// from the header to the closing row.
func (l *Layout) linesBegun() string {
	var filled []string
	for i, c := range l.columns {
		if c.ID != "" {
			filled = append(filled, "("+l.columnRange(i+1)+`<>"")`)
		}
	}
	return "((" + strings.Join(filled, "+") + ")>0)"
}

// stateFormula says in French what the form still lacks. The rows counted begin with the
// headers, which look like a line that lacks nothing: hence the -1.
func (l *Layout) stateFormula() string {
	var fields, columns []string
	for _, f := range l.places {
		if f.Required {
			fields = append(fields, "("+l.missing(f)+")")
		}
	}
	for _, c := range l.columns {
		if c.Required {
			columns = append(columns, l.lineMissing(c, l.head, l.end))
		}
	}
	fields, columns = append(fields, "0"), append(columns, "0")
	lines := "(SUMPRODUCT(--" + l.linesBegun() + ")-1)"
	partial := "SUMPRODUCT(" + l.linesBegun() + "*((" + strings.Join(columns, "+") + ")>0))"
	missing := strings.Join(fields, "+")
	return fmt.Sprintf(
		`IF(%[1]s+%[2]s=0,"Remplissez les cases jaunes, puis le tableau.",`+
			`IF(AND(%[3]s=0,%[2]s>0,%[4]s=0),"Toutes les cases obligatoires sont remplies.",`+
			`"À compléter"&%[5]s&IF(%[2]s=0," · aucune ligne de commande","")&%[6]s))`,
		l.filledFields(),
		lines,
		missing,
		partial,
		counted(missing, "case obligatoire", "cases obligatoires"),
		counted(partial, "ligne inachevée", "lignes inachevées"),
	)
}

// counted is the formula of a number with its noun, or of "" if the number is 0.
func counted(n, one, many string) string {
	return fmt.Sprintf(`IF(%[1]s=0,""," · "&(%[1]s)&IF(%[1]s>1," %[3]s"," %[2]s"))`, n, one, many)
}

package mangled

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// mangling is something that people, or their programs, do to a form.
type mangling struct {
	name string

	// do does it. It says what a reader may not get back: nothing that was there
	// is lost while it says true.
	do func(*mess) bool
}

// mess is a form that is being mangled.
type mess struct {
	*copied
	rnd   *rand.Rand
	form  *order.Form
	first int // the row of the first order line
	lines int
	cols  map[string]int // of the table, by column id
}

// cell is where the value of a field or of a column of some line stands.
func (m *mess) field(id string) at       { return m.where[id] }
func (m *mess) line(id string, i int) at { return at{m.first + i, m.cols[id]} }
func (m *mess) sheet() *tab              { return m.orders }
func (m *mess) pick(n int) int           { return m.rnd.IntN(n) }

// shift inserts n rows before a row.
func (m *mess) shift(row, n int, follow bool) {
	m.move(m.sheet(), follow, func(p at) at {
		if p.row >= row {
			p.row += n
		}
		return p
	})
	if m.first >= row {
		m.first += n
	}
}

// retype changes the value of a cell, if it has one.
func (m *mess) retype(p at, change func(value) value) {
	if v, ok := m.sheet().cells[p]; ok {
		m.sheet().cells[p] = change(v)
	}
}

// eachLine changes the values of a column.
func (m *mess) eachLine(id string, change func(int, value) value) {
	for i := range m.lines {
		m.retype(m.line(id, i), func(v value) value { return change(i, v) })
	}
}

// labelOf is where the label of a field stands: to the left of its value.
func (m *mess) labelOf(id string) (at, bool) {
	p := m.field(id)
	field, _ := m.form.Field(id)
	for p.col--; p.col > 0; p.col-- {
		if v, ok := m.sheet().cells[p]; ok {
			return p, strings.HasPrefix(v.text, field.Label)
		}
	}
	return p, false
}

func text(s string) func(value) value {
	return func(value) value { return value{kind: "text", text: s} }
}

// inTable says whether a cell is of the order table, its headers included, or
// below it.
func (m *mess) inTable(p at) bool { return p.row >= m.first-1 }

var manglings = []mangling{
	{"names dropped", func(m *mess) bool { m.names = nil; return true }},
	{"only the sheet copied", func(m *mess) bool {
		lines := slices.ContainsFunc(m.tabs, func(s *tab) bool { return s.name == "Lignes" })
		m.tabs = []*tab{m.sheet()}
		m.names = nil
		return !lines
	}},
	{"rows inserted at the top", func(m *mess) bool { m.shift(1, 1+m.pick(4), true); return true }},
	{"rows inserted at the top, names left behind", func(m *mess) bool { m.shift(1, 1+m.pick(4), false); return true }},
	{"a row inserted in the header block", func(m *mess) bool {
		m.shift(m.field(order.FieldPostcode).row, 1, m.pick(2) == 0)
		return true
	}},
	{"blank rows between the lines", func(m *mess) bool {
		m.move(m.sheet(), true, func(p at) at {
			if p.row >= m.first {
				p.row += (p.row - m.first) / 3
			}
			return p
		})
		m.lines = 0 // no longer side by side
		return true
	}},
	{"lines above the first", func(m *mess) bool {
		// The first line is moved to a row inserted above it, where no name reaches.
		m.shift(m.first, 1, true)
		for id := range m.cols {
			if v, ok := m.sheet().cells[m.line(id, 0)]; ok {
				delete(m.sheet().cells, m.line(id, 0))
				m.sheet().cells[m.line(id, -1)] = v
			}
		}
		m.first--
		m.lines++ // with the row that is empty now
		return true
	}},
	{"a column inserted", func(m *mess) bool {
		at0 := 1 + m.pick(5)
		m.insertColumn(at0, m.pick(2) == 0)
		return true
	}},
	{"columns of the table moved", func(m *mess) bool {
		cols := slices.Collect(maps.Values(m.cols))
		slices.Sort(cols)
		to := slices.Clone(cols)
		m.rnd.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
		m.move(m.sheet(), false, func(p at) at {
			if i := slices.Index(cols, p.col); i >= 0 && m.inTable(p) {
				p.col = to[i]
			}
			return p
		})
		for id, col := range m.cols {
			m.cols[id] = to[slices.Index(cols, col)]
		}
		return true
	}},
	{"sheet renamed", func(m *mess) bool { m.sheet().name = "Commande n°1 d'avril & mai"; return true }},
	{"sheet duplicated", func(m *mess) bool {
		if m.lines == 0 {
			return true // its lines may be on another sheet
		}
		twin := &tab{
			name: m.sheet().name + " (2)", cells: maps.Clone(m.sheet().cells),
			merges: slices.Clone(m.sheet().merges), hiddenRows: maps.Clone(m.sheet().hiddenRows),
		}
		for _, n := range m.names {
			if n.sheet == m.sheet() {
				m.names = append(m.names, name{n.name, twin, n.first, n.last, true})
			}
		}
		m.tabs = append(m.tabs, twin)
		return true
	}},
	{"UAI in lower case with odd spaces", func(m *mess) bool {
		m.retype(m.field(order.FieldUAI), func(v value) value {
			u := strings.ToLower(v.text)
			if len(u) != 8 {
				return v // mangled already
			}
			return value{kind: "text", text: []string{
				u, u[:7] + "\u00a0" + u[7:], " " + u + "\u202f",
				u[:3] + " " + u[3:], "\u200b" + u,
			}[m.pick(5)]}
		})
		return true
	}},
	{"EANs as numbers", func(m *mess) bool {
		m.eachLine(order.ColumnEAN, func(i int, v value) value {
			if len(v.text) != 13 {
				return v // mangled already
			}
			if i%2 == 0 {
				n, _ := strconv.ParseFloat(v.text, 64)
				return value{kind: "number", text: strconv.FormatFloat(n, 'E', -1, 64)}
			}
			return value{kind: "number", text: v.text}
		})
		return true
	}},
	{"EANs in groups", func(m *mess) bool {
		m.eachLine(order.ColumnEAN, func(i int, v value) value {
			if len(v.text) != 13 {
				return v // mangled already
			}
			e := v.text
			return value{kind: "text", text: []string{
				e[:3] + "-" + e[3:12] + "-" + e[12:],
				e[:1] + " " + e[1:7] + "\u00a0" + e[7:], "ISBN " + e, e + "\u00a0", "EAN: " + e,
			}[(i+m.pick(5))%5]}
		})
		return true
	}},
	{"quantities in words", func(m *mess) bool {
		m.eachLine(order.ColumnQuantity, func(i int, v value) value {
			n := v.text
			if _, err := strconv.Atoi(n); err != nil || v.kind != "number" {
				return v // mangled already
			}
			return value{kind: "text", text: []string{
				n + " ex.", n + ",0", n, " " + n + "\u00a0", n + " licences",
				n + ".00", "x" + n,
			}[(i+m.pick(7))%7]}
		})
		return true
	}},
	{"a quantity in groups of three", func(m *mess) bool {
		m.eachLine(order.ColumnQuantity, func(_ int, v value) value {
			if n, _ := strconv.Atoi(v.text); n >= 1000 {
				return value{kind: "text", text: v.text[:len(v.text)-3] + "\u202f" + v.text[len(v.text)-3:]}
			}
			return v
		})
		return true
	}},
	{"prices in words", func(m *mess) bool {
		m.eachLine(order.ColumnPrice, func(i int, v value) value {
			p := strings.Replace(v.text, ".", ",", 1)
			if v.kind != "number" {
				return v // mangled already
			}
			return value{kind: "text", text: []string{p + " €", p, p + "\u00a0€ HT", "€ " + p}[i%4]}
		})
		return true
	}},
	{"numbers computed by formulas", func(m *mess) bool {
		for _, id := range []string{order.ColumnEAN, order.ColumnQuantity, order.ColumnTitle} {
			m.eachLine(id, func(_ int, v value) value { v.formula = true; return v })
		}
		return true
	}},
	{"header block computed by formulas", func(m *mess) bool {
		for _, f := range m.form.Fields {
			m.retype(m.field(f.ID), func(v value) value { v.formula = true; return v })
		}
		return true
	}},
	{"rich text", func(m *mess) bool {
		for p, v := range m.sheet().cells {
			if v.kind == "text" && !v.formula && m.pick(3) == 0 {
				m.sheet().cells[p] = value{kind: "rich", text: v.text}
			}
		}
		return true
	}},
	{"carriage returns and zero widths", func(m *mess) bool {
		for _, id := range []string{order.FieldEstablishment, order.FieldUAI, order.FieldTown, order.FieldReference} {
			m.retype(m.field(id), func(v value) value {
				return value{kind: "text", text: []string{
					v.text + "_x000D_", "\u200b" + v.text, v.text + "\n",
					"\ufeff" + v.text + " ",
				}[m.pick(4)]}
			})
		}
		return true
	}},
	{"labels in capitals", func(m *mess) bool {
		m.relabel(func(_ order.Field, s string) string { return strings.ToUpper(s) + "\u00a0:" })
		return true
	}},
	{"labels without accents", func(m *mess) bool {
		plain := strings.NewReplacer("é", "e", "è", "e", "É", "E", "ç", "c", "’", "'", "û", "u", "ê", "e", "à", "a")
		m.relabel(func(_ order.Field, s string) string { return plain.Replace(s) })
		return true
	}},
	{"labels by synonyms", func(m *mess) bool {
		m.relabel(func(f order.Field, s string) string {
			if len(f.Synonyms) == 0 {
				return s
			}
			return f.Synonyms[m.pick(len(f.Synonyms))]
		})
		return true
	}},
	{"a slip in a label", func(m *mess) bool {
		id := []string{
			order.FieldBookseller, order.FieldAccount, order.FieldEstablishment, order.FieldContactMail,
			order.FieldReference,
		}[m.pick(5)]
		if p, ok := m.labelOf(id); ok {
			m.retype(p, func(v value) value {
				r := []rune(v.text)
				return value{kind: "text", text: string(r[:6]) + string(r[7:])}
			})
		}
		return true
	}},
	{"label and value in one cell", func(m *mess) bool {
		for _, id := range []string{order.FieldUAI, order.FieldReference, order.FieldTown} {
			p, ok := m.labelOf(id)
			v, filled := m.sheet().cells[m.field(id)]
			if !ok || !filled || m.pick(2) == 0 || v.formula {
				continue
			}
			field, _ := m.form.Field(id)
			m.sheet().cells[p] = value{kind: "text", text: field.Label + " : " + v.text}
			delete(m.sheet().cells, m.field(id))
		}
		return true
	}},
	{"values below their labels", func(m *mess) bool {
		p, ok := m.labelOf(order.FieldUAI)
		v, filled := m.sheet().cells[m.field(order.FieldUAI)]
		if !ok || !filled {
			return true
		}
		m.shift(p.row+1, 1, true)
		delete(m.sheet().cells, m.field(order.FieldUAI))
		m.sheet().cells[at{p.row + 1, p.col}] = v
		return true
	}},
	{"merged cells", func(m *mess) bool {
		for _, id := range []string{order.FieldUAI, order.FieldEstablishment} {
			if p, ok := m.labelOf(id); ok && m.field(id).col > p.col+1 {
				m.sheet().merges = append(m.sheet().merges, [2]at{p, {p.row, m.field(id).col - 1}})
			}
		}
		return true
	}},
	{"merges undone", func(m *mess) bool { m.sheet().merges = nil; return true }},
	{"hidden rows", func(m *mess) bool {
		for i := range m.lines {
			if m.pick(3) == 0 {
				m.sheet().hiddenRows[m.first+i] = true
			}
		}
		return true
	}},
	{"hidden sheet", func(m *mess) bool { m.sheet().hidden = true; return true }},
	{"a cover", func(m *mess) bool {
		cover := &tab{name: "Page de garde", cells: map[at]value{
			{1, 1}: {kind: "text", text: "Bonjour,"}, {3, 1}: {
				kind: "text",
				text: "Voici la commande pour l’établissement ci-joint. UAI : voir la feuille suivante.",
			},
			{5, 2}: {kind: "text", text: "Librairie des Écoles"}, {6, 2}: {kind: "text", text: "Téléphone"},
			{6, 3}: {kind: "text", text: "01 44 55 66 77"},
		}}
		m.tabs = append([]*tab{cover}, m.tabs...)
		return true
	}},
	{"a legend", func(m *mess) bool {
		m.tabs = append(m.tabs, &tab{name: "Légende", cells: map[at]value{
			{1, 1}: {kind: "text", text: "EAN13"}, {1, 2}: {kind: "text", text: "Le code à 13 chiffres du titre"},
			{2, 1}: {kind: "text", text: "Quantité"}, {2, 2}: {kind: "text", text: "Le nombre d’élèves"},
			{3, 1}: {kind: "text", text: "UAI"}, {3, 2}: {kind: "text", text: "Le code de l’établissement"},
		}})
		return true
	}},
	{"leading zeros lost", func(m *mess) bool {
		m.retype(m.field(order.FieldPostcode), func(v value) value {
			return value{kind: "number", text: strings.TrimLeft(v.text, "0")}
		})
		return true
	}},
	{"date as text", func(m *mess) bool {
		m.retype(m.field(order.FieldDate), text([]string{
			"15/06/2026", "2026-06-15", "15 juin 2026", "15.06.26",
			"lundi 15 juin 2026",
		}[m.pick(5)]))
		return true
	}},
	{"ISO date", func(m *mess) bool {
		m.retype(m.field(order.FieldDate), func(value) value { return value{kind: "iso", text: "2026-06-15T00:00:00"} })
		return true
	}},
	{"dates since 1904", func(m *mess) bool {
		for _, s := range m.tabs {
			for p, v := range s.cells {
				if v.kind == "date" {
					n, _ := strconv.Atoi(v.text)
					s.cells[p] = value{kind: "date", text: strconv.Itoa(n - 1462), formula: v.formula}
				}
			}
		}
		if !m.date1904 {
			m.date1904 = true
			return true
		}
		return false
	}},
	{"a total below", func(m *mess) bool {
		sum := 0
		for i := range m.lines {
			n, _ := strconv.Atoi(m.sheet().cells[m.line(order.ColumnQuantity, i)].text)
			sum += n
		}
		if m.lines > 0 && sum > 0 {
			m.sheet().cells[m.line(order.ColumnTitle, m.lines+2)] = value{kind: "text", text: "TOTAL"}
			m.sheet().cells[m.line(order.ColumnQuantity, m.lines+2)] = value{
				kind: "number", text: strconv.Itoa(sum),
				formula: m.pick(2) == 0,
			}
		}
		return true
	}},
	{"lines on another sheet", func(m *mess) bool {
		if m.lines == 0 || slices.ContainsFunc(m.tabs, func(s *tab) bool { return strings.HasSuffix(s.name, "(2)") }) {
			return true
		}
		other := &tab{name: "Lignes", cells: map[at]value{}, hiddenRows: map[int]bool{}}
		for p, v := range m.sheet().cells {
			if m.inTable(p) && p.row < m.first+m.lines {
				other.cells[at{p.row - m.first + 2, p.col}] = v
				if p.row >= m.first {
					delete(m.sheet().cells, p)
				}
			}
		}
		m.tabs = append(m.tabs, other)
		m.names = slices.DeleteFunc(m.names, func(n name) bool { return strings.HasPrefix(n.name, "bdc_line_") })
		m.lines = 0
		return true
	}},
	{"headers again below", func(m *mess) bool {
		if m.lines < 3 {
			return true
		}
		m.shift(m.first+2, 1, true)
		for _, col := range m.cols {
			if v, ok := m.sheet().cells[at{m.first - 1, col}]; ok {
				m.sheet().cells[at{m.first + 2, col}] = v
			}
		}
		m.lines = 0
		return true
	}},
	{"choices in another case", func(m *mess) bool {
		m.eachLine(order.ColumnLicence, func(_ int, v value) value {
			return value{
				kind: "text",
				text: strings.ToLower(v.text),
			}
		})
		m.eachLine(order.ColumnDuration, func(i int, v value) value {
			return value{kind: "text", text: []string{strings.ToUpper(v.text), strings.Fields(v.text)[0]}[i%2]}
		})
		return true
	}},

	// What destroys information: it must be noticed.
	{"formulas never computed", func(m *mess) bool {
		m.retype(m.line(order.ColumnQuantity, m.pick(max(m.lines, 1))),
			func(value) value { return value{kind: "number", formula: true} })
		m.retype(m.field(order.FieldUAI), func(value) value { return value{kind: "number", formula: true} })
		return false
	}},
	{"EAN cut to three digits", func(m *mess) bool {
		m.retype(m.line(order.ColumnEAN, m.pick(max(m.lines, 1))), text("9,78E+12"))
		return false
	}},
	{"EAN rounded", func(m *mess) bool {
		m.retype(m.line(order.ColumnEAN, m.pick(max(m.lines, 1))), func(v value) value {
			digits := strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(v.text)
			if _, err := order.ParseEAN(digits); err != nil {
				return v // mangled already
			}
			return value{kind: "number", text: digits[:6] + "0000000"}
		})
		return false
	}},
	{"a digit wrong in an EAN", func(m *mess) bool {
		m.retype(m.line(order.ColumnEAN, m.pick(max(m.lines, 1))),
			func(v value) value { v.text = slip(v.text, 8); return v })
		return false
	}},
	{"a digit wrong in the UAI", func(m *mess) bool {
		m.retype(m.field(order.FieldUAI), func(v value) value { v.text = slip(v.text, 4); return v })
		return false
	}},
	{"error cells", func(m *mess) bool {
		m.retype(m.line(order.ColumnQuantity, m.pick(max(m.lines, 1))),
			func(value) value { return value{kind: "error", text: "#N/A", formula: true} })
		return false
	}},
	{"a quantity in percent", func(m *mess) bool {
		m.retype(m.line(order.ColumnQuantity, m.pick(max(m.lines, 1))),
			func(value) value { return value{kind: "number", text: "0.3"} })
		return false
	}},
	{"a truth value for a quantity", func(m *mess) bool {
		m.retype(m.line(order.ColumnQuantity, m.pick(max(m.lines, 1))),
			func(value) value { return value{kind: "bool", text: "1"} })
		return false
	}},
	{"a date for a quantity", func(m *mess) bool {
		m.retype(m.line(order.ColumnQuantity, m.pick(max(m.lines, 1))),
			func(v value) value { return value{kind: "date", text: "46000"} })
		return false
	}},
	{"a required cell emptied", func(m *mess) bool {
		delete(m.sheet().cells, m.field([]string{order.FieldUAI, order.FieldAccount, order.FieldTown}[m.pick(3)]))
		return false
	}},
	{"an EAN deleted", func(m *mess) bool {
		i := m.pick(max(m.lines, 1))
		delete(m.sheet().cells, m.line(order.ColumnEAN, i))
		delete(m.sheet().cells, m.line(order.ColumnOffer, i))
		return false
	}},
	{"the quantities twice", func(m *mess) bool {
		// A second column of quantities, which says otherwise.
		col := slices.Max(slices.Collect(maps.Values(m.cols))) + 1
		m.sheet().cells[at{m.first - 1, col}] = value{kind: "text", text: "Quantité"}
		for i := range m.lines {
			m.sheet().cells[at{m.first + i, col}] = value{kind: "number", text: "99"}
		}
		return m.lines == 0
	}},
	{"the UAI twice", func(m *mess) bool {
		below := 3
		for p := range m.sheet().cells {
			below = max(below, p.row+3)
		}
		m.sheet().cells[at{below, 1}] = value{kind: "text", text: "UAI (ex-RNE)"}
		m.sheet().cells[at{below, 3}] = value{kind: "text", text: "0750650Z"}
		m.sheet().merges = append(m.sheet().merges, [2]at{{below, 1}, {below, 2}})
		return false
	}},
}

// insertColumn inserts one before a column; labels that were merged across stay so.
func (m *mess) insertColumn(col int, follow bool) {
	m.move(m.sheet(), follow, func(p at) at {
		if p.col >= col {
			p.col++
		}
		return p
	})
	for id, c := range m.cols {
		if c >= col {
			m.cols[id] = c + 1
		}
	}
}

// relabel changes the labels of the header block.
func (m *mess) relabel(change func(order.Field, string) string) {
	for _, f := range m.form.Fields {
		if p, ok := m.labelOf(f.ID); ok && !strings.Contains(m.sheet().cells[p].text, ":") {
			m.retype(p, func(v value) value { return value{kind: "text", text: change(f, v.text)} })
		}
	}
}

// slip changes the digit at i.
func slip(text string, i int) string {
	if i >= len(text) || text[i] < '0' || text[i] > '9' {
		return text + "7"
	}
	return text[:i] + string('0'+(text[i]-'0'+3)%10) + text[i+1:]
}

// Package mangled holds the reader and the rules together against what people
// do to the form before they send it.
package mangled

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/templates"
	"bdc/validate"
)

// TestMangledForms mangles forms, each by one to four manglings drawn by a seed.
// Each form must come to the same order as before, or carry a finding that names
// a cell; and of those that have lost nothing, nearly all must be read exactly.
func TestMangledForms(t *testing.T) {
	forms := 120
	if testing.Short() || need.Race {
		forms = 60
	}
	if os.Getenv("BDC_TEST_SOAK") != "" {
		forms = 2000
	}
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	intact, exact, wrong := 0, 0, 0
	for seed := range forms {
		m, bare := newMess(t, form, uint64(seed))
		want, verdict := judge(form, m.bytes(t, false))
		if len(want) != 1 || verdict != order.Accepted {
			t.Fatalf("seed %d: the form itself comes to %d orders, %s", seed, len(want), verdict)
		}
		var done []string
		whole := true
		for range 1 + m.pick(4) {
			i := m.pick(len(manglings))
			if len(done) == 0 {
				i = seed % len(manglings) // each of them, alone too
			}
			if slices.Contains(done, manglings[i].name) {
				continue
			}
			whole = manglings[i].do(m) && whole
			done = append(done, manglings[i].name)
			if seed/len(manglings) == 0 {
				break
			}
		}
		data := m.bytes(t, bare)
		got, verdict := judge(form, data)
		differences := diff(want[0], got)
		told := toldOf(got)
		if whole {
			intact++
			if len(differences) == 0 && verdict == order.Accepted {
				exact++
			} else {
				t.Logf("seed %d, %s: %s, differs: %v; findings %v", seed, strings.Join(done, " + "), verdict,
					differences, told)
			}
		}
		if len(differences) > 0 && !covered(differences, told) {
			wrong++
			t.Errorf("seed %d, %s: %s without a word of %v; findings %v", seed, strings.Join(done, " + "), verdict,
				differences, told)
			if dir := os.Getenv("BDC_TEST_KEEP"); dir != "" {
				_ = os.WriteFile(fmt.Sprintf("%s/%d.xlsx", dir, seed), data, 0o600)
			}
		}
	}
	t.Logf("%d forms, %d with nothing lost, of which %d (%.1f%%) are read exactly; %d read wrong", forms, intact, exact,
		100*float64(exact)/float64(intact), wrong)
	if exact*100 < intact*97 {
		t.Errorf("got %d of %d read exactly, want 97%%", exact, intact)
	}
}

// newMess is a filled form, ready to be mangled.
func newMess(t *testing.T, definition *order.Form, seed uint64) (m *mess, bare bool) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	values := map[string]string{}
	for _, f := range definition.Fields {
		if f.Example != "" && (f.Required || rnd.IntN(4) > 0) {
			values[f.ID] = f.Example
		}
	}
	values[order.FieldUAI] = []string{"0750647W", "0750650Z", "6200001G"}[rnd.IntN(3)]
	values[order.FieldPostcode] = []string{"75003", "01000", "06300"}[rnd.IntN(3)]
	values[order.FieldReference] = fmt.Sprintf("CMD-2026-%04d", seed)
	lines := make([]map[string]string, 2+rnd.IntN(12))
	for i := range lines {
		lines[i] = map[string]string{
			order.ColumnEAN: ean([]string{"9782", "3133", "9791"}[rnd.IntN(3)] +
				fmt.Sprintf("%08d", rnd.IntN(1e8))),
			order.ColumnQuantity: strconv.Itoa(1 + rnd.IntN(300)),
			order.ColumnTitle: []string{
				"Mathématiques 6e", "Total English 2de", "Histoire-Géographie : cycle 4",
				"Hyperbole « spé »",
			}[rnd.IntN(4)],
			order.ColumnLicence:  []string{"Élève", "Enseignant", "Établissement"}[rnd.IntN(3)],
			order.ColumnDuration: []string{"1 an", "2 ans", "5 ans"}[rnd.IntN(3)],
			order.ColumnPrice:    []string{"4,50", "12,9", "7"}[rnd.IntN(3)],
		}
		if rnd.IntN(10) == 0 {
			lines[i][order.ColumnQuantity] = strconv.Itoa(1000 + rnd.IntN(900))
		}
		if rnd.IntN(6) == 0 {
			lines[i][order.ColumnOffer] = "9782091194264_001"
		}
	}
	data, err := form.Fill(definition, values, lines)
	if err != nil {
		t.Fatal(err)
	}
	m = &mess{copied: takeApart(t, data), rnd: rnd, form: definition, lines: len(lines), cols: map[string]int{}}
	m.copied.orders = m.tabs[0]
	m.first = m.named(order.ColumnEAN).row
	for _, c := range definition.Columns {
		m.cols[c.ID] = m.named(c.ID).col
	}
	m.where = map[string]at{}
	for _, f := range definition.Fields {
		m.where[f.ID] = m.named(f.ID)
	}
	m.retype(m.field(order.FieldDate), func(v value) value { v.kind = "date"; return v })
	// The form's own formulas have no stored result here; the program that fills it in computes them.
	for _, s := range m.tabs {
		maps.DeleteFunc(s.cells, func(_ at, v value) bool { return v.formula && v.text == "" })
	}
	return m, rnd.IntN(2) == 0
}

// ean completes twelve digits.
func ean(digits string) string {
	for key := range 10 {
		if e, err := order.ParseEAN(digits + strconv.Itoa(key)); err == nil {
			return e.String()
		}
	}
	panic("no check digit fits " + digits)
}

// judge reads a workbook and checks what is in it, as the daemon would. A
// workbook in which nothing is found comes to one empty order with its findings.
func judge(form *order.Form, data []byte) ([]order.Order, order.Verdict) {
	book := sheet.Read("bdc.xlsx", data, form, sheet.DefaultLimits())
	if len(book.Drafts) == 0 {
		return []order.Order{{Findings: book.Findings}}, order.Judge(book.Findings)
	}
	var orders []order.Order
	verdict := order.Accepted
	for i := range book.Drafts {
		o, _, v := validate.Check(form, &book.Drafts[i], nil, validate.Sender{Any: true}, validate.Policy{})
		orders = append(orders, o)
		if v != order.Accepted {
			verdict = v
		}
	}
	return orders, verdict
}

// diff lists the fields, and for lines "lines", in which orders differ from the
// one that was meant.
func diff(want order.Order, got []order.Order) []string {
	var ids []string
	for _, o := range got {
		for id, v := range want.Fields {
			if o.Fields[id] != v {
				ids = append(ids, id)
			}
		}
		if !slices.Equal(lines(want), lines(o)) {
			ids = append(ids, "lines")
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// lines are those of an order, whatever rows they stand in.
func lines(o order.Order) []string {
	var all []string
	for _, l := range o.Lines {
		price := "-"
		if l.UnitPrice != nil {
			price = fmt.Sprint(*l.UnitPrice)
		}
		all = append(all, fmt.Sprintf("%s %s %d %q %s %s %s %q", l.EAN, l.Offer, l.Quantity, l.Title, l.Duration,
			l.Licence, price, l.Remark))
	}
	slices.Sort(all)
	return all
}

// toldOf are the findings of orders that are more than a value set right.
func toldOf(orders []order.Order) []order.Finding {
	var told []order.Finding
	for _, o := range orders {
		for _, f := range o.Findings {
			if f.Severity != order.Fixed {
				told = append(told, f)
			}
		}
	}
	return told
}

// covered says whether each difference is told of by a finding about it that
// names a cell, or the whole by a finding that names one and does not let it pass.
func covered(differences []string, told []order.Finding) bool {
	for _, id := range differences {
		if !slices.ContainsFunc(told, func(f order.Finding) bool {
			return f.Cell != "" && (f.Field == id || id == "lines" && strings.HasPrefix(f.Field, "line_"))
		}) {
			return false
		}
	}
	return true
}

// Whatever is set right is said, with what was typed and what was taken for it.
func TestWhatIsSetRightIsSaid(t *testing.T) {
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		id    string
		typed value
		want  string // "" where nothing is to be said
	}{
		{order.FieldUAI, value{kind: "text", text: "0750647w\u00a0"}, "0750647W"},
		{order.FieldUAI, value{kind: "text", text: "075 0647 W"}, "0750647W"},
		{order.FieldUAI, value{kind: "text", text: "0750647W"}, ""},
		{order.FieldPostcode, value{kind: "number", text: "1000"}, "01000"},
		{order.FieldPostcode, value{kind: "text", text: "F-75003"}, "75003"},
		{order.FieldDate, value{kind: "text", text: "15 juin 2026"}, "2026-06-15"},
		{order.FieldDate, value{kind: "text", text: "15/06/26"}, "2026-06-15"},
		{order.FieldDate, value{kind: "text", text: "15/06/2026"}, ""},
		{order.FieldDate, value{kind: "date", text: "46188"}, ""},
		{order.FieldSector, value{kind: "text", text: "PUBLIC"}, "Public"},
		{order.FieldContactMail, value{kind: "text", text: "Hélène <helene@ac-paris.fr>"}, "helene@ac-paris.fr"},
		{order.FieldAccount, value{kind: "text", text: "0100 2001"}, "01002001"},
		{order.ColumnEAN, value{kind: "text", text: "9782-09-000031-3"}, "9782090000313"},
		{order.ColumnEAN, value{kind: "text", text: "EAN13: 9782090000313"}, "9782090000313"},
		{order.ColumnEAN, value{kind: "text", text: "(９７８２０９００００３１３)"}, "9782090000313"},
		{order.ColumnEAN, value{kind: "text", text: "9782090000313 Total English 2de"}, "9782090000313"},
		{order.FieldUAI, value{kind: "text", text: "RNE 0750647W"}, "0750647W"},
		{order.FieldUAI, value{kind: "text", text: "UAI : 0750647W"}, "0750647W"},
		{order.FieldAccount, value{kind: "text", text: "N° client 01002001"}, "01002001"},
		{order.ColumnEAN, value{kind: "text", text: "978 2 09 000031 3"}, "9782090000313"},
		{order.ColumnEAN, value{kind: "number", text: "9.782090000313E12"}, ""},
		{order.ColumnEAN, value{kind: "text", text: "9,782090000313E+12"}, "9782090000313"},
		{order.ColumnQuantity, value{kind: "text", text: "10 ex."}, "10"},
		{order.ColumnQuantity, value{kind: "text", text: "10,0"}, "10"},
		{order.ColumnQuantity, value{kind: "text", text: "1 120"}, "1120"},
		{order.ColumnQuantity, value{kind: "text", text: "1\u202f120"}, "1120"},
		{order.ColumnQuantity, value{kind: "number", text: "10.0"}, ""},
		{order.ColumnQuantity, value{kind: "rich", text: "10"}, ""},
		{order.ColumnPrice, value{kind: "text", text: "12,50 €"}, "12,50"},
		{order.ColumnPrice, value{kind: "number", text: "12.5"}, ""},
		{order.ColumnLicence, value{kind: "text", text: "élèves"}, "Élève"},
		{order.ColumnDuration, value{kind: "number", text: "2"}, "2 ans"},
	}
	for _, test := range tests {
		m, bare := newMess(t, form, 3)
		place := m.where[test.id]
		if strings.HasPrefix(test.id, "line_") {
			place = m.line(test.id, 1)
		}
		m.sheet().cells[place] = test.typed
		orders, verdict := judge(form, m.bytes(t, bare))
		if len(orders) != 1 || verdict != order.Accepted {
			t.Errorf("%s %q: got %d orders, %s; want it accepted", test.id, test.typed.text, len(orders), verdict)
			continue
		}
		got := ""
		for _, f := range orders[0].Findings {
			if f.Code == validate.CodeNormalized && f.Field == test.id && f.Cell == place.String() &&
				f.Severity == order.Fixed && f.Value == test.typed.text {
				got = f.Proposal
			}
		}
		if got != test.want {
			t.Errorf("%s %q: got %q said, want %q; findings %v", test.id, test.typed.text, got, test.want,
				orders[0].Findings)
		}
	}
}

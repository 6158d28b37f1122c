package mangled

import (
	"context"
	"fmt"
	"io"
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
	"bdc/sheet/sheettest"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// real opens a file of the test data that lies beside the repository.
func real[E any](
	t *testing.T, name string, read func(context.Context, io.Reader, string, func(int64)) ([]E, order.Import, error),
) []E {
	t.Helper()
	path := "../../../../shared/data/" + name
	need.Data(t, path)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries, _, err := read(context.Background(), f, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// seeded is an order that a seed draws, and how its bookseller writes it.
type seeded struct {
	*rand.Rand
	values    map[string]string
	lines     []map[string]string
	orderable bool
	names     map[string][]string // the usual names of fields and columns
}

// draw draws an order of a real school for real titles.
func draw(seed uint64, schools []order.School, sold, elsewhere []order.Title, names map[string][]string) *seeded {
	s := &seeded{Rand: rand.New(rand.NewPCG(seed, 15)), orderable: true, names: names}
	school := schools[s.IntN(len(schools))]
	s.values = map[string]string{
		order.FieldBookseller: "Librairie des Écoles", order.FieldAccount: "01002001",
		order.FieldBookMail: "commandes@librairie-ecoles.fr", order.FieldReference: fmt.Sprint("CMD-", seed),
		order.FieldUAI: school.UAI.String(), order.FieldEstablishment: school.Name, order.FieldAddress: school.Address,
		order.FieldPostcode: school.Postcode, order.FieldTown: school.Town,
		order.FieldContact: "Martin", order.FieldContactMail: "cdi@ac-creteil.fr",
	}
	for range 1 + s.IntN(20) {
		title := sold[s.IntN(len(sold))]
		if s.IntN(300) == 0 {
			title, s.orderable = elsewhere[s.IntN(len(elsewhere))], false
		}
		most := 300
		if school.Pupils > 0 {
			most = min(most, school.Pupils)
		}
		s.lines = append(s.lines, map[string]string{
			order.ColumnEAN: title.EAN.String(), order.ColumnQuantity: strconv.Itoa(1 + s.IntN(most)),
			order.ColumnTitle: title.Name,
		})
	}
	return s
}

// name is how a bookseller calls a field or column.
func (s *seeded) name(id, usual string) string {
	if list := s.names[id]; len(list) > 0 && s.IntN(2) == 0 {
		return list[s.IntN(len(list))]
	}
	return usual
}

// table are the rows of the order as a bookseller's own table, each a list of texts. There may be a
// second page, with the headers again.
func (s *seeded) table(definition *order.Form) (first, second [][]string) {
	for _, f := range definition.Fields {
		if value := s.values[f.ID]; value != "" {
			first = append(first, []string{s.name(f.ID, f.Label), value})
		}
	}
	ean, quantity := s.name(order.ColumnEAN, "EAN"), s.name(order.ColumnQuantity, "Quantité")
	head := []string{ean, "Désignation", quantity}
	first = append(first, nil, head)
	page := &first
	sum, all := 0, 0
	for i, l := range s.lines {
		switch {
		case i > 2 && sum > 0 && s.IntN(6) == 0:
			*page = append(*page, []string{"", "S/Total", strconv.Itoa(sum)})
			sum = 0
		case i > 0 && s.IntN(8) == 0:
			*page = append(*page, head)
		case i > 3 && second == nil && s.IntN(8) == 0:
			page = &second
			*page = append(*page, head)
			sum = 0
		}
		code := l[order.ColumnEAN]
		if s.IntN(10) == 0 {
			code = "EAN : " + code
		}
		*page = append(*page, []string{code, l[order.ColumnTitle], l[order.ColumnQuantity]})
		n, _ := strconv.Atoi(l[order.ColumnQuantity])
		sum, all = sum+n, all+n
	}
	if second == nil && s.IntN(2) == 0 {
		first = append(first, []string{"", "Total", strconv.Itoa(all)})
	}
	return first, second
}

// workbook writes the order: in our form, in a table of the bookseller's, or as separated values.
func (s *seeded) workbook(t *testing.T, definition *order.Form) []byte {
	t.Helper()
	switch s.IntN(3) {
	case 0:
		data, err := form.Fill(definition, s.values, s.lines)
		if err != nil {
			t.Fatal(err)
		}
		return data
	case 1:
		first, second := s.table(definition)
		book := sheettest.Workbook{Sheets: []string{sheettest.Rows(rowsOf(first))}}
		if second != nil {
			book.Sheets = append(book.Sheets, sheettest.Rows(rowsOf(second)))
		}
		return book.Bytes(t)
	}
	var head, values []string
	for _, f := range definition.Fields {
		if value := s.values[f.ID]; value != "" {
			head, values = append(head, f.Label), append(values, strings.ReplaceAll(value, `"`, "”"))
		}
	}
	text := "sep=;\r\n" + strings.Join(append(head, "EAN", "Titre", "Quantité"), ";") + "\r\n"
	for _, l := range s.lines {
		row := append(slices.Clone(values), l[order.ColumnEAN], l[order.ColumnTitle], l[order.ColumnQuantity])
		for i := range row {
			row[i] = `"` + row[i] + `"`
		}
		text += strings.Join(row, ";") + "\r\n"
	}
	return []byte(text)
}

// rowsOf is the XML of rows. Short numbers are numbers; EANs and codes are texts.
func rowsOf(rows [][]string) string {
	var b strings.Builder
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;")
	for i, row := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for _, text := range row {
			switch _, err := strconv.Atoi(text); {
			case text == "":
				b.WriteString("<c/>")
			case err == nil && len(text) < 5 && text[0] != '0':
				b.WriteString("<c><v>" + text + "</v></c>")
			default:
				b.WriteString(`<c t="inlineStr"><is><t>` + escape.Replace(text) + "</t></is></c>")
			}
		}
		b.WriteString("</row>")
	}
	return b.String()
}

// TestSeededOrders: orders of real schools for real titles, drawn by a seed and written in our form,
// in tables of a bookseller's own with the names that booksellers use, with sums, printed headers
// and further pages, or as separated values. Each must be read exactly; and nearly all that can be
// ordered are accepted with no person, and none of the others.
func TestSeededOrders(t *testing.T) {
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	schools := slices.Concat(
		real(t, "annuaire/fr-en-annuaire-education-lycees.csv", registry.ImportDirectory),
		real(t, "annuaire/fr-en-adresse-geolocalisation-colleges.csv", registry.ImportDirectory))
	titles := real(t, "catalogue/idf-2021-titres.csv", registry.ImportCatalogue)
	account := order.Account{
		Number: "01002001", Name: "Librairie des Écoles", Emails: []string{"commandes@librairie-ecoles.fr"},
	}
	registers := registry.New(schools, titles, []order.Account{account})
	schools = slices.DeleteFunc(schools, func(s order.School) bool {
		return !s.Closed.IsZero() || s.Address == "" || s.Postcode == "" || s.Town == "" || s.Name == ""
	})
	isSold := func(t order.Title) bool { return !t.Physical && !t.Elsewhere }
	sold := slices.DeleteFunc(slices.Clone(titles), func(t order.Title) bool { return !isSold(t) })
	elsewhere := slices.DeleteFunc(slices.Clone(titles), isSold)
	names := map[string][]string{}
	for _, id := range []string{
		order.ColumnQuantity, order.ColumnEAN, order.FieldUAI, order.FieldContact, order.FieldAccount,
	} {
		list, err := os.ReadFile("../../../sheet/testdata/names/" + id + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		names[id] = strings.Split(strings.TrimSpace(string(list)), "\n")
	}
	known := names[order.ColumnQuantity]
	names[order.ColumnQuantity] = slices.DeleteFunc(known, func(n string) bool { return n == "Q" })

	orderable, accepted := 0, 0
	orders := uint64(300)
	if testing.Short() || need.Race {
		orders = 60
	}
	for seed := range orders {
		s := draw(seed, schools, sold, elsewhere, names)
		book := sheet.Read("bdc.xlsx", s.workbook(t, definition), definition, sheet.DefaultLimits())
		if len(book.Drafts) != 1 {
			t.Errorf("seed %d: got %d orders, %v", seed, len(book.Drafts), book.Findings)
			continue
		}
		o, findings, verdict := validate.Check(definition, &book.Drafts[0], registers,
			validate.Sender{Email: account.Emails[0]}, validate.Policy{})
		for id, want := range s.values {
			if got := o.Fields[id]; order.FoldKey(got) != order.FoldKey(want) {
				t.Errorf("seed %d: %s: got %q, want %q", seed, id, got, want)
			}
		}
		var got, want []string
		for _, l := range o.Lines {
			got = append(got, fmt.Sprint(l.EAN, "×", l.Quantity))
		}
		for _, l := range s.lines {
			want = append(want, l[order.ColumnEAN]+"×"+l[order.ColumnQuantity])
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: got lines %v, want %v", seed, got, want)
		}
		switch {
		case !s.orderable && verdict == order.Accepted:
			t.Errorf("seed %d: accepted, with a title that is not sold here", seed)
		case s.orderable:
			orderable++
			if verdict == order.Accepted {
				accepted++
			} else {
				stops := slices.DeleteFunc(findings, func(f order.Finding) bool {
					return f.Severity != order.Error && f.Severity != order.Hold
				})
				t.Logf("seed %d: %s, %v", seed, verdict, stops)
			}
		}
	}
	t.Logf("%d of %d orderable ones accepted with no person", accepted, orderable)
	if accepted*100 < orderable*99 {
		t.Errorf("got %d of %d orderable ones accepted, want 99%%", accepted, orderable)
	}
}

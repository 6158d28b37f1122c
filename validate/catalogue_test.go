package validate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/order"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// realTitles are those that schools ordered in 2021.
func realTitles(t testing.TB) []order.Title {
	t.Helper()
	const path = "../../shared/data/catalogue/idf-2021-titres.csv"
	need.Data(t, path)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	titles, _, err := registry.ImportCatalogue(context.Background(), f, "titres.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	return titles
}

// realLine orders a title as a form would.
func realLine(row int, ean, name string) order.DraftLine {
	cell := func(column byte, text string, kind order.Kind) order.Cell {
		return order.Cell{Sheet: "BdC", Ref: fmt.Sprintf("%c%d", column, row), Text: text, Kind: kind}
	}
	return order.DraftLine{Sheet: "BdC", Row: row, Cells: map[string]order.Cell{
		order.ColumnEAN: cell('B', ean, order.KindText), order.ColumnTitle: cell('C', name, order.KindText),
		order.ColumnQuantity: cell('D', "30", order.KindNumber),
		order.ColumnDuration: cell('E', "1 an", order.KindText),
		order.ColumnLicence:  cell('F', "Élève", order.KindText),
	}}
}

func realForm(t testing.TB) *order.Form {
	t.Helper()
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// lineFindings are those about the lines of a draft.
func lineFindings(form *order.Form, reg validate.Registry, lines ...order.DraftLine) (order.Order, []order.Finding) {
	o, findings, _ := validate.Check(form, &order.Draft{Lines: lines}, reg, validate.Sender{Any: true},
		validate.Policy{})
	return o, slices.DeleteFunc(findings, func(f order.Finding) bool {
		return !strings.HasPrefix(string(f.Code), "line.")
	})
}

// TestEveryTitleOfTheCNSIsOrderable, those that are no ISBN included; the others
// are sold elsewhere.
func TestEveryTitleOfTheCNSIsOrderable(t *testing.T) {
	titles, form := realTitles(t), realForm(t)
	reg := registry.New(nil, slices.Clone(titles), nil)
	orderable, noISBN := 0, 0
	for _, title := range titles {
		o, findings := lineFindings(form, reg, realLine(31, title.EAN.String(), ""))
		if title.Distributor != "CNS" {
			if len(findings) != 1 || findings[0].Code != validate.CodeElsewhere {
				t.Errorf("%s of %s: got %v, want it sold elsewhere", title.EAN, title.Distributor, findings)
			}
			continue
		}
		if len(findings) > 0 || o.Total != 30*title.Offers[0].Price {
			t.Errorf("%s: got %v and a total of %s, want nothing and %s", title.EAN, findings, o.Total,
				30*title.Offers[0].Price)
			continue
		}
		orderable++
		if strings.HasPrefix(title.EAN.String(), "3133091") {
			noISBN++
		}
	}
	t.Logf("%d titles orderable, %d of them without ISBN", orderable, noISBN)
	if orderable != 131 || noISBN == 0 {
		t.Errorf("got %d titles orderable, %d without ISBN; want 131, some", orderable, noISBN)
	}
}

// TestRealTitlesAlike: a title shortened as people do is not said to be another
// book, and another title mostly is.
func TestRealTitlesAlike(t *testing.T) {
	titles, form := realTitles(t), realForm(t)
	reg := registry.New(nil, slices.Clone(titles), nil)
	titles = slices.DeleteFunc(titles, func(t order.Title) bool { return t.Elsewhere })
	random := rand.New(rand.NewPCG(1, 2))
	wrong, caught := 0, 0
	for _, title := range titles {
		words := strings.Fields(title.Name)
		short := strings.Join(words[:min(len(words), 2+random.IntN(3))], " ")
		if _, findings := lineFindings(form, reg, realLine(31, title.EAN.String(), short)); len(findings) > 0 {
			wrong++
			t.Logf("%q for %q: %s", short, title.Name, findings[0].Code)
		}
		other := titles[random.IntN(len(titles))]
		if _, findings := lineFindings(form, reg, realLine(31, title.EAN.String(), other.Name)); len(findings) > 0 ||
			other.EAN == title.EAN {
			caught++
		}
	}
	t.Logf("of %d titles: %d shortened ones taken for others, %d others caught", len(titles), wrong, caught)
	if wrong > len(titles)/50 || caught < len(titles)*8/10 {
		t.Errorf("got %d of %d wrong and %d caught, want at most 2%% and at least 80%%", wrong, len(titles), caught)
	}
}

// TestRealSlips: of each title, its EAN with one slip, and its title beside: the
// right one is proposed first.
func TestRealSlips(t *testing.T) {
	titles, form := realTitles(t), realForm(t)
	reg := registry.New(nil, slices.Clone(titles), nil)
	titles = slices.DeleteFunc(titles, func(t order.Title) bool { return t.Elsewhere })
	random := rand.New(rand.NewPCG(3, 4))
	first := 0
	for _, title := range titles {
		typed := []byte(title.EAN.String())
		i := 1 + random.IntN(11)
		if typed[i] == typed[i+1] {
			typed[i] = '0' + (typed[i]-'0'+3)%10
		} else {
			typed[i], typed[i+1] = typed[i+1], typed[i]
		}
		_, findings := lineFindings(form, reg, realLine(31, string(typed), title.Name))
		if len(findings) > 0 && findings[0].Proposal == title.EAN.String() {
			first++
		}
	}
	t.Logf("%d of %d proposed first", first, len(titles))
	if first < len(titles)*98/100 {
		t.Errorf("got %d of %d proposed first, want 98%%", first, len(titles))
	}
}

// BenchmarkCheckRealLines checks a form of thirty lines of the real catalogue;
// with every EAN right, and with none.
func BenchmarkCheckRealLines(b *testing.B) {
	form, titles := realForm(b), realTitles(b)
	reg := registry.New(nil, slices.Clone(titles), nil)
	titles = slices.DeleteFunc(titles, func(t order.Title) bool { return t.Elsewhere })
	for _, name := range []string{"right", "wrong"} {
		d := &order.Draft{}
		for i := range 30 {
			ean := titles[i].EAN.String()
			if name == "wrong" {
				ean = ean[:11] + ean[12:] + ean[11:12]
			}
			d.Lines = append(d.Lines,
				realLine(31+i, ean, strings.Join(strings.Fields(strings.ToLower(titles[i].Name))[1:], " ")))
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				validate.Check(form, d, reg, validate.Sender{Any: true}, validate.Policy{})
			}
		})
	}
}

package validate

import (
	"strings"
	"testing"

	"bdc/order"
)

func TestReadQuantity(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeQuantity}, []readCase{
		{text: "1", value: "1"},
		{text: "30", kind: order.KindNumber, value: "30"},
		{text: "30.000000000000004", kind: order.KindNumber, value: "30"},
		{text: "1.12E3", kind: order.KindNumber, value: "1120"},
		{text: "030", value: "30", fixed: true},
		{text: "10 ex.", value: "10", fixed: true},
		{text: "10ex", value: "10", fixed: true},
		{text: "30 licences élèves", value: "30", fixed: true},
		{text: "x10", value: "10", fixed: true},
		{text: "10,0", value: "10", fixed: true},
		{text: "10.00", value: "10", fixed: true},
		{text: "1 120", value: "1120", fixed: true},
		{text: "1\u202f120", value: "1120", fixed: true},
		{text: "1000000", value: "1000000"},
		{text: "1000001", code: CodeQuantityFormat},
		{text: "3133091195199", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "0", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "-5", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "10.5", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "1.120", code: CodeQuantityFormat}, // one and a bit, or a thousand: not for us to say
		{text: "2.000", code: CodeQuantityFormat},
		{text: "2,000", code: CodeQuantityFormat},
		{text: "11 20", code: CodeQuantityFormat},
		{text: "10 lots", code: CodeQuantityFormat},
		{text: "10 ou 12", code: CodeQuantityFormat},
		{text: "dix", code: CodeQuantityFormat},
		{text: "2026-02-10", kind: order.KindDate, code: CodeQuantityFormat},
		{text: "TRUE", kind: order.KindBool, code: CodeQuantityFormat},
		{text: "99999999999999999999", code: CodeQuantityFormat},
	})
}

// TestMoreThanThePupils: one line of more licences than the school has pupils is worth a
// remark, and no more. Several lines that are together more are an ordinary order.
func TestMoreThanThePupils(t *testing.T) {
	form := testForm(t)
	for _, tt := range []struct {
		name       string
		pupils     []int // of each site
		quantities []string
		licence    string
		title      string
		want       string // pupils, for each line that is reported
	}{
		{"as many as there are", []int{500}, []string{"500"}, "Élève", "", ""},
		{"one more", []int{500}, []string{"501"}, "Élève", "", "500"},
		{"one more, for whom is not said", []int{500}, []string{"501"}, "", "", "500"},
		{"two books for each", []int{500}, []string{"500", "500"}, "Élève", "", ""},
		{"one line of two", []int{500}, []string{"30", "1500"}, "Élève", "", "500"},
		{"for teachers", []int{500}, []string{"501"}, "Enseignant", "", ""},
		{"a book for teachers", []int{500}, []string{"501"}, "", "Sirius 2de, livre du professeur", ""},
		{"the directory does not say", []int{0}, []string{"1900"}, "Élève", "", ""},
		{"the site that has most counts", []int{400, 500}, []string{"500"}, "Élève", "", ""},
		{"more than on any site", []int{500, 0}, []string{"501"}, "Élève", "", "500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := testBook(t)
			b.has = []string{Directory}
			turgot := b.schools[0]
			b.schools = nil
			for _, n := range tt.pupils {
				turgot.Pupils = n
				b.schools = append(b.schools, turgot)
			}
			d := goodDraft(form, len(tt.quantities))
			for i, q := range tt.quantities {
				cells := d.Lines[i].Cells
				cells[order.ColumnQuantity] = order.Cell{Text: q}
				cells[order.ColumnLicence] = order.Cell{Text: tt.licence}
				if tt.title != "" {
					cells[order.ColumnTitle] = order.Cell{Text: tt.title}
				}
			}
			_, findings, verdict := Check(form, d, b, Sender{Any: true}, Policy{})
			var got []string
			for _, f := range findings {
				if f.Code == CodeQuantityPupils {
					got = append(got, f.Args["pupils"])
				}
			}
			_, without, _ := Check(form, d, nil, Sender{Any: true}, Policy{})
			if strings.Join(got, " ") != tt.want || verdict != order.Judge(without) {
				t.Errorf("got %q and %s, want %q and %s", got, verdict, tt.want, order.Judge(without))
			}
		})
	}
}

package storetest

import (
	"testing"

	"bdc/order"
	"bdc/store"
)

// testFoldedWords looks for what texts have in the letters and signs of another keyboard:
// queries and what is stored are compared as order.Fold has them.
func testFoldedWords(t *testing.T, r *rig) {
	in := forms(1, "A")
	o := &in.Orders[0]
	o.Establishment, o.Town = "École du Sacré-Cœur – Saint\u2011Exupéry, Nº 5", "L’Haÿ-les-Roses"
	o.Fields[order.FieldBookseller] = "Straßen\u00adbuch & fils, 6ᵉ 2½ m²"
	in.Query.Forms[0] = queryForm(o)
	in.Cases = []order.Case{aCase("D-7K2Q9F", in.Message.Key)}
	in.Cases[0].Attempts[0].Order.Establishment = o.Establishment
	r.record(in)
	r.record(forms(2, "B"))
	one, none := []string{"CNS-2026-000001"}, []string{}
	for _, tt := range []struct {
		words string
		want  []string
	}{
		{"coeur", one},
		{"CŒUR", one},
		{"cœur", one},
		{"sacré\u2010coeur", one},
		{"sacre—coeur", one},
		{"saint-exupery", one},
		{"saint\u2212exupéry", one},
		{"l'hay", one},
		{"l´haÿ", one},
		{"lʼhay\u2013les\u2014roses", one},
		{"n° 5", one},
		{"strassenbuch", one},
		{"STRA\u00adSSENBUCH", one},
		{"6e", one},
		{"2½", one},
		{"m²", one},
		{"m2", none},
		{"2 1/2", none},
		{"sacre coeurs", none},
	} {
		wantEqual(t, tt.words, r.found(store.OrderFilter{Words: tt.words}), tt.want)
	}
	rows, err := r.CaseRows(t.Context(), store.CaseFilter{Words: "coeur saint-exupery"}, "", 9)
	if err != nil || len(rows) != 1 {
		t.Errorf("cases: got %v and error %v, want one", rows, err)
	}
}

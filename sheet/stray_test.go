package sheet

import (
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// TestStrays: what names another school or account than the form's is found under any label, and
// what names the form's own is not.
func TestStrays(t *testing.T) {
	for name, tt := range map[string]struct {
		row  []any
		want string // the fields and cells of the findings
	}{
		"the own UAI again":        {[]any{"UAI de livraison", "0750647W"}, ""},
		"a UAI for the delivery":   {[]any{"UAI de livraison", "0932030B"}, "uai B5"},
		"a UAI in a sentence":      {[]any{"Pour le lycée Utrillo (0932030B)"}, "uai A5"},
		"no UAI: its letter":       {[]any{"Réf.", "0932030C"}, ""},
		"a UAI within a word":      {[]any{"Réf.", "0932030BIS"}, ""},
		"a school for the bill":    {[]any{"Lieu d’utilisation", "Collège Victor Hugo"}, "etablissement_nom B5"},
		"the own school":           {[]any{"Lieu d’utilisation", "Lycée polyvalent Turgot"}, ""},
		"a kind of school":         {[]any{"Catégorie", "Lycée professionnel"}, ""},
		"an account for the bill":  {[]any{"N° compte facturation", "01002002"}, "libraire_compte B5"},
		"the own account":          {[]any{"N° compte facturation", "1002001"}, ""},
		"an account of the bank":   {[]any{"Compte bancaire", "01002002"}, ""},
		"a number of another kind": {[]any{"Marché", "01002002"}, ""},
	} {
		rows := [][]any{
			{"N° de compte", "01002001"},
			{"UAI", "0750647W"},
			{"Nom de l’établissement", "Lycée Turgot"},
			{"Ville", "Paris"},
			tt.row,
			{"EAN", "Quantité"},
			{"9782090000313", 3},
		}
		drafts := Read("x.xlsx", typed(t, rows), sheettest.Form(t), DefaultLimits()).Drafts
		if len(drafts) != 1 {
			t.Fatalf("%s: got %d orders, want 1", name, len(drafts))
		}
		var got []string
		for _, f := range drafts[0].Findings {
			if f.Code == "form.field.twice" && f.Severity == order.Hold && f.Args["other"] != "" {
				got = append(got, f.Field+" "+f.Cell)
			}
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: got %q, want %q", name, text, tt.want)
		}
	}
}

// TestTotalsOfAmounts: a total that is the amount of the lines agrees, with tax or without; one that
// is not is held.
func TestTotalsOfAmounts(t *testing.T) {
	for total, want := range map[any]string{
		7: "", "31,50": "", "33,23 €": "", "37,80": "", 8: "hold", "36,00 €": "hold", "150": "hold",
	} {
		drafts := Read("x.xlsx", typed(t, [][]any{
			{"N° de compte", "01002001"},
			{"UAI", "0750647W"},
			{"Ville", "Paris"},
			{"EAN", "Titre", "Quantité", "Prix"},
			{"9782090000313", "x", 3, 4.5},
			{"3133091234560", "y", 4, 4.5},
			{nil, "Total", total},
		}), sheettest.Form(t), DefaultLimits()).Drafts
		got := ""
		for _, f := range drafts[0].Findings {
			if f.Code == "form.total.mismatch" {
				got = string(f.Severity)
			}
		}
		if len(drafts) != 1 || len(drafts[0].Lines) != 2 || got != want {
			t.Errorf("%v: got %q, %v, want %q", total, got, drafts[0].Findings, want)
		}
	}
}

// TestTotalBelowASubtotal: what a wrong total is compared with is never nothing.
func TestTotalBelowASubtotal(t *testing.T) {
	drafts := Read("x.xlsx", typed(t, [][]any{
		{"N° de compte", "01002001"},
		{"UAI", "0750647W"},
		{"Ville", "Paris"},
		{"EAN", "Titre", "Quantité"},
		{"9782090000313", "x", 3},
		{"3133091234560", "y", 4},
		{nil, "Sous-total", 7},
		{nil, "Total", 12},
	}), sheettest.Form(t), DefaultLimits()).Drafts
	for _, f := range drafts[0].Findings {
		if f.Code == "form.total.mismatch" {
			if f.Args["actual"] != "7" {
				t.Errorf("got %v, want the sum of all lines", f.Args)
			}
			return
		}
	}
	t.Errorf("got %v, want the total doubted", drafts[0].Findings)
}

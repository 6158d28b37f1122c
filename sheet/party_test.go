package sheet

import (
	"fmt"
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// TestFieldsOfTheOtherParty: what stands in the bookseller's block, under a heading or among
// labels that are the bookseller's, never becomes the school's; and what says which school and
// which account it is must agree under all its names.
func TestFieldsOfTheOtherParty(t *testing.T) {
	shop := [][]any{{"Nom de la librairie", "Durand"}, {"Adresse", "12 rue du Port"}, {"Ville", "Lyon"}}
	lines := [][]any{{"EAN", "Quantité"}, {"9782090000313", 3}}
	join := func(parts ...[][]any) (all [][]any) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for _, tt := range []struct {
		name  string
		sheet [][]any
		want  string // fields of the school and contact, then findings with their cells
	}{
		{
			"among the bookseller's labels",
			join(shop, [][]any{{"N° de compte", "01002001"}, {"UAI", "0750647W"}}, lines),
			"uai=0750647W form.field.whose B2 form.field.whose B3",
		},
		{
			"each has a block of its own",
			join(shop, [][]any{{"UAI", "0750647W"}, {"Adresse", "69 rue de Turbigo"}, {"Ville", "Paris"}}, lines),
			"uai=0750647W etablissement_adresse=69 rue de Turbigo etablissement_ville=Paris",
		},
		{
			"the blocks stand side by side",
			join([][]any{
				{"LIBRAIRIE", nil, nil, "ÉTABLISSEMENT"},
				{"Nom", "Durand", nil, "UAI", "0750647W"},
				{"Adresse", "12 rue du Port", nil, "Adresse", "69 rue de Turbigo"},
				{"Ville", "Lyon", nil, "Ville", "Paris"},
				{"N° de compte", "01002001", nil, "Téléphone", "01 42 00 00 00"},
			}, lines),
			"uai=0750647W etablissement_adresse=69 rue de Turbigo etablissement_ville=Paris " +
				"etablissement_telephone=01 42 00 00 00",
		},
		{
			"a contact under the bookseller's heading",
			join([][]any{
				{"Coordonnées du libraire"},
				{"N° de compte", "01002001"},
				{"Contact", "Mme Durand"},
				{"ÉTABLISSEMENT"},
				{"UAI", "0750647W"},
				{"Ville", "Paris"},
			}, lines),
			"uai=0750647W etablissement_ville=Paris form.field.whose B3",
		},
		{
			"a contact after the bookseller's labels",
			join([][]any{{"N° de compte", "01002001"}, {"Nom du contact", "Mme Dupont"}, {"UAI", "0750647W"}}, lines),
			"uai=0750647W contact_nom=Mme Dupont",
		},
		{
			"another UAI under another name",
			join([][]any{{"N° de compte", "01002001"}, {"UAI", "0750647W"}, {"Ville", "Paris"}}, lines,
				[][]any{{}, {"Code RNE", "0750650Z"}}),
			"uai=0750647W etablissement_ville=Paris form.field.twice B7",
		},
		{
			"another account under another name",
			join([][]any{{"N° de compte Interforum", "01002001"}, {"UAI", "0750647W"}, {"Ville", "Paris"}}, lines,
				[][]any{{}, {"Code client", "01002002"}}),
			"uai=0750647W etablissement_ville=Paris form.field.twice B7",
		},
		{
			"the same account under another name",
			join([][]any{{"N° de compte Interforum", "01002001"}, {"UAI", "0750647W"}, {"Ville", "Paris"}}, lines,
				[][]any{{}, {"Code client", 1002001}}),
			"uai=0750647W etablissement_ville=Paris",
		},
		{
			"another school under another name",
			join([][]any{
				{"Nom de l’établissement", "Lycée Turgot"},
				{"UAI", "0750647W"},
				{"Ville", "Paris"},
				{"Établissement scolaire", "Lycée Victor Hugo"},
			}, lines),
			"uai=0750647W etablissement_nom=Lycée Turgot etablissement_ville=Paris form.field.twice B4",
		},
		{
			"the same school in other words",
			join([][]any{
				{"Nom de l’établissement", "Lycée Turgot"},
				{"UAI", "0750647W"},
				{"Ville", "Paris"},
				{"Établissement scolaire", "TURGOT (lycée), Paris"},
			}, lines),
			"uai=0750647W etablissement_nom=Lycée Turgot etablissement_ville=Paris",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := sheettest.Form(t)
			book := Read("bon.xlsx", typed(t, tt.sheet), form, DefaultLimits())
			if len(book.Drafts) != 1 {
				t.Fatalf("got %d drafts, %v, want 1", len(book.Drafts), book.Findings)
			}
			d := book.Drafts[0]
			var got []string
			for _, f := range form.Fields {
				if c, ok := d.Fields[f.ID]; ok && f.Section != "libraire" {
					got = append(got, f.ID+"="+c.Text)
				}
			}
			for _, f := range d.Findings {
				if f.Severity == order.Hold {
					got = append(got, fmt.Sprintf("%s %s", f.Code, f.Cell))
				}
				if f.Code == "form.field.twice" && f.Args["other"] == "" {
					t.Errorf("got %+v, want it to name both cells", f)
				}
			}
			if text := strings.Join(got, " "); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
}

package sheet

import (
	"os"
	"slices"
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// usualForm is a form that a bookseller has typed, in which a field or column has another name.
func usualForm(t *testing.T, id, name string) []byte {
	t.Helper()
	label := func(of, text string) string {
		if of == id {
			return name
		}
		return text
	}
	rows := [][]any{
		{"Nom de la librairie", "Librairie des Écoles"},
		{label("libraire_compte", "N° de compte Interforum"), "01002001"},
		{"E-mail de la librairie", "commandes@librairie-ecoles.fr"},
		{"Référence de commande", "CMD-1"},
		{label("uai", "UAI"), "0932030B"},
		{"Nom de l’établissement", "Lycée polyvalent Maurice Utrillo"},
		{"Adresse", "152 rue Jean Durand"},
		{"Code postal", "93240"},
		{"Ville", "Stains"},
		{label("contact_nom", "Nom du contact"), "Martin"},
		{"E-mail du contact", "cdi@ac-creteil.fr"},
		{},
		{label("line_ean", "EAN13"), "Désignation", label("line_quantite", "Quantité"), "PU HT"},
		{"3133091195199", "PHYSIQUE-CHIMIE SIRIUS 2DE", 30, 7.4},
		{"3133091195205", "PHYSIQUE-CHIMIE SIRIUS 1RE", 28, 7.4},
	}
	return typed(t, rows)
}

// readsUsual says whether such a form is read as if its labels were those that we print.
func readsUsual(t *testing.T, data []byte) bool {
	t.Helper()
	book := Read("bdc.xlsx", data, sheettest.Form(t), DefaultLimits())
	if len(book.Drafts) != 1 {
		return false
	}
	d := book.Drafts[0]
	for id, want := range map[string]string{
		order.FieldAccount: "01002001", order.FieldUAI: "0932030B", order.FieldContact: "Martin",
		order.FieldEstablishment: "Lycée polyvalent Maurice Utrillo", order.FieldContactMail: "cdi@ac-creteil.fr",
		order.FieldReference: "CMD-1", order.FieldTown: "Stains",
	} {
		if d.Fields[id].Text != want {
			return false
		}
	}
	var lines []string
	for _, l := range d.Lines {
		lines = append(lines, l.Cells[order.ColumnEAN].Text+"×"+l.Cells[order.ColumnQuantity].Text)
	}
	passes := !slices.ContainsFunc(d.Findings,
		func(f order.Finding) bool { return f.Severity == order.Error || f.Severity == order.Hold })
	return passes && slices.Equal(lines, []string{"3133091195199×30", "3133091195205×28"})
}

// TestUsualNames: of the names that booksellers give to what an order needs, in testdata/names,
// nearly all are read.
func TestUsualNames(t *testing.T) {
	for _, id := range []string{
		order.ColumnQuantity, order.ColumnEAN, order.FieldUAI, order.FieldContact, order.FieldAccount,
	} {
		data, err := os.ReadFile("testdata/names/" + id + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		names := strings.Split(strings.TrimSpace(string(data)), "\n")
		var missed []string
		for _, name := range names {
			if !readsUsual(t, usualForm(t, id, name)) {
				missed = append(missed, name)
			}
		}
		t.Logf("%s: %d of %d read; not %q", id, len(names)-len(missed), len(names), missed)
		if len(missed)*20 > len(names) {
			t.Errorf("%s: got %d of %d names read, want 95%%; not %q", id, len(names)-len(missed), len(names), missed)
		}
	}
}

// TestOtherNames: what stands under a name that is not the quantity's, the EAN's, the school's or
// the bookseller's is never taken for it, and never lets an order pass.
func TestOtherNames(t *testing.T) {
	for id, names := range map[string][]string{
		order.ColumnQuantity: {
			"Quantité livrée", "Qté livré", "Qtés livrées", "Stock", "Qté en stock", "Quantité en stock", "Reliquat",
			"Qté reliquat", "Qté facturée", "Qté expédiée", "Quantité minimum", "Qté mini", "Quantité par lot",
			"Colisage",
			"Reste à livrer", "Qté déjà commandée", "Qté N-1", "Quantité 2025", "Nb de pages", "Nombre d’années",
			"Durée (nb d’années)", "Nb de mois", "Prix", "PU", "Prix public", "Montant", "Total", "Total TTC", "Niveau",
			"Nb de classes", "Capacité", "Ancienne quantité", "Qté annulée", "Qté retournée", "Nb de titres",
			"Nombre de volumes déjà reçus", "Quantité réservée ?", "N°", "Rang", "Licence", "Classe", "Année",
		},
		order.ColumnEAN: {
			"EAN papier", "EAN du papier", "ISBN papier", "EAN imprimé", "Ancien EAN", "EAN remplacé",
			"EAN annulé", "GLN",
			"EAN ou titre à remplacer", "EAN manuel papier", "EAN du livre du professeur papier", "Code postal",
		},
		order.FieldUAI: {
			"SIRET", "Code postal bis", "UAI du siège", "UAI de facturation", "N° de bâtiment",
			"Code ENT",
		},
		order.FieldContact: {
			"Contact librairie", "Contact libraire", "Contact facturation", "Prénom du correspondant", "Nom du vendeur",
			"Votre librairie", "Téléphone du référent", "Adresse du responsable",
		},
		order.FieldAccount: {
			"N° de compte bancaire", "IBAN", "Compte GAR", "Compte ENT", "Code client Chorus", "N° de facture",
			"N° de commande client", "Compte utilisateur", "N° client final",
		},
	} {
		for _, name := range names {
			if readsUsual(t, usualForm(t, id, name)) {
				t.Errorf("%s: %q is taken for it", id, name)
			}
		}
	}
}

// TestSecondQuantities: a second column about quantities that says otherwise than the first is asked
// about; one about packing, stock or prices is not.
func TestSecondQuantities(t *testing.T) {
	for name, want := range map[string]bool{
		"Nouvelle quantité": true, "Qté livrée": true, "Quantité accordée": true, "Qté corrigée": true, "Nombre": true,
		"Quantité minimum": false, "Qté mini": false, "Qté par lot": false, "Qté en stock": false,
		"Quantité 2025": false, "Qté × PU": false, "Prix x quantité": false, "Reste": false, "Observations": false,
		"Total Qté": false,
	} {
		rows := [][]any{
			{"UAI", "0932030B"},
			{"EAN", "Titre", "Quantité", name},
			{"3133091195199", "x", 30, 30},
			{"3133091195205", "y", 28, 20},
		}
		book := Read("bdc.xlsx", typed(t, rows), sheettest.Form(t), DefaultLimits())
		got := slices.ContainsFunc(book.Drafts[0].Findings, func(f order.Finding) bool {
			return f.Code == "form.column.twice" && f.Cell == "D4"
		})
		if got != want {
			t.Errorf("%q: got asked about: %t, want %t", name, got, want)
		}
	}
}

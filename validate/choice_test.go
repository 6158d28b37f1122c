package validate

import (
	"testing"

	"bdc/order"
)

func TestReadChoice(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeChoice, Choices: []string{
		"Élève", "Enseignant", "1 an", "2 ans", "10 ans",
	}}, []readCase{
		{text: "Élève", value: "Élève"},
		{text: "ELEVE", value: "Élève", fixed: true},
		{text: "1an", value: "1 an", fixed: true},
		{text: "Élèves", value: "Élève", fixed: true},
		{text: "2 an", value: "2 ans", fixed: true},
		{text: "1", kind: order.KindNumber, value: "1 an", fixed: true},
		{text: "10", value: "10 ans", fixed: true},
		{text: "0", value: "0", code: CodeChoice},
		{text: "é", value: "é", code: CodeChoice},
		{text: "Parents", code: CodeChoice},
	})
	testRead(t, order.Field{Type: order.TypeChoice, Choices: []string{"Gestionnaire", "Autre"}}, []readCase{
		{text: "gestionnaire", value: "Gestionnaire", fixed: true},
		{text: "autre", value: "Autre", fixed: true},
		{text: "CPE", value: "CPE"}, // the list is open
	})
}

func TestReadFlag(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeFlag, Choices: []string{"Oui"}}, []readCase{
		{text: "Oui", value: "Oui"},
		{text: "oui", value: "Oui"},
		{text: "x", value: "Oui"},
		{text: "✓", value: "Oui"},
		{text: "1", kind: order.KindNumber, value: "Oui"},
		{text: "TRUE", kind: order.KindBool, value: "Oui"},
		{text: "Non"},
		{text: "FALSE", kind: order.KindBool},
		{text: "0", kind: order.KindNumber},
		{text: "☐"},
		{text: "lycée français à l’étranger", value: "Oui", code: CodeChoice},
	})
}

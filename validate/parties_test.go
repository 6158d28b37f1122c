package validate

import (
	"slices"
	"testing"

	"bdc/order"
)

// TestAnotherSchoolsCode: the UAI of another school in whatever cell is held, with both cells.
func TestAnotherSchoolsCode(t *testing.T) {
	for text, want := range map[string]order.Verdict{
		"bâtiment B": order.Accepted, "0750647W": order.Accepted, "UAI 0932030B": order.Held,
		"chez Lycée Utrillo 0932030b": order.Held, "0932030C": order.Accepted, // the letter does not fit
	} {
		d := goodDraft(testForm(t), 1)
		d.Fields["etablissement_complement"] = order.Cell{Sheet: "BdC", Ref: "K9", Text: text}
		_, findings, got := Check(testForm(t), d, testBook(t), Sender{Email: goodMail}, Policy{})
		i := slices.IndexFunc(findings, func(f order.Finding) bool { return f.Code == CodeTwice })
		if got != want || (i >= 0) != (want == order.Held) {
			t.Errorf("%s: got %s, %v, want %s", text, got, findings, want)
		}
		if i >= 0 && (findings[i].Cell != "K9" || findings[i].Args["other"] != d.Inputs[order.FieldUAI]) {
			t.Errorf("%s: got the cells %s and %s", text, findings[i].Cell, findings[i].Args["other"])
		}
	}
}

// TestTheShopsAddress in the cells of the school is held; any other move is a remark.
func TestTheShopsAddress(t *testing.T) {
	for town, want := range map[string]order.Verdict{"Lyon": order.Held, "LYON": order.Held, "Melun": order.Accepted} {
		b := schoolBook(t)
		for i := range b.accounts {
			b.accounts[i].Postcode, b.accounts[i].Town = "69002", "Lyon"
		}
		d := goodDraft(testForm(t), 1)
		for id, text := range map[string]string{order.FieldTown: town, order.FieldPostcode: "69002"} {
			d.Fields[id] = order.Cell{Sheet: "BdC", Ref: d.Inputs[id], Text: text}
		}
		if _, findings, got := Check(testForm(t), d, b, Sender{Email: goodMail}, Policy{}); got != want {
			t.Errorf("%s: got %s, %v, want %s", town, got, findings, want)
		}
	}
}

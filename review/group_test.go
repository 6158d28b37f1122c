package review_test

import (
	"strings"
	"testing"

	"bdc/order"
)

// TestVersionsOfAnOrder: the page of each form of a mail that may be a version of the same
// order shows the others, with their dates, their cases and how they differ.
func TestVersionsOfAnOrder(t *testing.T) {
	r := newRig(t)
	in, _ := r.receive(letter{
		subject: "Commande", form: map[string]string{order.FieldDate: "2026-11-20"},
		version: map[string]string{order.FieldDate: "2026-11-21", order.FieldReference: "R-2"},
	})
	if len(in.Cases) != 2 || len(in.Orders) != 0 {
		t.Fatalf("got %d cases and %d orders, want two cases", len(in.Cases), len(in.Orders))
	}
	b := r.as("claire")
	b.get("/dossiers/"+in.Cases[1].Code).want(t, 200, "Les autres bons de ce message",
		"BdC.xlsx, daté du 20 novembre 2026 "+in.Cases[0].Code, "R-1 → R-2")
	if page := b.get("/dossiers/" + r.held()); strings.Contains(page.body, "Les autres bons") {
		t.Error("a form alone has others beside it")
	}
}

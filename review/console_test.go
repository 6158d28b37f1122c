package review_test

import (
	"strings"
	"testing"

	"bdc/order"
)

// What a stranger writes is shown as text, and never becomes markup.
func TestNothingTypedIsMarkup(t *testing.T) {
	r := newRig(t)
	claire := r.as("claire")
	for i, payload := range payloads() {
		if i%11 > 0 { // a browser is shown all of them
			continue
		}
		in, _ := r.receive(letter{
			from: payload + " <sam@ailleurs.test>", subject: payload, text: payload, file: payload + ".xlsx",
			form: map[string]string{
				order.FieldBookseller: payload, order.FieldEstablishment: payload, order.FieldReference: payload,
				order.FieldUAI: payload, "contact_nom": payload,
			},
			lines: []map[string]string{{
				order.ColumnEAN: payload, order.ColumnQuantity: payload,
				order.ColumnTitle: payload, order.ColumnRemark: payload,
			}},
		})
		if len(in.Cases) != 1 {
			t.Fatalf("%q: got %d cases, want 1", payload, len(in.Cases))
		}
		code := in.Cases[0].Code
		claire.act(code, "noter", "mots", payload)
		for _, path := range []string{
			"/dossiers/" + code, "/dossiers/" + code + "?modifier=entete", "/a-traiter?etat=tous",
			"/recherche?q=" + code[2:], "/libraires/01002001", "/dossiers/" + code + "/libraire",
			"/dossiers/" + code + "/reponse/ecrire",
		} {
			page := claire.get(path)
			if strings.Contains(page.body, payload) && strings.Contains(payload, "<") {
				t.Errorf("%s: got %q as it was typed", path, payload)
			}
			if n := strings.Count(page.body, "<script"); n != 1 {
				t.Errorf("%s with %q: got %d scripts, want our one", path, payload, n)
			}
		}
		preview := claire.post("/dossiers/"+code+"/reponse/ecrire/apercu", "mots", payload)
		if strings.Contains(preview.body, "<script") || strings.Contains(preview.body, "<img") ||
			strings.Contains(preview.body, "<svg") {
			t.Errorf("the preview of %q: got markup", payload)
		}
	}
}

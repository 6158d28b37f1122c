package templates

import "testing"

// A reply says which workbook is attached to it, and why.
func TestRenderReturned(t *testing.T) {
	for name, c := range map[string]struct {
		kind     string
		enclosed Enclosure
	}{
		"report-own":    {"report", Enclosure{Name: "Commande du lycée Turgot-à corriger.xlsx", Own: true}},
		"report-filled": {"report", Enclosure{Name: "Commande du lycée Turgot-à corriger.xlsx"}},
		"ack-filled":    {"ack", Enclosure{Name: "BdC_Interforum_Librairie_CNS-CNS-2026-000001.xlsx"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := replies(t)[c.kind]
			r.options.Enclosures = map[int]Enclosure{0: c.enclosed}
			subject, text, page := mustRender(t, r.reply, r.options)
			golden(t, name+".txt", "Objet : "+subject+"\n\n"+text)
			golden(t, name+".html", page)
			elements(t, page)
		})
	}
}

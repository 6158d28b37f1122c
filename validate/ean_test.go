package validate

import (
	"testing"

	"bdc/order"
)

func TestReadEAN(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeEAN}, []readCase{
		{text: "3133091195199", value: "3133091195199"},
		{text: "9782091194264", kind: order.KindNumber, value: "9782091194264"},
		{text: "9.782091194264E12", kind: order.KindNumber, value: "9782091194264"},
		{text: "9.782091194264E12", value: "9782091194264", fixed: true}, // a text, but all its digits are there
		{text: "9,782091194264E+12", value: "9782091194264", fixed: true},
		{text: "978-2-09-119426-4", value: "9782091194264", fixed: true},
		{text: "978 209 119 4264", value: "9782091194264", fixed: true},
		{text: "'9782091194264", value: "9782091194264", fixed: true},
		{text: "ISBN : 978-2-09-119426-4", value: "9782091194264", fixed: true},
		{text: "EAN13: 3133091195199", value: "3133091195199", fixed: true},
		{text: "EAN 13 : 3133091195199", value: "3133091195199", fixed: true},
		{text: "EAN3133091195199", value: "3133091195199", fixed: true},
		{text: "Code EAN n° 313 309 119 519 9", value: "3133091195199", fixed: true},
		{text: "(3133091195199)", value: "3133091195199", fixed: true},
		{text: "[978-2-09-119426-4]", value: "9782091194264", fixed: true},
		{text: "3133091195199 (EAN)", value: "3133091195199", fixed: true},
		{text: "Gencod 3133091195199", value: "3133091195199", fixed: true},
		{text: "３１３３０９１１９５１９９", value: "3133091195199", fixed: true},
		{text: "EAN：３１３３０９１１９５１９９", value: "3133091195199", fixed: true},
		{text: "3133091195199 - Mathématiques 2de", value: "3133091195199", fixed: true},
		{text: "3133091195199 Physique-Chimie Sirius", value: "3133091195199", fixed: true},
		{text: "Hyperbole 6e 2024 3133091195199", value: "3133091195199", fixed: true},
		{text: "3133091195199 / 3133091195199", value: "3133091195199", fixed: true},
		{text: "EAN13 : 3133091195198", code: CodeEANKey},
		{text: "EAN 9,78E+12", code: CodeEANLost},
		{text: "3133091195199 ou 3133091195205", code: CodeEANFormat},
		{text: "3133091195199 3133091195205", code: CodeEANFormat},
		{text: "3133091195199/3133091195205", code: CodeEANFormat},
		{text: "3133091195199 (ou équivalent)", code: CodeEANFormat},
		{text: "ANNULÉ 3133091195199", code: CodeEANFormat},
		{text: "3133091195199 remplace 2091195199", code: CodeEANFormat},
		{text: "EAN papier 3133091195199", code: CodeEANFormat},
		{text: "3133091195199 ?", code: CodeEANFormat},
		{text: "3133091195199 x 30", code: CodeEANFormat},
		{text: "3133091195199 x30", code: CodeEANFormat},
		{text: "30x 3133091195199", code: CodeEANFormat},
		{text: "3133091195199 (30 ex.)", code: CodeEANFormat},
		{text: "3133091195199 (30)", code: CodeEANFormat},
		{text: "3133091195199 Maths qté 12", code: CodeEANFormat},
		{text: "9782091194265", code: CodeEANKey},
		{text: "9,78E+12", code: CodeEANLost},
		{text: "9.78209E12", code: CodeEANLost},
		{text: "9 E+12", code: CodeEANLost},
		{text: "9.78E12", kind: order.KindNumber, code: CodeEANLost},      // "9,78E+12", pasted and become a number
		{text: "9.782091E12", kind: order.KindNumber, code: CodeEANLost},  // six zeros
		{text: "9.78202E12", kind: order.KindNumber, code: CodeEANLost},   // whose check digit fits by chance
		{text: "9.7820911E12", kind: order.KindNumber, code: CodeEANKey},  // five
		{text: "9782090000002", kind: order.KindNumber, code: CodeEANKey}, // zeros, but not at the end
		{text: "978209119426", code: CodeEANFormat},                       // twelve digits
		{text: "97820911942641", code: CodeEANFormat},                     // fourteen
		{text: "2-09-119426-4", code: CodeEANFormat},                      // ISBN-10
		{text: "9782091194264_001", code: CodeEANFormat},                  // an offer reference
		{text: "9782091194264.5", kind: order.KindNumber, code: CodeEANFormat},
		{text: "978209119426.4", kind: order.KindNumber, code: CodeEANFormat},
		{text: "voir liste", code: CodeEANFormat},
		{text: "3133091195199\n9782091194264", code: CodeEANFormat},
		{text: "3133091195199 / 978-2-09-119426-4", code: CodeEANFormat},
		{text: "EAN 3133091195199 ou EAN 3133091195205", code: CodeEANFormat},
		{text: "313 3091 195 199 313 3091 195 205", code: CodeEANFormat},
		{text: "3133091195199 (ex 9782091194265)", code: CodeEANFormat}, // of which one has a wrong check digit
		{text: "31330911951993133091195205", code: CodeEANFormat},
		{text: "31330911951993133091195199", code: CodeEANFormat}, // twice the same
	})
}

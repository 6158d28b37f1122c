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
	})
}

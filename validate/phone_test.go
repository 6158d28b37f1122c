package validate

import (
	"testing"

	"bdc/order"
)

func TestReadPhone(t *testing.T) {
	testRead(t, order.Field{Type: order.TypePhone}, []readCase{
		{text: "01 42 72 00 00", value: "01 42 72 00 00"},
		{text: "01.42.72.00.00", value: "01.42.72.00.00"},
		{text: "+33 (0)1 42 72 00 00", value: "+33 (0)1 42 72 00 00"},
		{text: "01 42 72 00 00 poste 12", value: "01 42 72 00 00 poste 12"},
		{text: "01 42 72 00 00 / 06 12 34 56 78", value: "01 42 72 00 00 / 06 12 34 56 78"},
		{text: "142720000", kind: order.KindNumber, value: "0142720000", fixed: true},
		{text: "33142720000", kind: order.KindNumber, value: "33142720000"},
		{text: "273535", value: "273535"}, // New Caledonia
		{text: "27353", code: CodePhone},
		{text: "néant", code: CodePhone},
		{text: "2026-06-15", kind: order.KindDate, code: CodePhone},
		{text: "0123456789 0123456789 0123456789", value: "0123456789 0123456789 0123456789"},
		{text: "0123456789 0123456789 0123456789 0", code: CodePhone},
	})
}

package validate

import (
	"testing"

	"bdc/order"
)

func TestReadPostcode(t *testing.T) {
	testRead(t, order.Field{Type: order.TypePostcode}, []readCase{
		{text: "75003", value: "75003"},
		{text: "75003", kind: order.KindNumber, value: "75003"},
		{text: "01000", value: "01000"},
		{text: "1000", kind: order.KindNumber, value: "01000", fixed: true},
		{text: "1000", value: "01000", fixed: true},
		{text: "75 003", value: "75003", fixed: true},
		{text: "F-75003", value: "75003", fixed: true},
		{text: "fr 75003", value: "75003", fixed: true},
		{text: "75003 Paris", value: "75003", fixed: true},
		{text: "75272 CEDEX 06", value: "75272", fixed: true},
		{text: "97426", value: "97426"},
		{text: "20000", value: "20000"},
		{text: "00100", value: "00100"}, // the army's
		{text: "00000", code: CodePostcode},
		{text: "0000", code: CodePostcode},
		{text: "100", kind: order.KindNumber, code: CodePostcode},
		{text: "750030", code: CodePostcode},
		{text: "2A004", code: CodePostcode},
		{text: "Paris", code: CodePostcode},
	})
}

package validate

import (
	"testing"

	"bdc/order"
)

func TestReadQuantity(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeQuantity}, []readCase{
		{text: "1", value: "1"},
		{text: "30", kind: order.KindNumber, value: "30"},
		{text: "30.000000000000004", kind: order.KindNumber, value: "30"},
		{text: "1.12E3", kind: order.KindNumber, value: "1120"},
		{text: "030", value: "30", fixed: true},
		{text: "10 ex.", value: "10", fixed: true},
		{text: "10ex", value: "10", fixed: true},
		{text: "30 licences élèves", value: "30", fixed: true},
		{text: "x10", value: "10", fixed: true},
		{text: "10,0", value: "10", fixed: true},
		{text: "10.00", value: "10", fixed: true},
		{text: "1 120", value: "1120", fixed: true},
		{text: "1\u202f120", value: "1120", fixed: true},
		{text: "1000000", value: "1000000"},
		{text: "1000001", code: CodeQuantityFormat},
		{text: "3133091195199", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "0", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "-5", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "10.5", kind: order.KindNumber, code: CodeQuantityFormat},
		{text: "1.120", code: CodeQuantityFormat}, // one and a bit, or a thousand: not for us to say
		{text: "11 20", code: CodeQuantityFormat},
		{text: "10 lots", code: CodeQuantityFormat},
		{text: "10 ou 12", code: CodeQuantityFormat},
		{text: "dix", code: CodeQuantityFormat},
		{text: "2026-02-10", kind: order.KindDate, code: CodeQuantityFormat},
		{text: "TRUE", kind: order.KindBool, code: CodeQuantityFormat},
		{text: "99999999999999999999", code: CodeQuantityFormat},
	})
}

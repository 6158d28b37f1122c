package validate

import (
	"testing"

	"bdc/order"
)

func TestReadAccount(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeAccount}, []readCase{
		{text: "01002001", value: "01002001"},
		{text: "1002001", kind: order.KindNumber, value: "1002001"},
		{text: "01 002 001", value: "01002001", fixed: true},
		{text: "01.002.001", value: "01002001", fixed: true},
		{text: "N° 01002001", value: "01002001", fixed: true},
		{text: "Compte n° 01 002 001", value: "01002001", fixed: true},
		{text: "compte Interforum : 01002001", value: "01002001", fixed: true},
		{text: "01002001 (Interforum)", value: "01002001", fixed: true},
		{text: "(01002001)", value: "01002001", fixed: true},
		{text: "０１００２００１", value: "01002001", fixed: true},
		{text: "01002001 / 01002002", code: CodeAccountFormat},
		{text: "Hachette 01002001", code: CodeAccountFormat},
		{text: "123456789012345", value: "123456789012345"},
		{text: "1234567890123456", code: CodeAccountFormat},
		{text: "L1002001", code: CodeAccountFormat},
		{text: "1002001.5", kind: order.KindNumber, code: CodeAccountFormat},
		{text: "2026-06-15", kind: order.KindDate, code: CodeAccountFormat},
	})
}

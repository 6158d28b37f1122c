package validate

import (
	"testing"

	"bdc/order"
)

func TestReadMoney(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeMoney}, []readCase{
		{text: "7.4", kind: order.KindNumber, value: "7,40"},
		{text: "7.4000000000000004", kind: order.KindNumber, value: "7,40"},
		{text: "4.2654028436018958", kind: order.KindNumber, value: "4,27"},
		{text: "0", kind: order.KindNumber, value: "0,00"},
		{text: "12", value: "12,00"},
		{text: "12,5", value: "12,50"},
		{text: "12.50", value: "12,50"},
		{text: "12,50 €", value: "12,50", fixed: true},
		{text: "€12.50", value: "12,50", fixed: true},
		{text: "12,50 euros HT", value: "12,50", fixed: true},
		{text: "1 234,50", value: "1234,50", fixed: true},
		{text: "1.234,50", value: "1234,50", fixed: true},
		{text: "1,234.50", value: "1234,50", fixed: true},
		{text: "4,265", value: "4,27", fixed: true},
		{text: "4,264", value: "4,26", fixed: true},
		{text: "0,999", value: "1,00", fixed: true},
		{text: "1000000", value: "1000000,00"},
		{text: "1000001", code: CodePriceFormat},
		{text: "-4", kind: order.KindNumber, code: CodePriceFormat},
		{text: "4,5,6", code: CodePriceFormat},
		{text: "4 50", code: CodePriceFormat},
		{text: "12 $", code: CodePriceFormat},
		{text: "voir devis", code: CodePriceFormat},
		{text: "99999999999999999999", code: CodePriceFormat},
	})
}

func TestCents(t *testing.T) {
	for _, tt := range []struct {
		input string
		want  order.Cents
	}{{"0,00", 0}, {"0,05", 5}, {"7,40", 740}, {"1000000,00", 100_000_000}} {
		if got := cents(tt.input); got != tt.want {
			t.Errorf("cents(%q): got %d, want %d", tt.input, got, tt.want)
		}
	}
}

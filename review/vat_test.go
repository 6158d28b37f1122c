package review

import (
	"testing"

	"bdc/order"
)

func TestFrenchVAT(t *testing.T) {
	for _, tt := range []struct {
		vat  order.VAT
		want string
	}{
		{nil, ""},
		{order.SingleVAT(55), "5,5\u00a0%"},
		{order.SingleVAT(200), "20\u00a0%"},
		{
			order.VAT{{Rate: 55, Share: 705}, {Rate: 200, Share: 295}},
			"5,5\u00a0% sur 70,5\u00a0% du prix, 20\u00a0% sur 29,5\u00a0%",
		},
	} {
		if got := frenchVAT(tt.vat); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.vat, got, tt.want)
		}
	}
}

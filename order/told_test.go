package order_test

import (
	"reflect"
	"testing"

	"bdc/order"
)

func TestParseTold(t *testing.T) {
	ack := order.Told{Kind: order.ReplyAck, Number: "CNS-2026-1000012", Case: "D-7K2Q9F"}
	report := order.Told{Kind: order.ReplyReport, Case: "D-7K2Q9F"}
	for _, tt := range []struct {
		name, value string
		want        []order.Told
	}{
		{"none", "", nil},
		{"one", ack.String(), []order.Told{ack}},
		{"several", ack.String() + ", " + report.String() + ",letter", []order.Told{ack, report, {Kind: "letter"}}},
		{
			"what nobody can have told", "ack CNS-2026-12 D-AEIOUA, <b>, ACK CNS-2026-000001",
			[]order.Told{{Kind: order.ReplyAck}},
		},
	} {
		if got := order.ParseTold(tt.value); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if got := order.ToldOf(order.Result{Kind: order.ReplyHeld}).String(); got != "held" {
		t.Errorf("got %q of a form without case, want %q", got, "held")
	}
}

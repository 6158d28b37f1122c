package boltstore_test

import (
	"reflect"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// TestClaimedAsStored: a reply that is claimed right after it was recorded is what
// the file holds, as is one that is claimed after many others were.
func TestClaimedAsStored(t *testing.T) {
	const many = 600 // more than are kept decoded
	s := opened(t)
	var intakes []order.Intake
	for i := range many {
		in := intake(uint32(i + 1))
		in.At = time.Now().UTC() // with a monotonic part
		price := order.Cents(1250)
		in.Replies[0].Results[0].Lines[0].UnitPrice = &price
		in.Replies[0].Results[0].Findings = []order.Finding{
			{Code: "uai.case", Severity: order.Fixed, Value: "é", Args: map[string]string{"a": "b"}},
		}
		intakes = append(intakes, in)
	}
	for i, r := range s.Record(t.Context(), store.Fence{}, intakes) {
		if r.Err != nil {
			t.Fatalf("intake %d: %v", i, r.Err)
		}
	}
	claims, err := s.Claim(t.Context(), store.Fence{Holder: "test"}, time.Now(), time.Minute, many)
	if err != nil || len(claims) != many {
		t.Fatalf("got %d claims, %v; want %d", len(claims), err, many)
	}
	for _, c := range claims {
		stored, err := s.Reply(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c.Reply, stored.Reply) {
			t.Fatalf("reply %d:\ngot  %+v\nwant %+v", c.ID, c.Reply, stored.Reply)
		}
	}
}

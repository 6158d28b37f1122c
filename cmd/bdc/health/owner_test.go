package health

import (
	"strings"
	"testing"
	"time"

	"bdc/ingest"
	"bdc/ingest/ownership"
	"bdc/notify/staff"
	"bdc/order"
	"bdc/store"
)

// What is said of whether the record owns its inbox: in bdc status, by its exit code, and
// by an alert.
func TestOwner(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name     string
		doubt    store.Doubt
		state    ownership.State
		says     string // a part of bdc status
		troubled bool
		owner    staff.Condition
		deed     staff.Condition
	}{
		{"fine", store.NoDoubt, ownership.State{Looked: now}, "generation 7", false, staff.Fine, staff.Fine},
		{"not asked", store.Unasked, ownership.State{}, "was not asked yet", false, staff.Unknown, staff.Unknown},
		{
			"a copy", store.Copied,
			ownership.State{Looked: now},
			"FAULT nothing is taken in and nothing is sent: this data", true, staff.Broken, staff.Fine,
		},
		{
			"behind", store.Behind,
			ownership.State{Looked: now},
			"bdc inbox claim takes the inbox over with this one (mots)", true, staff.Broken, staff.Fine,
		},
		{"foreign", store.Foreign, ownership.State{Looked: now}, "another record has", true, staff.Broken, staff.Fine},
		{"restored", store.Restored, ownership.State{Looked: now}, "yet to be listed", true, staff.Broken, staff.Fine},
		{
			"refused", store.NoDoubt,
			ownership.State{Looked: now, Refused: "NO quota"},
			"WARNING the mail server keeps no", false, staff.Fine, staff.Fine,
		},
		{
			"removed", store.NoDoubt,
			ownership.State{Looked: now, Rewritten: now.Add(-time.Minute)},
			"WARNING somebody removed", false, staff.Fine, staff.Broken,
		},
		{
			"removed long ago", store.NoDoubt,
			ownership.State{Looked: now, Rewritten: now.Add(-time.Hour)},
			"WARNING somebody removed", false, staff.Fine, staff.Fine,
		},
	} {
		words := ""
		if test.doubt == store.Behind {
			words = "mots"
		}
		h := Health{Running: true, Inbox: &ingest.State{Connected: true}, Owner: NewOwner(store.Ownership{
			Record: "0123456789abcdef", Committed: store.Generation{Number: 7}, Doubt: test.doubt, Words: words,
		}, test.state)}
		var said strings.Builder
		if err := h.Print(&said, now); err != nil || !strings.Contains(said.String(), test.says) {
			t.Errorf("%s: status has no %q (%v):\n%s", test.name, test.says, err, said.String())
		}
		if got := h.Troubled(now); got != test.troubled {
			t.Errorf("%s: troubled %t, want %t", test.name, got, test.troubled)
		}
		conditions := map[order.Cause]staff.Condition{}
		for _, r := range h.Readings(now) {
			conditions[r.Cause] = r.Condition
		}
		if conditions[order.CauseOwner] != test.owner || conditions[order.CauseDeed] != test.deed {
			t.Errorf("%s: got %v, want %v for the owner and %v for the deed", test.name, conditions, test.owner,
				test.deed)
		}
	}
}

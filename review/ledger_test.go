package review

import (
	"fmt"
	"testing"
	"time"
)

// What strangers make us remember is bounded in octets, however many names and addresses
// they come up with; whoever is waiting for an answer is not forgotten.
func TestLedgersAreBounded(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var tries throttle
	meter := quota{burst: 1, every: time.Hour}
	held := guesses("claire", "192.0.2.1", "")
	if wait := tries.begin(now, held); wait != 0 {
		t.Fatalf("the first try: got %v to wait", wait)
	}
	for i := range 2 * maxLedger / entryOctets {
		address := fmt.Sprintf("2001:db8:%x:%x::1", i>>8, i&0xff)
		guessed := guesses(fmt.Sprintf("personne%056d", i), address, "")
		if wait := tries.begin(now, guessed); wait != 0 {
			t.Fatalf("try %d, from elsewhere each time: got %v to wait", i, wait)
		}
		tries.end(now, guessed, wrong)
		meter.take(now, address)
	}
	if got := tries.tries.octets; got > maxLedger || got != weigh(&tries.tries) {
		t.Errorf("the throttle: got %d octets counted and %d there, want at most %d",
			got, weigh(&tries.tries), maxLedger)
	}
	if got := meter.spent.octets; got > maxLedger || got < weigh(&meter.spent)-entryOctets { // the shared entry
		t.Errorf("the meter: got %d octets counted and %d there, want at most %d", got, weigh(&meter.spent), maxLedger)
	}
	if got := tries.tries.entries[held[0].key].checking; got != 1 {
		t.Errorf("the try that is being checked: got %d, want it there", got)
	}
	tries.end(now, held, right)
	if wait := meter.take(now, "2001:db8:ffff::1"); wait == 0 {
		t.Error("an address beyond the meter's room: got no wait, want one meter for all of them")
	}
}

func weigh[T any](l *ledger[T]) (octets int) {
	for key := range l.entries {
		octets += len(key) + entryOctets
	}
	return octets
}

package staff_test

import (
	"fmt"
	"time"

	"bdc/notify/staff"
)

// The digest follows the clocks of Paris, which go forward on 29 March 2026.
func ExampleTimeOfDay_After() {
	at, err := staff.ParseTimeOfDay("08:00")
	if err != nil {
		fmt.Println(err)
		return
	}
	next := time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC)
	for range 3 {
		next = at.After(next)
		fmt.Println(next.UTC().Format(time.DateTime))
	}
	// Output:
	// 2026-03-28 07:00:00
	// 2026-03-29 06:00:00
	// 2026-03-30 06:00:00
}

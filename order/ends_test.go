package order

import (
	"testing"
	"time"
)

// TestEnds: an order ends with its longest licence.
func TestEnds(t *testing.T) {
	received := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		durations []string
		years     int
	}{
		{nil, 1},
		{[]string{""}, 1},
		{[]string{"1 an", "3 ans", ""}, 3},
		{[]string{"5 Ans"}, 5},
		{[]string{"12 mois"}, 1},
		{[]string{"36 mois"}, 3},
		{[]string{"18 mois"}, 2},
		{[]string{"jusqu’en juin"}, 1},
	} {
		o := Order{ReceivedAt: received}
		for _, d := range tt.durations {
			o.Lines = append(o.Lines, Line{Duration: d})
		}
		if got, want := o.Ends(), received.Add(time.Duration(tt.years)*365*24*time.Hour); !got.Equal(want) {
			t.Errorf("%q: got %s, want %s", tt.durations, got, want)
		}
	}
}

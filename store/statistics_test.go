package store_test

import (
	"reflect"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func TestSpansMedian(t *testing.T) {
	for _, tt := range []struct {
		name    string
		lengths []time.Duration
		want    time.Duration
	}{
		{"none", nil, 0},
		{"before it was asked", []time.Duration{-time.Hour}, 92 * time.Millisecond},
		{"one", []time.Duration{10 * time.Second}, 10 * time.Second},
		{"one, long", []time.Duration{90 * 24 * time.Hour}, 90 * 24 * time.Hour},
		{"odd", []time.Duration{time.Second, time.Minute, time.Hour}, time.Minute},
		{"even: the lower", []time.Duration{time.Second, time.Minute, time.Hour, time.Hour}, time.Minute},
		{"one is far off", []time.Duration{2 * time.Second, 2 * time.Second, 1000 * time.Hour}, 2 * time.Second},
	} {
		s := store.Spans{}
		for _, d := range tt.lengths {
			s[store.SpanOf(d)]++
		}
		got := s.Median()
		if off := float64(got-tt.want) / max(float64(tt.want), 1); off > .1 || off < -.1 {
			t.Errorf("%s: got a median of %v, want %v within a tenth", tt.name, got, tt.want)
		}
	}
}

func TestDayAdd(t *testing.T) {
	one := store.Day{
		Date: "2026-11-20", Messages: 1, Accepted: 2, Decided: 3, Refused: 4, SentBack: 5, Held: 6,
		Answers: store.Spans{1: 7}, Decisions: store.Spans{2: 8},
		Errors: map[order.Code]int{"uai.key": 9}, Booksellers: map[string]int{"01": 10},
	}
	sum := store.Day{Date: "sum"}
	sum.Add(one)
	sum.Add(store.Day{Date: "2026-11-21", Errors: map[order.Code]int{"uai.key": 1, "uai.missing": 1}})
	want := one
	want.Date, want.Errors = "sum", map[order.Code]int{"uai.key": 10, "uai.missing": 1}
	if !reflect.DeepEqual(sum, want) {
		t.Errorf("got %+v, want %+v", sum, want)
	}
	if sum.Orders() != 5 || sum.Forms() != 13 {
		t.Errorf("got %d orders of %d forms, want 5 of 13", sum.Orders(), sum.Forms())
	}
	if one.Errors["uai.key"] != 9 {
		t.Error("adding a day changed it")
	}
}

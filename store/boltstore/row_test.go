package boltstore

import (
	"testing"

	"bdc/order"
)

// TestSearch looks for words where they stand at either end, across what is told
// apart, and almost.
func TestSearch(t *testing.T) {
	var eans []order.EAN
	for _, code := range []string{"9782090000313", "3133091234560"} {
		e, err := order.ParseEAN(code)
		if err != nil {
			t.Fatal(err)
		}
		eans = append(eans, e)
	}
	b, err := row{
		tags: []string{"status:received"}, eans: append(eans, order.EAN{}),
		text: []string{"Vézelay", "Collège Kléber", "Œdipe", "R-2026", "OFF-12", "zizanie"},
	}.encode()
	if err != nil {
		t.Fatal(err)
	}
	packed, ok := unpack(b)
	if !ok {
		t.Fatal("what was encoded is no row")
	}
	for words, want := range map[string]bool{
		"":                  true,
		"vez":               true,
		"VÉZELAY":           true,
		"zelay":             true,
		"lay":               true,
		"kleber":            true,
		"eber":              true,
		"klebex":            false,
		"xkleber":           false,
		"zizanie":           true,
		"oedipe":            true,
		"ŒDIPE":             true,
		"odipe":             false,
		"zanie":             true,
		"zizaniez":          false,
		"laycollege":        false,
		"kleber vezelay":    true,
		"kleber paris":      false,
		"2026":              true,
		"off-12":            true,
		"off-13":            false,
		"9782090000313":     true,
		"978-2-09-000031-3": true,
		"3133091234560":     true,
		"313313":            false,
		"00313":             false,
		"000313":            true,
		"09000031":          true,
		"1234560":           true,
		"9782090000314":     false,
		"97820900003130":    false,
		"é":                 true,
		"ù":                 false,
	} {
		if got := newSearch(words).finds(packed); got != want {
			t.Errorf("%q is found %t, want %t", words, got, want)
		}
	}
	if newSearch("").tag("status:", "receive").finds(packed) ||
		!newSearch("").tag("status:", "received").finds(packed) {
		t.Error("a tag is not looked for whole")
	}
}

package school

import (
	"slices"
	"testing"

	"bdc/order"
)

func TestNeighbours(t *testing.T) {
	right := "0750647W"
	tests := []struct{ name, typed string }{
		{"one digit", "0750657W"},
		{"the first digit", "1750647W"},
		{"a swap", "0570647W"},
		{"digit and letter swapped", "075064W7"},
		{"a wrong letter", "0750647A"},
		{"no letter", "0750647"},
		{"two letters", "0750647WW"},
		{"a lost zero", "750647W"},
		{"a lost digit", "075047W"},
		{"one digit too many", "07506447W"},
		{"O for 0", "O75O647W"},
		{"lower case", "0750647a"},
	}
	for _, tt := range tests {
		got := Neighbours(tt.typed)
		if !slices.ContainsFunc(got, func(u order.UAI) bool { return u.String() == right }) {
			t.Errorf("%s, %s: got %v, want %s among them", tt.name, tt.typed, got, right)
		}
		if len(got) > 40 {
			t.Errorf("%s: got %d, want few", tt.typed, len(got))
		}
	}
	for _, typed := range []string{"", "07506", "lycée", "à demander", "0750647W 0750648X"} {
		if got := Neighbours(typed); len(got) > 0 {
			t.Errorf("%q: got %v, want none", typed, got)
		}
	}
}

func FuzzNeighbours(f *testing.F) {
	f.Add("0750647A")
	f.Add("O75é647")
	f.Fuzz(func(t *testing.T, typed string) {
		got := Neighbours(typed)
		if len(got) > 200 {
			t.Errorf("%q: got %d, want few", typed, len(got))
		}
		for i, uai := range got {
			if uai.IsZero() || slices.Contains(got[:i], uai) {
				t.Errorf("%q: got %v, want each once", typed, got)
			}
		}
	})
}

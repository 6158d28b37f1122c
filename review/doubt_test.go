package review

import (
	"strings"
	"testing"

	"bdc/store"
)

// Each doubt has words of its own, and those that only a person ends say how.
func TestDoubtWords(t *testing.T) {
	seen := map[string]store.Doubt{}
	for d, todo := range map[store.Doubt]string{
		store.Copied: "bdc restore", store.Behind: "bdc inbox claim", store.Foreign: "bdc inbox claim",
		store.Restored: "", store.Unasked: "",
	} {
		words := doubt{Doubt: d}.Words()
		if other, ok := seen[words]; ok || !strings.Contains(words, todo) {
			t.Errorf("%s: got %q, want words other than those of %q, with %q", d, words, other, todo)
		}
		seen[words] = d
	}
	d := doubt{store.Behind, "la boîte nomme la génération 3"}
	if got := d.Detail(); !strings.HasSuffix(got, "génération 3.") {
		t.Errorf("got the detail %q", got)
	}
}

package config

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// docs/configuration.md has an entry for each key and none besides, and tells each default
// that is more than zero, false or nothing. The entry of the rules stands for all of them:
// docs/regles.md lists these.
func TestConfigurationPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	entries := documented(string(page))
	if _, ok := entries[`rules."CODE"`]; !ok {
		t.Error(`got no entry for rules."CODE"`)
	}
	delete(entries, `rules."CODE"`)
	defaults, known := Default(), map[string]reflect.Value{}
	keys(reflect.ValueOf(&defaults).Elem(), "", known)
	for _, key := range slices.Sorted(maps.Keys(known)) {
		told, ok := entries[key]
		if !ok {
			t.Errorf("%s: got no entry", key)
			continue
		}
		delete(entries, key)
		if value := known[key]; !value.IsZero() && told != fmt.Sprint(value) {
			t.Errorf("%s: got the default %q, want %q", key, told, fmt.Sprint(value))
		}
	}
	for key := range entries {
		t.Errorf("%s: got an entry, and there is no such key", key)
	}
}

// documented returns the keys of a page's entries, each with what the page tells between
// the first two dashes, without backquotes: its default, if it has one.
func documented(page string) map[string]string {
	keys := map[string]string{}
	for _, entry := range strings.Split(page, "\n- `")[1:] {
		names, text, _ := strings.Cut(entry, " – ")
		told, _, _ := strings.Cut(text, " – ")
		for name := range strings.SplitSeq(names, ", ") {
			keys[strings.Trim(name, "`")] = strings.Trim(told, "`")
		}
	}
	return keys
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportOfSeveralFiles: the directory comes in parts, together or one by one,
// and a bad one changes nothing.
func TestImportOfSeveralFiles(t *testing.T) {
	_, config := demoInbox(t)
	dir := filepath.Dir(config)
	const head = "UAI;Nom;Type;CP;Commune\n"
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lycees := file("lycees.csv",
		head+"0750647W;Lycée Turgot;Lycée;75003;Paris\n0932030B;Lycée Utrillo;Lycée;93240;Stains\n")
	colleges := file("colleges.csv",
		head+"0770930T;Collège Henri IV;Collège;77100;Meaux\n0071168G;Collège Foucauld;Collège;07270;Lamastre\n")
	fewer := file("moins.csv", head+"0750647W;Lycée Turgot-Arago;Lycée;75003;Paris\n")
	bad := file("abîmé.csv", head+"0750647W;\"Lycée Turgot;Lycée;75003;Paris\n")
	other := file("autre.csv", "Nom;Ville\nTurgot;Paris\n")

	steps := []struct {
		name  string
		files []string
		want  string // "" for a refusal
	}{
		{"one", []string{lycees}, "2 rows read, 2 entries: 2 added, 0 changed, 0 removed, 0 closed"},
		{"the other kind", []string{colleges}, "2 rows read, 4 entries: 2 added, 0 changed, 0 removed, 0 closed"},
		{"a good and a bad one", []string{fewer, bad}, ""},
		{"a good one and another file", []string{fewer, other}, ""},
		{
			"both at once: the same again",
			[]string{lycees, colleges},
			"4 rows read, 4 entries: 0 added, 0 changed, 0 removed, 0 closed",
		},
		{"fewer of one kind", []string{fewer}, "1 rows read, 3 entries: 0 added, 1 changed, 1 removed, 0 closed"},
		{"all anew", []string{colleges, lycees}, "4 rows read, 4 entries: 1 added, 1 changed, 0 removed, 0 closed"},
	}
	for _, step := range steps {
		code, stdout, stderr := call(t, append(append([]string{"import", "annuaire"}, step.files...), "-c", config)...)
		if step.want == "" {
			if code == exitOK || !strings.Contains(stderr, filepath.Base(step.files[1])) {
				t.Errorf("%s: exit code %d, %q; want a refusal that names %s", step.name, code, stderr, step.files[1])
			}
			continue
		}
		if code != exitOK || !strings.Contains(stdout, step.want) {
			t.Errorf("%s: exit code %d, %q %q; want %q", step.name, code, stdout, stderr, step.want)
		}
	}
	if code, _, _ := call(t, "import", "libraires", lycees, colleges, "-c", config); code != exitUsage {
		t.Errorf("several files of accounts: exit code %d, want %d", code, exitUsage)
	}
	if code, _, _ := call(t, "import", "annuaire", lycees, filepath.Join(dir, "absent.csv"), "-c",
		config); code != exitUsage {
		t.Errorf("a file that is not there: exit code %d, want %d", code, exitUsage)
	}
}

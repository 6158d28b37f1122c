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

	force := []string{"--force"}
	steps := []struct {
		name  string
		files []string
		want  string // "" for a refusal
		flags []string
	}{
		{"one", []string{lycees}, "2 entries: 2 added, 0 changed, 0 removed, 0 closed", nil},
		{"the other kind", []string{colleges}, "4 entries: 2 added, 0 changed, 0 removed, 0 closed", nil},
		{"a good and a bad one", []string{fewer, bad}, "", nil},
		{"a good one and another file", []string{fewer, other}, "", nil},
		{
			"both at once: the same again",
			[]string{lycees, colleges},
			"4 rows read, 4 entries: 0 added, 0 changed, 0 removed, 0 closed", nil,
		},
		{"fewer of one kind", []string{fewer}, "3 entries: 0 added, 1 changed, 1 removed, 0 closed", force},
		{"all anew", []string{colleges, lycees}, "4 entries: 1 added, 1 changed, 0 removed, 0 closed", nil},
	}
	for _, step := range steps {
		args := append(append([]string{"import", "annuaire"}, step.files...), step.flags...)
		code, stdout, stderr := call(t, append(args, "-c", config)...)
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

// TestImportIsGuarded: by command line, a preview and a drastic import say what would change
// and change nothing, and --undo takes the last imports back.
func TestImportIsGuarded(t *testing.T) {
	_, config := demoInbox(t)
	dir := filepath.Dir(config)
	file := func(name string, titles ...string) string {
		path := filepath.Join(dir, name)
		text := "EAN;Titre;Réf;Prix HT\n" + strings.Join(titles, "\n") + "\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	all := file("tous.csv", "3133091195199;Sirius;s;7,40", "3133091195205;Physique;p;6,90")
	dearer := file("plus cher.csv", "3133091195199;Sirius;s;8,40", "3133091195205;Physique;p;6,90")
	one := file("un.csv", "3133091195199;Sirius;s;8,40")
	for _, step := range []struct {
		name   string
		args   []string
		code   int
		stdout []string
		stderr string
	}{
		{"first", []string{"catalogue", all}, exitOK, []string{"2 entries: 2 added"}, ""},
		{"nothing to undo", []string{"catalogue", "--undo"}, exitFound, nil, "no import of this register can"},
		{"a preview", []string{"catalogue", dearer, "--preview"}, exitOK, []string{
			"would be 0 added, 1 changed", "3133091195199  Sirius: offre s : prix HT « 7,40 € » → « 8,40 € »",
		}, ""},
		{"an ordinary import", []string{"catalogue", dearer}, exitOK, []string{"2 entries: 0 added, 1 changed"}, ""},
		{"one that removes", []string{"catalogue", one}, exitFound, []string{
			"would be 0 added, 0 changed, 1 removed", "removed:\n    3133091195205  Physique",
		}, "this import removes 1 of 2 entries: nothing was changed"},
		{"its preview", []string{"catalogue", one, "--preview"}, exitOK, []string{"1 removed"}, "--force"},
		{"forced", []string{"catalogue", one, "--force"}, exitOK, []string{"1 entries: 0 added, 0 changed, 1 rem"}, ""},
		{"undone", []string{"catalogue", "--undo"}, exitOK, []string{"(un.csv): 2 entries: 1 added"}, ""},
		{"undone again", []string{"--undo", "catalogue"}, exitOK, []string{"(plus cher.csv): 2 entries: 0 added"}, ""},
		{"no more", []string{"catalogue", "--undo"}, exitFound, nil, "no import of this register can"},
		{"a file to undo", []string{"catalogue", "--undo", one}, exitUsage, nil, "no file"},
		{"undo and force", []string{"catalogue", "--undo", "--force"}, exitUsage, nil, "neither"},
	} {
		code, stdout, stderr := call(t, append(append([]string{"import"}, step.args...), "-c", config)...)
		if code != step.code || !strings.Contains(stderr, step.stderr) {
			t.Errorf("%s: got exit code %d, %q, want %d, %q", step.name, code, stderr, step.code, step.stderr)
		}
		for _, want := range step.stdout {
			if !strings.Contains(strings.ReplaceAll(stdout, "\u00a0", " "), want) {
				t.Errorf("%s: got %q, want %q", step.name, stdout, want)
			}
		}
	}
}

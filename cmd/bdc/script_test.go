package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bdc/cmd/bdc/demo"
	"bdc/templates"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"bdc": func() {
			os.Exit(run(context.Background(), os.Args[1:], env{environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr}))
		},
	})
}

// TestScript runs each subcommand as its user would, with its exit codes:
// testdata/script/*.txt. The samples of the demo are there as files.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			form, err := templates.Form()
			if err != nil {
				return err
			}
			samples, err := demo.Samples(form)
			if err != nil {
				return err
			}
			for i, name := range []string{"perfect", "spaced", "letter", "title", "physical", "two", "forwarded", "question", "absence"} {
				if err := os.WriteFile(filepath.Join(e.WorkDir, name+".eml"), samples[i].Raw, 0o600); err != nil {
					return err
				}
			}
			for _, name := range []string{"annuaire", "catalogue", "libraires"} {
				data, err := demo.Register(name)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(e.WorkDir, name+".csv"), data, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

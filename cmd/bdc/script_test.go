package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/demo"
	"bdc/templates"
)

func TestMain(m *testing.M) {
	// The daemon under test starts this program to mark workbooks.
	if len(os.Args) == 2 && os.Args[1] == daemon.Annotate {
		os.Exit(run(context.Background(), os.Args[1:], env{stdout: os.Stdout, stderr: os.Stderr}))
	}
	testscript.Main(tidy{m}, map[string]func(){
		"bdc": func() {
			os.Exit(run(context.Background(), os.Args[1:], env{
				environ: os.Environ(), stdout: os.Stdout,
				stderr: os.Stderr,
			}))
		},
	})
}

// tidy are tests that leave nothing behind of what they share.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	code := m.M.Run()
	_ = os.RemoveAll(shared.crash)
	return code
}

// TestScript runs each subcommand as its user would, with its exit codes:
// testdata/script/*.txt. The samples of the demo are there as files.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// exits CODE COMMAND…: the exact exit code
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				if len(args) < 2 {
					ts.Fatalf("usage: exits CODE COMMAND…")
				}
				got := 0
				var exit *exec.ExitError
				if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
					got = exit.ExitCode()
				} else if err != nil {
					ts.Fatalf("%v", err)
				}
				if strconv.Itoa(got) != args[0] {
					ts.Fatalf("exit code %d, want %s", got, args[0])
				}
			},
		},
		Setup: func(e *testscript.Env) error {
			form, err := templates.Form()
			if err != nil {
				return err
			}
			samples, err := demo.Samples(form)
			if err != nil {
				return err
			}
			for i, name := range []string{
				"perfect", "spaced", "letter", "title", "physical", "two", "forwarded",
				"question", "absence",
			} {
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

package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportsGoOneWay holds the packages to docs/architecture.md: what each may
// import of ours, and who alone may import a library.
func TestImportsGoOneWay(t *testing.T) {
	ours := map[string][]string{
		"order":             {},
		"templates":         {"order"},
		"sheet":             {"order"},
		"validate":          {"order", "validate/school"},
		"validate/registry": {"order", "sheet", "validate/school"},
		"validate/school":   {"order"},
		"store":             {"order"},
		"store/boltstore":   {"order", "store"},
		"store/storetest":   {"order", "store"},
		"ingest/mime":       {"order"},
		"ingest/mailbox":    {"order"},
		"ingest/mailtest":   {"bench/need"},
		"ingest":            {"order", "sheet", "validate", "templates", "store", "ingest/mime"},
		"notify":            {"order", "store"},
		"notify/staff":      {"order", "store"},
		"review":            {"order", "store", "templates", "ingest"},
	}
	only := map[string][]string{ // library → the packages that may import it
		"github.com/xuri/excelize/v2":    {"sheet"},
		"github.com/wneessen/go-mail":    {"notify"},
		"go.etcd.io/bbolt":               {"store/boltstore"},
		"github.com/emersion/go-imap":    {"ingest/mailbox", "ingest/mailtest", "cmd/bdc/demo"},
		"github.com/emersion/go-message": {"ingest/mime"},
		"github.com/emersion/go-msgauth": {"notify"},
		"golang.org/x/oauth2":            {"cmd/bdc/token"},
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "bdc/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, "bdc/")
		allowed, known := ours[name]
		outer := strings.HasPrefix(name, "cmd/") || strings.HasPrefix(name, "bench")
		if !known && !outer {
			t.Errorf("package %s is in no plan of the house", name)
			continue
		}
		seen++
		for _, path := range p.Imports {
			if inner, ok := strings.CutPrefix(path, "bdc/"); ok && !outer && !slices.Contains(allowed, inner) {
				t.Errorf("%s imports %s, which is not its business", name, inner)
			}
			if name == "order" && strings.Contains(path, ".") {
				t.Errorf("order imports %s; it may import the standard library only", path)
			}
			for library, users := range only {
				if (path == library || strings.HasPrefix(path, library+"/")) && !slices.Contains(users, name) {
					t.Errorf("%s imports %s, which is for %s only", name, path, strings.Join(users, " and "))
				}
			}
		}
	}
	if seen < len(ours) {
		t.Errorf("go list named %d packages, want at least %d", seen, len(ours))
	}
}

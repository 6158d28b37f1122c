package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	pathpkg "path"
	"path/filepath"
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
		"turn":              {},
		"sheet":             {"order", "sheet/grid"},
		"sheet/form":        {"order"},
		"sheet/grid":        {"order"},
		"sheet/mark":        {"order", "sheet", "sheet/form", "sheet/grid", "turn"},
		"sheet/sheettest":   {"bench/need", "order", "templates"},
		"validate":          {"order", "validate/school"},
		"validate/registry": {"order", "sheet/grid", "validate/school"},
		"validate/school":   {"order"},
		"validate/letter":   {"order"},
		"store":             {"order"},
		"store/boltstore":   {"order", "store"},
		"store/storetest":   {"order", "store"},
		"ingest/mime":       {"order"},
		"ingest/mailbox":    {"ingest/mailbox/wire", "order"},
		"ingest/mailtest":   {"bench/need"},
		"ingest/ownership":  {"ingest/mailbox", "store"},
		"ingest/sent":       {"ingest/mailbox", "store"},
		"ingest": {
			"order", "sheet", "sheet/grid", "validate", "validate/letter", "templates", "store", "ingest/mime", "turn",
		},
		"notify":       {"order", "store"},
		"notify/staff": {"order", "store"},
		"review":       {"order", "store", "templates", "ingest"},

		"ingest/mailbox/wire":       {},
		"ingest/mailtest/dialect":   {},
		"ingest/mailtest/memserver": {},

		"cmd/bdc/config":  {"cmd/bdc/token", "notify", "notify/staff", "order", "templates", "validate"},
		"cmd/bdc/control": {"order", "store"},
		"cmd/bdc/daemon": {
			"cmd/bdc/config", "cmd/bdc/control", "cmd/bdc/copies", "cmd/bdc/health", "cmd/bdc/registers",
			"cmd/bdc/token", "ingest", "ingest/mailbox", "ingest/mime", "ingest/ownership", "ingest/sent", "notify",
			"notify/staff", "order", "review", "sheet", "sheet/form", "sheet/mark", "store", "store/boltstore",
			"templates", "turn", "validate", "validate/registry",
		},
		"cmd/bdc/health": {
			"cmd/bdc/copies", "cmd/bdc/token", "ingest", "ingest/ownership", "ingest/sent", "notify", "notify/staff",
			"order", "store",
		},
		"cmd/bdc/token":     {},
		"cmd/bdc/demo":      {"ingest/mailtest/memserver", "ingest/mime", "order", "sheet", "sheet/form"},
		"cmd/bdc/people":    {"cmd/bdc/control", "order", "store", "validate/registry"},
		"cmd/bdc/registers": {"order", "store", "validate", "validate/registry"},
		"cmd/bdc/restore":   {"cmd/bdc/control", "order", "store", "store/boltstore"},
	}
	only := map[string][]string{ // library → the packages that may import it
		"github.com/xuri/excelize/v2":   {"sheet/form", "sheet/mark"}, // who writes workbooks
		"github.com/klauspost/compress": {"sheet/grid"},
		"github.com/wneessen/go-mail":   {"notify"},
		"go.etcd.io/bbolt":              {"store/boltstore"},
		"github.com/emersion/go-imap": {
			"ingest/mailbox", "ingest/mailtest", "ingest/mailtest/memserver", "cmd/bdc/demo",
		},
		"github.com/emersion/go-message": {"ingest/mime"},
		"github.com/emersion/go-msgauth": {"notify"},
		"golang.org/x/oauth2":            {"cmd/bdc/token"},
		"golang.org/x/net/html":          {"ingest/mime"},
		"github.com/spf13/cobra":         {"cmd/bdc"},
		"github.com/spf13/pflag":         {"cmd/bdc"},

		"net/http": {
			"review", "cmd/bdc/control", "cmd/bdc/daemon", "cmd/bdc/token", "bench",
			"templates",  // serves files that never change
			"sheet/grid", // asks what a browser would take for HTML
		},
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
			if inner, ok := strings.CutPrefix(path, "bdc/"); ok && known && !slices.Contains(allowed, inner) {
				t.Errorf("%s imports %s, which is not its business", name, inner)
			}
			if name == "order" && strings.Contains(path, ".") && !strings.HasPrefix(path, "golang.org/x/text/") {
				t.Errorf("order imports %s; it may import the standard library and golang.org/x/text only", path)
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

// TestWhoOpensStrangersBytes says which packages may call the readers of formats in
// which strangers send files. Each of them bounds what it reads.
func TestWhoOpensStrangersBytes(t *testing.T) {
	openers := map[string][]string{ // function → the packages that may call it
		"archive/zip.NewReader":                         {"sheet/grid", "ingest"},
		"archive/zip.OpenReader":                        {},
		"archive/tar.NewReader":                         {"validate/registry"},
		"compress/bzip2.NewReader":                      {},
		"compress/flate.NewReader":                      {},
		"compress/gzip.NewReader":                       {"validate/registry"},
		"compress/zlib.NewReader":                       {},
		"encoding/csv.NewReader":                        {"sheet/grid", "validate/registry"},
		"encoding/xml.NewDecoder":                       {"sheet/mark", "validate/registry"}, // of inflated parts
		"encoding/xml.Unmarshal":                        {},
		"github.com/klauspost/compress/flate.NewReader": {"sheet/grid"},
		"github.com/xuri/excelize/v2.OpenFile":          {},
		"github.com/xuri/excelize/v2.OpenReader":        {"sheet/mark"}, // in the child process
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles", "bdc/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	called := map[string]bool{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath, Dir string
			GoFiles         []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, "bdc/")
		for _, file := range p.GoFiles {
			for _, function := range usedFunctions(t, filepath.Join(p.Dir, file)) {
				users, known := openers[function]
				if known && !slices.Contains(users, name) {
					t.Errorf("%s/%s uses %s, which is for %v only", name, file, function, users)
				}
				called[function+" in "+name] = true
			}
		}
	}
	for function, users := range openers {
		for _, name := range users {
			if !called[function+" in "+name] {
				t.Errorf("%s may call %s, and does not", name, function)
			}
		}
	}
}

// usedFunctions are the names that a file uses of the packages it imports, such as
// "archive/zip.NewReader".
func usedFunctions(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	imported := map[string]string{} // by the name in the file
	for _, spec := range file.Imports {
		from := strings.Trim(spec.Path.Value, `"`)
		name := pathpkg.Base(from)
		if version := strings.TrimPrefix(name, "v"); version != name && strings.Trim(version, "0123456789") == "" {
			name = pathpkg.Base(pathpkg.Dir(from))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imported[name] = from
	}
	var used []string
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if of, ok := selector.X.(*ast.Ident); ok && imported[of.Name] != "" {
				used = append(used, imported[of.Name]+"."+selector.Sel.Name)
			}
		}
		return true
	})
	return used
}

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// listed is what go list tells of a package.
type listed struct {
	ImportPath, Dir, Export                  string
	Standard                                 bool
	GoFiles, TestGoFiles, XTestGoFiles       []string
	Imports, Deps, TestImports, XTestImports []string
	Module                                   *struct{ Main bool }
}

// tested says whether the package has tests.
func (l listed) tested() bool { return len(l.TestGoFiles)+len(l.XTestGoFiles) > 0 }

// house is the module: its packages by path, and the export data of all that they
// import, by which one of them can be type-checked alone.
type house struct {
	packages map[string]listed
	exports  map[string]string // import path → file
	imports  types.Importer
	files    *token.FileSet
}

// openHouse lists the packages of the module in the working folder, their tests'
// imports included. Go list compiles what is not in the build cache.
func openHouse(ctx context.Context) (*house, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	h := &house{packages: map[string]listed{}, exports: map[string]string{}, files: token.NewFileSet()}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read go list: %w", err)
		}
		h.exports[l.ImportPath] = l.Export
		if l.Module != nil && l.Module.Main {
			h.packages[l.ImportPath] = l
		}
	}
	h.imports = importer.ForCompiler(h.files, "gc", func(path string) (io.ReadCloser, error) {
		if h.exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(h.exports[path])
	})
	return h, nil
}

// dependents are the packages other than that one whose tests run its code.
func (h *house) dependents(path string) (list []string) {
	for name, l := range h.packages {
		if name == path || !l.tested() {
			continue
		}
		direct := slices.Concat([]string{name}, l.TestImports, l.XTestImports)
		reaches := func(d string) bool { return d == path || slices.Contains(h.packages[d].Deps, path) }
		if slices.ContainsFunc(direct, reaches) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// unit is a package whose code is to be changed, parsed and type-checked.
type unit struct {
	house *house
	path  string
	names []string          // of its files, whole paths
	text  map[string][]byte // by name
	trees map[string]*ast.File
	info  *types.Info
	tests []byte // a hash of its test files
}

// load reads a package of the house.
func (h *house) load(path string) (*unit, error) {
	l := h.packages[path]
	u := &unit{house: h, path: path, text: map[string][]byte{}, trees: map[string]*ast.File{}}
	for _, name := range l.GoFiles {
		name = filepath.Join(l.Dir, name)
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(h.files, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		u.names, u.text[name], u.trees[name] = append(u.names, name), text, tree
	}
	u.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	if err := u.check(u.trees, u.info); err != nil {
		return nil, fmt.Errorf("type-check %s: %w", path, err)
	}
	sum := sha256.New()
	for _, name := range slices.Concat(l.TestGoFiles, l.XTestGoFiles) {
		text, err := os.ReadFile(filepath.Join(l.Dir, name))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	u.tests = sum.Sum(nil)
	return u, nil
}

func (u *unit) check(trees map[string]*ast.File, info *types.Info) error {
	files := make([]*ast.File, 0, len(trees))
	for _, name := range u.names {
		files = append(files, trees[name])
	}
	_, err := (&types.Config{Importer: u.house.imports}).Check(u.path, u.house.files, files, info)
	return err
}

// compiles says whether the package would compile with the change made: an unused
// variable or import, a missing return and their like are found here, without
// starting the compiler.
func (u *unit) compiles(m mutant) bool {
	tree, err := parser.ParseFile(token.NewFileSet(), m.file, u.apply(m), parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	// The positions of the new tree mean nothing in the house's set of files; only
	// whether there is an error counts.
	trees := map[string]*ast.File{}
	for name, t := range u.trees {
		trees[name] = t
	}
	trees[m.file] = tree
	return u.check(trees, nil) == nil
}

// apply returns the text of the mutant's file with the change made.
func (u *unit) apply(m mutant) []byte {
	text := u.text[m.file]
	return slices.Concat(text[:m.from], []byte(m.after), text[m.to:])
}

// key names a mutant as long as neither the file that it changes nor the package's
// own tests change.
func (u *unit) key(m mutant) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %x\n%s", m.Place(), u.tests, u.apply(m))
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

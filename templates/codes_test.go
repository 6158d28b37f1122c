package templates

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bdc/order"
)

// Every code that is written in Go has its words in findings.toml, and every code of
// findings.toml is made by Go. A sample need not meet a code for that: the codes are found
// in the source, by the type order.Code.
func TestCodesOfTheSource(t *testing.T) {
	var s codeSource
	s.read(t, "bdc/order", "bdc/sheet/...", "bdc/validate/...", "bdc/ingest/...", "bdc/notify/...")
	listed := Codes()
	for _, code := range slices.Sorted(maps.Keys(s.written)) {
		if !slices.Contains(listed, code) {
			t.Errorf("%s: the code %s is not in findings.toml", s.written[code], code)
		}
	}
	for _, code := range listed {
		if !s.made[code] {
			t.Errorf("findings.toml has the code %s, which nothing makes", code)
		}
	}
	if len(s.made) < 100 {
		t.Errorf("found %d codes in the source, want at least 100", len(s.made))
	}
}

// codeSource is what the source of some packages says about codes.
type codeSource struct {
	written map[order.Code]token.Position // each code, and one of the places where it stands
	made    map[order.Code]bool           // those that are used as a value, and not only compared with one

	fset  *token.FileSet
	calls map[string][]*ast.CallExpr // of each function that is called, by its full name
	info  types.Info                 // of all packages
}

// read type-checks packages without their tests, and finds the codes in them.
func (s *codeSource) read(t *testing.T, patterns ...string) {
	t.Helper()
	s.written, s.made = map[order.Code]token.Position{}, map[order.Code]bool{}
	s.fset, s.calls = token.NewFileSet(), map[string][]*ast.CallExpr{}
	s.info = types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Defs: map[*ast.Ident]types.Object{},
	}
	args := append([]string{"list", "-deps", "-export", "-json=ImportPath,Dir,GoFiles,Export,DepOnly"}, patterns...)
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	type listedPackage struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
		DepOnly                 bool
	}
	exports := map[string]string{}
	var ours []listedPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		// A package of test servers or sample files is for tests, though it is not named _test.
		if !p.DepOnly && !strings.HasSuffix(p.ImportPath, "test") {
			ours = append(ours, p)
		}
	}
	config := types.Config{Importer: importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	var files []*ast.File
	for _, p := range ours {
		var parsed []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, file)
		}
		if _, err := config.Check(p.ImportPath, s.fset, parsed, &s.info); err != nil {
			t.Fatalf("check %s: %v", p.ImportPath, err)
		}
		files = append(files, parsed...)
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if name := s.called(call); name != "" {
					s.calls[name] = append(s.calls[name], call)
				}
			}
			return true
		})
	}
	for _, file := range files {
		s.file(t, file)
	}
}

// called returns the full name of the function that is called, or "".
func (s *codeSource) called(call *ast.CallExpr) string {
	var name *ast.Ident
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return ""
	}
	if f, ok := s.info.Uses[name].(*types.Func); ok {
		return f.FullName()
	}
	return ""
}

// file finds the codes in one file.
func (s *codeSource) file(t *testing.T, file *ast.File) {
	t.Helper()
	var above []ast.Node // the nodes around n, the outermost first
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			above = above[:len(above)-1]
			return true
		}
		if e, ok := n.(ast.Expr); ok && s.isCode(e) {
			if value := s.info.Types[e].Value; value != nil {
				s.constant(e, order.Code(constant.StringVal(value)), above)
			} else if call, ok := e.(*ast.CallExpr); ok && s.info.Types[call.Fun].IsType() {
				s.conversion(t, call, above)
			}
		}
		above = append(above, n)
		return true
	})
}

// isCode reports whether an expression is a value of type order.Code.
func (s *codeSource) isCode(e ast.Expr) bool {
	tv, ok := s.info.Types[e]
	return ok && tv.Type != nil && tv.Type.String() == "bdc/order.Code" && !tv.IsType()
}

// constant notes a code that stands in the source as a whole, or by the name of its constant.
func (s *codeSource) constant(e ast.Expr, code order.Code, above []ast.Node) {
	if code == "" {
		return
	}
	s.written[code] = s.fset.Position(e.Pos())
	switch around := above[len(above)-1].(type) {
	case *ast.ValueSpec: // its definition
		if _, isVar := s.info.Defs[around.Names[0]].(*types.Var); !isVar {
			return
		}
	case *ast.BinaryExpr, *ast.CaseClause: // a comparison
		return
	}
	s.made[code] = true
}

// conversion notes the codes of a conversion such as order.Code("form.limit." + limit),
// where limit is a parameter of the function around it. Its values are those of the case
// around the conversion, if there is one, and else what the calls of the function pass.
func (s *codeSource) conversion(t *testing.T, call *ast.CallExpr, above []ast.Node) {
	t.Helper()
	place := s.fset.Position(call.Pos())
	sum, ok := call.Args[0].(*ast.BinaryExpr)
	if !ok || sum.Op != token.ADD {
		t.Errorf("%s: can't tell which codes this makes", place)
		return
	}
	prefix := s.info.Types[sum.X].Value
	parameter, ok := sum.Y.(*ast.Ident)
	if prefix == nil || !ok {
		t.Errorf("%s: can't tell which codes this makes", place)
		return
	}
	names := s.values(parameter, above)
	if len(names) == 0 {
		t.Errorf("%s: can't tell which values %s has", place, parameter.Name)
	}
	for _, name := range names {
		value := s.info.Types[name].Value
		if value == nil {
			t.Errorf("%s: can't tell which code this makes", s.fset.Position(name.Pos()))
			continue
		}
		code := order.Code(constant.StringVal(prefix) + constant.StringVal(value))
		s.written[code], s.made[code] = s.fset.Position(name.Pos()), true
	}
}

// values returns the expressions that say which values a parameter has.
func (s *codeSource) values(parameter *ast.Ident, above []ast.Node) []ast.Expr {
	for i, n := range slices.Backward(above) {
		switch n := n.(type) {
		case *ast.CaseClause:
			// The body of the switch lies between the clause and the switch.
			of, ok := above[i-2].(*ast.SwitchStmt)
			if !ok {
				continue
			}
			if tag, ok := of.Tag.(*ast.Ident); ok && s.info.Uses[tag] == s.info.Uses[parameter] {
				return n.List
			}
		case *ast.FuncDecl:
			f := s.info.Defs[n.Name].(*types.Func)
			var passed []ast.Expr
			for i := range f.Signature().Params().Len() {
				if f.Signature().Params().At(i) == s.info.Uses[parameter] {
					for _, call := range s.calls[f.FullName()] {
						passed = append(passed, call.Args[i])
					}
				}
			}
			return passed
		}
	}
	return nil
}

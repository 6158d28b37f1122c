package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path/filepath"
	"strconv"
	"strings"
)

// mutant is one small change of one file.
type mutant struct {
	unit         *unit
	kind         string // what is changed: see the comment of the program
	file         string
	from, to     int // the bytes that are replaced
	line, column int
	before       string
	after        string
}

// Place is where the change is, as compilers write it, within the repository.
func (m mutant) Place() string {
	return fmt.Sprintf("%s/%s:%d:%d", m.unit.path, filepath.Base(m.file), m.line, m.column)
}

// Change says what is changed, in one line.
func (m mutant) Change() string {
	after := short(m.after)
	if after == "" {
		after = "(removed)"
	}
	return m.kind + ": " + short(m.before) + " → " + after
}

// short is code on one line, and no longer than one reads.
func short(code string) string {
	const most = 70
	code = strings.Join(strings.Fields(code), " ")
	if r := []rune(code); len(r) > most {
		return string(r[:most]) + "…"
	}
	return code
}

// finder collects the mutants of a file.
type finder struct {
	unit  *unit
	file  string
	found []mutant
}

// mutants returns every change that can be made to a package, in the order of its
// code. Some do not compile.
func (u *unit) mutants() (all []mutant) {
	for _, name := range u.names {
		f := &finder{unit: u, file: name}
		ast.PreorderStack(u.trees[name], nil, f.visit)
		all = append(all, f.found...)
	}
	return all
}

// visit adds the mutants of one node and says whether to look inside it.
func (f *finder) visit(n ast.Node, stack []ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.TypeSpec:
		return false
	case *ast.CallExpr:
		return !f.isLog(n)
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.add("negation", n.OpPos, n.X.Pos(), "")
		}
	case *ast.BasicLit:
		f.number(n, stack)
	case *ast.Ident:
		f.truth(n)
	case *ast.IncDecStmt:
		f.add("arithmetic", n.TokPos, n.End(), map[token.Token]string{token.INC: "--", token.DEC: "++"}[n.Tok])
	case *ast.AssignStmt:
		f.assignment(n, stack)
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && !f.isPanic(call) && !f.isLog(call) {
			f.remove(n, stack)
		}
	case *ast.DeferStmt:
		if !strings.HasSuffix(f.code(n.Call.Fun), ".Close") { // a file left open shows in no test
			f.remove(n, stack)
		}
	case *ast.BranchStmt:
		f.remove(n, stack)
	case *ast.ReturnStmt:
		f.remove(n, stack)
		f.results(n)
	case *ast.IfStmt:
		f.branch(n)
	case *ast.CaseClause:
		if len(n.Body) > 1 {
			f.add("branch", n.Body[0].Pos(), n.Body[len(n.Body)-1].End(), "")
		}
	}
	return true
}

// add notes a change of the code between two positions, once.
func (f *finder) add(kind string, from, to token.Pos, after string) {
	file := f.unit.house.files.File(from)
	start, end := file.Offset(from), file.Offset(to)
	for _, m := range f.found { // a branch of one statement, and that statement
		if m.from == start && m.to == end && m.after == after {
			return
		}
	}
	at := file.Position(from)
	f.found = append(f.found, mutant{
		unit: f.unit, kind: kind, file: f.file, from: start, to: end, line: at.Line, column: at.Column,
		before: string(f.unit.text[f.file][start:end]), after: after,
	})
}

func (f *finder) code(n ast.Node) string {
	file := f.unit.house.files.File(n.Pos())
	return string(f.unit.text[f.file][file.Offset(n.Pos()):file.Offset(n.End())])
}

// remove takes a statement out of a block or a case. Elsewhere it belongs to the
// head of an if, a for or a switch.
func (f *finder) remove(n ast.Stmt, stack []ast.Node) {
	switch stack[len(stack)-1].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		f.add("statement", n.Pos(), n.End(), "")
	}
}

func (f *finder) binary(n *ast.BinaryExpr) {
	end := n.OpPos + token.Pos(len(n.Op.String()))
	swap := func(kind string) {
		f.add(kind, n.OpPos, end, map[token.Token]string{
			token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">", token.EQL: "!=", token.NEQ: "==",
			token.LAND: "||", token.LOR: "&&",
			token.ADD: "-", token.SUB: "+", token.MUL: "/", token.QUO: "*", token.REM: "*",
			token.AND: "|", token.OR: "&", token.SHL: ">>", token.SHR: "<<",
		}[n.Op])
	}
	switch n.Op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL, token.NEQ:
		if !f.asksForError(n) {
			swap("comparison")
		}
	case token.LAND, token.LOR:
		swap("logic")
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM, token.AND, token.OR, token.SHL, token.SHR:
		if b, ok := f.typeOf(n).Underlying().(*types.Basic); ok && b.Info()&types.IsNumeric != 0 && !f.isSpan(n) {
			swap("arithmetic")
		}
	}
}

// number makes an integer one larger. Durations stay, since no test times anything,
// and so do capacities, which are only about speed.
func (f *finder) number(n *ast.BasicLit, stack []ast.Node) {
	if n.Kind != token.INT || f.isSpan(n) {
		return
	}
	for i, parent := range stack {
		switch parent := parent.(type) {
		case *ast.CallExpr:
			child := append(stack[:len(stack):len(stack)], ast.Node(n))[i+1]
			if f.code(parent.Fun) == "make" && len(parent.Args) == 3 && child == parent.Args[2] {
				return
			}
		case ast.Expr:
			if f.isSpan(parent) {
				return
			}
		}
	}
	value := f.unit.info.Types[n].Value
	if value == nil {
		value = constant.MakeFromLiteral(n.Value, token.INT, 0)
	}
	if whole, ok := constant.Int64Val(constant.ToInt(value)); ok {
		f.add("constant", n.Pos(), n.End(), strconv.FormatInt(whole+1, 10))
	}
}

// truth turns true to false and back.
func (f *finder) truth(n *ast.Ident) {
	if c, ok := f.unit.info.Uses[n].(*types.Const); ok && c.Parent() == types.Universe {
		switch n.Name {
		case "true":
			f.add("constant", n.Pos(), n.End(), "false")
		case "false":
			f.add("constant", n.Pos(), n.End(), "true")
		}
	}
}

func (f *finder) assignment(n *ast.AssignStmt, stack []ast.Node) {
	switch n.Tok {
	case token.DEFINE:
		return
	case token.ADD_ASSIGN, token.SUB_ASSIGN:
		if b, ok := f.typeOf(n.Lhs[0]).Underlying().(*types.Basic); ok && b.Info()&types.IsNumeric != 0 {
			other := map[token.Token]string{token.ADD_ASSIGN: "-=", token.SUB_ASSIGN: "+="}[n.Tok]
			f.add("arithmetic", n.TokPos, n.TokPos+2, other)
		}
	}
	if f.code(n.Lhs[0]) != "_" || len(n.Lhs) > 1 {
		f.remove(n, stack)
	}
}

// branch empties what an if does, or turns it round. An if that asks for an error
// only ever ignores it: turned round, any test would notice.
func (f *finder) branch(n *ast.IfStmt) {
	inner := func(b *ast.BlockStmt) (from, to token.Pos) { return b.List[0].Pos(), b.List[len(b.List)-1].End() }
	cond, plain := n.Cond.(*ast.BinaryExpr)
	if plain && f.asksForError(cond) {
		if len(n.Body.List) > 0 {
			from, to := inner(n.Body)
			f.add("error", from, to, "")
		}
	} else {
		f.add("negation", n.Cond.Pos(), n.Cond.End(), "!("+f.code(n.Cond)+")")
		if len(n.Body.List) > 1 {
			from, to := inner(n.Body)
			f.add("branch", from, to, "")
		}
	}
	if other, ok := n.Else.(*ast.BlockStmt); ok && len(other.List) > 1 {
		from, to := inner(other)
		f.add("branch", from, to, "")
	}
}

// results has a return hide its error, and turns round a truth that it computes.
func (f *finder) results(n *ast.ReturnStmt) {
	for _, r := range n.Results {
		value := f.unit.info.Types[r]
		if value.IsNil() || value.Value != nil || value.Type == nil {
			continue
		}
		if isError(value.Type) {
			f.add("error", r.Pos(), r.End(), "nil")
		}
		if b, ok := value.Type.Underlying().(*types.Basic); ok && b.Info()&types.IsBoolean != 0 {
			f.add("negation", r.Pos(), r.End(), "!("+f.code(r)+")")
		}
	}
}

func (f *finder) typeOf(e ast.Expr) types.Type {
	if t := f.unit.info.Types[e].Type; t != nil {
		return t
	}
	if id, ok := e.(*ast.Ident); ok && f.unit.info.Uses[id] != nil {
		return f.unit.info.Uses[id].Type()
	}
	return types.Typ[types.Invalid]
}

// asksForError says whether a comparison is of an error with nil.
func (f *finder) asksForError(n *ast.BinaryExpr) bool {
	return f.unit.info.Types[n.Y].IsNil() && isError(f.typeOf(n.X))
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// isSpan says whether an expression is a time.Duration.
func (f *finder) isSpan(e ast.Expr) bool { return f.typeOf(e).String() == "time.Duration" }

func (f *finder) isPanic(c *ast.CallExpr) bool {
	id, ok := c.Fun.(*ast.Ident)
	return ok && id.Name == "panic"
}

// isLog says whether a call writes to the log: its words are for people, and few
// tests read them.
func (f *finder) isLog(c *ast.CallExpr) bool {
	s, ok := c.Fun.(*ast.SelectorExpr)
	return ok && f.typeOf(s.X).String() == "*log/slog.Logger"
}

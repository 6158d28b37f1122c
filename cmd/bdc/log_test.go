package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	goimporter "go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// logKeys are the keys of the log, each with its one meaning.
func logKeys() map[string]string {
	return map[string]string{
		"act":          "what a person did in a case: an order.ActKind",
		"actor":        `who did it: a user's name, or "bdc"`,
		"address":      "where a server of ours listens",
		"after":        "for how long it had not worked",
		"announces":    "whether the mail server tells of new mail at once",
		"attempt":      "which attempt to send the reply this is, from 1",
		"doubt":        "why the record may not own the inbox",
		"backlog":      "how many messages wait to be examined",
		"case":         "the code of the case",
		"cases":        "the codes of the cases that a message opens or goes on with",
		"cause":        "what is in trouble: an order.Cause",
		"commit":       "the commit that the program was built from",
		"copy":         "the path of a copy of the data file, kept before the file is changed",
		"count":        "how many things the retention erased",
		"entries":      "how many entries a register has",
		"err":          "the error",
		"expires":      "when it expires",
		"file":         "the path of the data file, or of a copy of it",
		"folder":       "the name of a folder of the mailbox",
		"format":       "the format that the data file had",
		"from":         "the network address of a browser",
		"go":           "the release of Go that built the program",
		"kind":         "what the retention erased: attachments, messages, replies, cases, orders or audit",
		"last_check":   "when the mailbox was last searched with success",
		"mails":        "how many mails",
		"message":      "the Message-ID of the message",
		"messages":     "how many messages",
		"new":          "whether a person created it",
		"next_attempt": "when it is tried again",
		"notice":       "the name of a store.Notice",
		"order":        "the number of the order",
		"orders":       "the numbers of the orders that a message made",
		"part":         "which part of the program writes this line",
		"path":         "the path of a page of the console",
		"reason":       "why the intake or the outbox is paused",
		"register":     "the name of the register",
		"replies":      "the ids of the replies",
		"reply":        "the id of the reply",
		"since":        "when it began",
		"smtp_code":    "the mail server's reply code, 0 for no answer",
		"uid":          "the UID of the message in its folder",
		"user":         "the name of the user that the line is about",
		"version":      "the version of the program",
		"what":         "what a person paused or resumed: reception or envoi",
		"words":        "what the mail server or the system said",
	}
}

// TestLogKeys holds every call of a *slog.Logger to one list of keys: each key is a
// constant of the list, each has a value, and a time is written as UTC, by a call of
// its UTC method. It also finds keys of the list that nothing uses.
func TestLogKeys(t *testing.T) {
	meanings, used := logKeys(), map[string]bool{}
	calls := 0
	for _, p := range modulePackages(t) {
		for _, file := range p.files {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				pairs, ok := logPairs(p.info, call)
				if !ok {
					return true
				}
				calls++
				for _, fault := range pairFaults(p.info, pairs, call.Ellipsis.IsValid(), meanings, used) {
					t.Errorf("%s: %s", p.fset.Position(call.Pos()), fault)
				}
				return true
			})
		}
	}
	for key := range meanings {
		if !used[key] {
			t.Errorf("no line of the log has the key %q", key)
		}
	}
	if calls < 40 {
		t.Errorf("got %d calls of a logger, want 40 or more: are they found at all?", calls)
	}
}

// pairFaults says what is wrong with the keys and values of a call, and notes the keys.
func pairFaults(
	info *types.Info, pairs []ast.Expr, spread bool, meanings map[string]string, used map[string]bool,
) (faults []string) {
	if spread {
		return []string{"keys and values are spread from a slice: they can't be looked at"}
	}
	if len(pairs)%2 != 0 {
		return []string{"a key without a value"}
	}
	seen := map[string]bool{}
	for pair := range slices.Chunk(pairs, 2) {
		value := info.Types[pair[0]].Value
		if value == nil || value.Kind() != constant.String {
			faults = append(faults, "a key that is no constant text")
			continue
		}
		key := constant.StringVal(value)
		used[key] = true
		if meanings[key] == "" {
			faults = append(faults, fmt.Sprintf("the key %q is not in the list", key))
		}
		if seen[key] {
			faults = append(faults, fmt.Sprintf("the key %q twice", key))
		}
		seen[key] = true
		if !isUTC(info, pair[1]) {
			faults = append(faults, fmt.Sprintf("the time under %q is not written as UTC", key))
		}
	}
	return faults
}

// logPairs returns the arguments of a call that are keys and values, if the call is
// one of a *slog.Logger or of package slog that writes a line, or prepares one.
func logPairs(info *types.Info, call *ast.CallExpr) ([]ast.Expr, bool) {
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	f, ok := info.Uses[fun.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != "log/slog" {
		return nil, false
	}
	before := map[string]int{
		"With": 0, "Debug": 1, "Info": 1, "Warn": 1, "Error": 1,
		"DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2, "Log": 3, "LogAttrs": 3,
	}
	skip, ok := before[f.Name()]
	if receiver := f.Signature().Recv(); receiver != nil && receiver.Type().String() != "*log/slog.Logger" {
		return nil, false
	}
	return call.Args[min(skip, len(call.Args)):], ok
}

// isUTC reports whether a value is no time.Time, or the result of its method UTC.
func isUTC(info *types.Info, value ast.Expr) bool {
	if info.TypeOf(value).String() != "time.Time" {
		return true
	}
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	return ok && fun.Sel.Name == "UTC"
}

// typed is a package of this module, parsed and type-checked without its tests.
type typed struct {
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
}

// modulePackages type-checks the packages of this module. Packages that they import
// are read from the compiler's cache.
func modulePackages(t *testing.T) (list []typed) {
	t.Helper()
	goList := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export", "bdc/...")
	out, err := goList.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	type listed struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
	}
	var ours []listed
	exports := map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, "bdc/") {
			ours = append(ours, p)
		}
	}
	fset := token.NewFileSet()
	compiled := goimporter.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	for _, p := range ours {
		c := typed{fset: fset, info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{},
			Uses:  map[*ast.Ident]types.Object{},
		}}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			c.files = append(c.files, file)
		}
		if _, err := (&types.Config{Importer: compiled}).Check(p.ImportPath, fset, c.files, c.info); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

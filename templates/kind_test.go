package templates

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"strconv"
	"testing"

	"bdc/order"
)

// kinds returns all constants of type order.ReplyKind, from the source of package order:
// those of the replies that booksellers get, and the others.
func kinds(t *testing.T) (answered, others []order.ReplyKind) {
	t.Helper()
	files, err := filepath.Glob("../order/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "ReplyKind" {
				return true
			}
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				if kind := order.ReplyKind(text); kind == order.ReplyNone || kind.ForStaff() {
					others = append(others, kind)
				} else {
					answered = append(answered, kind)
				}
			}
			return true
		})
	}
	if len(answered) < 8 || len(others) < 3 {
		t.Fatalf("found %d kinds of replies to booksellers and %d others, want at least 8 and 3",
			len(answered), len(others))
	}
	return answered, others
}

// Each kind of reply has words of its own, so that a kind that is new cannot be answered
// in the words of another; and what is no answer to a bookseller is refused.
func TestEveryKindHasItsWords(t *testing.T) {
	r := newTestRenderer(t)
	answered, others := kinds(t)
	words := map[string]order.ReplyKind{}
	for _, kind := range answered {
		_, text, page := mustRender(t, order.Reply{Kind: kind}, Options{})
		for _, body := range []string{text, shownText(page)} {
			body = flat(body)
			if other, taken := words[body]; taken && other != kind {
				t.Errorf("%s: got the words of %s: %s", kind, other, body)
			}
			words[body] = kind
		}
	}
	for _, kind := range others {
		if _, _, _, err := r.Render(order.Reply{Kind: kind}, Options{}); !errors.Is(err, ErrNoReply) {
			t.Errorf("%s: got error %v, want one that wraps ErrNoReply", kind, err)
		}
	}
}

// The templates refuse a kind that they do not name, also when newMail lets it through.
func TestTemplatesRefuseOtherKinds(t *testing.T) {
	r := newTestRenderer(t)
	m := mail{Sections: []section{{Kind: "new", Rank: 1, Of: 1}}}
	if err := r.text.ExecuteTemplate(io.Discard, "mail.txt", m); !errors.Is(err, ErrNoReply) {
		t.Errorf("text: got error %v, want one that wraps ErrNoReply", err)
	}
	if err := r.html.ExecuteTemplate(io.Discard, "mail.html", m); !errors.Is(err, ErrNoReply) {
		t.Errorf("HTML: got error %v, want one that wraps ErrNoReply", err)
	}
}

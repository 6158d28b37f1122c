package templates

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"bdc/order"
)

// The samples execute every branch of the embedded templates. So a folder's template with
// the same branches either fails when it is tried on the samples or does not fail later.
func TestSamplesReachEveryBranch(t *testing.T) {
	r := newTestRenderer(t)
	var marks branchMarks
	files, err := fs.ReadDir(Replies(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if tree := r.text.Lookup(name); tree != nil {
			marks.add(tree.Tree)
		} else {
			marks.add(r.html.Lookup(name).Tree)
		}
	}
	var all strings.Builder
	for _, s := range Samples() {
		s.Options.OpeningHours = 72
		for _, trial := range []Sample{s, {Reply: order.Reply{Kind: s.Reply.Kind}}} {
			_, text, page, err := r.Render(trial.Reply, trial.Options)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteString(text + page)
		}
	}
	marks.check(t, all.String())
}

// The previews of the mails to staff show all words of their templates.
func TestStaffSamplesReachEveryBranch(t *testing.T) {
	var marks branchMarks
	var all strings.Builder
	for _, url := range []string{"https://bdc.example.org", ""} {
		r, err := NewStaffRenderer(url)
		if err != nil {
			t.Fatal(err)
		}
		marks = nil // the second renderer has templates of its own
		for _, name := range []string{"alert.txt", "digest.txt"} {
			marks.add(r.text.Lookup(name).Tree)
		}
		for _, name := range []string{"alert.html", "bottom.html", "digest.html", "rows.html", "top.html"} {
			marks.add(r.html.Lookup(name).Tree)
		}
		for _, s := range StaffSamples() {
			_, text, page, err := r.Render(s.Reply)
			if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			all.WriteString(text + page)
		}
	}
	marks.check(t, all.String())
}

// branchMarks are words that the test puts at the beginning of each branch of the templates.
// A branch was executed if its word is in the output. Each element says where the branch
// is.
type branchMarks []string

func (m *branchMarks) add(tree *parse.Tree) { m.list(tree, tree.Root) }

func (m *branchMarks) list(tree *parse.Tree, l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			m.branch(tree, &n.BranchNode)
		case *parse.WithNode:
			m.branch(tree, &n.BranchNode)
		case *parse.RangeNode:
			m.branch(tree, &n.BranchNode)
		}
	}
}

func (m *branchMarks) branch(tree *parse.Tree, n *parse.BranchNode) {
	for i, l := range []*parse.ListNode{n.List, n.ElseList} {
		if l == nil {
			continue
		}
		m.list(tree, l)
		if slices.ContainsFunc(l.Nodes, func(n parse.Node) bool { return n.String() == "{{nokind .Kind}}" }) {
			continue // fails whenever it is reached: see TestTemplatesRefuseOtherKinds
		}
		where, what := tree.ErrorContext(n)
		mark := fmt.Sprintf("zz%dzz", len(*m))
		*m = append(*m, fmt.Sprintf("%s %s, branch %d", where, what, i+1))
		l.Nodes = append([]parse.Node{&parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(mark)}},
			l.Nodes...)
	}
}

func (m branchMarks) check(t *testing.T, said string) {
	t.Helper()
	if len(m) == 0 {
		t.Error("got no branches to look for")
	}
	for i, branch := range m {
		if !strings.Contains(said, fmt.Sprintf("zz%dzz", i)) {
			t.Errorf("nothing reaches %s", branch)
		}
	}
}

package review_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
)

// axe is the source of axe-core, which checks the rules of accessibility, if npm has fetched
// it: https://github.com/dequelabs/axe-core.
func axe(t *testing.T) string {
	t.Helper()
	need.Node(t, "testdata/node")
	source, err := os.ReadFile("testdata/node/node_modules/axe-core/axe.min.js")
	must(t, err)
	return string(source)
}

// violation is a rule that a page breaks.
type violation struct {
	ID    string
	Help  string
	Nodes []struct{ HTML string }
}

// judged runs axe on the page as it is now, and returns the rules that it breaks.
func (t *tab) judged(source string) (list []violation) {
	t.t.Helper()
	var told string
	t.until("axe's verdict", func(ctx context.Context) bool {
		// Frames are left out: a PDF's viewer is the browser's own.
		var err error
		told, err = chromedp.Run(ctx, chromedp.Evaluate[string](
			source+";axe.run(document, {iframes: false, resultTypes: ['violations']}).then(r => "+
				"JSON.stringify(r.violations.map(v => ({ID: v.id, Help: v.help, Nodes: v.nodes.slice(0, 3).map(n => "+
				"({HTML: n.html.slice(0, 300)}))}))))",
			chromedp.EvalAwaitPromise))
		return err == nil
	})
	must(t.t, json.Unmarshal([]byte(told), &list))
	return list
}

// No page breaks a rule of axe, be it light or dark, wide or narrow, with everything
// on it opened.
func TestBrowserAxe(t *testing.T) {
	need.Time(t)
	source := axe(t)
	s := newScene(t)
	b := newTab(t, s.rig)
	schemes := []string{"dark", "light"}
	looks := 0
	look := func(name string) {
		t.Helper()
		looks++
		for i, scheme := range schemes {
			if need.Race && (i+looks)%2 > 0 { // in turns
				continue
			}
			b.emulate(1280, scheme)
			for _, v := range b.judged(source) {
				t.Errorf("%s, %s: %s (%s) %+v", name, scheme, v.ID, v.Help, v.Nodes)
			}
		}
	}
	b.open("/connexion")
	look("connexion")
	b.signIn("ada")
	s.hold()
	for _, p := range s.pages() {
		b.open(p.path)
		b.holds("document.readyState === 'complete'")
		b.holds("document.querySelectorAll('details:not(.pdf)').forEach(d => { d.open = true }) || true")
		look(p.name)
	}
	b.open("/a-traiter")
	b.press("?")
	b.says("Raccourcis du clavier")
	look("aide")
	b.open("/a-traiter")
	b.emulate(390, "light")
	for _, v := range b.judged(source) {
		t.Errorf("narrow: %s (%s) %+v", v.ID, v.Help, v.Nodes)
	}
}

package review_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
)

// From an empty browser to the first corrected and accepted order, by mouse: the
// case appears by itself, its proposal is taken, the answer previewed and sent,
// and taken back in time.
func TestBrowserCorrectsAndAccepts(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	b := newTab(t, r)
	b.signIn("claire")
	b.says("Rien à traiter")
	waiting := r.held()
	b.says(waiting) // without a reload
	b.holds("document.querySelector('#waiting').textContent === '1'")

	code := r.wrong()
	b.open("/a-traiter?etat=libraire")
	b.click("a[href='/dossiers/" + code + "']")
	b.says("1 point à régler")
	b.click("button.take")
	b.says("rien n’empêche la commande")
	b.click("[data-key=a]")
	b.type_("#mots", "Merci <b>beaucoup</b>.")
	r.previewed("Merci &lt;b&gt;beaucoup&lt;/b&gt;.") // nothing but the frame may look into it
	b.click("[data-send]")
	b.says("La réponse part dans")
	if k := r.aCase(code); k.State != order.Closed || len(k.Orders) != 1 {
		t.Fatalf("got state %s and orders %v, want it accepted", k.State, k.Orders)
	}
	b.click(".undo button")
	b.says("réponse retirée avant son départ")
	if k := r.aCase(code); k.State != order.Waiting {
		t.Errorf("got state %s after the undoing, want it waiting", k.State)
	}
}

// The same by keyboard alone.
func TestBrowserByKeyboard(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	first, second := r.held(), ""
	in, _ := r.receive(letter{
		from: "Zoé <zoe@ailleurs.test>",
		form: map[string]string{order.FieldUAI: "0990022L", order.FieldReference: "R-2"},
	})
	second = in.Cases[0].Code
	b := newTab(t, r)
	b.signIn("claire")
	b.says(second)
	b.press("?")
	b.says("Raccourcis du clavier")
	b.press("\x1b")
	b.press("j", "j", "k", "j", "\r")
	b.says("zoe@ailleurs.test")
	b.press("c") // the cell that is wrong
	b.holds("document.activeElement.name === 'case:0:libraire_compte'")
	b.press("\x1b", "n")
	b.holds("document.activeElement.id === 'note'")
	b.type_("#note", "vue au clavier\r")
	b.says("vue au clavier")
	b.press("a")
	b.says("Ce que le libraire recevra")
	b.holds("document.activeElement.id === 'mots'")
	b.press("\t", "\r")
	b.says("La réponse part dans")
	b.press("s")
	b.says(first)
	b.press("g", "c")
	b.says("CNS-2026-000001")
	if k := r.aCase(second); k.State != order.Closed {
		t.Errorf("got state %s, want it accepted", k.State)
	}
}

// An open page shows at once what somebody else did to its case.
func TestBrowserSeesOthers(t *testing.T) {
	r := newRig(t)
	code := r.held()
	b := newTab(t, r)
	b.signIn("claire")
	b.open("/dossiers/" + code)
	b.says("Décider")
	paul := r.as("paul")
	deadline := time.Now().Add(20 * time.Second)
	for { // until the page listens, it hears nothing
		paul.act(code, "noter", "mots", "je regarde")
		if shown, err := chromedp.Run(b.ctx,
			chromedp.Evaluate[bool]("!document.querySelector('#change').hidden")); err == nil && shown {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the page never says that the case has changed")
		}
	}
}

// BDC_TEST_SHOTS names a folder for pictures of every page, to be looked at.
func TestBrowserPictures(t *testing.T) {
	folder := os.Getenv("BDC_TEST_SHOTS")
	if folder == "" {
		t.Skip("BDC_TEST_SHOTS is not set")
	}
	r := newScene(t)
	b := newTab(t, r.rig)
	b.open("/connexion")
	b.picture(folder, "connexion", 1280, "light")
	b.signIn("ada")
	r.hold()
	for _, p := range r.pages() {
		for _, width := range []int64{1280, 390} {
			for _, scheme := range []string{"light", "dark"} {
				b.open(p.path)
				b.picture(folder, p.name, width, scheme)
			}
		}
	}
}

func (t *tab) picture(folder, name string, width int64, scheme string) {
	t.t.Helper()
	t.emulate(width, scheme)
	t.holds("document.readyState === 'complete'")
	t.holds("document.documentElement.scrollWidth <= " + printed(width)) // nothing sticks out
	image, err := chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
	must(t.t, err)
	must(t.t, os.WriteFile(folder+"/"+name+"-"+printed(width)+"-"+scheme+".png", image, 0o644))
}

// emulate sets the window's width, and whether the person likes it light or dark.
func (t *tab) emulate(width int64, scheme string) {
	t.t.Helper()
	t.do(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia,
			emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
		return err
	}))
}

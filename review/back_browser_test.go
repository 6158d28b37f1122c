package review_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
)

// TestBrowserBack: whoever goes back after an act finds the page as it is now, and
// may act on it.
func TestBrowserBack(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>"})
	code := in.Cases[0].Code
	b := newTab(t, r)
	b.signIn("claire")
	b.open("/a-traiter")
	b.open("/dossiers/" + code)
	h := hand{b, true}
	h.write("#note", "Rappeler lundi.")
	h.press("form[action$='/noter'] button")
	b.says("Rappeler lundi.")
	b.do(chromedp.NavigateBack())
	b.holds("document.readyState === 'complete' && " +
		"performance.getEntriesByType('navigation')[0].type === 'back_forward'")
	b.says("Rappeler lundi.")
	h.write("#note", "Rappelé.")
	h.press("form[action$='/noter'] button")
	b.says("Rappelé.")
	if acts := r.aCase(code).Acts; len(acts) != 2 || acts[1].Text != "Rappelé." {
		t.Errorf("got the acts %s, want both notes", printed(acts))
	}
}

// TestBrowserWithoutScript: a form is corrected and its order accepted in a browser
// that runs no script.
func TestBrowserWithoutScript(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>", form: map[string]string{order.FieldUAI: "0990011B"}})
	code := in.Cases[0].Code
	b := newTab(t, r)
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	b.signIn("claire")
	b.open("/dossiers/" + code)
	h := hand{b, false}
	h.write("[name='case:0:uai']", "0990011Z")
	h.press("#corriger .primary")
	b.says("a corrigé le bon")
	h.press("[data-key=a]")
	h.write("#mots", "Merci.")
	h.press("[data-refresh]")
	h.press("[data-send]")
	b.says("La réponse part dans")
	if c := r.aCase(code); c.State != order.Closed || len(c.Orders) != 1 {
		t.Errorf("got the state %s and the orders %v, want an order", c.State, c.Orders)
	}
}

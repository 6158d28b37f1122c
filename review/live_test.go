package review_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
	"bdc/store"
)

// When a list changes, the row under the mouse stays where it is
// until the mouse leaves it, even if rows above it disappear.
func TestBrowserKeepsTheRowUnderTheMouse(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	first := r.held()
	in, _ := r.receive(letter{
		from: "Zoé <zoe@ailleurs.test>",
		form: map[string]string{order.FieldUAI: "0990022L", order.FieldReference: "R-2"},
	})
	second := in.Cases[0].Code
	b := newTab(t, r)
	b.signIn("claire")
	b.says(second)
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64]("(r => [r.x + r.width / 2, r.y + r.height / 2])"+
		"(document.querySelectorAll('tr[data-row]')[1].getBoundingClientRect())"))
	must(t, err)
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
	b.holds("document.querySelectorAll('tr[data-row]')[1].matches(':hover')")
	const rows = "[...document.querySelectorAll('tr[data-row] [data-open]')].map(a => a.textContent).join()"
	paul := r.as("paul")
	paul.act(first, "classer")
	b.holds("document.querySelector('#waiting').textContent === '1'") // it has heard
	third := r.held()
	b.holds("document.querySelector('#waiting').textContent === '2'")
	if got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](rows)); err != nil || got != first+","+second {
		t.Errorf("under the mouse: got rows %s, error %v, want %s,%s", got, err, first, second)
	}
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, 5, 5))
	b.holds(rows + " === " + printed(second+","+third))
}

// When something happens, an open page asks for the numbers in its bar, and for
// no list.
func TestBarAlone(t *testing.T) {
	r := newRig(t)
	r.held()
	must(t, r.store.PauseOutbox(t.Context(), store.Pause{At: r.clock(), Actor: "claire", Reason: "Nouveau catalogue"}))
	bar := r.as("ines").get("/barre").want(t, 200, "1", "L’envoi est suspendu", "Nouveau catalogue")
	if len(bar.body) > 1000 || strings.Contains(bar.body, "<main") || strings.Contains(bar.body, "D-") {
		t.Errorf("got %d octets: %s", len(bar.body), bar.body)
	}
}

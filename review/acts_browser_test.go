package review_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
	"bdc/store"
)

// hand is a way to work with a page: by mouse, or by keyboard alone.
type hand struct {
	*tab
	mouse bool
}

// on goes to an element: a mouse clicks it, a keyboard reaches it by
// the Tab key alone.
func (h hand) on(selector string) {
	h.t.Helper()
	if h.mouse {
		h.click(selector)
		return
	}
	h.holds("document.readyState === 'complete' && document.querySelector(" + printed(selector) + ")")
	h.tabTo("document.activeElement?.matches(" + printed(selector) + ")")
}

// press activates a link, a button or a summary.
func (h hand) press(selector string) {
	h.t.Helper()
	h.on(selector)
	if !h.mouse {
		h.do(chromedp.KeyEvent("\r"))
	}
}

// write replaces the text of a field.
func (h hand) write(selector, text string) {
	h.t.Helper()
	h.on(selector)
	h.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(text))
}

// choose selects an entry of a list by its first letters: a headless browser
// shows no list to click in.
func (h hand) choose(selector, text string) {
	h.t.Helper()
	if h.mouse {
		h.focus(selector)
	} else {
		h.on(selector)
	}
	h.do(chromedp.KeyEvent(text))
}

// deed is something that a person does in the console.
type deed struct {
	name string
	on   func(*rig) string              // makes what it is done on, and returns its code or number
	do   func(h hand, at string)        // does it, and waits until the page says so
	want func(r *rig, at string) string // what is wrong afterwards, or ""
}

func deeds() []deed {
	// No order is nearly the same as another.
	form := func(r *rig, from string, uai string) (order.Intake, store.Receipt) {
		r.t.Helper()
		return r.receive(letter{
			from: from, form: map[string]string{order.FieldReference: "R" + printed(r.uid), order.FieldUAI: uai},
			lines: []map[string]string{{order.ColumnEAN: "3133091001018", order.ColumnQuantity: printed(r.uid + 1)}},
		})
	}
	held := func(r *rig) string {
		in, _ := form(r, "Sam <sam@ailleurs.test>", "0990011Z")
		return in.Cases[0].Code
	}
	wrong := func(r *rig) string {
		in, _ := form(r, "", "0990011B")
		return in.Cases[0].Code
	}
	closed := func(r *rig) string {
		code := held(r)
		r.as("paul").act(code, "classer")
		return code
	}
	accepted := func(r *rig) string {
		code := held(r)
		r.as("paul").act(code, "reponse/accepter")
		return code
	}
	ordered := func(r *rig) string {
		_, receipt := form(r, "", "0990011Z")
		return receipt.Numbers[0]
	}
	state := func(want order.State) func(*rig, string) string {
		return func(r *rig, code string) string {
			if got := r.aCase(code).State; got != want {
				return "got the state " + string(got) + ", want " + string(want)
			}
			return ""
		}
	}
	verdict := func(r *rig, code string) string {
		if a := r.aCase(code).Attempts[0]; a.Verdict != order.Accepted {
			return "got the verdict " + string(a.Verdict)
		}
		return ""
	}
	text := func(want order.ActKind, words string) func(*rig, string) string {
		return func(r *rig, code string) string {
			acts := r.aCase(code).Acts
			if len(acts) == 0 || acts[len(acts)-1].Kind != want || acts[len(acts)-1].Text != words ||
				acts[len(acts)-1].Actor != "claire" {
				return "got the acts " + printed(acts)
			}
			return ""
		}
	}
	status := func(want order.Status) func(*rig, string) string {
		return func(r *rig, number string) string {
			if o, err := r.store.Order(r.t.Context(), number); err != nil || o.Status != want {
				return "got the status " + string(o.Status)
			}
			return ""
		}
	}
	fine := func(*rig, string) string { return "" }
	atCase := func(h hand, code string) { h.open("/dossiers/" + code) }
	return []deed{
		{"correct a cell", wrong, func(h hand, at string) {
			atCase(h, at)
			h.write("[name='case:0:uai']", "0990011Z")
			h.press("#corriger .primary")
			h.says("rien n’empêche la commande")
		}, verdict},
		{"take a proposal", wrong, func(h hand, at string) {
			atCase(h, at)
			h.press("button.take")
			h.says("rien n’empêche la commande")
		}, verdict},
		{"waive a finding", held, func(h hand, at string) {
			atCase(h, at)
			h.press(".waive summary")
			h.write(".waive [name=motif]", "Je le connais.")
			h.press(".waive button")
			h.says("a levé un point")
		}, text(order.ActWaive, "Je le connais.")},
		{"choose the school", wrong, func(h hand, at string) {
			atCase(h, at)
			h.press("a[href$='/etablissement']")
			h.write("#etab", "lovelace")
			h.press(".wide-search button")
			// the page before has such a button too
			h.holds("document.readyState === 'complete' && location.search === '?q=lovelace'")
			h.press("button[value='0:uai=0990011Z']")
			h.says("rien n’empêche la commande")
		}, verdict},
		{"accept", held, func(h hand, at string) {
			atCase(h, at)
			h.press("[data-key=a]")
			h.write("#mots", "Merci.")
			h.previewed("Merci.")
			h.press("[data-send]")
			h.says("La réponse part dans")
		}, state(order.Closed)},
		{"send back", wrong, func(h hand, at string) {
			atCase(h, at)
			h.press("[data-key=r]")
			h.write("#mots", "Il manque peu.")
			h.press("[data-send]")
			h.says("a renvoyé le bon")
		}, text(order.ActReturn, "Il manque peu.")},
		{"refuse", held, func(h hand, at string) {
			atCase(h, at)
			h.press("a[href$='/refuser']")
			h.write("#mots", "Déjà commandé.")
			h.press("[data-send]")
			h.says("a refusé la commande")
		}, state(order.Closed)},
		{"set aside", held, func(h hand, at string) {
			atCase(h, at)
			h.press("summary:has(+ form [name=mots])")
			h.write("#classer", "Publicité")
			h.press("form[action$='/classer'] button")
			h.says("Rouvrir")
		}, text(order.ActClose, "Publicité")},
		{"hand to a colleague", held, func(h hand, at string) {
			atCase(h, at)
			h.choose("#a", "PAUL")
			h.press("form[action$='/confier'] button")
			h.says("a confié le dossier")
		}, func(r *rig, at string) string {
			if got := r.aCase(at).Holder; got != "paul" {
				return "got the holder " + got
			}
			return ""
		}},
		{"note", held, func(h hand, at string) {
			atCase(h, at)
			h.write("#note", "Rappeler lundi.")
			h.press("form[action$='/noter'] button")
			h.says("Rappeler lundi.")
		}, text(order.ActNote, "Rappeler lundi.")},
		{"answer by mail", held, func(h hand, at string) {
			atCase(h, at)
			h.press("[data-key=e]")
			h.write("#mots", "Quelle classe ?")
			h.press("[data-send]")
			h.says("a répondu par e-mail")
		}, state(order.SentBack)},
		{"undo", accepted, func(h hand, at string) {
			atCase(h, at)
			h.press(".undo button")
			h.says("réponse retirée avant son départ")
		}, state(order.Waiting)},
		{"reopen", closed, func(h hand, at string) {
			atCase(h, at)
			h.press("form[action$='/rouvrir'] button")
			h.says("a rouvert le dossier")
		}, state(order.Waiting)},
		{"pause the intake", held, func(h hand, at string) {
			h.open("/a-traiter")
			h.press(".pause summary")
			h.write("#pause", "Inventaire")
			h.press(".pause button:not([formaction])")
			h.says("« Inventaire »")
		}, func(r *rig, _ string) string {
			if holds, err := r.store.Pauses(r.t.Context()); err != nil || holds.Intake.Reason != "Inventaire" ||
				!holds.Outbox.IsZero() {
				return printed(holds)
			}
			return ""
		}},
		{"pause the outbox", held, func(h hand, at string) {
			h.open("/a-traiter")
			h.press(".pause summary")
			h.write("#pause", "Relecture")
			h.press(".pause button[formaction]")
			h.says("« Relecture »")
		}, func(r *rig, _ string) string {
			if holds, err := r.store.Pauses(r.t.Context()); err != nil || holds.Outbox.Reason != "Relecture" {
				return printed(holds)
			}
			return ""
		}},
		{"go on", held, func(h hand, at string) {
			h.open("/commandes")
			h.press("form[action='/reprendre/reception'] button")
			h.holds("!document.querySelector(\"form[action='/reprendre/reception']\")")
			h.press("form[action='/reprendre/envoi'] button")
			h.holds("document.readyState === 'complete' && !document.querySelector('.stop')")
		}, func(r *rig, _ string) string {
			if holds, err := r.store.Pauses(r.t.Context()); err != nil || holds != (store.Pauses{}) {
				return printed(holds)
			}
			return ""
		}},
		{"filter the orders", ordered, func(h hand, at string) {
			h.open("/commandes")
			h.press(".tabs a[href*='etat=recues']")
			h.holds("document.readyState === 'complete' && location.search.includes('etat=recues')")
			h.write("#filtre", at)
			h.press("form:has(#filtre) button")
			h.holds("document.querySelectorAll('tr[data-row]').length === 1 && location.search.includes('etat=recues')")
			h.says(at)
			h.press("tr[data-row] [data-open]")
			h.says("Avancement")
		}, fine},
		{"open an order's service", ordered, func(h hand, at string) {
			h.open("/commandes/" + at)
			h.press("form:has([value=verifiees]) button")
			h.says("Marquer ouverte")
			h.press("form:has([value=ouvertes]) button")
			h.says("Revenir à « vérifiée »")
		}, status(order.Opened)},
		{"cancel an order", ordered, func(h hand, at string) {
			h.open("/commandes/" + at)
			h.press("details:has([value=annulees]) summary")
			h.write("#motif", "Doublon")
			h.press("form:has([value=annulees]) button")
			h.says("Annulée")
		}, status(order.Cancelled)},
		{"export", ordered, func(h hand, at string) {
			folder := h.saves()
			h.open("/commandes")
			h.press("a[download]")
			h.until("a saved file with "+at, func(context.Context) bool {
				files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
				must(h.t, err)
				if len(files) != 1 {
					return false
				}
				data, err := os.ReadFile(files[0])
				return err == nil && strings.Contains(string(data), at)
			})
		}, fine},
		{"print", ordered, func(h hand, at string) {
			h.open("/commandes/" + at)
			h.holds("document.readyState === 'complete' && (window.print = () => { window.printed = true })")
			h.press("[data-print]")
			h.holds("window.printed")
		}, fine},
	}
}

// Every act is done by mouse, and then by keyboard. With -short, one in four is done by
// mouse alone.
func TestBrowserActs(t *testing.T) {
	r := newRig(t)
	b := newTab(t, r)
	b.signIn("claire")
	for _, mouse := range []bool{true, false} {
		if !mouse && need.Brief() {
			continue
		}
		for i, d := range deeds() {
			if i%4 > 0 && need.Brief() {
				continue
			}
			at := d.on(r)
			d.do(hand{b, mouse}, at)
			if fault := d.want(r, at); fault != "" {
				t.Errorf("%s (mouse %t): %s", d.name, mouse, fault)
			}
		}
	}
}

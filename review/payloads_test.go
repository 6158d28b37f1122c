package review_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
)

// payloads are texts that try to run a script in a page. Each combines a way out of the place
// in the markup where the text is put with a way to run.
func payloads() (list []string) {
	outs := []string{
		"", `">`, `'>`, `"'>`, "`>", "-->", "--!>", "<!-->", "]]>", "</textarea>", "</title>", "</pre>",
		"</option></select>", "</style>", "</script>", "</svg>", "\\\">", "&quot;&gt;", "\u00ab\">",
		"</td></tr></table>", "{{",
	}
	runs := []string{
		"<script>top.pwned=1</script>", "<ScRiPt >top.pwned=1</ScRiPt\t>", "<script\n>top.pwned=1</script foo>",
		"<svg><script>top.pwned=1</script></svg>", "<svg><script>top.pwned&#61;1</script></svg>",
		"<img src=x onerror=top.pwned=1>", "<img src=x:x onerror='top.pwned=1'>", "<IMG SRC=x OnErRoR=top.pwned=1//>",
		"<image src=x onerror=top.pwned=1>",
		"<svg onload=top.pwned=1>", "<svg/onload=top.pwned=1>", "<svg\nonload\n=\ntop.pwned=1>",
		"<body onload=top.pwned=1>", "<input autofocus onfocus=top.pwned=1>", "<select autofocus onfocus=top.pwned=1>",
		"<details open ontoggle=top.pwned=1>", "<video><source onerror=top.pwned=1></video>",
		"<audio src=x onerror=top.pwned=1>", "<iframe srcdoc=\"<script>top.pwned=1</script>\"></iframe>",
		"<iframe src=\"javascript:top.pwned=1\"></iframe>", "<object data=\"javascript:top.pwned=1\"></object>",
		"<style>@keyframes p{}b{animation:p 1ms}</style><b onanimationstart=top.pwned=1>x</b>",
		"<math><mtext></math><img src=x onerror=top.pwned=1>", "\" autofocus onfocus=\"top.pwned=1",
		"' autofocus onfocus='top.pwned=1", "javascript:top.pwned=1",
	}
	for _, out := range outs {
		for _, run := range runs {
			list = append(list, out+run)
		}
	}
	return list
}

// somePayloads are all of them, or with -short one in twenty-one: each way out and
// each way to run is among them.
func somePayloads() (list []string) {
	for i, p := range payloads() {
		if i%21 == 0 || !need.Brief() {
			list = append(list, p)
		}
	}
	return list
}

// mostPayloads is how many payloads one page shows: a message may have ten attachments.
const mostPayloads = 9

// What a stranger writes is shown as text and never becomes markup: in subject, names, file
// names, cells, mail text, notes and answers. The Content-Security-Policy is taken away,
// so that only the escaping keeps the scripts from running.
func TestBrowserRunsNothingTyped(t *testing.T) {
	r := newRig(t)
	r.exam.Policy.Severity = func(_ order.Code, s order.Severity) order.Severity {
		if s == order.Hold { // so that there are orders with words that the judge does not know
			return order.Warning
		}
		return s
	}
	b := newTab(t, r)
	all := payloads()
	if len(all) < 500 {
		t.Fatalf("got %d payloads, want 500", len(all))
	}
	plain := all[:26]
	all = somePayloads()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
		return err
	}))
	ran := func() bool {
		b.holds("document.readyState === 'complete'")
		// Two frames later, what was to be focused, toggled or animated is.
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](
			"new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => "+
				"done(typeof window.pwned !== 'undefined')))))", chromedp.EvalAwaitPromise))
		must(t, err)
		return got
	}

	// The same payloads do run where they are not escaped.
	naive := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!DOCTYPE html><body><p>%s</p><input value="%[1]s"></body>`, r.FormValue("p"))
	}))
	defer naive.Close()
	dangerous := 0
	for _, payload := range plain {
		b.do(chromedp.Navigate(naive.URL + "/?p=" +
			strings.NewReplacer("%", "%25", "+", "%2B", "&", "%26", "#", "%23", ";", "%3B", " ", "%20", "\n", "%0A",
				"\t", "%09", `"`, "%22").Replace(payload)))
		if ran() {
			dangerous++
		}
	}
	if dangerous < 18 {
		t.Fatalf("only %d of 26 payloads run on a naive page: the test shows nothing", dangerous)
	}

	b.signIn("claire")
	claire := r.as("claire")
	visit := func(path string, some []string) {
		b.open(path)
		if ran() {
			t.Errorf("%s: one of these ran: %q", path, some)
		}
	}
	for n, some := range slices.Collect(slices.Chunk(all, mostPayloads)) {
		together := strings.Join(some, " ")
		var lines []map[string]string
		for _, p := range some {
			lines = append(lines, map[string]string{
				order.ColumnEAN: p, order.ColumnQuantity: p, order.ColumnTitle: p,
				order.ColumnRemark: p,
			})
		}
		in, _ := r.receive(letter{
			from: together + " <sam@ailleurs.test>", subject: together, text: strings.Join(some, "\n"), names: some[1:],
			file: some[0] + ".xlsx", lines: lines,
			form: map[string]string{
				order.FieldBookseller: together, order.FieldEstablishment: together,
				order.FieldReference: together, order.FieldUAI: some[0], "contact_nom": together,
				order.FieldTown: together,
			},
		})
		if len(in.Cases) != 1 {
			t.Fatalf("%q: got %d cases, want 1", some, len(in.Cases))
		}
		code := in.Cases[0].Code
		claire.act(code, "noter", "mots", together)
		visit("/dossiers/"+code+"?modifier=entete", some)
		// The preview, which is the mail's own markup, is framed there.
		preview := claire.act(code, "reponse/ecrire/apercu", "mots", together).body
		for _, p := range some {
			if strings.Contains(p, "<") && strings.Contains(preview, p) {
				t.Errorf("the preview holds %q as it was typed", p)
			}
		}
		if n%20 == 0 {
			visit("/a-traiter?etat=tous", some)
			visit("/recherche?q="+code[2:4], some)
		}
		if n%3 > 0 {
			continue // an order has room for three times as many
		}
		some = all[n*mostPayloads : min((n+3)*mostPayloads, len(all))]
		together = strings.Join(some, " ")
		_, receipt := r.receive(letter{
			lines: []map[string]string{{
				order.ColumnEAN: "3133091001018", order.ColumnQuantity: "2",
				order.ColumnTitle: together, order.ColumnRemark: together,
			}},
			form: map[string]string{
				order.FieldBookseller: together, order.FieldEstablishment: together,
				order.FieldReference: fmt.Sprint(n, together), "contact_nom": together,
			},
			text: together, subject: together,
		})
		if n == 0 && len(receipt.Numbers) != 1 {
			t.Fatalf("got orders %v, want one", receipt.Numbers)
		}
		for _, number := range receipt.Numbers {
			visit("/commandes/"+number, some)
		}
	}
	visit("/a-traiter?etat=tous", all)
	visit("/commandes", all)
	if list := claire.get("/commandes").body; !strings.Contains(list, html.EscapeString("<script>")) {
		t.Error("the list shows none of it: the test shows nothing")
	}
}

package review_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"bdc/order"
	"bdc/store/storetest"
)

// BenchmarkPages measures each page's server time over a store of a season:
// BDC_BENCH_ORDERS orders (5,000 unless set) and a fifth as many cases. It fails
// where a page is too large.
func BenchmarkPages(b *testing.B) {
	orders := 5_000
	if n, err := strconv.Atoi(os.Getenv("BDC_BENCH_ORDERS")); err == nil {
		orders = n
	}
	r := newRig(b)
	code := r.season(orders)
	r.books.grow(b, 60_000)
	claire := r.as("claire")
	for _, page := range []struct{ name, path string }{
		{"inbox", "/a-traiter"},
		{"inbox, words", "/a-traiter?q=ecole+17"},
		{"inbox, nothing found", "/a-traiter?etat=tous&q=introuvable"},
		{"case", "/dossiers/" + code},
		{"orders", "/commandes"},
		{"orders, status", "/commandes?etat=ouvertes"},
		{"search, rare", "/recherche?q=ecole+" + strconv.Itoa(orders/2)},
		{"search, nothing found", "/recherche?q=introuvable"},
		{"search, EAN", "/recherche?q=978-2-09-000031-3"},
		{"order", "/commandes/CNS-2026-000100"},
		{"dashboard", "/tableau-de-bord"},
		{"booksellers", "/libraires"},
		{"bookseller of all orders", "/libraires/01002001"},
		{"bookseller of none", "/libraires/01003000"},
		{"schools", "/etablissements"},
		{"schools, nothing found", "/etablissements?q=introuvable"},
		{"school of no order", "/etablissements/0990066J"},
		{"title of all orders", "/catalogue/3133091001018"},
		{"title of no order", "/catalogue/9782090000313"},
	} {
		b.Run(page.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				resp := claire.get(page.path)
				took = append(took, time.Since(began))
				if resp.StatusCode != 200 || len(resp.body) > 150<<10 {
					b.Fatalf("got %d and %d octets, want 200 and at most 150 KB", resp.StatusCode, len(resp.body))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "ms-median")
			b.ReportMetric(float64(took[len(took)*99/100])/1e6, "ms-p99")
		})
	}
}

// season fills the store with orders and cases. It returns a case with a form of
// many lines.
func (r *rig) season(orders int) string {
	r.t.Helper()
	var lines []map[string]string
	for i := range 40 {
		lines = append(lines, map[string]string{
			order.ColumnEAN:   "3133091001018",
			order.ColumnTitle: fmt.Sprint("Titre ", i), order.ColumnQuantity: fmt.Sprint(10 + i),
		})
	}
	in, _ := r.receive(letter{
		from: "Sam <sam@ailleurs.test>", lines: lines,
		form: map[string]string{order.FieldReference: "GRAND"},
	})
	model, code := *in.Cases[0].Attempts[0].Order, in.Cases[0].Code
	model.Lines = model.Lines[:16]
	must(r.t, storetest.Season(r.t.Context(), r.store, orders, model, time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC),
		r.clock()))
	return code
}

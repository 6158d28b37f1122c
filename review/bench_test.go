package review_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"bdc/order"
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

// season fills the store with orders, and a case for every fifth, one in ten of
// which waits. It returns a case with a form of many lines.
func (r *rig) season(orders int) string {
	r.t.Helper()
	var lines []map[string]string
	for i := range 40 {
		lines = append(lines, map[string]string{order.ColumnEAN: "3133091001018", order.ColumnTitle: fmt.Sprint("Titre ", i), order.ColumnQuantity: fmt.Sprint(10 + i)})
	}
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>", lines: lines, form: map[string]string{order.FieldReference: "GRAND"}})
	model, code := *in.Cases[0].Attempts[0].Order, in.Cases[0].Code
	model.Lines = model.Lines[:16]
	state := []order.State{order.Waiting, order.SentBack, order.Closed, order.Closed, order.Closed, order.Closed, order.Closed, order.Closed, order.Closed, order.Closed}
	var batch []order.Intake
	flush := func() {
		for _, receipt := range r.store.Record(r.t.Context(), batch) {
			must(r.t, receipt.Err)
		}
		batch = batch[:0]
	}
	for i := range orders {
		o := model
		o.Status, o.Reference, o.UAI = order.Received, fmt.Sprint("R-", i), order.UAI{}
		o.Establishment, o.Town = fmt.Sprintf("École %d", i), fmt.Sprintf("Ville %d", i%977)
		o.Fields = map[string]string{order.FieldBookseller: fmt.Sprintf("Librairie %d", i%311), order.FieldAddress: fmt.Sprint(i, " rue de l’Église")}
		key := order.Key{Account: "orders", Folder: "INBOX", UIDValidity: 2, UID: uint32(i + 1)}
		in := order.Intake{Message: order.Message{Key: key, From: "shop@test.local", Subject: "Commande"}, At: r.clock(), Folder: order.Processed, Past: order.NoPast(0)}
		if i%5 == 0 {
			a := order.Attempt{At: r.clock(), Message: key, Verdict: order.Held, Order: &o, Findings: model.Findings}
			in.Cases = []order.Case{{Code: fmt.Sprintf("D-B%05d", i/5), State: state[i/5%10], Reason: "uai.unknown", Message: key, From: "shop@test.local", Attempts: []order.Attempt{a}}}
		}
		in.Orders = []order.Order{o}
		if batch = append(batch, in); len(batch) == 500 {
			flush()
		}
	}
	flush()
	return code
}

package review_test

import (
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
)

// The dashboard is used by keyboard, and shows the numbers of its plots.
func TestBrowserDashboard(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	r.wrong()
	b := newTab(t, r)
	b.signIn("ines")
	b.press("g", "b")
	b.says("saison 2026-2027")
	b.holds("[...document.querySelectorAll('svg[role=img]')].every(s => " +
		"s.getAttribute('aria-labelledby').split(' ').every(id => document.getElementById(id).textContent))")
	b.holds("document.querySelector('.plot rect.back').getBoundingClientRect().height > 50")
	b.do(chromedp.Focus(chromedp.CSS("details summary")))
	b.press("\r")
	b.says("21 novembre 2026")
	b.click(".ranked a[href*='uai.key']")
	b.says("Voir tous les motifs")
}

// BDC_TEST_SHOTS names a folder for pictures of a season's dashboard.
func TestBrowserDashboardPictures(t *testing.T) {
	folder := os.Getenv("BDC_TEST_SHOTS")
	if folder == "" {
		t.Skip("BDC_TEST_SHOTS is not set")
	}
	r := newRig(t)
	r.season(4_000)
	r.wrong()
	must(t, r.store.Swap(t.Context(), "annuaire", []byte("{}"),
		order.Import{Register: "annuaire", At: r.clock().Add(-300 * time.Hour), Entries: 59_214, SkippedN: 12}))
	b := newTab(t, r)
	b.signIn("claire")
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.open("/tableau-de-bord")
			b.picture(folder, "tableau", width, scheme)
		}
	}
}

package review_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
)

var update = flag.Bool("update", false, "take the pictures of docs/guide-vente.md anew")

const (
	guideFile    = "../docs/guide-vente.md"
	mostActions  = 12
	mostPicture  = 100_000
	guidePicture = `!\[[^\]]+\]\((images/vente-(\d+)\.png)\)`
)

// Whoever does what the guide says, action by action and nothing else, corrects and
// accepts a first order.
func TestBrowserGuide(t *testing.T) {
	need.Time(t)
	text, err := os.ReadFile(guideFile)
	must(t, err)
	_, chapter, _ := strings.Cut(string(text), "\n## 1.")
	chapter, _, _ = strings.Cut(chapter, "\n## 2.")
	items := regexp.MustCompile(`(?m)^\d+\. (.*(?:\n   .*)*)`).FindAllStringSubmatch(chapter, -1)

	r := newRig(t)
	code := r.wrong()
	r.pass(20 * order.RateLimitSpan)
	r.receive(letter{
		bare: true, subject: "Re: Commande [" + code + "]",
		text: "Bonjour,\nle code de l’établissement est bien 0990011Z, merci.\nBien à vous",
	})
	b := newTab(t, r)
	b.do(chromedp.EmulateViewport(1180, 940))
	actions := []struct {
		label string // that the guide shows in bold, and the page as it is
		do    func()
	}{
		{"", func() { b.open("/") }},
		{"Nom d’utilisateur", func() { b.click("#nom"); b.type_("#nom", "claire") }},
		{"Mot de passe", func() { b.click("#mdp"); b.type_("#mdp", password+"\r"); b.says("1 dossier") }},
		{"À traiter", func() { b.click("tr[data-row] [data-open]"); b.says("1 point à régler") }},
		{"À corriger", func() {
			h := hand{b, true}
			h.write("[name='case:0:uai']", "0990011Z")
		}},
		{"Corriger et revérifier", func() { b.click("#corriger .primary"); b.says("rien n’empêche la commande") }},
		{"Accepter…", func() { b.click("[data-key=a]"); b.says("Ce que le libraire recevra") }},
		{"Vos mots", func() {
			b.click("#mots")
			b.type_("#mots", "Merci, et bonne rentrée !")
			r.previewed("bonne rentrée")
		}},
		{"Accepter et répondre", func() { b.click("[data-send]"); b.says("La réponse part dans") }},
	}
	if len(items) != len(actions) || len(actions) > mostActions {
		t.Fatalf("the guide has %d actions and the test %d, want as many, and %d at most", len(items), len(actions),
			mostActions)
	}
	pictures := map[string]string{}
	for _, p := range regexp.MustCompile(guidePicture).FindAllStringSubmatch(chapter, -1) {
		pictures[p[2]] = "../docs/" + p[1]
	}
	for i, a := range actions {
		if a.label != "" {
			if !strings.Contains(items[i][1], "**"+a.label+"**") {
				t.Errorf("action %d: the guide says %q, and not **%s**", i+1, items[i][1], a.label)
			}
			b.says(a.label)
		}
		a.do()
		if file := pictures[printed(i+1)]; file != "" && *update {
			b.holds("document.readyState === 'complete'")
			shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
			must(t, err)
			must(t, os.WriteFile(file, fewColours(t, shot), 0o644))
		}
	}
	if k := r.aCase(code); k.State != order.Closed || len(k.Orders) != 1 {
		t.Errorf("got state %s and orders %v, want one order", k.State, k.Orders)
	}
	if len(pictures) < 3 {
		t.Errorf("got %d pictures, want some", len(pictures))
	}
	for _, file := range pictures {
		info, err := os.Stat(file)
		if err != nil {
			t.Errorf("%v (take it with -update)", err)
		} else if info.Size() > mostPicture {
			t.Errorf("%s: got %d octets, want at most %d", file, info.Size(), mostPicture)
		}
	}
}

// fewColours makes a picture's file small by keeping its 256 most frequent colours.
func fewColours(t *testing.T, picture []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(picture))
	must(t, err)
	count := map[color.Color]int{}
	for y := range from.Bounds().Dy() {
		for x := range from.Bounds().Dx() {
			count[from.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	to := image.NewPaletted(from.Bounds(), color.Palette(colours[:min(len(colours), 256)]))
	draw.Draw(to, to.Rect, from, image.Point{}, draw.Src)
	var b bytes.Buffer
	must(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, to))
	return b.Bytes()
}

package review_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
	"bdc/store"
)

// redPDF is a PDF whose page is all red, and whose script would set a variable if it ran.
func redPDF() string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	var at []int
	const paint = "1 0 0 rg 0 0 600 800 re f"
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(top.pwned=1)>>>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(paint), paint),
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	end := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF", len(at)+1, end)
	return b.String()
}

// part returns a case's file that has a type.
func (r *rig) part(code, kind string) order.Part {
	r.t.Helper()
	for _, p := range r.aCase(code).Attempts[0].Parts {
		if p.Type == kind {
			return p
		}
	}
	r.t.Fatalf("case %s has no part of type %s", code, kind)
	return order.Part{}
}

// Only a file whose bytes are a PDF's is shown, and nothing runs in it. All others are
// saved.
func TestAttachments(t *testing.T) {
	r := newRig(t)
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>", pdf: redPDF()})
	code := in.Cases[0].Code
	ines := r.as("ines")
	pdf, workbook := r.part(code, "pdf"), r.part(code, "xlsx")
	for _, tt := range []struct {
		path              string
		status            int
		kind, disposition string
	}{
		{"/pieces/" + string(pdf.Hash), 200, "application/octet-stream", "attachment"},
		{"/pieces/" + string(pdf.Hash) + "/pdf", 200, "application/pdf", "inline"},
		{"/pieces/" + string(workbook.Hash), 200, "application/octet-stream", "attachment"},
		{"/pieces/" + string(workbook.Hash) + "/pdf", 404, "", ""},
	} {
		resp := ines.get("/dossiers/"+code+tt.path).want(t, tt.status)
		if tt.status != http.StatusOK {
			continue
		}
		disposition, names, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
		if err != nil || disposition != tt.disposition || names["filename"] == "" ||
			resp.Header.Get("Content-Type") != tt.kind {
			t.Errorf("%s: got %q, %q", tt.path, resp.Header.Get("Content-Type"), resp.Header.Get("Content-Disposition"))
		}
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; sandbox") ||
			resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got the policy %q", tt.path, csp)
		}
	}
	_, receipt := r.receive(letter{pdf: redPDF(), form: map[string]string{order.FieldReference: "R-2"}})
	ines.get("/commandes/"+receipt.Numbers[0]+"/pieces/"+string(pdf.Hash)+"/pdf").want(t, 200)

	// What was kept long enough is gone, and the page says why.
	o, err := r.store.Order(t.Context(), receipt.Numbers[0])
	must(t, err)
	ids, err := r.store.Claim(t.Context(), store.Fence{Holder: "t"}, r.clock().Add(time.Hour), time.Hour, 10)
	must(t, err)
	for _, c := range ids {
		must(t, r.store.Settle(t.Context(), "t", []store.Settlement{{Reply: c.ID, Outcome: store.Sent, At: r.clock()}}))
	}
	erased, err := r.store.EraseAttachments(t.Context(),
		store.Erasure{Before: time.Now().Add(48 * time.Hour), Actor: "bdc", At: r.clock()})
	must(t, err)
	if erased.Count != 1 {
		t.Errorf("got %d erased, want the order's workbook alone: the case is open", erased.Count)
	}
	ines.get("/commandes/"+o.Number+"/pieces/"+string(o.Workbook)).want(t, http.StatusGone, "Pièce jointe effacée")
}

// A real browser draws the PDF on the page of the case.
func TestBrowserShowsPDF(t *testing.T) {
	need.Time(t)
	r := newRig(t)
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>", pdf: redPDF()})
	b := newTab(t, r)
	b.signIn("claire")
	b.open("/dossiers/" + in.Cases[0].Code)
	b.click(".pdf summary")
	b.until("a red page", func(ctx context.Context) bool {
		shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		must(t, err)
		image, err := png.Decode(bytes.NewReader(shot))
		must(t, err)
		red := 0
		for y := range image.Bounds().Dy() {
			for x := range image.Bounds().Dx() {
				if r, g, b, _ := image.At(x, y).RGBA(); r > 0xF000 && g < 0x1000 && b < 0x1000 {
					red++
				}
			}
		}
		return red > 50_000
	})
	if ran, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("typeof window.pwned !== 'undefined'")); err != nil ||
		ran {
		t.Errorf("the PDF's script: ran %t, error %v", ran, err)
	}
}

package review_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	cdbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"bdc/bench/need"
	"bdc/order"
	"bdc/templates"
)

// saves makes the browser save downloads in a folder, which it returns.
func (t *tab) saves() string {
	t.t.Helper()
	folder := t.t.TempDir()
	t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, cdbrowser.SetDownloadBehavior, cdbrowser.SetDownloadBehaviorParams{
			Behavior: cdbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
			BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID,
		})
		return err
	}))
	return folder
}

// saved waits until a file of these bytes was saved.
func (t *tab) saved(path string, want []byte) {
	t.t.Helper()
	t.until(fmt.Sprintf("%s saved with the %d octets that the server has sent", path, len(want)),
		func(context.Context) bool {
			got, err := os.ReadFile(path)
			return err == nil && bytes.Equal(got, want)
		})
}

// drops drops a file from outside onto an element, by mouse.
func (t *tab) drops(path, selector string) {
	t.t.Helper()
	at := func(axis string) float64 {
		v, err := chromedp.Run(t.ctx, chromedp.Evaluate[float64]("(r => r."+axis+")(document.querySelector("+
			printed(selector)+").getBoundingClientRect())"))
		must(t.t, err)
		return v + 20
	}
	event := input.DispatchDragEventParams{
		X: at("x"), Y: at("y"),
		Data: &input.DragData{Items: []*input.DragDataItem{}, Files: []string{path}, DragOperationsMask: 1},
	}
	for _, event.Type = range []input.DispatchDragEventType{
		input.DispatchDragEventTypeDragEnter,
		input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop,
	} {
		t.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, input.DispatchDragEvent, event)
			return err
		}))
		if event.Type == input.DispatchDragEventTypeDragOver {
			t.holds("document.querySelector('.dropzone').classList.contains('over')")
		}
	}
}

// file writes a file that a test can choose.
func (r *rig) file(name string, data []byte) string {
	r.t.Helper()
	path := filepath.Join(r.t.TempDir(), name)
	must(r.t, os.WriteFile(path, data, 0o600))
	return path
}

// A bookseller drops a form, reads what is wrong, saves the marked workbook, and drops the form
// again after correcting it.
func TestBrowserVerifies(t *testing.T) {
	need.Time(t)
	r := newPublicRig(t)
	b := newTab(t, r)
	folder := b.saves()
	b.open("/verifier")
	b.holds("document.readyState === 'complete'")
	wrong := r.workbook(order.FieldUAI, "0990011B")
	b.drops(r.file("Commande été.xlsx", wrong), ".dropzone")
	b.says("1 point à corriger")
	b.says("Commande été.xlsx")
	b.says("le code est « 0990011Z »")
	b.holds("document.activeElement.classList.contains('found')")
	b.click("[formaction]")
	b.saved(filepath.Join(folder, "Commande été-à corriger.xlsx"), wrong)
	b.says("1 point à corriger") // the page is still there
	b.drops(r.file("Commande été.xlsx", r.workbook()), ".dropzone")
	b.says("Ce bon serait accepté")
	b.holds("!document.querySelector('[formaction]')")
	b.drops(r.file("énorme.xlsx", make([]byte, 10<<20+1)), ".dropzone")
	b.says("La limite est de 10 Mo")
	b.holds("!document.querySelector('#resultat').textContent.trim()")
}

// The same by keyboard alone. The file is chosen in the browser's dialog.
func TestBrowserVerifiesByKeyboard(t *testing.T) {
	need.Time(t)
	r := newPublicRig(t)
	b := newTab(t, r)
	folder := b.saves()
	b.open("/verifier")
	b.tabTo("document.activeElement.id === 'fichier'")
	wrong := r.workbook(order.FieldUAI, "0990011B")
	path := r.file("BdC.xlsx", wrong)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#fichier"), []string{path}))
	b.says("1 point à corriger")
	b.tabTo("document.activeElement.hasAttribute('formaction')")
	b.press("\r")
	b.saved(filepath.Join(folder, "BdC-à corriger.xlsx"), wrong)

	// The bookseller corrects the file where it is: the browser has it chosen as it was.
	must(t, os.WriteFile(path, r.workbook(), 0o600))
	must(t, os.Chtimes(path, time.Time{}, time.Now().Add(time.Minute)))
	b.do(chromedp.Focus(chromedp.CSS("#verifier button")))
	b.press("\r")
	b.says("S’il a changé depuis que vous l’avez choisi, choisissez-le de nouveau")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#fichier"), []string{path}))
	b.says("Ce bon serait accepté")
	b.open("/donnees-obligatoires")
	b.says("Établissement sans UAI")
	b.tabTo("document.activeElement.matches('a.button[download]')")
	b.press("\r")
	b.saved(filepath.Join(folder, templates.BlankName), templates.Blank())
}

// tabTo presses the Tab key until an expression is true.
func (t *tab) tabTo(expression string) {
	t.t.Helper()
	for range 150 {
		if held, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")")); err == nil && held {
			return
		}
		t.press("\t")
	}
	t.t.Fatalf("%s never holds, however often the tabulator is pressed", expression)
}

// The page works without script. The file then has to be chosen again for each answer.
func TestVerifyWithoutScript(t *testing.T) {
	r := newPublicRig(t)
	page := r.anonymous().hand("/verifier", "BdC.xlsx", r.workbook(order.FieldUAI, "0990011B")).want(t, 200,
		"Choisissez d’abord de nouveau le fichier")
	for _, part := range []string{
		`<form id="verifier" class="card dropzone" action="/verifier" method="post" enctype="multipart/form-data"`,
		`<button form="verifier" formaction="/verifier/classeur"`,
	} {
		if !bytes.Contains([]byte(page.body), []byte(part)) {
			t.Errorf("the page has no %s", part)
		}
	}
}

// BDC_TEST_SHOTS names a folder for pictures of the public pages.
func TestBrowserVerifyPictures(t *testing.T) {
	folder := os.Getenv("BDC_TEST_SHOTS")
	if folder == "" {
		t.Skip("BDC_TEST_SHOTS is not set")
	}
	r := newPublicRig(t)
	b := newTab(t, r)
	files := map[string]string{
		"verifier-faux": r.file("Commande Lovelace.xlsx", r.workbook(
			order.FieldUAI, "0990011B", order.FieldPostcode, "9901", order.FieldReference, "",
			order.FieldAccount, "01 002 001", order.FieldContactMail, "dupont@",
		)),
		"verifier-juste":   r.file("Commande Turing.xlsx", r.workbook()),
		"verifier-attente": r.file("Commande Abidjan.xlsx", r.workbook(order.FieldNoUAI, "Oui", order.FieldUAI, "")),
		"verifier-pdf":     r.file("commande.pdf", []byte("%PDF-1.7\n%…")),
	}
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			r.pass(time.Hour)
			b.open("/donnees-obligatoires")
			b.picture(folder, "obligatoires", width, scheme)
			b.open("/verifier")
			b.picture(folder, "verifier", width, scheme)
			for name, path := range files {
				b.open("/verifier")
				b.do(chromedp.SetUploadFiles(chromedp.CSS("#fichier"), []string{path}))
				b.holds("document.querySelector('.verdict')")
				b.picture(folder, name, width, scheme)
			}
		}
	}
}

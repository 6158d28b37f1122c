package review_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/review"
	"bdc/sheet/form"
	"bdc/sheet/mark"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// newPublicRig is a rig whose console has the public page.
func newPublicRig(t testing.TB) *rig {
	r := newRigWith(t, func(r *rig) {
		r.c.Verifier = &review.Verifier{Mark: func(_ context.Context, x *ingest.Exam) (review.Download, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.marked++
			return review.Download{
				Name: mark.FileName(x.Forms[0].Part.Name), Type: "text/plain",
				Data: x.Blobs[0],
			}, nil
		}}
	})
	return r
}

// workbook is a form without faults, in which some fields have these values instead.
func (r *rig) workbook(pairs ...string) []byte {
	r.t.Helper()
	values := perfect()
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	data, err := form.Fill(r.form, values,
		[]map[string]string{{
			order.ColumnEAN: "3133091001018", order.ColumnQuantity: "28",
			order.ColumnTitle: "Maths 6e",
		}})
	must(r.t, err)
	return data
}

// posting is the body of a request that uploads a file, and its content type.
func posting(t testing.TB, name string, data []byte) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	part, err := w.CreateFormFile("fichier", name)
	must(t, err)
	_, err = part.Write(data)
	must(t, err)
	must(t, w.Close())
	return body, w.FormDataContentType()
}

// hand uploads a file, either to be checked or to be marked.
func (b *browser) hand(path, name string, data []byte, header ...string) response {
	b.t.Helper()
	body, kind := posting(b.t, name, data)
	return b.do("POST", path, body, append([]string{"Content-Type", kind}, header...)...)
}

// Without a Verifier, the addresses of the public pages are not found.
func TestVerifyOffByDefault(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"/verifier", "/donnees-obligatoires", "/bon-de-commande.xlsx"} {
		if got, want := r.anonymous().get(path).StatusCode, r.anonymous().get("/rien").StatusCode; got != want {
			t.Errorf("%s for nobody: got %d, want %d as of any other", path, got, want)
		}
		r.as("ines").get(path).want(t, http.StatusNotFound, "Introuvable")
	}
	for _, path := range []string{"/verifier", "/verifier/classeur"} {
		if got, want := r.anonymous().hand(path, "BdC.xlsx", r.workbook()).StatusCode,
			r.anonymous().hand("/rien", "BdC.xlsx", r.workbook()).StatusCode; got != want {
			t.Errorf("posted to %s by nobody: got %d, want %d as of any other", path, got, want)
		}
	}
}

func TestVerify(t *testing.T) {
	r := newPublicRig(t)
	nobody := r.anonymous()
	page := nobody.get("/verifier").want(t, 200, "Vérifier un bon de commande", "Le fichier n’est pas conservé",
		"10 Mo au plus", "Données obligatoires")
	if got := page.Header.Get("X-Robots-Tag"); got != "noindex, nofollow" {
		t.Errorf("got X-Robots-Tag %q, want it in no index", got)
	}
	if strings.Contains(page.body, "/a-traiter") || strings.Contains(page.body, "/recherche") {
		t.Error("the public page leads into the console")
	}
	for _, tt := range []struct {
		name, file string
		data       []byte
		want       []string
	}{
		{
			"perfect", "BdC.xlsx", r.workbook(),
			[]string{
				"Ce bon serait accepté", "Rien n’est à corriger", "orders@test.local",
				"Collège Ada Lovelace · 0990011Z · réf. R-1 · 1 ligne, quantité 28",
			},
		},
		{
			"with a remark", "BdC.xlsx", r.workbook(order.FieldReference, ""),
			[]string{"Ce bon serait accepté", "voyez toutefois", "À savoir"},
		},
		{"wrong", "BdC.xlsx", r.workbook(order.FieldUAI, "0990011B", order.FieldPostcode, "99"), []string{
			"2 points à corriger", "UAI (ex-RNE)", "0990011B", "À corriger La lettre finale du code UAI", "0990011Z",
			"Code postal", "Télécharger le classeur marqué",
		}},
		{
			"held", "BdC.xlsx", r.workbook(order.FieldNoUAI, "Oui", order.FieldUAI, ""),
			[]string{"Un conseiller examinerait ce bon", "À décider"},
		},
		{
			"a text", "liste.txt", []byte("bonjour"),
			[]string{"Ce fichier ne peut pas être lu comme un bon de commande", "liste.txt"},
		},
		{"nothing in it", "vide.xlsx", nil, []string{"Ce fichier ne peut pas être lu", "Le fichier est vide"}},
		{
			"a PDF", "BdC.pdf", []byte("%PDF-1.7\n%…"),
			[]string{"Ce fichier ne peut pas être lu", "Le fichier est un PDF"},
		},
	} {
		r.pass(time.Minute)
		resp := nobody.hand("/verifier", tt.file, tt.data).want(t, 200, tt.want...)
		if marks := strings.Contains(resp.body, "/verifier/classeur"); marks != (tt.name == "wrong") {
			t.Errorf("%s: got a marked workbook offered: %t", tt.name, marks)
		}
	}
	r.pass(time.Minute)
	wrong := r.workbook(order.FieldUAI, "0990011B")
	resp := nobody.hand("/verifier/classeur", "Bon n° 1.xlsx", wrong).want(t, 200)
	if resp.body != string(wrong) || resp.Header.Get(
		"Content-Disposition") != "attachment; filename*=utf-8''Bon%20n%C2%B0%201-%C3%A0%20corriger.xlsx" {
		t.Errorf("got %d octets as %q, want what the marker gave", len(resp.body),
			resp.Header.Get("Content-Disposition"))
	}
	nobody.hand("/verifier/classeur", "BdC.xlsx", r.workbook()).want(t, http.StatusUnprocessableEntity,
		"Ce bon serait accepté")
	if r.marked != 1 {
		t.Errorf("got %d workbooks marked, want the wrong one", r.marked)
	}
}

// The page says what is wrong with the request itself.
func TestVerifyRequests(t *testing.T) {
	r := newPublicRig(t)
	nobody := r.anonymous()
	for _, path := range []string{"/verifier", "/verifier/classeur"} {
		nobody.hand(path, "", nil).want(t, http.StatusBadRequest, "Choisissez d’abord")
		nobody.post(path).want(t, http.StatusUnsupportedMediaType, "Choisissez-le de nouveau")
		nobody.do("POST", path, strings.NewReader(
			"--b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"x\"\r\n\r\ncut"), "Content-Type",
			"multipart/form-data; boundary=b").want(t, http.StatusBadRequest)
		nobody.hand(path, "grand.xlsx", make([]byte, 10<<20+1)).want(t, http.StatusRequestEntityTooLarge,
			"La limite est de 10 Mo")
		nobody.hand(path, "BdC.xlsx", r.workbook(), "Sec-Fetch-Site", "cross-site").want(t, http.StatusForbidden,
			"d’un autre site")
		nobody.hand(path, "BdC.xlsx", r.workbook(), "Origin", "https://evil.example").want(t, http.StatusForbidden)
	}
	nobody.get("/verifier/classeur").want(t, http.StatusSeeOther)
	if r.marked != 0 {
		t.Errorf("got %d workbooks marked, want none", r.marked)
	}
}

// A request that is too large is not read to its end.
func TestVerifyReadsNoMore(t *testing.T) {
	r := newPublicRig(t)
	endless := &counted{r: io.MultiReader(
		strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"x\"\r\n\r\n"),
		io.LimitReader(zeros{}, 1<<30))}
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.srv.URL+"/verifier", endless)
	must(t, err)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil { // else the server hung up before all was sent
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("got %s, want 413", resp.Status)
		}
	}
	if endless.n > 64<<20 {
		t.Errorf("got %d octets read, want little more than 11 MiB", endless.n)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

// Nothing of an uploaded file is kept, neither in the store nor in a file.
func TestVerifyStoresNothing(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	r := newPublicRig(t)
	r.wrong()
	contents := func() []byte {
		var b bytes.Buffer
		must(t, r.store.Backup(t.Context(), &b))
		return b.Bytes()
	}
	before := contents()
	status, err := r.store.Status(t.Context())
	must(t, err)
	large := make([]byte, 9<<20) // beyond what a multipart form keeps in memory
	for _, path := range []string{"/verifier", "/verifier/classeur"} {
		r.anonymous().hand(path, "BdC.xlsx", r.workbook(order.FieldUAI, "0990011B", order.FieldReference, "trace"))
		r.anonymous().hand(path, "BdC.xlsx", r.workbook(order.FieldReference, "trace"))
		r.anonymous().hand(path, "grand.xlsx", large)
	}
	if !bytes.Equal(contents(), before) {
		t.Error("the store has changed")
	}
	if after, err := r.store.Status(t.Context()); err != nil || after != status {
		t.Errorf("got status %+v and error %v, want %+v", after, err, status)
	}
	must(t, filepath.WalkDir(temporary, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			t.Errorf("got the file %s", path)
		}
		return err
	}))
}

// What the page says does not depend on whether an account exists, whose it is,
// or whether the same was ordered before.
func TestVerifyTellsNothingOfAccounts(t *testing.T) {
	said := func(accounts []order.Account, ordered bool, number string) string {
		r := newPublicRig(t)
		known := registry.New(nil, nil, accounts)
		r.c.Examiner.Registry = func() validate.Registry { return known }
		if ordered {
			if _, receipt := r.receive(letter{form: map[string]string{order.FieldAccount: number}}); len(
				receipt.Numbers) != 1 {
				t.Fatalf("got %d orders, want one that is there before", len(receipt.Numbers))
			}
		}
		return r.anonymous().hand("/verifier", "BdC.xlsx", r.workbook(order.FieldAccount, number)).want(t, 200,
			"Ce bon serait accepté", "Rien n’est à corriger").body
	}
	registered := order.Account{Number: "01002001", Name: "Librairie d’essai", Emails: []string{"shop@test.local"}}
	inactive := registered
	inactive.Inactive = true
	want := said(nil, false, "01002001")
	for name, got := range map[string]string{
		"no account registered": said([]order.Account{}, false, "01002001"),
		"registered":            said([]order.Account{registered}, false, "01002001"),
		"closed":                said([]order.Account{inactive}, false, "01002001"),
		"ordered before":        said([]order.Account{registered}, true, "01002001"),
		"another's":             said([]order.Account{{Number: "555", Name: "Autre"}}, false, "01002001"),
		"without a leading zero": strings.ReplaceAll(said([]order.Account{registered}, false, "1002001"), "1002001",
			"01002001"),
	} {
		if got != want {
			t.Errorf("%s: the page is another", name)
		}
	}
}

// What is in an uploaded form is shown as text, shortened.
func TestVerifyShowsNoMarkup(t *testing.T) {
	r := newPublicRig(t)
	nobody := r.anonymous()
	for _, payload := range append(somePayloads(), strings.Repeat("x", 5_000)) {
		r.pass(time.Minute)
		page := nobody.hand("/verifier", payload+".xlsx",
			r.workbook(order.FieldUAI, payload, order.FieldEstablishment, payload, order.FieldReference, payload,
				order.FieldPostcode, payload))
		page.want(t, 200)
		if strings.Contains(page.body, payload) && (strings.ContainsAny(payload, `<>"`) || len(payload) > 1_000) {
			t.Errorf("got %.40q as it was typed", payload)
		}
		if n := strings.Count(page.body, "<script"); n != 1 {
			t.Errorf("with %.40q: got %d scripts, want our one", payload, n)
		}
	}
}

// The page about a file with hundreds of faults has a bounded size.
func TestVerifyPageBounded(t *testing.T) {
	r := newPublicRig(t)
	var lines []map[string]string
	for i := range 1_500 {
		lines = append(lines, map[string]string{
			order.ColumnEAN:      fmt.Sprint("978", i),
			order.ColumnQuantity: "beaucoup",
		})
	}
	data, err := form.Fill(r.form, perfect(), lines)
	must(t, err)
	page := r.anonymous().hand("/verifier", "BdC.xlsx", data).want(t, 200, "3000 points à corriger",
		"… et 2 800 autres points")
	if len(page.body) > 150<<10 {
		t.Errorf("got a page of %d octets, want at most 150 KB", len(page.body))
	}
}

// An address may upload twenty files at once, and then one every 15 seconds. Other addresses are
// not affected.
func TestVerifyThrottled(t *testing.T) {
	r := newPublicRig(t)
	r.c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	from := func(address string) int {
		return r.anonymous().hand("/verifier", "", nil, "X-Forwarded-For", address).StatusCode
	}
	for i := range 20 {
		if got := from("203.0.113.7"); got != http.StatusBadRequest {
			t.Fatalf("turn %d: got %d, want no file", i+1, got)
		}
	}
	resp := r.anonymous().hand("/verifier", "BdC.xlsx", r.workbook(), "X-Forwarded-For", "203.0.113.7").want(t,
		http.StatusTooManyRequests, "Trop de vérifications à la fois. Réessayez dans")
	if got := resp.Header.Get("Retry-After"); got != "16" {
		t.Errorf("got Retry-After %q, want a quarter of a minute", got)
	}
	if got := from("203.0.113.8"); got != http.StatusBadRequest {
		t.Errorf("another address: got %d, want its turn", got)
	}
	r.pass(15 * time.Second)
	if got := from("203.0.113.7"); got != http.StatusBadRequest {
		t.Errorf("after a while: got %d, want another turn", got)
	}
	if got := from("203.0.113.7"); got != http.StatusTooManyRequests {
		t.Errorf("at once again: got %d, want 429", got)
	}
	r.pass(5 * time.Minute)
	for i := range 21 {
		want := http.StatusBadRequest
		if i == 20 {
			want = http.StatusTooManyRequests
		}
		if got := from(fmt.Sprintf("2001:db8:1:2::%x", i)); got != want {
			t.Errorf("turn %d of one network: got %d, want %d", i+1, got, want)
		}
	}
	r.anonymous().get("/verifier").want(t, 200) // looking costs nothing
}

// While one file is marked another waits, but only for a limited time; what is only to be
// checked doesn't.
func TestVerifyMarksApart(t *testing.T) {
	r := newRig(t)
	wrong := r.workbook(order.FieldUAI, "0990011B")
	synctest.Test(t, func(t *testing.T) {
		marked := make(chan struct{})
		c := &review.Console{
			Form: r.form, Examiner: r.exam, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
			Verifier: &review.Verifier{Mark: func(context.Context, *ingest.Exam) (review.Download, error) {
				<-marked
				return review.Download{Name: "marked"}, nil
			}},
		}
		handler, err := c.Handler()
		must(t, err)
		hand := func(path string) *httptest.ResponseRecorder {
			body, kind := posting(t, "BdC.xlsx", wrong)
			req := httptest.NewRequest("POST", path, body)
			req.Header.Set("Content-Type", kind)
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, req)
			return answer
		}
		var first, second *httptest.ResponseRecorder
		var handed sync.WaitGroup
		handed.Go(func() { first = hand("/verifier/classeur") })
		synctest.Wait()
		began := time.Now()
		if got := hand("/verifier").Code; got != http.StatusOK || time.Since(began) != 0 {
			t.Errorf("to be checked: got %d after %v, want it at once", got, time.Since(began))
		}
		late := hand("/verifier/classeur")
		if late.Code != http.StatusServiceUnavailable || late.Header().Get("Retry-After") == "" ||
			time.Since(began) != 10*time.Second {
			t.Errorf("got %d after %v, want to be told after 10 s to come again", late.Code, time.Since(began))
		}
		handed.Go(func() { second = hand("/verifier/classeur") })
		synctest.Wait()
		close(marked)
		handed.Wait()
		if first.Code != http.StatusOK || second.Code != http.StatusOK {
			t.Errorf("got %d and %d, want both answered in their turn", first.Code, second.Code)
		}
	})
}

// The page of required data lists the fields of the form's definition.
func TestRequiredData(t *testing.T) {
	r := newPublicRig(t)
	page := r.anonymous().get("/donnees-obligatoires").want(t, 200, "Données obligatoires",
		"UAI (ex-RNE) ou : Établissement sans UAI", "0750647W",
		"Facultatif : Établissement sans UAI, Statut, Complément d’adresse", "orders@test.local")
	required, _, _ := strings.Cut(page.body, "Rien n’est obligatoire ici")
	for _, f := range append(r.form.Fields, r.form.Columns...) {
		row := `<th scope="row">` + strings.NewReplacer("'", "&#39;").Replace(f.Label)
		if got := strings.Contains(required, row+"<") || strings.Contains(page.body, row+"<"); got != f.Required {
			t.Errorf("%s: got a row %t, want it %t", f.Label, got, f.Required)
		}
	}
	blank := r.anonymous().get("/bon-de-commande.xlsx").want(t, 200)
	if blank.body != string(templates.Blank()) ||
		blank.Header.Get("Content-Disposition") != "attachment; filename="+templates.BlankName {
		t.Errorf("got %d octets as %q, want the blank form", len(blank.body), blank.Header.Get("Content-Disposition"))
	}
}

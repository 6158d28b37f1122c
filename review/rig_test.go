package review_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"bdc/ingest"
	mail "bdc/ingest/mime"
	"bdc/order"
	"bdc/review"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/sheet/mark"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/templates"
	"bdc/validate"
)

// rig is a console over a real store, with the examiner that the daemon has.
type rig struct {
	t     testing.TB
	store *boltstore.Store
	exam  *ingest.Examiner
	form  *order.Form
	c     *review.Console
	srv   *httptest.Server
	books *books
	woken int
	uid   uint32

	mu      sync.Mutex
	now     time.Time
	preview string        // the last that was sent
	sent    chan struct{} // closed when another is sent
	marked  int           // workbooks of the public page
}

const password = "une phrase de passe"

// passwordHash is a hash that costs little, since signing in takes as long as the
// hash says. TestPassword has the real ones.
func passwordHash() string {
	salt := []byte("a salt of tests.")
	key := argon2.IDKey([]byte(password), salt, 1, 64, 1, 32)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=64,t=1,p=1$%s$%s", argon2.Version,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

func newRig(t testing.TB) *rig { return newRigWith(t, func(*rig) {}) }

// newRigWith makes a rig whose console is changed before it serves.
func newRigWith(t testing.TB, change func(*rig)) *rig {
	t.Helper()
	form, err := templates.Form()
	must(t, err)
	renderer, err := templates.NewRenderer(form)
	must(t, err)
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	must(t, err)
	_, err = s.Recover(t.Context(), store.Fence{})
	must(t, err)
	r := &rig{t: t, store: s, form: form, sent: make(chan struct{}), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	r.books = newBooks(t, s)
	r.exam = &ingest.Examiner{
		Form: form, Registry: func() validate.Registry {
			return r.books.known.Load()
		}, OwnAddresses: []string{"orders@test.local"}, Domain: "test.local",
		Sheet: sheet.DefaultLimits(), Mime: mail.DefaultLimits(),
	}
	r.c = &review.Console{
		Store: s, Form: form, Examiner: r.exam, Renderer: renderer, Options: templates.Options{OpeningHours: 72},
		Exports: map[string]review.Export{"jsonl": {Type: "application/jsonl", Write: writeNumbers}},
		Wake: func() {
			r.woken++
		}, UndoFor: 30 * time.Second, Enclosed: mark.FileName, Health: r.healthy, Clock: r.clock,
		Registry: func() review.Registry {
			return r.books.listed.Load()
		}, Import: r.upload, Undo: r.undo, Amend: r.amend, Spool: filepath.Join(t.TempDir(), "bdc.db.import"),
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	change(r)
	handler, err := r.c.Handler()
	must(t, err)
	r.srv = httptest.NewServer(r.watch(handler))
	t.Cleanup(func() {
		r.c.Quit()
		r.srv.Close()
		if err := s.Check(t.Context()); err != nil && t.Context().Err() == nil {
			t.Errorf("check: %v", err)
		}
		must(t, s.Close())
	})
	hash := passwordHash()
	for name, role := range map[string]order.Role{
		"ines": order.Reading, "claire": order.Sales, "paul": order.Sales,
		"ada": order.Admin,
	} {
		must(t, s.AddUser(t.Context(), order.User{
			Name: name, FullName: strings.ToUpper(name), Role: role,
			Password: hash, CreatedAt: r.now,
		}, "bdc", r.now))
	}
	return r
}

// watch remembers the last preview that was sent to a browser.
func (r *rig) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !strings.HasSuffix(req.URL.Path, "/apercu") {
			next.ServeHTTP(w, req)
			return
		}
		copied := httptest.NewRecorder()
		next.ServeHTTP(copied, req)
		r.mu.Lock()
		r.preview = copied.Body.String()
		close(r.sent)
		r.sent = make(chan struct{})
		r.mu.Unlock()
		for name, values := range copied.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(copied.Code)
		_, _ = copied.Body.WriteTo(w)
	})
}

// previewed waits until a preview with these words was sent.
func (r *rig) previewed(words string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), hang)
	defer cancel()
	for {
		r.mu.Lock()
		found, sent := strings.Contains(r.preview, words), r.sent
		r.mu.Unlock()
		if found {
			return
		}
		select {
		case <-sent:
		case <-ctx.Done():
			r.t.Fatalf("no preview with %q was ever sent", words)
		}
	}
}

// writeNumbers is an export that writes the orders' numbers.
func writeNumbers(w io.Writer, orders iter.Seq2[order.Order, error]) error {
	for o, err := range orders {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, o.Number); err != nil {
			return err
		}
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// letter is a mail that a bookseller sends, with a form unless it is bare.
type letter struct {
	from, subject, text, file string
	form                      map[string]string // over those of a perfect order
	lines                     []map[string]string
	bare                      bool              // no form
	pdf                       string            // the bytes of another attachment, or ""
	names                     []string          // of further attachments
	version                   map[string]string // over form: a second form, "BdC v2.xlsx"; nil for none

	lies order.Folder   // the folder where it lies though a restored record does not know it, or ""
	told [][]order.Told // then: what was answered
}

func perfect() map[string]string {
	return map[string]string{
		order.FieldBookseller: "Librairie d’essai", order.FieldAccount: "01002001",
		order.FieldBookMail: "shop@test.local", order.FieldReference: "R-1",
		order.FieldUAI: "0990011Z", order.FieldEstablishment: "Collège Ada Lovelace",
		order.FieldAddress: "1 rue du Tilleul", order.FieldPostcode: "99010",
		order.FieldTown: "Valmorin", order.FieldSchoolMail: "ce@test.local", "contact_nom": "Dupont",
		order.FieldContactMail: "dupont@test.local",
	}
}

// receive examines and records a letter as the inbox does.
func (r *rig) receive(l letter) (order.Intake, store.Receipt) {
	r.t.Helper()
	if l.from == "" {
		l.from = "Librairie d’essai <shop@test.local>"
	}
	if l.file == "" {
		l.file = "BdC.xlsx"
	}
	r.uid++
	name, address, _ := strings.Cut(strings.TrimSuffix(l.from, ">"), " <")
	var m bytes.Buffer
	word := func(s string) string { return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?=" }
	fmt.Fprintf(&m, "From: %s <%s>\r\nTo: orders@test.local\r\nSubject: %s\r\nMessage-ID: "+
		"<%d@test.local>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
		word(name), address, word(l.subject), r.uid)
	fmt.Fprintf(&m, "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", l.text)
	if !l.bare {
		values := perfect()
		for id, v := range l.form {
			values[id] = v
		}
		if l.lines == nil {
			l.lines = []map[string]string{
				{order.ColumnEAN: "3133091001018", order.ColumnQuantity: "28", order.ColumnTitle: "Maths 6e"},
			}
		}
		data, err := form.Fill(r.form, values, l.lines)
		must(r.t, err)
		fmt.Fprintf(&m, "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "+
			"filename*=utf-8''%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
			url.PathEscape(l.file), base64.StdEncoding.EncodeToString(data))
	}
	if l.version != nil {
		values := perfect()
		maps.Copy(values, l.form)
		maps.Copy(values, l.version)
		data, err := form.Fill(r.form, values, l.lines)
		must(r.t, err)
		fmt.Fprintf(&m, "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "+
			"filename=\"BdC v2.xlsx\"\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
			base64.StdEncoding.EncodeToString(data))
	}
	if l.pdf != "" {
		fmt.Fprintf(&m, "--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; "+
			"filename=\"engagement.html\"\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
			base64.StdEncoding.EncodeToString([]byte(l.pdf)))
	}
	for _, name := range l.names {
		fmt.Fprintf(&m, "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; "+
			"filename*=utf-8''%s\r\n\r\nrien\r\n", url.PathEscape(name))
	}
	m.WriteString("--b--\r\n")
	ctx := r.t.Context()
	x := r.exam.Open(order.Mail{
		Key:      order.Key{Account: "orders", Folder: "INBOX", UIDValidity: 1, UID: r.uid},
		Received: r.clock(), Size: int64(m.Len()), Raw: m.Bytes(),
	})
	must(r.t, r.store.Keep(ctx, x.Blobs))
	past, err := r.store.Past(ctx, x.Query)
	must(r.t, err)
	in := r.exam.Judge(x, past, r.clock())
	if l.lies != "" {
		past, err = r.store.Past(ctx, ingest.TakeUpQuery(x))
		must(r.t, err)
		in = r.exam.TakeUp(x, past, r.clock(), l.lies, l.told)
	}
	receipt := r.store.Record(ctx, store.Fence{}, []order.Intake{in})[0]
	must(r.t, receipt.Err)
	if len(in.Cases) > 0 {
		r.c.Changed(in.Cases[0].Code)
	}
	return in, receipt
}

// held makes a case that waits because the sender of its form, which is right, is not registered.
func (r *rig) held() string {
	r.t.Helper()
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>", subject: "Commande"})
	if len(in.Cases) != 1 || in.Cases[0].State != order.Waiting {
		r.t.Fatalf("got %+v, want one waiting case", in.Cases)
	}
	return in.Cases[0].Code
}

// wrong makes a case of a form with a wrong UAI, for which there is a proposal.
func (r *rig) wrong() string {
	r.t.Helper()
	in, _ := r.receive(letter{subject: "Commande", form: map[string]string{order.FieldUAI: "0990011B"}})
	if len(in.Cases) != 1 || in.Cases[0].State != order.SentBack {
		r.t.Fatalf("got %+v, want one case sent back", in.Cases)
	}
	return in.Cases[0].Code
}

func (r *rig) aCase(code string) order.Case {
	r.t.Helper()
	k, err := r.store.Case(r.t.Context(), code)
	must(r.t, err)
	return k
}

// browser is a browser, with the cookie of a user if one is signed in.
type browser struct {
	*rig
	cookie *http.Cookie
}

func (r *rig) anonymous() *browser { return &browser{rig: r} }

// as returns a browser in which a user is signed in.
func (r *rig) as(name string) *browser {
	r.t.Helper()
	b := r.anonymous()
	resp := b.post("/connexion", "nom", name, "mot-de-passe", password)
	if resp.StatusCode != http.StatusSeeOther || len(resp.Cookies()) != 2 {
		r.t.Fatalf("sign in as %s: got %s with %d cookies", name, resp.Status, len(resp.Cookies()))
	}
	b.cookie = resp.Cookies()[0]
	return b
}

type response struct {
	*http.Response
	body string
}

// text is the body without tags, with every run of white space as one space.
func (r response) text() string {
	plain := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(r.body, " ")
	return strings.Join(strings.Fields(strings.NewReplacer("&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&",
		"&#34;", `"`).Replace(plain)), " ")
}

func (b *browser) do(method, path string, body io.Reader, header ...string) response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.srv.URL+path, body)
	must(b.t, err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if b.cookie != nil {
		req.AddCookie(b.cookie)
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // redirections are the tests' business
	must(b.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(b.t, err)
	return response{resp, string(text)}
}

func (b *browser) get(path string) response {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

func (b *browser) post(path string, pairs ...string) response {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()))
}

// act posts an act on a case with the case's current revision.
func (b *browser) act(code, what string, pairs ...string) response {
	b.t.Helper()
	return b.post("/dossiers/"+code+"/"+what,
		append([]string{"revision", fmt.Sprint(b.aCase(code).Revision)}, pairs...)...)
}

func (r response) want(t testing.TB, status int, words ...string) response {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("%s %s: got %s, want %d: %.300s", r.Request.Method, r.Request.URL.Path, r.Status, status, r.text())
	}
	text := strings.ReplaceAll(r.text(), "\u00a0", " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s %s: the page does not say %q: %.1500s", r.Request.Method, r.Request.URL.Path, w, text)
		}
	}
	return r
}

func printed(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

package review_test

import (
	"net/http"
	"strings"
	"testing"

	"bdc/order"
)

// Every route, for nobody and for each role: who is sent to sign in, who is
// refused, and who gets through.
func TestRoutes(t *testing.T) {
	r := newRig(t)
	code := r.held()
	_, receipt := r.receive(letter{form: map[string]string{order.FieldReference: "R-2"}})
	number := receipt.Numbers[0]
	hash := string(r.aCase(code).Attempts[0].Workbook)
	people := map[string]*browser{"": r.anonymous(), "ines": r.as("ines"), "claire": r.as("claire"), "ada": r.as("ada")}
	const (
		everybody = 0
		reading   = 1
		sales     = 2
		admin     = 3
	)
	// What is posted has no revision: whoever may act is told of a conflict, or
	// of what is missing, and nothing is done.
	for _, route := range []struct {
		method, path string
		who          int
		status       int
	}{
		{"GET", "/connexion", everybody, 200},
		{"POST", "/connexion", everybody, 401},
		{"GET", "/", reading, 303},
		{"GET", "/compte", reading, 200},
		{"POST", "/compte/mot-de-passe", reading, 422},
		{"GET", "/journal", admin, 200},
		{"GET", "/a-traiter", reading, 200},
		{"GET", "/a-traiter?etat=classes&qui=moi&motif=uai.key&q=x", reading, 200},
		{"GET", "/recherche?q=lovelace", reading, 200},
		{"GET", "/recherche?q=" + number, reading, 303},
		{"GET", "/dossiers/" + code, reading, 200},
		{"GET", "/dossiers/" + code + "?modifier=entete", reading, 200},
		{"GET", "/dossiers/D-ZZZZZZ", reading, 404},
		{"GET", "/dossiers/" + code + "/pieces/" + hash, reading, 200},
		{"GET", "/dossiers/" + code + "/pieces/" + strings.Repeat("0", 64), reading, 404},
		{"GET", "/commandes", reading, 200},
		{"GET", "/tableau-de-bord", reading, 200},
		{"GET", "/commandes/export/jsonl", reading, 200},
		{"GET", "/commandes/export/exe", reading, 404},
		{"GET", "/commandes/" + number, reading, 200},
		{"GET", "/commandes/CNS-2026-999999", reading, 404},
		{"GET", "/commandes/" + number + "/pieces/" + strings.Repeat("0", 64), reading, 404},
		{"GET", "/dossiers/" + code + "/pieces/" + hash + "/pdf", reading, 404},
		{"GET", "/commandes/" + number + "/pieces/" + hash + "/pdf", reading, 404},
		{"GET", "/dossiers/" + code + "/etablissement", sales, 200},
		{"GET", "/dossiers/" + code + "/etablissement?q=", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/accepter", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/renvoyer", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/refuser", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/ecrire", sales, 200},
		{"GET", "/dossiers/" + code + "/reponse/rien", sales, 404},
		{"POST", "/dossiers/" + code + "/reponse/accepter", sales, 409},
		{"POST", "/dossiers/" + code + "/reponse/accepter/apercu", sales, 200},
		{"POST", "/dossiers/" + code + "/corriger", sales, 409},
		{"POST", "/dossiers/" + code + "/lever", sales, 409},
		{"POST", "/dossiers/" + code + "/classer", sales, 409},
		{"POST", "/dossiers/" + code + "/rouvrir", sales, 409},
		{"POST", "/dossiers/" + code + "/confier", sales, 409},
		{"POST", "/dossiers/" + code + "/noter", sales, 409},
		{"POST", "/dossiers/" + code + "/annuler", sales, 409},
		{"POST", "/commandes/" + number + "/etat", sales, 404},
		{"GET", "/libraires", reading, 200},
		{"GET", "/libraires/01002001", reading, 200},
		{"POST", "/libraires/01002001", admin, 409},
		{"POST", "/libraires/01002001/inscrire", sales, 422},
		{"POST", "/libraires/01002001/retirer", admin, 303},
		{"GET", "/dossiers/" + code + "/libraire", sales, 200},
		{"POST", "/dossiers/" + code + "/libraire", sales, 409},
		{"GET", "/etablissements", reading, 200},
		{"GET", "/etablissements/0990011Z", reading, 200},
		{"GET", "/catalogue", reading, 200},
		{"GET", "/catalogue/3133091001018", reading, 200},
		{"GET", "/imports/libraires", reading, 200},
		{"POST", "/imports/libraires", admin, 415},
		{"POST", "/suspendre/reception", sales, 422},
		{"POST", "/suspendre/rien", sales, 422},
		{"POST", "/reprendre/reception", sales, 303},
		{"GET", "/ailleurs", reading, 404},
		{"GET", "/static/rien.css", everybody, 404},
	} {
		for name, b := range people {
			role := map[string]int{"": everybody, "ines": reading, "claire": sales, "ada": admin}[name]
			want := route.status
			switch {
			case role >= route.who:
			case name == "" && route.method == "GET":
				want = http.StatusSeeOther
			case name == "":
				want = http.StatusUnauthorized
			default:
				want = http.StatusForbidden
			}
			resp := b.do(route.method, route.path, strings.NewReader(""))
			if resp.StatusCode != want {
				t.Errorf("%s %s as %q: got %d, want %d", route.method, route.path, name, resp.StatusCode, want)
			}
			if name == "" && want == http.StatusSeeOther && !strings.HasPrefix(resp.Header.Get("Location"), "/connexion?suite=") {
				t.Errorf("%s %s as nobody: got sent to %q, want to sign in", route.method, route.path, resp.Header.Get("Location"))
			}
			// A file's own header is stricter, a preview's lets it be framed by us.
			if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "script-src 'unsafe") {
				t.Errorf("%s %s as %q: got the policy %q", route.method, route.path, name, csp)
			}
			if got := resp.Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("%s %s as %q: got X-Content-Type-Options %q, want nosniff", route.method, route.path, name, got)
			}
		}
	}
	if k := r.aCase(code); k.Revision != 1 {
		t.Errorf("got revision %d after all that, want the first: nothing was done", k.Revision)
	}
	if o, err := r.store.Order(t.Context(), number); err != nil || o.Status != order.Received {
		t.Errorf("got status %q and error %v, want it as received", o.Status, err)
	}
}

// What another site posts in the name of somebody signed in.
func TestCrossOriginPostIsRefused(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire := r.as("claire")
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
	} {
		body := "revision=1&mots=piégé"
		resp := claire.do("POST", "/dossiers/"+code+"/noter", strings.NewReader(body), header...)
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%v: got %d, want 403", header, resp.StatusCode)
		}
		if resp := r.anonymous().do("POST", "/connexion", strings.NewReader("nom=claire"), header...); resp.StatusCode != http.StatusForbidden {
			t.Errorf("sign in, %v: got %d, want 403", header, resp.StatusCode)
		}
	}
	if k := r.aCase(code); len(k.Acts) != 0 {
		t.Errorf("got acts %+v, want none", k.Acts)
	}
	claire.do("POST", "/dossiers/"+code+"/noter", strings.NewReader("revision=1&mots=bien"), "Sec-Fetch-Site", "same-origin").want(t, http.StatusSeeOther)
}

// Whatever a stranger writes is shown, and is no markup.
func TestNothingTypedIsMarkup(t *testing.T) {
	r := newRig(t)
	claire := r.as("claire")
	for _, payload := range payloads() {
		in, _ := r.receive(letter{
			from: payload + " <sam@ailleurs.test>", subject: payload, text: payload, file: payload + ".xlsx",
			form: map[string]string{
				order.FieldBookseller: payload, order.FieldEstablishment: payload, order.FieldReference: payload, order.FieldUAI: payload, "contact_nom": payload,
			},
			lines: []map[string]string{{order.ColumnEAN: payload, order.ColumnQuantity: payload, order.ColumnTitle: payload, order.ColumnRemark: payload}},
		})
		if len(in.Cases) != 1 {
			t.Fatalf("%q: got %d cases, want 1", payload, len(in.Cases))
		}
		code := in.Cases[0].Code
		claire.act(code, "noter", "mots", payload)
		for _, path := range []string{
			"/dossiers/" + code, "/dossiers/" + code + "?modifier=entete", "/a-traiter?etat=tous", "/recherche?q=" + code[2:], "/libraires/01002001", "/dossiers/" + code + "/libraire", "/dossiers/" + code + "/reponse/ecrire",
		} {
			page := claire.get(path)
			if strings.Contains(page.body, payload) && strings.ContainsAny(payload, `<>"`) {
				t.Errorf("%s: got %q as it was typed", path, payload)
			}
			if n := strings.Count(page.body, "<script"); n != 1 {
				t.Errorf("%s with %q: got %d scripts, want our one", path, payload, n)
			}
		}
		preview := claire.post("/dossiers/"+code+"/reponse/ecrire/apercu", "mots", payload)
		if strings.Contains(preview.body, "<script") || strings.Contains(preview.body, "<img") || strings.Contains(preview.body, "<svg") {
			t.Errorf("the preview of %q: got markup", payload)
		}
	}
}

// payloads are ways to smuggle a script into a page.
func payloads() []string {
	return []string{
		`<script>top.pwned=1</script>`, `"><script>top.pwned=1</script>`, `'><img src=x onerror=top.pwned=1>`, `<svg onload=top.pwned=1>`, `</textarea><script>top.pwned=1</script>`,
		`</title><script>top.pwned=1</script>`, `javascript:top.pwned=1`, `" autofocus onfocus="top.pwned=1`, `<iframe srcdoc="<script>top.pwned=1</script>">`, `{{.}}<b>`,
		`<a href="javascript:top.pwned=1">x</a>`, `<!--><script>top.pwned=1</script>`, `</pre><math><mtext></mtext><script>top.pwned=1</script>`, `<details open ontoggle=top.pwned=1>`,
		`<input autofocus onfocus=top.pwned=1>`, `<style>@import'//evil.example'</style>`,
	}
}

package review

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// Console is where staff look and decide: a handler over the store. Its fields
// are set once, before Handler.
type Console struct {
	Store    store.Store
	Form     *order.Form
	Examiner *ingest.Examiner
	Renderer *templates.Renderer
	Options  templates.Options                     // of the replies, and of the opening clock
	Exports  map[string]Export                     // by the extension of the file
	Registry func() Registry                       // what was imported, as it is now
	Wake     func()                                // says that a reply will be due; nil where none is sent
	UndoFor  time.Duration                         // before a reply leaves
	Enclosed func(part string) string              // the name under which a workbook goes back, marked
	Health   func(context.Context) (Health, error) // of the daemon
	Verifier *Verifier                             // the public page; nil for none
	Secure   bool                                  // browsers come by https
	Origin   string                                // "https://bdc.example.org" where a proxy hides it, or ""
	Proxies  []netip.Prefix                        // whose word about the client's address is believed

	// Import replaces a register, and has the orders that waited for it examined
	// again. A file that is refused is a Refused, and changes nothing; an error
	// that wraps ErrUnfinished tells that the import stands.
	Import func(ctx context.Context, u Upload) (order.Import, error)
	// Amend changes an account, has the orders that waited for it examined again,
	// and says how many were accepted. What is refused is a Refused; the error
	// wraps store.ErrRevision where the account is no longer as the person saw it,
	// store.ErrNotFound where there is none, and ErrUnfinished where the change
	// stands all the same.
	Amend func(ctx context.Context, e order.AccountEdit) (accepted int, err error)
	// Spool is what the paths of the folders begin with in which uploads wait.
	Spool string

	Clock func() time.Time
	Log   *slog.Logger

	pages    map[string]*template.Template
	static   *templates.Static
	broker   broker
	throttle throttle
	hashing  chan struct{}

	importing sync.Mutex // one upload at a time
}

// Export writes orders as a file of one kind.
type Export struct {
	Type  string
	Write func(w io.Writer, orders iter.Seq2[order.Order, error]) error
}

// visit is one request.
type visit struct {
	c    *Console
	w    http.ResponseWriter
	r    *http.Request
	user order.User // zero where nobody needs to be signed in

	public bool // the page is for anybody
}

// route is what a path does, and for whom.
type route struct {
	pattern string
	role    order.Role // the least that may; "" for everybody
	handle  func(*visit) error
}

func (c *Console) routes() []route {
	const everybody = order.Role("")
	return []route{
		{"GET /connexion", everybody, c.signInForm},
		{"POST /connexion", everybody, c.signIn},
		{"POST /deconnexion", everybody, c.signOut},
		{"GET /compte", order.Reading, c.profile},
		{"POST /compte/mot-de-passe", order.Reading, c.changePassword},
		{"GET /journal", order.Admin, c.journal},
		{"GET /{$}", order.Reading, func(v *visit) error { return v.redirect("/a-traiter") }},
		{"GET /evenements", order.Reading, c.events},
		{"GET /barre", order.Reading, c.bar},
		{"GET /a-traiter", order.Reading, c.inbox},
		{"GET /recherche", order.Reading, c.search},
		{"GET /dossiers/{code}", order.Reading, c.caseFile},
		{"GET /dossiers/{code}/pieces/{hash}", order.Reading, c.attachment},
		{"GET /dossiers/{code}/pieces/{hash}/pdf", order.Reading, c.casePDF},
		{"GET /dossiers/{code}/etablissement", order.Sales, c.schools},
		{"POST /dossiers/{code}/corriger", order.Sales, c.correct},
		{"POST /dossiers/{code}/lever", order.Sales, c.waive},
		{"POST /dossiers/{code}/classer", order.Sales, c.close},
		{"POST /dossiers/{code}/rouvrir", order.Sales, c.reopen},
		{"POST /dossiers/{code}/confier", order.Sales, c.hand},
		{"POST /dossiers/{code}/noter", order.Sales, c.note},
		{"POST /dossiers/{code}/annuler", order.Sales, c.undo},
		{"GET /dossiers/{code}/reponse/{kind}", order.Sales, c.composeReply},
		{"POST /dossiers/{code}/reponse/{kind}", order.Sales, c.sendReply},
		{"POST /dossiers/{code}/reponse/{kind}/apercu", order.Sales, c.previewReply},
		{"POST /suspendre/{quoi}", order.Sales, c.pause},
		{"POST /reprendre/{quoi}", order.Sales, c.goOn},
		{"GET /commandes", order.Reading, c.orders},
		{"GET /commandes/export/{kind}", order.Reading, c.export},
		{"GET /commandes/{number}", order.Reading, c.orderFile},
		{"GET /commandes/{number}/pieces/{hash}", order.Reading, c.orderAttachment},
		{"GET /commandes/{number}/pieces/{hash}/pdf", order.Reading, c.orderPDF},
		{"POST /commandes/{number}/etat", order.Sales, c.advance},
		{"GET /tableau-de-bord", order.Reading, c.dashboard},
	}
}

func (c *Console) allRoutes() []route {
	return slices.Concat(c.routes(), c.bookRoutes(), c.verifierRoutes())
}

// Handler serves the console. The error is a fault of the embedded pages.
func (c *Console) Handler() (http.Handler, error) {
	c.hashing = make(chan struct{}, 2)
	var err error
	if c.static, err = templates.ConsoleStatic(); err != nil {
		return nil, err
	}
	if c.pages, err = templates.ConsolePages(c.functions()); err != nil {
		return nil, err
	}
	if err := c.sweep(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, route := range c.allRoutes() {
		mux.Handle(route.pattern, c.guard(route))
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", c.static))
	mux.Handle("/", c.guard(route{role: order.Reading, handle: func(*visit) error { return store.ErrNotFound }}))
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{c: c, w: w, r: r}
		v.fail(refusal{http.StatusForbidden, "Demande refusée", "Elle venait d’un autre site. Revenez à la console et recommencez."})
	}))
	if c.Origin != "" {
		if err := cross.AddTrustedOrigin(c.Origin); err != nil {
			return nil, err
		}
	}
	return c.headers(cross.Handler(mux)), nil
}

// Changed tells the browsers that a case changed, or that one came; "" for
// several. It returns at once.
func (c *Console) Changed(code string) { c.broker.tell(code) }

// maxBody bounds what a form may send: no page asks for more than a sheet of
// cells.
const maxBody = 1 << 20

// most is how many octets may be sent to a route.
func (r route) most() int64 {
	switch r.pattern {
	case verifyPattern, markPattern:
		return maxVerified + maxBody
	case uploadPattern:
		return maxUpload + maxBody
	}
	return maxBody
}

// headers says of every answer what a browser may do with it: nothing but show
// it, with our own style and script.
func (c *Console) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "+
			"frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		if c.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// guard lets through whoever may, and makes a page of an error.
func (c *Console) guard(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, route.most())
		v := &visit{c: c, w: w, r: r}
		if route.role != "" {
			u, err := c.session(r)
			switch {
			case errors.Is(err, store.ErrNotFound) && r.Method == http.MethodGet && r.URL.Path != "/evenements":
				_ = v.redirect("/connexion?suite=" + url.QueryEscape(r.URL.RequestURI()))
				return
			case errors.Is(err, store.ErrNotFound):
				v.fail(refusal{http.StatusUnauthorized, "Vous n’êtes plus connecté", "Connectez-vous dans une autre fenêtre, puis recommencez ici."})
				return
			case err != nil:
				v.fail(err)
				return
			}
			v.user = u
			if !u.Role.Covers(route.role) {
				v.fail(refusal{http.StatusForbidden, "Réservé", "Votre compte ne le permet pas. Demandez à un administrateur le rôle « " + string(route.role) + " »."})
				return
			}
		}
		if err := r.ParseForm(); errors.As(err, new(*http.MaxBytesError)) {
			v.fail(refusal{http.StatusRequestEntityTooLarge, "Texte trop long", "Rien n’a été fait de votre demande. Revenez en arrière et raccourcissez votre texte."})
			return
		}
		if err := route.handle(v); err != nil {
			v.fail(err)
		}
	})
}

// refusal is an error that says to people what happened, and what to do.
type refusal struct {
	status      int
	title, hint string
}

func (r refusal) Error() string { return r.title }

// conflict is an act on what somebody else changed meanwhile. Words are what the
// person wrote, so that it is not lost.
type conflict struct{ back, words string }

func (conflict) Error() string { return "changed meanwhile" }

// fail answers with a page about an error.
func (v *visit) fail(err error) {
	page := errorPage{Back: "/a-traiter"}
	if v.public {
		page.Back = "/verifier"
	}
	status := http.StatusInternalServerError
	var told refusal
	var clash conflict
	switch {
	case errors.As(err, &told):
		status, page.Title, page.Hint = told.status, told.title, told.hint
	case errors.As(err, &clash):
		status, page.Title, page.Back, page.Words = http.StatusConflict, "Quelqu’un d’autre a agi entre-temps", clash.back, clash.words
		page.Hint = "Rien n’a été fait de votre demande. Voyez où en sont les choses, puis recommencez s’il y a lieu."
	case errors.Is(err, store.ErrNotFound):
		status, page.Title, page.Hint = http.StatusNotFound, "Introuvable", "Il n’y a rien à cette adresse. Cherchez par numéro, établissement ou libraire."
	case errors.Is(err, context.Canceled):
		return // the browser is gone
	default:
		v.c.Log.Error("console", "path", v.r.URL.Path, "err", err)
		page.Title, page.Hint = "Une erreur s’est produite", "Rien n’a été changé. Réessayez ; si cela se répète, prévenez l’administrateur."
	}
	if err := v.show(status, "erreur", page.Title, page); err != nil {
		v.c.Log.Error("console", "path", v.r.URL.Path, "err", err)
	}
}

type errorPage struct{ Title, Hint, Back, Words string }

func (v *visit) redirect(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// frame is what every page shows around its own.
type frame struct {
	Title   string
	Path    string
	User    order.User
	Public  bool // anybody may see it
	Waiting int
	Stops   []stop
	Search  string // what the search box holds
	Body    any
}

// May reports whether the user may act.
func (f frame) May() bool { return f.User.Role.Covers(order.Sales) }

// Admin reports whether the user may change the registers, and see who did what.
func (f frame) Admin() bool { return f.User.Role.Covers(order.Admin) }

// show writes a page, or only its list where the script asks for that.
func (v *visit) show(status int, name, title string, body any) error {
	part := "page"
	if v.r.Header.Get("Bdc-Fragment") != "" {
		part = "fragment"
	}
	return v.write(status, name, part, title, body)
}

// bar is what the bar says that changes: how many cases wait, and what is held.
// Every open page asks for it whenever something happens.
func (c *Console) bar(v *visit) error {
	return v.write(http.StatusOK, "a-traiter", "bar", "", nil)
}

// write writes a part of a page.
func (v *visit) write(status int, name, part, title string, body any) error {
	f := frame{Title: title, Path: v.r.URL.Path, User: v.user, Public: v.public, Body: body}
	if v.r.Method == http.MethodGet {
		f.Search = v.r.FormValue("q")
	}
	if v.user.Name != "" {
		var err error
		if f.Waiting, _, err = v.c.Store.Waiting(v.r.Context()); err != nil {
			return err
		}
		holds, err := v.c.Store.Pauses(v.r.Context())
		if err != nil {
			return err
		}
		f.Stops = stops(holds)
	}
	var b bytes.Buffer
	if err := v.c.pages[name].ExecuteTemplate(&b, part, f); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = b.WriteTo(v.w) // the browser is gone: nobody to tell
	return nil
}

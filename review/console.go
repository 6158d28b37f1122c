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
	"sync"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// Console serves the staff's web pages, and records in the store what people decide
// on them. Set its fields before the call of Handler, and do not change them
// afterwards. Changed and Quit may be called concurrently.
type Console struct {
	// Store holds the cases and orders that the console shows and changes.
	Store store.Store
	// Fence is the lease under which decisions are recorded; zero to check none.
	Fence store.Fence
	// Form is the definition of the order form.
	Form *order.Form
	// Examiner checks corrected forms by the same rules as mailed ones.
	Examiner *ingest.Examiner
	// Renderer and Options make the previews of replies. Options.OpeningHours is also
	// the time within which an order's service has to be opened: pages show how much
	// of it is left.
	Renderer *templates.Renderer
	Options  templates.Options
	// Exports are the formats in which orders can be downloaded, by the extension
	// of the file: "csv".
	Exports map[string]Export
	// Registry returns the registers as they are now.
	Registry func() Registry
	// Wake is called after a reply was recorded, and after the intake or the outbox
	// was resumed. It may be nil.
	Wake func()
	// UndoFor is how long a reply waits before it is sent, so that the person who
	// wrote it can take it back.
	UndoFor time.Duration
	// Enclosed returns the file name under which a bookseller's workbook goes back
	// with its errors marked. part is the name under which it came.
	Enclosed func(part string) string
	// Health returns the daemon's condition, for the dashboard.
	Health func(context.Context) (Health, error)
	// Verifier serves the public pages; nil if there are none.
	Verifier *Verifier
	// Secure says that browsers reach the console over HTTPS, perhaps through a
	// proxy. They are then told to use nothing else, and to send cookies over HTTPS
	// only.
	Secure bool
	// Origin is the address that browsers use, such as "https://bdc.example.org".
	// It is required where a proxy changes the Host header, and "" otherwise.
	Origin string
	// Proxies are the addresses of the proxies whose X-Forwarded-For header is
	// believed.
	Proxies []netip.Prefix

	// Import replaces a register by uploaded files, and then has the orders that
	// waited for it examined again; or it only says what would change, if the upload is a
	// preview, or drastic and not forced. If a file is refused, the error is a Refused and
	// the register stays as it was; so it does if the error wraps store.ErrRevision, since
	// the register is no longer as the user saw it. If the error wraps ErrUnfinished, the
	// register is replaced. Import is not called concurrently.
	Import func(ctx context.Context, u Upload) (order.Preview, error)
	// Undo undoes the newest import of a register that can be undone. seen is the
	// register's revision as the user saw it. Its errors are those of Import.
	Undo func(ctx context.Context, register, actor string, seen uint64) (order.Import, error)
	// Amend changes or creates an account, then has the orders that waited for it
	// examined again, and returns how many of them were accepted. If the edit is
	// refused, the error is a Refused; it wraps store.ErrRevision if the account has
	// changed since the user saw it, and store.ErrNotFound if there is no such
	// account. In these cases nothing is changed. If the error wraps ErrUnfinished,
	// the account is changed.
	Amend func(ctx context.Context, e order.AccountEdit) (accepted int, err error)
	// Spool is the beginning of a path. While an upload is imported, its files are in
	// a new folder whose path is Spool, a hyphen and random characters. The folder in
	// which it is created must exist.
	Spool string

	// Clock returns the current time.
	Clock func() time.Time
	// Log gets a line for each act and each fault.
	Log *slog.Logger

	pages    map[string]*template.Template
	static   *templates.Static
	broker   broker
	streams  crowd // who listens to the broker
	throttle throttle
	refusals quota         // of what the audit says of refused sign-ins
	hashing  chan struct{} // holds an element for each password that is being hashed

	importing sync.Mutex // one upload at a time

	waitingMu sync.Mutex
	waiting   *waitingUpload // nil if none waits for a second click
}

// Export is a file format in which orders can be downloaded.
type Export struct {
	// Type is the media type of the file, for the Content-Type header.
	Type string
	// Write writes the orders to w one by one, as the sequence yields them. If the
	// sequence yields an error, Write stops and returns it.
	Write func(w io.Writer, orders iter.Seq2[order.Order, error]) error
}

// visit is one request and who makes it.
type visit struct {
	c    *Console
	w    http.ResponseWriter
	r    *http.Request
	user order.User // zero if the route is for everybody

	public bool // the page is one of the Verifier's
}

// Handler returns the handler that serves the console, after it has deleted the
// uploads that a crash left behind. Call Handler only once. The error says that the
// embedded pages cannot be parsed, that Origin is no origin, or that the folder of
// Spool cannot be read.
func (c *Console) Handler() (http.Handler, error) {
	c.hashing = make(chan struct{}, 2)
	c.refusals.burst, c.refusals.every = refusalBurst, refusalEvery
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
		v.fail(refusal{
			http.StatusForbidden, "Demande refusée",
			"Elle venait d’un autre site. Revenez à la console et recommencez.",
		})
	}))
	if c.Origin != "" {
		if err := cross.AddTrustedOrigin(c.Origin); err != nil {
			return nil, err
		}
	}
	return c.headers(cross.Handler(mux)), nil
}

// Changed tells the open pages that a case was created or changed; with the code
// "", that anything may have changed. It does not wait for the browsers.
func (c *Console) Changed(code string) { c.broker.tell(code) }

// headers sets the security headers of every answer: browsers load and run only our
// own styles, scripts and pages, and keep no copy.
func (c *Console) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; "+
			"img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; "+
			"frame-ancestors 'none'; base-uri 'none'")
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

// guard handles the requests of a route: it limits the body, sends users who are not
// signed in to the page where they can, refuses those whose role is too low, and
// shows errors as pages. Nothing of a body is read before that, and files are left to the
// route to read.
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
				v.fail(refusal{
					http.StatusUnauthorized, "Vous n’êtes plus connecté",
					"Connectez-vous dans une autre fenêtre, puis recommencez ici.",
				})
				return
			case err != nil:
				v.fail(err)
				return
			}
			v.user = u
			if !u.Role.Covers(route.role) {
				v.fail(refusal{
					http.StatusForbidden, "Réservé",
					"Votre compte ne le permet pas. " +
						"Demandez à un administrateur le rôle « " + string(route.role) + " ».",
				})
				return
			}
		}
		if route.takesFile() { // nothing else than a file is read, and the values of no form
			r.Form, r.PostForm = r.URL.Query(), url.Values{}
		} else if err := r.ParseForm(); errors.As(err, new(*http.MaxBytesError)) {
			v.fail(refusal{
				http.StatusRequestEntityTooLarge, "Texte trop long",
				"Rien n’a été fait de votre demande. Revenez en arrière et raccourcissez votre texte.",
			})
			return
		}
		if err := route.handle(v); err != nil {
			v.fail(err)
		}
	})
}

// refusal is an error that the user is to read: a page with this HTTP status says, in
// French, what happened (title) and what to do about it (hint).
type refusal struct {
	status      int
	title, hint string
}

func (r refusal) Error() string { return r.title }

// conflict is the error of an act on something that somebody else has changed since
// the user saw it. Its page links to the address back and repeats words, the text
// that the user wrote.
type conflict struct{ back, words string }

func (conflict) Error() string { return "changed meanwhile" }

// fail answers with a page about an error. Only errors that are not the user's
// doing are logged.
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
		status, page.Title, page.Back, page.Words = http.StatusConflict, "Quelqu’un d’autre a agi entre-temps",
			clash.back, clash.words
		page.Hint = "Rien n’a été fait de votre demande. Voyez où en sont les choses, puis recommencez s’il y a lieu."
	case errors.Is(err, store.ErrNotOwner):
		status, page.Title, page.Hint = http.StatusConflict, "Pas maintenant",
			"Rien n’a été changé : tant que la boîte aux lettres ne reconnaît pas ce fichier de données, aucune "+
				"commande ne reçoit de numéro. Le bandeau en haut de la page dit pourquoi."
	case errors.Is(err, store.ErrNotFound):
		status, page.Title, page.Hint = http.StatusNotFound, "Introuvable",
			"Il n’y a rien à cette adresse. Cherchez par numéro, établissement ou libraire."
	case errors.Is(err, store.ErrErased):
		status, page.Title, page.Hint = http.StatusGone, "Données effacées",
			"Leur durée de conservation est passée, ou une personne a demandé leur effacement. "+
				"Il n’en reste rien que l’on puisse corriger, annuler ou examiner de nouveau : rien n’a été changé."
	case errors.Is(err, context.Canceled):
		return // the browser is gone
	case errors.Is(err, store.ErrDataFile):
		v.c.Log.Error("console: data file", "path", v.r.URL.Path, "err", err)
		status = http.StatusServiceUnavailable
		page.Title, page.Hint = dataFileWords(err)
	default:
		v.c.Log.Error("console", "path", v.r.URL.Path, "err", err)
		page.Title, page.Hint = "Une erreur s’est produite",
			"Rien n’a été changé. Réessayez ; si cela se répète, prévenez l’administrateur."
	}
	err = v.show(status, "erreur", page.Title, page)
	if errors.Is(err, store.ErrDataFile) { // what the frame shows can't be read
		v.user = order.User{}
		err = v.show(status, "erreur", page.Title, page)
	}
	if err != nil {
		v.c.Log.Error("console", "path", v.r.URL.Path, "err", err)
	}
}

// dataFileWords says what is wrong with the data file, and what to do.
func dataFileWords(err error) (title, hint string) {
	switch {
	case errors.Is(err, store.ErrReplaced):
		return "Le fichier de données a été retiré ou remplacé",
			"Rien n’a été fait de votre demande, et plus rien n’est enregistré. " +
				"Prévenez l’administrateur tout de suite."
	case errors.Is(err, store.ErrDamaged):
		return "Le fichier de données est abîmé",
			"Ce que vous demandez ne peut pas être lu. Le reste fonctionne. Prévenez l’administrateur."
	}
	return "Le fichier de données ne peut pas être écrit",
		"Rien n’a été fait de votre demande. Vous pouvez consulter, mais rien changer : " +
			"le disque est plein, ou n’accepte plus d’écriture. Prévenez l’administrateur, puis recommencez."
}

type errorPage struct{ Title, Hint, Back, Words string }

func (v *visit) redirect(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// frame is the data of the template that surrounds the content of every page.
type frame struct {
	Title   string
	Path    string
	User    order.User // zero if nobody is signed in
	Public  bool       // one of the Verifier's pages
	Waiting int        // cases that wait for a decision
	Stops   []stop
	Doubt   doubt
	Search  string // the text in the search box
	Body    any    // the data of the page itself

	renamed map[string]string // the names that users had before, and what they are called today
}

// May reports whether the user may decide cases and change orders.
func (f frame) May() bool { return f.User.Role.Covers(order.Sales) }

// Admin reports whether the user may replace registers, manage users and read the audit.
func (f frame) Admin() bool { return f.User.Role.Covers(order.Admin) }

// Who is the name under which somebody acted, with that of today where it is another.
func (f frame) Who(name string) string {
	if today := f.renamed[name]; today != "" {
		return name + " (aujourd’hui " + today + ")"
	}
	return name
}

// show writes the page called name. Our script asks by a header for the page's
// content alone, without the frame.
func (v *visit) show(status int, name, title string, body any) error {
	part := "page"
	if v.r.Header.Get("Bdc-Fragment") != "" {
		part = "fragment"
	}
	return v.write(status, name, part, title, body)
}

// renamed is what users are called today, by the names that they had before.
func renamed(users []order.User) map[string]string {
	var today map[string]string // most often nobody was renamed
	for _, u := range users {
		for _, name := range u.Former {
			if today == nil {
				today = make(map[string]string)
			}
			today[name] = u.Name
		}
	}
	return today
}

// bar writes the part of the frame that changes: how many cases wait, and what is
// paused. Every open page asks for it whenever something happens.
func (c *Console) bar(v *visit) error {
	return v.write(http.StatusOK, "a-traiter", "bar", "", nil)
}

// write executes the template part of the page called name.
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
		users, err := v.c.Store.Users(v.r.Context())
		if err != nil {
			return err
		}
		f.renamed = renamed(users)
		o, err := v.c.Store.Ownership(v.r.Context())
		if err != nil {
			return err
		}
		f.Doubt = doubt{o.Doubt, o.Words}
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

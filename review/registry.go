package review

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// Registry is a snapshot of the three registers: the directory of schools, the
// catalogue of titles, the booksellers' accounts. It never changes, may be used
// concurrently, and what it returns must not be modified.
//
// The methods called …Beyond return a page of a register, sorted by key (UAI, EAN
// or account number): the first limit entries whose key follows beyond and in which
// every one of the words is found. A zero key begins with the first entry, and no
// words choose every entry.
type Registry interface {
	// Has reports whether a register ("annuaire", "catalogue" or "libraires") was
	// ever imported.
	Has(register string) bool

	// SearchSchools returns up to limit schools in which every one of the words is
	// found, and none if there are no words.
	SearchSchools(words string, limit int) []order.School
	// SchoolsBeyond returns a page of the directory. A school that has several sites
	// is one entry.
	SchoolsBeyond(words string, beyond order.UAI, limit int) []order.School
	// Schools returns the sites of the school that has a UAI. known is false if the
	// directory has no such UAI.
	Schools(uai order.UAI) (sites []order.School, known bool)

	// TitlesBeyond returns a page of the catalogue.
	TitlesBeyond(words string, beyond order.EAN, limit int) []order.Title
	// Title returns the title that has an EAN itself or in one of its offers. offer
	// is the offer that has it, or nil if none has.
	Title(ean order.EAN) (title order.Title, offer *order.Offer, known bool)

	// AccountsBeyond returns a page of the accounts.
	AccountsBeyond(words, beyond string, limit int) []order.Account
	// Account returns the account that has a number. If no account has it, but only one
	// has a number that differs from it in leading zeros alone, Account returns that one.
	Account(number string) (account order.Account, known bool)
	// Changed returns up to limit accounts of which a person has changed facts that the
	// next import will overwrite, and how many such accounts there are in all.
	Changed(limit int) (found []order.Account, n int)
}

// registerRoutes are the routes of the registers' pages and of the acts that change
// a register.
func (c *Console) registerRoutes() []route {
	return []route{
		{"GET /libraires", order.Reading, c.accounts},
		{"POST /libraires", order.Sales, c.createAccount},
		{"GET /libraires/nouveau", order.Sales, c.newAccount},
		{"GET /libraires/{number}", order.Reading, c.account},
		{"POST /libraires/{number}", order.Admin, c.changeAccount},
		{"POST /libraires/{number}/inscrire", order.Sales, c.addSender},
		{"POST /libraires/{number}/retirer", order.Admin, c.removeSender},
		{"GET /dossiers/{code}/libraire", order.Sales, c.senders},
		{"POST /dossiers/{code}/libraire", order.Sales, c.registerSender},
		{"GET /dossiers/{code}/compte", order.Sales, c.newAccountOf},
		{"POST /dossiers/{code}/compte", order.Sales, c.createAccountOf},
		{"GET /etablissements", order.Reading, c.directory},
		{"GET /etablissements/{uai}", order.Reading, c.school},
		{"GET /catalogue", order.Reading, c.catalogue},
		{"GET /catalogue/{ean}", order.Reading, c.title},
		{"GET /imports/{register}", order.Reading, c.imports},
		{uploadPattern, order.Admin, c.upload},
		{"GET /imports/{register}/apercu/{token}", order.Admin, c.preview},
		{"POST /imports/{register}/apercu/{token}", order.Admin, c.confirm},
		{"POST /imports/{register}/apercu/{token}/abandonner", order.Admin, c.abandon},
		{"POST /imports/{register}/annuler", order.Admin, c.undoImport},
	}
}

// uploadPattern is the route that replaces a register by uploaded files.
const uploadPattern = "POST /imports/{register}"

// ErrUnfinished says that a register or an account was changed as asked, but that
// not all orders that waited for this change could be examined again.
var ErrUnfinished = errors.New("not all that waited was examined again")

// Refused is the error of Console.Import or Console.Amend if the user asked for
// something that cannot be done, such as the import of a faulty file. The user is
// shown the reason: whole sentences in French.
type Refused struct{ Reason string }

// Error returns the reason.
func (r Refused) Error() string { return r.Reason }

// registerKind says what the console's pages call a register, and how it is imported.
type registerKind struct {
	Register string // its name in the store
	Path     string // the address of its list
	Label    string // its title
	Entries  string // what its entries are called, in the plural
	Several  bool   // one import may have several files
	Columns  string // which columns a file must have, as a French sentence without its full stop
}

// registerKinds are the three registers, by their names in the store.
func registerKinds() map[string]registerKind {
	list := map[string]registerKind{}
	for _, s := range []registerKind{
		{
			"libraires", "/libraires", "Libraires", "comptes", false,
			"le numéro de compte, le nom et les adresses e-mail\u00a0; " +
				"au besoin les domaines, l’adresse postale et «\u00a0actif\u00a0»",
		},
		{
			"annuaire", "/etablissements", "Établissements", "établissements", true,
			"l’UAI, le nom, le code postal et la commune\u00a0: les deux exports officiels conviennent. " +
				"Un export d’un seul type d’établissement ne remplace que ce type",
		},
		{
			"catalogue", "/catalogue", "Catalogue", "titres", false,
			"l’EAN et le titre\u00a0; au besoin l’éditeur, le distributeur " +
				"et les offres (référence, EAN, durée, licence, prix HT…)",
		},
	} {
		list[s.Register] = s
	}
	return list
}

// importCard is what each page of a register shows about its imports.
type importCard struct {
	Kind     registerKind
	Last     *order.Import   // nil if the register was never imported
	Changed  []order.Account // some of those that people changed and the next import will overwrite
	ChangedN int             // how many those are in all
}

// Most is the most octets that an upload may have.
func (importCard) Most() int { return maxUpload }

// mostChanged is how many of the accounts that an import will overwrite are named.
const mostChanged = 5

// importCard reads what the pages of a register show about its imports.
func (c *Console) importCard(ctx context.Context, register string) (importCard, error) {
	card := importCard{Kind: registerKinds()[register]}
	imports, err := c.Store.Imports(ctx, register)
	if err != nil {
		return card, err
	}
	if len(imports) > 0 {
		card.Last = &imports[0]
	}
	if register == "libraires" {
		card.Changed, card.ChangedN = c.Registry().Changed(mostChanged)
	}
	return card, nil
}

// listPage is a page of a register's list.
type listPage[E any] struct {
	Words  string
	Rows   []E
	Next   string // the address of the next page, or ""
	First  string // the address of the first page, or "" if this is it
	Import importCard
}

// list makes a page of a register's list: beyond returns up to limit entries after
// the cursor in the request's address, and key is the cursor that follows an entry.
func list[E any](
	v *visit, register string, beyond func(words, after string, limit int) []E, key func(E) string,
) (p listPage[E], err error) {
	q := v.r.URL.Query()
	p.Words = q.Get("q")
	rows := beyond(p.Words, q.Get("apres"), pageSize+1)
	p.Rows, p.Next, p.First = onePage(v.r, "apres", rows, key)
	p.Import, err = v.c.importCard(v.r.Context(), register)
	return p, err
}

// How many orders and cases the page of a bookseller, a school or a title shows.
const (
	recentOrders = 10
	recentCases  = 20
)

// history is the latest orders and cases of a bookseller, a school or a title.
type history struct {
	Orders []store.OrderRow
	Cases  []store.CaseRow
	Words  string // a search for these words lists all of them
}

func (h history) empty() bool { return len(h.Orders)+len(h.Cases) == 0 }

// history reads the latest orders and cases that the filters choose.

func (c *Console) history(
	ctx context.Context, orders store.OrderFilter, cases store.CaseFilter, words string,
) (h history, err error) {
	h.Words = words
	if h.Orders, err = c.Store.OrderRows(ctx, orders, "", recentOrders); err != nil {
		return h, err
	}
	h.Cases, err = c.Store.CaseRows(ctx, cases, "", recentCases)
	return h, err
}

// done tells a page that it is shown after a change of a register or an account, and
// what came of it. The redirection to the page puts it into the address.
type done struct {
	Done     bool
	Accepted int // orders that waited for the change and are accepted now
}

func doneIn(r *http.Request) done {
	n, err := strconv.Atoi(r.URL.Query().Get("acceptees"))
	return done{err == nil, max(n, 0)}
}

// asRefusal turns an error of Import or Amend that the user is to read into a
// refusal, with this title if it is a Refused. Other errors are returned as they are.
func (c *Console) asRefusal(err error, title string) error {
	var refused Refused
	switch {
	case errors.As(err, &refused):
		return refusal{http.StatusUnprocessableEntity, title, refused.Reason + " Rien n’a été changé."}
	case errors.Is(err, ErrUnfinished):
		c.Log.Error("waiting orders", "err", err)
		return refusal{
			http.StatusInternalServerError, "C’est enregistré, mais tout n’a pas été réexaminé",
			"Des commandes qui attendaient attendent encore : " +
				"ouvrez-les dans « À traiter », et prévenez l’administrateur.",
		}
	}
	return err
}

// frenchVAT writes a VAT: « 5,5 % », or « 5,5 % sur 70 % du prix, 20 % sur 30 % » where
// the price is split over several rates.
func frenchVAT(vat order.VAT) string {
	if len(vat) == 1 {
		return order.Percent(vat[0].Rate)
	}
	var parts []string
	for i, s := range vat {
		part := order.Percent(s.Rate) + " sur " + order.Percent(s.Share)
		if i == 0 {
			part += " du prix"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// frenchClosing says when a school closed. For a school that closed on an unknown day
// the registry has a day of 1900.
func frenchClosing(t time.Time) string {
	if t.Year() <= 1900 {
		return "fermé"
	}
	return "fermé le\u00a0" + templates.FrenchDay(t)
}

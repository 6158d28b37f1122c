package review

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"bdc/order"
	"bdc/store"
)

// pageSize is how many entries a list shows at once.
const pageSize = 50

// query is the address of a request with some parameters of its query changed. changes
// are names and values in turn; the value "" removes a parameter.
func query(r *http.Request, changes ...string) string {
	q := r.URL.Query()
	for i := 0; i+1 < len(changes); i += 2 {
		q.Del(changes[i])
		if changes[i+1] != "" {
			q.Set(changes[i], changes[i+1])
		}
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}

// onePage cuts a list to one page. rows are up to pageSize+1 entries after the cursor,
// which is the parameter of the address called cursor; key is the cursor that follows
// an entry. next and first are the addresses of the next and the first page, "" if
// there is no next page, or if this is the first.
func onePage[E any](
	r *http.Request, cursor string, rows []E, key func(E) string,
) (page []E, next, first string) {
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = query(r, cursor, key(rows[pageSize-1]))
	}
	if r.URL.Query().Get(cursor) != "" {
		first = query(r, cursor, "")
	}
	return rows, next, first
}

// choice is a link that chooses one value of a filter.
type choice struct {
	Label string
	URL   string
	On    bool // this value is chosen
}

// inboxPage is the list of cases.
type inboxPage struct {
	Tabs    []choice // by state
	Holders []choice // by who is to decide
	Reason  order.Code
	Plain   string // the address of the list without the filter by Reason
	Words   string
	Hidden  url.Values // parameters that the search form keeps
	Rows    []store.CaseRow
	Next    string    // the address of the next page, or ""
	First   string    // the address of the first page, or "" if this is it
	Oldest  time.Time // when the oldest case came that waits for a decision
	State   order.State
}

// inbox shows the list of cases: those that wait for a decision, unless the address
// asks for others.
func (c *Console) inbox(v *visit) error {
	q := v.r.URL.Query()
	f := store.CaseFilter{Words: q.Get("q"), State: order.Waiting, Reason: order.Code(q.Get("motif"))}
	p := inboxPage{Reason: f.Reason, Words: f.Words, Plain: query(v.r, "motif", "", "apres", "")}
	for _, t := range []struct {
		label, value string
		state        order.State
	}{
		{"À traiter", "", order.Waiting},
		{"Chez le libraire", "libraire", order.SentBack},
		{"Classés", "classes", order.Closed},
		{"Tous", "tous", ""},
	} {
		on := q.Get("etat") == t.value
		if on {
			f.State, f.Newest = t.state, t.state != order.Waiting
		}
		p.Tabs = append(p.Tabs, choice{t.label, query(v.r, "etat", t.value, "apres", ""), on})
	}
	for _, t := range []struct{ label, value, holder string }{
		{"De tous", "", ""},
		{"Les miens", "moi", v.user.Name},
		{"Sans personne", "personne", store.Nobody},
	} {
		on := q.Get("qui") == t.value
		if on {
			f.Holder = t.holder
		}
		p.Holders = append(p.Holders, choice{t.label, query(v.r, "qui", t.value, "apres", ""), on})
	}
	p.State = f.State
	rows, err := c.Store.CaseRows(v.r.Context(), f, q.Get("apres"), pageSize+1)
	if errors.Is(err, store.ErrNotFound) { // the store has no case at the cursor
		return v.redirect(query(v.r, "apres", ""))
	}
	if err != nil {
		return err
	}
	p.Rows, p.Next, p.First = onePage(v.r, "apres", rows, func(k store.CaseRow) string { return k.Code })
	q.Del("apres")
	q.Del("q")
	p.Hidden = q
	if _, p.Oldest, err = c.Store.Waiting(v.r.Context()); err != nil {
		return err
	}
	return v.show(http.StatusOK, "a-traiter", "À traiter", p)
}

// searchPage is the cases and orders that a search found.
type searchPage struct {
	Words      string
	Cases      []store.CaseRow
	Orders     []store.OrderRow
	MoreCases  string // the address of the list of all cases found, or "" if Cases has all
	MoreOrders string // the address of the list of all orders found, or "" if Orders has all
}

// foundMost is how many cases and how many orders a search shows.
const foundMost = 20

// search searches cases and orders. The code of a case and the number of an order
// redirect to its page.
func (c *Console) search(v *visit) error {
	words := v.r.FormValue("q")
	if words == "" {
		return v.redirect("/a-traiter")
	}
	ctx := v.r.Context()
	if k, err := c.Store.Case(ctx, words); err == nil {
		return v.redirect("/dossiers/" + k.Code)
	}
	if o, err := c.Store.Order(ctx, words); err == nil {
		return v.redirect("/commandes/" + o.Number)
	}
	p := searchPage{Words: words}
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		p.Cases, err = c.Store.CaseRows(ctx, store.CaseFilter{Words: words, Newest: true}, "", foundMost+1)
		return err
	})
	both.Go(func() (err error) {
		p.Orders, err = c.Store.OrderRows(ctx, store.OrderFilter{Words: words}, "", foundMost+1)
		return err
	})
	if err := both.Wait(); err != nil {
		return err
	}
	if len(p.Cases) > foundMost {
		p.Cases, p.MoreCases = p.Cases[:foundMost], "/a-traiter?etat=tous&q="+url.QueryEscape(words)
	}
	if len(p.Orders) > foundMost {
		p.Orders, p.MoreOrders = p.Orders[:foundMost], "/commandes?q="+url.QueryEscape(words)
	}
	return v.show(http.StatusOK, "recherche", "Recherche", p)
}

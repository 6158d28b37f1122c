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

// query is the address of a list with some of its parameters changed; "" takes
// one away.
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

// choice is one choice of a filter.
type choice struct {
	Label string
	URL   string
	On    bool
}

// inboxPage lists cases.
type inboxPage struct {
	Tabs    []choice
	Holders []choice
	Reason  order.Code
	Plain   string // the address without the reason
	Words   string
	Hidden  url.Values // of the search form
	Rows    []store.CaseRow
	Next    string // the next page, or ""
	First   string // the first page, or "" where this is it
	Oldest  time.Time
	State   order.State
}

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
	if errors.Is(err, store.ErrNotFound) { // a cursor of another store
		return v.redirect(query(v.r, "apres", ""))
	}
	if err != nil {
		return err
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		p.Next = query(v.r, "apres", rows[pageSize-1].Code)
	}
	if q.Get("apres") != "" {
		p.First = query(v.r, "apres", "")
	}
	p.Rows = rows
	q.Del("apres")
	q.Del("q")
	p.Hidden = q
	if _, p.Oldest, err = c.Store.Waiting(v.r.Context()); err != nil {
		return err
	}
	return v.show(http.StatusOK, "a-traiter", "À traiter", p)
}

// searchPage shows what was found everywhere.
type searchPage struct {
	Words      string
	Cases      []store.CaseRow
	Orders     []store.OrderRow
	MoreCases  string
	MoreOrders string
}

// foundMost is how many entries of each kind a search shows before its lists.
const foundMost = 20

// search looks everywhere. A whole number or code goes where it leads.
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

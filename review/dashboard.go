package review

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// Health is how the daemon fares, as the dashboard shows it.
type Health struct {
	Started time.Time
	Inbox   ingest.State
	Sending Sending
	SignIn  string // what is, or soon will be, wrong with signing in to the servers
	Free    int64  // octets left on the disk of the data file
	Size    int64  // octets of the data file
	Low     bool   // too little is left
	Store   store.Status
}

// Sending is how the outbox fares.
type Sending struct {
	LastAnswer  time.Time // when the server last dealt with a reply
	Error       string    // why nothing can be sent
	Since       time.Time // when that began
	NextAttempt time.Time
}

// dashboardPage is what the dashboard shows.
type dashboardPage struct {
	Now         time.Time
	Waiting     int
	Oldest      time.Time
	Season      string // "2026-2027"
	Since       time.Time
	Today       figures
	Whole       figures // of the season
	Plots       []plot
	Errors      []ranked
	Booksellers []ranked
	Health      Health
	Registers   []registerState
	BackupLate  bool
}

// figures are the sums of some days.
type figures struct{ store.Day }

// Alone is the share of the orders that no person touched.
func (f figures) Alone() string { return frenchShare(f.Accepted, f.Orders()) }

// AtOnce is the share of the forms that were accepted as they came.
func (f figures) AtOnce() string { return frenchShare(f.Accepted, f.Forms()) }

// ranked is one line of a list by how often.
type ranked struct {
	Label string
	Note  string
	URL   string // of what it is about, or ""
	Count int
	Share int // of the first, in percent
}

// registerState is the last import of a register.
type registerState struct {
	Name string
	order.Import
}

const (
	recentDays = 30 // of the plot by day, and of the lists of errors
	rankedMost = 10
	backupAge  = 48 * time.Hour // beyond which a backup is late
)

// seasonOf is the season of orders that a moment belongs to: from the first of
// April, when schools begin to order for the school year to come.
func seasonOf(now time.Time) (since time.Time, name string) {
	now = now.In(order.Paris)
	year := now.Year()
	if now.Month() < time.April {
		year--
	}
	return time.Date(year, time.April, 1, 0, 0, 0, 0, order.Paris), fmt.Sprintf("%d-%d", year, year+1)
}

func (c *Console) dashboard(v *visit) error {
	ctx := v.r.Context()
	p := dashboardPage{Now: c.Clock().In(order.Paris)}
	p.Since, p.Season = seasonOf(p.Now)
	first := p.Now.AddDate(0, 0, 1-recentDays)
	from := p.Since
	if first.Before(from) {
		from = first
	}
	days, err := c.Store.Days(ctx, from, p.Now)
	if err != nil {
		return err
	}
	var recent figures
	for _, d := range days {
		if d.Date >= p.Since.Format(time.DateOnly) {
			p.Whole.Add(d)
		}
		if d.Date >= first.Format(time.DateOnly) {
			recent.Add(d)
		}
		if d.Date == p.Now.Format(time.DateOnly) {
			p.Today.Day = d
		}
	}
	p.Plots = []plot{daily(days, first), weekly(days, p.Since, p.Now)}
	p.Errors = rank(recent.Errors, func(code order.Code) ranked {
		return ranked{
			Label: templates.ExplainToStaff(c.Form, order.Finding{Code: code}).Wrong,
			URL:   "/a-traiter?etat=tous&motif=" + string(code),
		}
	})
	p.Booksellers = rank(recent.Booksellers, c.bookseller)
	if p.Waiting, p.Oldest, err = c.Store.Waiting(ctx); err != nil {
		return err
	}
	if p.Health, err = c.Health(ctx); err != nil {
		return err
	}
	p.BackupLate = p.Now.Sub(p.Health.Store.BackedUp) > backupAge
	if p.Registers, err = c.registerStates(ctx); err != nil {
		return err
	}
	return v.show(http.StatusOK, "tableau", "Tableau de bord", p)
}

// bookseller names an account. Whoever is beyond those that a day tells apart has
// no number.
func (c *Console) bookseller(account string) ranked {
	if account == "" {
		return ranked{Label: "Autres comptes"}
	}
	r := ranked{Label: "Compte " + account, Note: "inconnu du registre"}
	if a, known := c.Examiner.Registry().Account(account); known {
		r.Label, r.Note = a.Name, "compte "+account
	}
	r.URL = "/a-traiter?etat=tous&q=" + account
	return r
}

// rank sorts what was counted, the most frequent first, and names it.
func rank[K cmp.Ordered](counts map[K]int, name func(K) ranked) []ranked {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var list []ranked
	for _, key := range keys[:min(len(keys), rankedMost)] {
		r := name(key)
		r.Count, r.Share = counts[key], counts[key]*100/counts[keys[0]]
		list = append(list, r)
	}
	return list
}

// daily plots what became of the forms of each day, as they came.
func daily(days []store.Day, first time.Time) plot {
	found := map[string]store.Day{}
	for _, d := range days {
		found[d.Date] = d
	}
	slots := make([]slot, recentDays)
	for i := range slots {
		at := first.AddDate(0, 0, i)
		d := found[at.Format(time.DateOnly)]
		slots[i] = slot{
			Label: templates.FrenchDay(at), Short: at.Format("02/01"),
			Counts: []int{d.Accepted, d.SentBack, d.Held},
		}
	}
	return newPlot("jours", "Bons reçus, 30 derniers jours",
		[]kind{{"Acceptés aussitôt", "good"}, {"Renvoyés au libraire", "back"}, {"À décider", "hold"}}, slots)
}

// weekly plots the orders of each week of the season so far.
func weekly(days []store.Day, since, now time.Time) plot {
	monday := since.AddDate(0, 0, -(int(since.Weekday())+6)%7)
	var slots []slot
	rest := days
	for at := monday; !at.After(now); at = at.AddDate(0, 0, 7) {
		next := at.AddDate(0, 0, 7).Format(time.DateOnly)
		s := slot{Label: "semaine du " + templates.FrenchDay(at), Short: at.Format("02/01"), Counts: []int{0, 0}}
		for len(rest) > 0 && rest[0].Date < next {
			if rest[0].Date >= since.Format(time.DateOnly) {
				s.Counts[0] += rest[0].Accepted
				s.Counts[1] += rest[0].Decided
			}
			rest = rest[1:]
		}
		slots = append(slots, s)
	}
	return newPlot("semaines", "Commandes de la saison, par semaine",
		[]kind{{"Sans intervention", "good"}, {"Décidées par l’équipe", "hold"}}, slots)
}

// registerStates are the registers that forms are checked against, imported or not.
func (c *Console) registerStates(ctx context.Context) ([]registerState, error) {
	states := []registerState{{Name: "Annuaire"}, {Name: "Catalogue"}, {Name: "Libraires"}}
	for i := range states {
		imports, err := c.Store.Imports(ctx, strings.ToLower(states[i].Name))
		if err != nil {
			return nil, err
		}
		if len(imports) > 0 {
			states[i].Import = imports[0]
		}
	}
	return states, nil
}

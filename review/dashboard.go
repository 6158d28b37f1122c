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

// Health is the condition of the daemon, as the dashboard shows it.
type Health struct {
	// Started is when the daemon started.
	Started time.Time
	// Inbox is the state of the connection to the mailbox.
	Inbox ingest.State
	// Sending is the state of the outbox.
	Sending Sending
	// Owner says whether the record owns the inbox.
	Owner Owner
	// SignIn says, for people to read, what is wrong with signing in to the mail
	// servers or soon will be; "" if nothing is.
	SignIn string
	// Unproven says that no proof of a mail's sender is asked for.
	Unproven bool
	// Free is the free space on the disk of the data file, in octets.
	Free int64
	// Size is the size of the data file, in octets.
	Size int64
	// Low says that Free is so little that somebody has to make room.
	Low bool
	// Store counts what the store holds, and says what is paused.
	Store store.Status
	// Data says what is wrong with the data file.
	Data store.Trouble
	// Saved is the path where the content of a data file was saved that is not in its place.
	Saved string
	// BackupError says why the last regular backup failed; "" if it did not, or there is none.
	BackupError string
	// BackupSince is when BackupError began.
	BackupSince time.Time
}

// Owner says whether the record is the one that owns the inbox.
type Owner struct {
	// Doubt says why it may not be. While there is a doubt, nothing is taken in and nothing
	// is sent.
	Doubt store.Doubt
	// Words says more about the doubt, in French; or "".
	Words string
	// Unkept says why the mail server keeps no message that names the record; "" if it does.
	Unkept string
}

// State says in French what the doubt is.
func (o Owner) State() string { return doubt{o.Doubt, o.Words}.Words() }

// Sending is the state of the outbox.
type Sending struct {
	// LastAnswer is when the mail server last accepted or refused a reply; zero if it
	// never did since the start.
	LastAnswer time.Time
	// Error says why replies cannot be sent; "" while they can.
	Error string
	// Since is when Error began.
	Since time.Time
	// NextAttempt is when sending is tried again.
	NextAttempt time.Time
}

// dashboardPage is the page that shows figures and the daemon's condition.
type dashboardPage struct {
	Now         time.Time
	Waiting     int       // cases that wait for a decision
	Oldest      time.Time // when the oldest of them came
	Season      string    // "2026-2027"
	Since       time.Time // when the season began
	Today       figures
	Whole       figures // of the season
	Plots       []plot
	Errors      []ranked
	Booksellers []ranked
	Health      Health
	Registers   []registerState
	BackupLate  bool
	Recovery    bool // a restore left something to decide
}

// figures are the sums of some days' counts.
type figures struct{ store.Day }

// Alone is the share of the orders that were accepted without a person, as "66 %".
func (f figures) Alone() string { return frenchShare(f.Accepted, f.Orders()) }

// AtOnce is the share of the forms that were accepted as they came, as "66 %".
func (f figures) AtOnce() string { return frenchShare(f.Accepted, f.Forms()) }

// ranked is one line of a list that is sorted by frequency.
type ranked struct {
	Label string
	Note  string
	URL   string // the address of the cases that are counted, or ""
	Count int
	Share int // Count in percent of that of the first line
}

// registerState is the last import of a register; zero if there was none.
type registerState struct {
	Name string
	order.Import
}

const (
	recentDays = 30             // days that the daily plot and the ranked lists cover
	rankedMost = 10             // lines of a ranked list
	backupAge  = 48 * time.Hour // a backup that is older is late
)

// seasonOf is the season that a moment belongs to. A season begins on the first of
// April, when schools begin to order for the next school year.
func seasonOf(now time.Time) (since time.Time, name string) {
	now = now.In(order.Paris)
	year := now.Year()
	if now.Month() < time.April {
		year--
	}
	return time.Date(year, time.April, 1, 0, 0, 0, 0, order.Paris), fmt.Sprintf("%d-%d", year, year+1)
}

// dashboard shows the figures of today and of the season, and the daemon's condition.
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
	recent := p.sum(days, first)
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
	if p.Recovery, err = c.recovering(v); err != nil {
		return err
	}
	p.BackupLate = p.Now.Sub(p.Health.Store.BackedUp) > backupAge
	if p.Registers, err = c.registerStates(ctx); err != nil {
		return err
	}
	return v.show(http.StatusOK, "tableau", "Tableau de bord", p)
}

// sum adds up the days of the season and takes out today. It returns the sums from
// the day first on.
func (p *dashboardPage) sum(days []store.Day, first time.Time) (recent figures) {
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
	return recent
}

// bookseller is the line of an account in the list of booksellers. A store.Day counts
// a limited number of accounts one by one and all others together, under "".
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

// rank makes a list of what was counted, the most frequent first, rankedMost lines at
// most. The function name makes the line of a key, without its count.
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

// daily plots the verdicts of the forms of each of recentDays days, from the day
// first on.
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

// weekly plots the orders of each week of the season that began at since.
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

// registerStates are the last imports of the three registers.
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

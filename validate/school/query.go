package school

import (
	"slices"

	"bdc/order"
)

// Query is a school as somebody describes it: each field as it was typed, or "". Code
// may be a UAI with typing errors, or something else.
type Query struct{ Code, Name, Postcode, Town string }

// Likely says how well a school fits a query. A field that the query leaves empty fits
// every school, but for the name.
type Likely struct {
	Score    float64 // 0 for nothing in common; only to be compared with others of the same query
	Name     bool    // the names may be those of one school
	Town     bool    // the towns may be one
	Postcode bool    // the postal codes may be those of one address of that town
	Near     bool    // one typing error of the code makes it this one
	Section  bool    // one is a section of the other, by their names and kinds
}

// Place reports whether town and postal code both agree.
func (l Likely) Place() bool { return l.Town && l.Postcode }

// Agreements counts what agrees, from 0 to 4: the name counts two, the town and the
// postal code one each.
func (l Likely) Agreements() int {
	n := 0
	for _, agrees := range []bool{l.Name, l.Name, l.Town, l.Postcode} {
		if agrees {
			n++
		}
	}
	return n
}

// plausible is the least score of a school worth proposing: more than a name
// that occurs all over the country, and more than the half of a name in the
// right town.
const plausible = 1.15

// Plausible reports whether the school is worth proposing.
func (l Likely) Plausible() bool { return l.Score >= plausible && (l.Near || l.Name) }

// Wanted is a query that was taken apart once, to be compared with many schools.
type Wanted struct {
	Query
	name Name
	town Town
	near []order.UAI
}

// NewWanted takes a query apart.
func NewWanted(q Query) Wanted {
	return Wanted{q, ParseName(q.Name, ""), ParseTown(q.Town), Neighbours(q.Code)}
}

// NameWords returns the words of the query's name, as Name.Words does.
func (w *Wanted) NameWords() []string { return w.name.Words() }

// TownKey returns the key of the query's town, as Town.Key does.
func (w *Wanted) TownKey() string { return w.town.Key() }

// Near returns the UAIs that the query's code may stand for, as Neighbours does.
func (w *Wanted) Near() []order.UAI { return w.near }

// Compare says how well a school fits the query. name and town are the school's own,
// which the caller took apart beforehand, since it compares them with many queries.
func (w *Wanted) Compare(s *order.School, name Name, town Town) Likely {
	covered, shared := w.name.compare(name, town)
	fits := w.name.Kind.fits(name.Kind)
	sameTown := w.Query.Town == "" || w.town.Same(town)
	l := Likely{
		Score:    w.placeScore(s, sameTown),
		Name:     w.Query.Name != "" && fits && covered >= sameName,
		Town:     sameTown,
		Postcode: w.Postcode == "" || SamePostcode(w.Postcode, s.Postcode),
		Near:     slices.Contains(w.near, s.UAI),
		Section:  !fits && covered >= sameName && (w.name.Kind|name.Kind)&sections != 0,
	}
	switch {
	case len(w.name.words) == 0 || len(name.words) == 0:
		l.Score += 0.38 // with the town not plausible yet, with the code it is
	case fits:
		l.Score += 0.8*covered + 0.2*shared
	default:
		l.Score += 0.4*covered + 0.1*shared
	}
	if w.name.Kind != 0 && w.name.Kind == name.Kind {
		l.Score += 0.1
	}
	if l.Near {
		l.Score += 0.8
	}
	if !s.Closed.IsZero() {
		l.Score -= 0.1
	}
	return l
}

// placeScore is up to 0.6 for town and postal code.
func (w *Wanted) placeScore(s *order.School, sameTown bool) float64 {
	score := 0.0
	if sameTown && w.Query.Town != "" {
		score += 0.3
	}
	switch {
	case w.Postcode == "":
	case w.Postcode == s.Postcode:
		score += 0.3
	case SamePostcode(w.Postcode, s.Postcode):
		score += 0.15
	}
	return score
}

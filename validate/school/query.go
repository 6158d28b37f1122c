package school

import (
	"slices"

	"bdc/order"
)

// Query is a description of a school. Its fields are texts as somebody typed them; each
// may be empty. Code should be a UAI, but may be any text.
type Query struct{ Code, Name, Postcode, Town string }

// Likely says how well a school fits a query. Where the query has no town or postal
// code, that of every school fits; where it has no name, no name fits.
type Likely struct {
	Score    float64 // greater is likelier; comparable with the scores of the same query only
	Name     bool    // both names may be of one school (Name.Same)
	Town     bool    // both names of towns may be of one town (Town.Same)
	Postcode bool    // both postal codes may be of one address (SamePostcode)
	Kind     bool    // the query's name says a kind of school, and this is one
	Near     bool    // the code is at most one typing error from the school's UAI (Neighbours)
	Section  bool    // the names agree, but one of them is of a section and the other is not
}

// Place reports whether town and postal code both agree.
func (l Likely) Place() bool { return l.Town && l.Postcode }

// Agreements returns how much agrees, from 0 to 4: two points for the name, one for the
// town, and one for the postal code.
func (l Likely) Agreements() int {
	n := 0
	for _, agrees := range []bool{l.Name, l.Name, l.Town, l.Postcode} {
		if agrees {
			n++
		}
	}
	return n
}

// plausible is the least score of a school worth proposing. A school with the right
// name and nothing else has less, since many names occur all over the country; so has
// a school in the right town with half of the name.
const plausible = 1.15

// Plausible reports whether the school fits well enough to be proposed to a person.
func (l Likely) Plausible() bool { return l.Score >= plausible && (l.Near || l.Name) }

// Wanted is a query, prepared by NewWanted so that it can be compared with many schools.
type Wanted struct {
	Query
	name Name
	town Town
	near []order.UAI
}

// NewWanted prepares a query.
func NewWanted(q Query) Wanted {
	return Wanted{q, ParseName(q.Name, ""), ParseTown(q.Town), Neighbours(q.Code)}
}

// NameWords returns the words of the query's name, as Name.Words returns them.
func (w *Wanted) NameWords() []string { return w.name.Words() }

// TownKey returns the key of the query's town, as Town.Key returns it.
func (w *Wanted) TownKey() string { return w.town.Key() }

// Near returns the UAIs that may be meant by the query's code, as Neighbours returns
// them.
func (w *Wanted) Near() []order.UAI { return w.near }

// Compare returns how well a school fits the query. name and town must be the school's
// own, as ParseName and ParseTown return them: callers keep them to compare a school
// with many queries.
func (w *Wanted) Compare(s *order.School, name Name, town Town) Likely {
	covered, shared := w.name.compare(name, town)
	fits := w.name.Kind.fits(name.Kind)
	sameTown := w.Query.Town == "" || w.town.Same(town)
	l := Likely{
		Score:    w.placeScore(s, sameTown),
		Name:     w.Query.Name != "" && fits && covered >= sameName,
		Town:     sameTown,
		Postcode: w.Postcode == "" || SamePostcode(w.Postcode, s.Postcode),
		Kind:     w.name.Kind != 0 && w.name.Kind&name.Kind != 0,
		Near:     slices.Contains(w.near, s.UAI),
		Section:  !fits && covered >= sameName && (w.name.Kind|name.Kind)&sections != 0,
	}
	switch {
	case len(w.name.words) == 0 || len(name.words) == 0:
		l.Score += 0.38 // plausible together with a like code, but not with town and postal code
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

// placeScore returns the part of the score for town and postal code, from 0 to 0.6.
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

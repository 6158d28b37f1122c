package registry

import (
	"cmp"
	"slices"

	"bdc/order"
	"bdc/validate/school"
)

// likeness is the index by which Nearby finds schools. Each list holds indices into the
// schools of the registry.
type likeness struct {
	names     []school.Name // of each school
	towns     []school.Town // each different town once
	town      []int32       // of each school, the index of its town in towns
	words     map[string][]int32
	townKeys  map[string][]int32
	postcodes map[string][]int32
}

// Nearby compares all schools that have the rarest word of a name, or its second rarest,
// unless these are more than maxShared, or maxSecond.
const (
	maxShared = 2000
	maxSecond = 200
)

// index takes every name and town apart. Equal words and towns are kept once: the index
// of 70,000 schools takes some 20 MB.
func (l *likeness) index(schools []order.School) {
	l.names = make([]school.Name, len(schools))
	l.town = make([]int32, len(schools))
	l.words, l.townKeys, l.postcodes = map[string][]int32{}, map[string][]int32{}, map[string][]int32{}
	towns, seen := map[string]int32{}, map[string]string{}
	for i := range schools {
		s := &schools[i]
		at, known := towns[s.Town]
		if !known {
			at = int32(len(l.towns))
			towns[s.Town] = at
			l.towns = append(l.towns, school.ParseTown(s.Town))
		}
		l.town[i] = at
		l.names[i] = school.ParseName(s.Name, s.Kind)
		l.names[i].Share(seen)
		for _, w := range l.names[i].Words() {
			if list := l.words[w]; len(list) <= maxShared {
				l.words[w] = append(list, int32(i))
			}
		}
		key := l.towns[at].Key()
		l.townKeys[key] = append(l.townKeys[key], int32(i))
		l.postcodes[s.Postcode] = append(l.postcodes[s.Postcode], int32(i))
	}
}

// maxNearby is how many schools Nearby returns at most.
const maxNearby = 3

// Nearby returns the schools that a description may mean, at most three, the likeliest
// first. It returns only the likeliest of the sites of a school, and no school that
// school.Likely.Plausible calls implausible. If there is none, it returns the only school of
// the town that is of the kind which the name says, if there is such a one.
func (r *Registry) Nearby(q school.Query) []order.School {
	wanted := school.NewWanted(q)
	type found struct {
		at int32
		school.Likely
	}
	var all []found
	for _, at := range r.candidates(&wanted) {
		l := wanted.Compare(&r.schools[at], r.likely.names[at], r.likely.towns[r.likely.town[at]])
		if l.Plausible() {
			all = append(all, found{at, l})
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.at, b.at))
	})
	var schools []order.School
	for _, f := range all {
		s := r.schools[f.at]
		sameUAI := func(o order.School) bool { return o.UAI == s.UAI }
		if len(schools) < maxNearby && !slices.ContainsFunc(schools, sameUAI) {
			schools = append(schools, s)
		}
	}
	if len(schools) == 0 {
		return r.only(&wanted)
	}
	return schools
}

// only returns the only school that is of the kind and in the town of a query, or none.
func (r *Registry) only(w *school.Wanted) (found []order.School) {
	for _, at := range r.likely.townKeys[w.TownKey()] {
		s := &r.schools[at]
		l := w.Compare(s, r.likely.names[at], r.likely.towns[r.likely.town[at]])
		switch {
		case !l.Kind || !l.Place() || !s.Closed.IsZero():
		case len(found) == 0:
			found = append(found, *s)
		case found[0].UAI != s.UAI:
			return nil
		}
	}
	return found
}

// candidates returns the schools that are worth comparing: those with a similar code,
// with the same town, with the same postal code, and with one of the two rarest words
// of the name.
func (r *Registry) candidates(w *school.Wanted) []int32 {
	var list []int32
	for _, uai := range w.Near() {
		from, n := r.sites(uai)
		for i := range n {
			list = append(list, int32(from+i))
		}
	}
	if key := w.TownKey(); key != "" {
		list = append(list, r.likely.townKeys[key]...)
	}
	list = append(list, r.likely.postcodes[w.Postcode]...)
	var rarest, second []int32
	for _, word := range w.NameWords() {
		switch l := r.likely.words[word]; {
		case len(l) == 0 || len(l) > maxShared:
		case rarest == nil || len(l) < len(rarest):
			rarest, second = l, rarest
		case second == nil || len(l) < len(second):
			second = l
		}
	}
	list = append(list, rarest...)
	if len(second) <= maxSecond {
		list = append(list, second...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

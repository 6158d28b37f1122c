package registry

import (
	"cmp"
	"slices"
	"sort"

	"bdc/order"
)

// indexSchools sorts the sites of each UAI side by side: looking one up is a
// search by halves, and costs no memory. Texts that recur by the thousand are
// kept once.
func (r *Registry) indexSchools() {
	slices.SortStableFunc(r.schools, func(a, b order.School) int { return cmp.Compare(a.UAI.String(), b.UAI.String()) })
	seen := map[string]string{}
	for i := range r.schools {
		s := &r.schools[i]
		for _, text := range []*string{&s.Kind, &s.Sector, &s.Contract, &s.Postcode, &s.Town} {
			if known, ok := seen[*text]; ok {
				*text = known
			} else {
				seen[*text] = *text
			}
		}
	}
	r.likely.index(r.schools)
}

// Schools returns every site of a UAI.
func (r *Registry) Schools(uai order.UAI) (sites []order.School, known bool) {
	from, n := r.sites(uai)
	return r.schools[from : from+n : from+n], n > 0
}

// sites is where the sites of a UAI stand, and how many they are.
func (r *Registry) sites(uai order.UAI) (from, n int) {
	from, _ = sort.Find(len(r.schools), func(i int) int { return cmp.Compare(uai.String(), r.schools[i].UAI.String()) })
	for from+n < len(r.schools) && r.schools[from+n].UAI == uai {
		n++
	}
	return from, n
}

package registry

import (
	"cmp"
	"slices"
	"sort"

	"bdc/order"
)

// indexSchools sorts the schools by UAI, so that Schools finds one by binary search,
// which needs no index in memory. Equal texts are made to share their memory.
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

// Schools returns all sites of the school with a UAI.
func (r *Registry) Schools(uai order.UAI) (sites []order.School, known bool) {
	from, n := r.sites(uai)
	return r.schools[from : from+n : from+n], n > 0
}

// sites returns the index of the first site with a UAI, and the number of its sites.
func (r *Registry) sites(uai order.UAI) (from, n int) {
	from, _ = sort.Find(len(r.schools), func(i int) int { return cmp.Compare(uai.String(), r.schools[i].UAI.String()) })
	for from+n < len(r.schools) && r.schools[from+n].UAI == uai {
		n++
	}
	return from, n
}

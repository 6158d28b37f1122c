package registry

import (
	"cmp"
	"slices"
	"sort"

	"bdc/order"
)

// place is where an offer stands: indices of its title and within it.
type place struct{ title, offer int32 }

func (r *Registry) indexTitles() {
	slices.SortStableFunc(r.titles, func(a, b order.Title) int { return cmp.Compare(a.EAN.String(), b.EAN.String()) })
	r.offers, r.refs = map[order.EAN]place{}, map[string]place{}
	for i := range r.titles {
		for j := range r.titles[i].Offers {
			at, offer := place{int32(i), int32(j)}, &r.titles[i].Offers[j]
			if !offer.EAN.IsZero() {
				r.offers[offer.EAN] = at
			}
			if offer.Reference != "" {
				r.refs[offer.Reference] = at
			}
		}
	}
}

// Title finds a title by its own EAN, or by that of one of its offers, which it
// then returns too.
func (r *Registry) Title(ean order.EAN) (title order.Title, offer *order.Offer, known bool) {
	i, known := sort.Find(len(r.titles), func(i int) int { return cmp.Compare(ean.String(), r.titles[i].EAN.String()) })
	at, sold := r.offers[ean]
	switch {
	case sold && (!known || int(at.title) == i):
		return r.titles[at.title], &r.titles[at.title].Offers[at.offer], true
	case known:
		return r.titles[i], nil, true
	default:
		return order.Title{}, nil, false
	}
}

// Offer finds an offer, and the title it sells, by its reference.
func (r *Registry) Offer(reference string) (order.Title, *order.Offer, bool) {
	at, ok := r.refs[reference]
	if !ok {
		return order.Title{}, nil, false
	}
	return r.titles[at.title], &r.titles[at.title].Offers[at.offer], true
}

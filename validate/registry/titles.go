package registry

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode"

	"bdc/order"
)

// place says where an offer is: the index of its title, and its own among the offers of
// that title.
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
	r.words = map[string][]int32{}
	for i := range r.titles {
		for _, word := range wordsOf(r.titles[i].Name) {
			if in := r.words[word]; len(in) == 0 || in[len(in)-1] != int32(i) {
				r.words[word] = append(in, int32(i))
			}
		}
	}
}

// maxQuery is the greatest number of words of a name that are looked for.
const maxQuery = 24

// wordsOf splits a name into its words, folded.
func wordsOf(name string) []string {
	isBetween := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	words := strings.FieldsFunc(order.Fold(cut(name, 300)), isBetween)
	return words[:min(len(words), maxQuery)]
}

// Bounds of TitlesLike.
const (
	maxLike   = 12    // titles that it returns
	maxCommon = 2_000 // titles with one word: a more common word is not looked for
)

// TitlesLike returns up to twelve titles whose names have words in common with name.
// The titles that share the rarest words come first.
func (r *Registry) TitlesLike(name string) []order.Title {
	weights := map[int32]float64{}
	query := wordsOf(name)
	slices.Sort(query)
	for _, word := range slices.Compact(query) {
		in := r.words[word]
		if len(in) > maxCommon {
			continue
		}
		for _, i := range in {
			weights[i] += math.Log(1 + float64(len(r.titles))/float64(len(in)))
		}
	}
	found := make([]int32, 0, len(weights))
	for i := range weights {
		found = append(found, i)
	}
	slices.SortFunc(found, func(a, b int32) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b))
	})
	found = found[:min(len(found), maxLike)]
	titles := make([]order.Title, len(found))
	for i, at := range found {
		titles[i] = r.titles[at]
	}
	return titles
}

// Title finds a title by its own EAN, or by the EAN of one of its offers. In the
// second case it also returns that offer; otherwise offer is nil.
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

// Offer finds an offer by its reference, and returns it with its title.
func (r *Registry) Offer(reference string) (order.Title, *order.Offer, bool) {
	at, ok := r.refs[reference]
	if !ok {
		return order.Title{}, nil, false
	}
	return r.titles[at.title], &r.titles[at.title].Offers[at.offer], true
}

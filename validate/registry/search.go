package registry

import (
	"sort"
	"strings"
	"sync"

	"bdc/order"
)

// texts are what a person searches of a register's entries: one each, made when
// somebody searches first.
type texts struct {
	once sync.Once
	of   []string // in the order of the entries
}

// find calls take with the index of each of n entries, from one on, in which each
// word is found, whatever its case and accents, until it returns false. No words
// are found in all.
func (t *texts) find(words string, from, n int, text func(i int) []string, take func(i int) bool) {
	wanted := strings.Fields(searchable(words))
	if len(wanted) > 0 && n > 0 {
		t.once.Do(func() {
			t.of = make([]string, n)
			var b []byte
			for i := range n {
				b = b[:0]
				for _, part := range text(i) {
					b = appendSearchable(b, part)
				}
				t.of[i] = string(b)
			}
		})
	}
	for i := from; i < n; i++ {
		if (len(wanted) == 0 || holds(t.of[i], wanted)) && !take(i) {
			return
		}
	}
}

func holds(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// searchable folds each word of a text: « Saint-Étienne » is found by "saint etienne".
func searchable(text string) string { return string(appendSearchable(nil, text)) }

func appendSearchable(b []byte, text string) []byte {
	for word := range strings.FieldsSeq(text) {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		b = order.AppendFoldKey(b, word)
	}
	return b
}

// SearchSchools returns up to limit schools, by UAI, in which each word is found:
// anywhere in the UAI, the name, the kind, the address, the postal code or the
// town, whatever its case and accents. No words find nothing.
func (r *Registry) SearchSchools(words string, limit int) (found []order.School) {
	if strings.TrimSpace(words) == "" {
		return nil
	}
	r.searched[Directory].find(words, 0, len(r.schools), r.schoolText, func(i int) bool {
		found = append(found, r.schools[i])
		return len(found) < limit
	})
	return found
}

func (r *Registry) schoolText(i int) []string {
	s := &r.schools[i]
	return []string{s.UAI.String(), s.Kind, s.Name, s.Address, s.Postcode, s.Town}
}

// SchoolsBeyond is a page of the directory: up to limit schools, by UAI, beyond
// one, in which SearchSchools would find each word; all for none. Of a school of
// several sites it returns the first that is found.
func (r *Registry) SchoolsBeyond(words string, beyond order.UAI, limit int) (found []order.School) {
	from := sort.Search(len(r.schools), func(i int) bool { return r.schools[i].UAI.String() > beyond.String() })
	r.searched[Directory].find(words, from, len(r.schools), r.schoolText, func(i int) bool {
		if len(found) == 0 || found[len(found)-1].UAI != r.schools[i].UAI {
			found = append(found, r.schools[i])
		}
		return len(found) < limit
	})
	return found
}

// TitlesBeyond is a page of the catalogue: up to limit titles, by EAN, beyond one,
// in which each word is found, anywhere in name, publisher, distributor, or the
// EANs and references of the offers; all for none.
func (r *Registry) TitlesBeyond(words string, beyond order.EAN, limit int) (found []order.Title) {
	if digits := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(words); len(digits) >= 8 && strings.Trim(digits, "0123456789") == "" {
		words = digits // an EAN in groups
	}
	from := sort.Search(len(r.titles), func(i int) bool { return r.titles[i].EAN.String() > beyond.String() })
	r.searched[Catalogue].find(words, from, len(r.titles), func(i int) []string {
		t := &r.titles[i]
		text := []string{t.EAN.String(), t.Name, t.Publisher, t.Distributor}
		for _, o := range t.Offers {
			text = append(text, o.EAN.String(), o.Reference)
		}
		return text
	}, func(i int) bool {
		found = append(found, r.titles[i])
		return len(found) < limit
	})
	return found
}

// AccountsBeyond is a page of the accounts: up to limit, by number, beyond one, in
// which each word is found, anywhere in number, name, postal address, addresses
// and domains; all for none.
func (r *Registry) AccountsBeyond(words, beyond string, limit int) (found []order.Account) {
	from := sort.Search(len(r.accounts), func(i int) bool { return r.accounts[i].Number > beyond })
	r.searched[Accounts].find(words, from, len(r.accounts), func(i int) []string {
		a := &r.accounts[i]
		text := append([]string{a.Number, a.Name, a.Address, a.Postcode, a.Town}, a.Emails...)
		return append(text, a.Domains...)
	}, func(i int) bool {
		found = append(found, r.accounts[i])
		return len(found) < limit
	})
	return found
}

// Changed returns up to limit accounts of which people changed what the next
// import sets again, by number, and how many there are.
func (r *Registry) Changed(limit int) (found []order.Account, n int) {
	for _, a := range r.accounts {
		if a.Hand == nil || !a.Hand.Facts {
			continue
		}
		if n++; n <= limit {
			found = append(found, a)
		}
	}
	return found, n
}

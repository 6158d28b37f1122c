package registry

import (
	"sort"
	"strings"
	"sync"

	"bdc/order"
)

// texts holds, for each entry of a register, the text in which a person's words are
// looked for. It is made when somebody searches first.
type texts struct {
	once sync.Once
	of   []string // in the order of the entries
}

// find calls take with the index of each entry, of those from index from to n-1, in
// whose text each of the words is found, until take returns false. Without words every
// entry is found. The entries' texts are folded once, when words are looked for first.
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

// searchable folds a text word by word: the words "saint" and "etienne" are both in
// that of « Saint-Étienne », "saintetienne".
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

// SearchSchools returns the schools in which each of the words is found, sorted by
// UAI, limit of them at most. A word is found anywhere in the UAI, the name, the kind,
// the address, the postal code or the town, compared by order.FoldKey: "coeur" finds
// « Sacré-Cœur ». Without words the result is empty.
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

// SchoolsBeyond returns a page of the directory: the schools whose UAI sorts after
// beyond and in which SearchSchools finds each of the words, sorted by UAI, limit of
// them at most. Without words every school is found. Of a school with several sites
// only the first that is found is returned.
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

// TitlesBeyond returns a page of the catalogue: the titles whose EAN sorts after
// beyond and in which each of the words is found, sorted by EAN, limit of them at most.
// A word is found anywhere in the EAN, the name, the publisher, the distributor, or
// the EANs and references of the offers. Without words every title is found.
func (r *Registry) TitlesBeyond(words string, beyond order.EAN, limit int) (found []order.Title) {
	digits := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(words)
	if len(digits) >= 8 && strings.Trim(digits, "0123456789") == "" {
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

// AccountsBeyond returns a page of the accounts: those whose number sorts after beyond
// and in which each of the words is found, sorted by number, limit of them at most. A
// word is found anywhere in the number, the name, the postal address, the e-mail
// addresses or their domains. Without words every account is found.
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

// Changed returns the accounts whose facts (name, postal address, state) a person
// changed, which the next import overwrites: limit of them at most, sorted by number,
// and n, how many there are in all.
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

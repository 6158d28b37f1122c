package registry

import (
	"sort"
	"strings"
	"sync"

	"bdc/order"
)

// texts holds for each entry of a register the text that is searched for a person's
// words. It is filled at the first search.
type texts struct {
	once sync.Once
	of   []string // in the order of the entries
}

// find searches the entries from index from on for words. It calls take with the index
// of each entry whose text contains all of the words, until take returns false. Without
// words every entry is found. n is the number of all entries, and text returns what
// is searched of one of them; it is called for each entry at the first search only.
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

// searchable returns the order.FoldKey of each word of a text, with spaces between them.
// "Saint-Étienne" is the one word "saintetienne", which contains both "saint" and
// "etienne".
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

// SearchSchools returns the schools that match words, sorted by UAI, at most limit of
// them. A school matches if each word, of those that spaces separate, is part of its
// UAI, name, kind, address, postal code or town. Texts are compared by order.FoldKey:
// "coeur" finds « Sacré-Cœur ». Without words the result is empty.
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

// SchoolsBeyond returns a page of the directory: the schools that match words as
// described at SearchSchools and whose UAI sorts after beyond, sorted by UAI, at most
// limit of them. Without words every school matches. Of a school with several sites,
// only the first site that matches is returned.
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

// TitlesBeyond returns a page of the catalogue: the titles that match words and whose
// EAN sorts after beyond, sorted by EAN, at most limit of them. A title matches if each
// word is part of its EAN, name, publisher or distributor, or of the EAN or reference
// of one of its offers. Without words every title matches.
func (r *Registry) TitlesBeyond(words string, beyond order.EAN, limit int) (found []order.Title) {
	digits := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(words)
	if len(digits) >= 8 && strings.Trim(digits, "0123456789") == "" {
		words = digits // an EAN whose digits are written in groups
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

// AccountsBeyond returns a page of the accounts: those that match words and whose number
// sorts after beyond, sorted by number, at most limit of them. An account matches if
// each word is part of its number, name, postal address, e-mail addresses or domains.
// Without words every account matches.
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

// Changed returns the accounts whose name, postal address or state a person changed,
// sorted by number, at most limit of them. n is the number of all such accounts. The
// next import overwrites these changes.
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

package registry

import (
	"strings"
	"sync"

	"bdc/order"
)

// directory is what a person searches of the schools: a text each, made when
// somebody searches first.
type directory struct {
	once  sync.Once
	texts []string // in the order of Registry.schools
}

// SearchSchools returns up to limit schools, by UAI, in which each word is found:
// anywhere in the UAI, the name, the kind, the address, the postal code or the
// town, whatever its case and accents. No words find nothing.
func (r *Registry) SearchSchools(words string, limit int) []order.School {
	wanted := strings.Fields(searchable(words))
	if len(wanted) == 0 {
		return nil
	}
	r.directory.once.Do(func() {
		r.directory.texts = make([]string, len(r.schools))
		for i := range r.schools {
			s := &r.schools[i]
			r.directory.texts[i] = searchable(strings.Join([]string{s.UAI.String(), s.Kind, s.Name, s.Address, s.Postcode, s.Town}, " "))
		}
	})
	var found []order.School
	for i, text := range r.directory.texts {
		if len(found) == limit {
			break
		}
		if holds(text, wanted) {
			found = append(found, r.schools[i])
		}
	}
	return found
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
func searchable(text string) string {
	words := strings.Fields(text)
	for i := range words {
		words[i] = fold(words[i])
	}
	return strings.Join(words, " ")
}

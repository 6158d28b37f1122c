package school

import (
	"slices"
	"strconv"
	"strings"
)

// Town is the name of a town, taken apart by ParseTown so that it can be compared with
// others.
type Town struct {
	words []string
	key   string // the words, joined
}

// ParseTown takes the name of a town apart. It leaves out articles, prepositions, and
// what only the post needs: CEDEX and its number, and the number of an arrondissement.
func ParseTown(text string) Town {
	t := Town{words: townWords(text)}
	t.key = strings.Join(t.words, "")
	return t
}

func townWords(text string) (words []string) {
	for _, w := range split(text) {
		w = strings.TrimSuffix(w, ".")
		switch w {
		case "cedex", "cdx", "cidex":
			return words
		case "de", "du", "des", "la", "le", "les", "l", "d", "sur", "s", "sous", "ss", "en", "aux", "au", "a", "et",
			"arrondissement", "arrdt", "arr", "er", "e", "eme", "ieme":
			continue
		}
		if !startsWithDigit(w) {
			words = append(words, canonical(w))
		}
	}
	return words
}

// Key returns a key by which a town can be looked up in an index. Two spellings have the
// same key if they differ only in case, accents, punctuation, abbreviations of "saint"
// and what ParseTown leaves out. The key is "" if ParseTown leaves out everything.
func (t Town) Key() string { return t.key }

// has reports whether a word is one of the town's.
func (t Town) has(word string) bool { return slices.Contains(t.words, word) }

// Same reports whether two names may be those of one town: the longer name contains all
// words of the shorter one, and their first words are the same. "Boulogne" and
// "Boulogne-Billancourt" may be one town, "Lyon" and "Sainte-Foy-lès-Lyon" are two.
// Words may differ by abbreviations and typing errors.
func (t Town) Same(other Town) bool {
	a, b := t.words, other.words
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return false
	}
	if x, y := t.key, other.key; x == y || len(x) >= 6 && distance(x, y, 1) <= 1 {
		return true
	}
	if likeness(a[0], b[0]) == 0 || len(a) == 1 && a[0] == "saint" {
		return false
	}
	for _, w := range a {
		if !slices.ContainsFunc(b, func(o string) bool { return len(w) > 1 && len(o) > 1 && likeness(w, o) > 0 }) {
			return false
		}
	}
	return true
}

// TownName returns the name of a town without an arrondissement, which the directory
// adds to some names: "Lyon" for "Lyon 1er Arrondissement".
func TownName(town string) string {
	words := strings.Fields(town)
	if n := len(words); n > 2 && words[n-1] == "Arrondissement" {
		words = words[:n-2]
	}
	return strings.Join(words, " ")
}

// ShownTown returns the name of a town as it is shown to people. For Paris, Lyon and
// Marseille it has the arrondissement that the postal code gives: "Paris 3e".
func ShownTown(town, postcode string) string {
	town = TownName(town)
	n := arrondissement(postcode)
	if n == 0 || !slices.Contains([]string{"paris", "lyon", "marseille"}, ParseTown(town).Key()) {
		return town
	}
	if n == 1 {
		return town + " 1er"
	}
	return town + " " + strconv.Itoa(n) + "e"
}

// arrondissement returns the number of the arrondissement of a postal code of Paris,
// Lyon or Marseille. It returns 0 for other postal codes and for their CEDEX codes. The
// 16th arrondissement of Paris has two codes.
func arrondissement(postcode string) int {
	if postcode == "75116" {
		return 16
	}
	if len(postcode) != 5 {
		return 0
	}
	n, err := strconv.Atoi(postcode[3:])
	most := 0
	switch postcode[:3] {
	case "750":
		most = 20
	case "690":
		most = 9
	case "130":
		most = 16
	}
	if err != nil || n > most {
		return 0
	}
	return n
}

// department returns the digits of a postal code that stand for the department or the
// overseas territory, or "" if the code is none.
func department(postcode string) string {
	switch {
	case len(postcode) != 5:
		return ""
	case strings.HasPrefix(postcode, "97"), strings.HasPrefix(postcode, "98"):
		return postcode[:3]
	default:
		return postcode[:2]
	}
}

// SamePostcode reports whether two postal codes may be those of one address. Equal codes
// may, and so may different codes of one department, since large recipients have a
// postal code of their own (CEDEX). The codes of two arrondissements of one city may
// not.
func SamePostcode(a, b string) bool {
	if a == b {
		return true
	}
	m, n := arrondissement(a), arrondissement(b)
	if m > 0 && n > 0 {
		return m == n
	}
	return department(a) != "" && department(a) == department(b)
}

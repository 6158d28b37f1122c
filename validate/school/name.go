package school

import (
	"slices"
	"strings"
)

// Kind is a set of the kinds of school that a name may stand for, a bit each: "lycée"
// alone is General and Vocational. The zero Kind means that the name does not say.
type Kind uint8

// The kinds that a name tells apart. Sections have their own UAI beside that of
// their school, and often all else in common with it.
const (
	College    Kind = 1 << iota
	General         // lycée général ou technologique
	Vocational      // lycée professionnel
	SEP             // section d'enseignement professionnel of a lycée
	SGT             // section d'enseignement général et technologique of a lycée professionnel
	SEGPA           // section d'enseignement général et professionnel adapté of a collège
	Primary         // école maternelle, élémentaire, primaire
	Training        // CFA, GRETA, university…
	Lycee      = General | Vocational
	sections   = SEP | SGT | SEGPA
)

// fits reports whether one school may be of both kinds.
func (k Kind) fits(other Kind) bool { return k == 0 || other == 0 || k&other != 0 }

// Name is the name of a school, taken apart by ParseName so that it can be compared
// with others.
type Name struct {
	Kind   Kind
	words  []string // that tell it from others, folded
	joined string   // them and their articles, without spaces
}

// ParseName takes a name apart. kind is the kind of school in the directory's words
// ("Collège"), which counts where the name itself does not say; it is "" for a name
// that somebody typed.
func ParseName(text, kind string) Name {
	n := parseName(split(text))
	if n.Kind == 0 && kind != "" {
		n.Kind = parseName(split(kind)).Kind
	}
	return n
}

func parseName(words []string) Name {
	var n Name
	var joined strings.Builder
	general, vocational := false, false
	for i, w := range words {
		dotted := strings.HasSuffix(w, ".")
		w = strings.TrimSuffix(w, ".")
		switch w {
		case "college", "clg", "coll", "ces", "colleges":
			n.Kind |= College
		case "lycee", "lycees", "lyc", "lyce", "licee", "lpo", "lpr", "lppr":
			n.Kind |= Lycee
		case "lgt", "legt", "lg", "lt", "lgtpr", "lgpr":
			n.Kind |= General
		case "lp", "lep", "lpp":
			n.Kind |= Vocational
		case "legta", "legtpa", "lpa", "epl", "eplefpa":
			n.Kind |= Lycee
			n.words = append(n.words, "agricole")
		case "sep":
			n.Kind |= SEP
		case "sgt", "segt":
			n.Kind |= SGT
		case "segpa":
			n.Kind |= SEGPA
		case "section":
			n.Kind |= section(slices.Concat(words[i+1:], words[:i]))
		case "maternelle", "elementaire", "primaire":
			n.Kind |= Primary
		case "cfa", "greta", "universite", "iut":
			n.Kind |= Training
		case "general", "generale":
			if isKindWord(words, i) {
				general = true
			} else { // Général de Gaulle
				n.words = append(n.words, w)
				joined.WriteString(w)
			}
		case "technologique", "technique", "techno", "gt":
			general = true
		case "professionnel", "professionnelle", "pro":
			vocational = true
		case "polyvalent", "polyvalente":
			general, vocational = true, true
		case "prive", "privee", "privees", "public", "publique", "hors", "sous", "contrat", "etablissement", "etab",
			"enseignement", "enseignt", "secondaire", "second",
			"2nd", "2d", "degre", "metiers", "scolaire", "ensemble", "groupe", "cite", "institution", "institut",
			"inst", "cours", "centre", "annexe", "site",
			"sections", "ecole", "catholique", "mixte":
		case "de", "du", "des", "la", "le", "les", "et", "en", "au", "aux", "a", "l", "d", "dit", "n":
			if dotted {
				n.words = append(n.words, w) // an initial: "D. Diderot"
			}
			joined.WriteString(w)
		default:
			w = canonical(w)
			n.words = append(n.words, w)
			joined.WriteString(w)
		}
	}
	n.Kind = refine(n.Kind, general, vocational)
	n.joined = joined.String()
	return n
}

// isKindWord reports whether "général" belongs to the kind of school: the word
// before or behind it does too. Of the general it says which lycée, of de Gaulle
// whose.
func isKindWord(words []string, i int) bool {
	for _, near := range []int{i - 1, i + 1, i + 2} {
		if near < 0 || near >= len(words) {
			continue
		}
		switch strings.TrimSuffix(words[near], ".") {
		case "lycee", "lyc", "lycees", "enseignement", "prive", "privee", "technologique", "technique", "techno",
			"professionnel", "polyvalent":
			return i+1 >= len(words) || words[i+1] != "de"
		}
	}
	return false
}

// section is which section of a school a name speaks of, if any, by the words
// after it.
func section(after []string) Kind {
	for _, w := range after[:min(4, len(after))] {
		switch w {
		case "professionnel", "professionnelle", "pro", "prof.":
			return SEP
		case "general", "generale", "technologique", "gt":
			return SGT
		}
	}
	return 0
}

// refine is the kind that the words of a name come to together: a section is
// none of the school that it belongs to, and a lycée is one of the two kinds
// where only one is named.
func refine(k Kind, general, vocational bool) Kind {
	switch {
	case k&sections != 0:
		return k & sections
	case k&Lycee != Lycee || general == vocational:
		return k
	case general:
		return k &^ Vocational
	default:
		return k &^ General
	}
}

// canonical is one spelling of the words that have several.
func canonical(word string) string {
	switch word {
	case "st", "ste", "sts", "stes", "sainte", "saints", "saintes":
		return "saint"
	case "ii":
		return "2"
	case "iii":
		return "3"
	case "iv":
		return "4"
	case "xxiii":
		return "23"
	case "premier", "1er", "ier":
		return "1"
	}
	return word
}

// sameName is the least likeness of two names of one school.
const sameName = 0.72

// Same reports whether two names may be those of one school: their kinds fit each
// other, and the words of the shorter name are found in the longer one. Words of the
// name of the town around may be missing from either, since people often add them.
func (n Name) Same(other Name, around Town) bool {
	covered, _ := n.compare(other, around)
	return covered >= sameName && n.Kind.fits(other.Kind)
}

// compare finds the words of each name in the other: covered is how much of the
// shorter was found, shared how much of the longer, from 0 to 1. A name that
// says nothing but the kind of school is found in any, and shares little.
func (n Name) compare(other Name, around Town) (covered, shared float64) {
	if len(n.words) == 0 || len(other.words) == 0 {
		return 1, 0
	}
	if n.joined == other.joined || len(n.joined) >= 7 && !numbered(n.joined) &&
		distance(n.joined, other.joined, 1) <= 1 {
		return 1, 1
	}
	a, b := n.words, other.words
	if weigh(a) > weigh(b) {
		a, b = b, a
	}
	var taken uint32 // words of b
	found, whole, most := 0.0, 0.0, 0.0
	for i := 0; i < len(a); i++ {
		best, at := 0.0, -1
		for j := range b {
			if l := likeness(a[i], b[j]); l > best && taken&(1<<j) == 0 {
				best, at = l, j
			}
		}
		if best == 0 {
			if from, n := initials(a[i], b, taken); n > 0 {
				for k := range n {
					taken |= 1 << (from + k)
				}
				found += float64(n)
				whole += float64(n)
				continue
			}
		}
		weight := weightOf(a[i])
		if at >= 0 {
			taken |= 1 << at
			weight = max(weight, weightOf(b[at])) // an initial stands for a whole word
			found += best * weight
			whole += weight
		} else if !around.has(a[i]) {
			whole += weight
		}
	}
	for j, w := range b {
		if taken&(1<<j) != 0 || !around.has(w) {
			most += weightOf(w)
		}
	}
	// The initials of the longer name may stand for words of the shorter.
	if found < whole && whole > 0 {
		for j, w := range b {
			if taken&(1<<j) != 0 {
				continue
			}
			if _, n := initials(w, a, 0); n > 0 {
				found = min(whole, found+float64(n))
			}
		}
	}
	if whole == 0 {
		return 0, 0
	}
	return found / whole, min(1, found/max(whole, most))
}

// weightOf is what a word counts for in a name.
func weightOf(word string) float64 {
	switch word {
	case "saint":
		return 0.5
	case "general", "gal", "marechal", "mal", "docteur", "dr", "president", "pdt", "colonel", "commandant", "cdt",
		"capitaine", "abbe", "monseigneur", "mgr", "professeur":
		return 0.3
	}
	if isInitial(word) {
		return 0.5
	}
	return 1
}

func weigh(words []string) (sum float64) {
	for _, w := range words {
		sum += weightOf(w)
	}
	return sum
}

// initials finds the words that an abbreviation such as "jb" or "nd" stands for.
func initials(word string, others []string, taken uint32) (from, n int) {
	if len(word) < 2 || len(word) > 3 || len(others) < len(word) {
		return 0, 0
	}
	for from := range len(others) - len(word) + 1 {
		n := 0
		for n < len(word) && taken&(1<<(from+n)) == 0 && others[from+n][0] == word[n] && len(others[from+n]) > 1 {
			n++
		}
		if n == len(word) {
			return from, n
		}
	}
	return 0, 0
}

// Words returns the words by which a name can be looked up in an index: folded by
// order.Fold, without initials.
func (n Name) Words() []string { return slices.DeleteFunc(slices.Clone(n.words), isInitial) }

// Share replaces the words of the name by equal strings of seen, and adds the others
// to it. Names that were given the same map so share their memory: the names of a
// directory have most of their words in common.
func (n *Name) Share(seen map[string]string) {
	for i, w := range n.words {
		known, ok := seen[w]
		if !ok {
			known = w
			seen[w] = w
		}
		n.words[i] = known
	}
	n.words = slices.Clip(n.words)
}

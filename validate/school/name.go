package school

import (
	"slices"
	"strings"
)

// Kind is a set of the kinds of school that a name may stand for, with a bit for each:
// "lycée" alone is General|Vocational. The zero Kind means that the name says nothing
// of the kind.
type Kind uint8

// The kinds of school that names tell apart. A section is a part of a school; it has a
// UAI of its own, but often the same name and address as the school.
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

// fits reports whether one school may have names of both kinds.
func (k Kind) fits(other Kind) bool { return k == 0 || other == 0 || k&other != 0 }

// Name is the name of a school, taken apart by ParseName so that it can be compared
// with others.
type Name struct {
	Kind   Kind
	words  []string // those that tell it from other names, folded by order.Fold
	joined string   // the words and the articles between them, without spaces
}

// ParseName takes a name apart. kind is the kind of school as the directory gives it
// ("Collège"), or "" where the name does not come from the directory. It only counts
// where the name itself says nothing of the kind.
func ParseName(text, kind string) Name {
	n := parseName(split(text))
	if n.Kind == 0 && kind != "" {
		n.Kind = parseName(split(kind)).Kind
	}
	return n
}

// parseName takes apart a name that split has cut into words.
func parseName(words []string) Name {
	var n Name
	var joined strings.Builder
	var branches Kind
	for i, w := range words {
		dotted := strings.HasSuffix(w, ".")
		w = strings.TrimSuffix(w, ".")
		kind := kindOf(w)
		n.Kind |= kind
		branch := branchOf(w)
		switch {
		case kind != 0:
			if isAgricultural(w) {
				n.words = append(n.words, "agricole")
			}
		case w == "section":
			n.Kind |= sectionOf(slices.Concat(words[i+1:], words[:i]))
		case branch != 0 && !isRank(words, i):
			branches |= branch
		case isFiller(w):
		case isArticle(w):
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
	n.Kind = refine(n.Kind, branches)
	n.joined = joined.String()
	return n
}

// kindOf returns the kinds of school that a single word stands for, or 0.
func kindOf(word string) Kind {
	switch word {
	case "college", "clg", "coll", "ces", "colleges":
		return College
	case "lycee", "lycees", "lyc", "lyce", "licee", "lpo", "lpr", "lppr":
		return Lycee
	case "lgt", "legt", "lg", "lt", "lgtpr", "lgpr":
		return General
	case "lp", "lep", "lpp":
		return Vocational
	case "legta", "legtpa", "lpa", "epl", "eplefpa":
		return Lycee
	case "sep":
		return SEP
	case "sgt", "segt":
		return SGT
	case "segpa":
		return SEGPA
	case "maternelle", "elementaire", "primaire":
		return Primary
	case "cfa", "greta", "universite", "iut":
		return Training
	}
	return 0
}

// isAgricultural reports whether a word of kindOf is the acronym of an agricultural
// school.
func isAgricultural(word string) bool {
	switch word {
	case "legta", "legtpa", "lpa", "epl", "eplefpa":
		return true
	}
	return false
}

// branchOf returns the kinds of lycée to which an adjective narrows the word
// "lycée", or 0 for another word.
func branchOf(word string) Kind {
	switch word {
	case "general", "generale", "technologique", "technique", "techno", "gt":
		return General
	case "professionnel", "professionnelle", "pro":
		return Vocational
	case "polyvalent", "polyvalente":
		return Lycee
	}
	return 0
}

// isFiller reports whether a word does not help to tell one school from another:
// its status, its degree, words for schools of every kind.
func isFiller(word string) bool {
	switch word {
	case "prive", "privee", "privees", "public", "publique", "hors", "sous", "contrat", "etablissement", "etab",
		"enseignement", "enseignt", "secondaire", "second", "2nd", "2d", "degre", "metiers", "scolaire", "ensemble",
		"groupe", "cite", "institution", "institut", "inst", "cours", "centre", "annexe", "site", "sections", "ecole",
		"catholique", "mixte":
		return true
	}
	return false
}

func isArticle(word string) bool {
	switch word {
	case "de", "du", "des", "la", "le", "les", "et", "en", "au", "aux", "a", "l", "d", "dit", "n":
		return true
	}
	return false
}

// isRank reports whether the word at i is the military rank in a name such as
// "Général de Gaulle". Next to another word about the kind of school, "général"
// is an adjective, as in "lycée général", unless "de" follows it.
func isRank(words []string, i int) bool {
	if w := strings.TrimSuffix(words[i], "."); w != "general" && w != "generale" {
		return false
	}
	for _, near := range []int{i - 1, i + 1, i + 2} {
		if near < 0 || near >= len(words) {
			continue
		}
		switch strings.TrimSuffix(words[near], ".") {
		case "lycee", "lyc", "lycees", "enseignement", "prive", "privee", "technologique", "technique", "techno",
			"professionnel", "polyvalent":
			return i+1 < len(words) && words[i+1] == "de"
		}
	}
	return true
}

// sectionOf returns the kind of section that a name speaks of, or 0 where it does
// not say. It looks at the first four words after "section".
func sectionOf(after []string) Kind {
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

// refine returns the kind of a school from the kinds that its name mentions and
// the branches that its adjectives name. A name that mentions a section is that of
// the section alone, not of the school around it. A lycée is of both kinds unless
// adjectives name only one of them.
func refine(mentioned, branches Kind) Kind {
	switch {
	case mentioned&sections != 0:
		return mentioned & sections
	case mentioned&Lycee == Lycee && branches != 0:
		return mentioned &^ (Lycee &^ branches)
	}
	return mentioned
}

// canonical returns the one spelling by which words with several spellings are
// compared.
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

// sameName is the part of the shorter name that must be found in the longer one
// for both to be names of one school.
const sameName = 0.72

// Same reports whether two names may be those of one school: their kinds do not
// contradict each other, and most words of the shorter name are found in the longer
// one. around is the town of the school; words of its name may be missing from either
// name of the school, since people often add them.
func (n Name) Same(other Name, around Town) bool {
	covered, _ := n.compare(other, around)
	return covered >= sameName && n.Kind.fits(other.Kind)
}

// compare looks for the words of the shorter name in the longer one. It returns
// the part of the shorter name that was found, covered, and the part of the longer
// name that this makes up, shared, both from 0 to 1. A name that says nothing but
// the kind of school is wholly covered by any other, and shares nothing with it.
func (n Name) compare(other Name, around Town) (covered, shared float64) {
	if len(n.words) == 0 || len(other.words) == 0 {
		return 1, 0
	}
	if n.isSpeltLike(other) {
		return 1, 1
	}
	m := matching{short: n.words, long: other.words, around: around}
	if weigh(m.short) > weigh(m.long) {
		m.short, m.long = m.long, m.short
	}
	for _, word := range m.short {
		m.find(word)
	}
	if m.counted == 0 {
		return 0, 0
	}
	longer := m.longer()
	m.findInitialled()
	return m.found / m.counted, min(1, m.found/max(m.counted, longer))
}

// isSpeltLike reports whether two names without their spaces are the same text, or
// are one typing error apart. Short names and names with numbers must be the same.
func (n Name) isSpeltLike(other Name) bool {
	return n.joined == other.joined ||
		len(n.joined) >= 7 && !numbered(n.joined) && distance(n.joined, other.joined, 1) <= 1
}

// matching is the search for the words of one name in another.
type matching struct {
	short, long []string // the words of the two names; short weighs less
	around      Town     // words of its name may be missing from either
	taken       uint32   // a bit for each word of long that was found
	found       float64  // the weight of the words of short that were found
	counted     float64  // the weight of all words of short that need to be found
}

// find looks for a word of the shorter name in the longer one: for a word like it,
// else for words of which it is the initials.
func (m *matching) find(word string) {
	likest, at := 0.0, -1
	for i, other := range m.long {
		if m.taken&(1<<i) != 0 {
			continue
		}
		if l := likeness(word, other); l > likest {
			likest, at = l, i
		}
	}
	if at >= 0 {
		m.taken |= 1 << at
		weight := max(weightOf(word), weightOf(m.long[at])) // an initial stands for a whole word
		m.found += likest * weight
		m.counted += weight
		return
	}
	if from, n := initials(word, m.long, m.taken); n > 0 {
		m.taken |= (1<<n - 1) << from
		m.found += float64(n)
		m.counted += float64(n)
		return
	}
	if !m.around.has(word) {
		m.counted += weightOf(word)
	}
}

// longer returns the weight of all words of the longer name that need to be found.
func (m *matching) longer() (sum float64) {
	for i, word := range m.long {
		if m.taken&(1<<i) != 0 || !m.around.has(word) {
			sum += weightOf(word)
		}
	}
	return sum
}

// findInitialled looks in the longer name for initials that stand for words of the
// shorter one which were not found by themselves.
func (m *matching) findInitialled() {
	if m.found >= m.counted {
		return
	}
	for i, word := range m.long {
		if m.taken&(1<<i) != 0 {
			continue
		}
		if _, n := initials(word, m.short, 0); n > 0 {
			m.found = min(m.counted, m.found+float64(n))
		}
	}
}

// weightOf returns how much a word says about which school is meant: 1 for most
// words, less for "saint", titles and initials.
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

// weigh returns the weight of all the words.
func weigh(words []string) (sum float64) {
	for _, w := range words {
		sum += weightOf(w)
	}
	return sum
}

// initials looks for neighbouring words that an abbreviation such as "jb" or "nd"
// stands for, taken words excepted. It returns the index of the first and their
// number, 0 where there are none.
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

// Words returns the words by which a name can be looked up in an index, folded by
// order.Fold. Initials are left out.
func (n Name) Words() []string { return slices.DeleteFunc(slices.Clone(n.words), isInitial) }

// Share saves memory: it replaces each word of the name by the equal string in seen, and
// adds to seen the words that it lacks. Names for which Share is called with the same
// map then hold each word only once.
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

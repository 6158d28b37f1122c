package validate

import (
	"strings"
	"unicode"

	"bdc/order"
)

// CodeTitle says that the title on a line is not the one that the catalogue has for the
// line's EAN.
const CodeTitle order.Code = "line.title.mismatch" // Args: title (the catalogue's)

// maxWords is how many words of a title are compared. The longest titles of a
// catalogue have some twenty.
const maxWords = 24

// title holds what tells one book from another in the name that people give it.
type title struct {
	list   [maxWords]string
	count  int
	heads  string // the first letters of all words except articles
	levels uint16 // the school years that it is for, a bit each (levelOf)
}

// words returns the words of the title, folded, without those that saysNothing names.
func (t *title) words() []string { return t.list[:t.count] }

// titleOf takes a name apart.
func titleOf(name string) *title {
	t := &title{}
	var heads [maxWords]byte
	n := 0
	isBetween := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for word := range strings.FieldsFuncSeq(undotted(order.Fold(name)), isBetween) {
		if level := levelOf(word); level != 0 {
			t.levels |= level
			continue
		}
		if isArticle(word) {
			continue
		}
		if n < len(heads) {
			heads[n] = word[0]
			n++
		}
		if t.count < maxWords && !saysNothing(word) {
			t.list[t.count] = word
			t.count++
		}
	}
	t.heads = string(heads[:n])
	return t
}

// undotted joins the letters of acronyms that points stand between: "s.e.s. 2de" is
// "ses 2de".
func undotted(text string) string {
	if strings.Count(text, ".") < 2 {
		return text
	}
	isLetter := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= 'a' && text[i] <= 'z' }
	alone := func(i int) bool { return isLetter(i) && !isLetter(i-1) && !isLetter(i+1) }
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] != '.' || !alone(i-1) || !alone(i+1) {
			b = append(b, text[i])
		}
	}
	return string(b)
}

// likeness is how far two titles agree.
type likeness struct {
	shared float64 // of the words of the shorter one
	whole  float64 // of the words of both
	apart  bool    // they are for different school years
	found  bool    // they share a word that tells books apart
}

// isOther reports whether two titles cannot be the same book: they are for different
// school years, or hardly share a word. Not all words need to be shared, since people
// shorten titles, and add to them.
func (l likeness) isOther() bool { return l.apart || l.shared < 0.3 }

// fits reports whether two titles are likely those of the same book: they share most words
// of the shorter one.
func (l likeness) fits() bool { return !l.apart && l.found && l.shared > 0.6 }

// like compares two titles. A title without words agrees with any other.
func (t *title) like(other *title) likeness {
	l := likeness{apart: t.levels&other.levels == 0 && t.levels != 0 && other.levels != 0}
	short, long := t, other
	if short.count > long.count {
		short, long = long, short
	}
	if short.count == 0 {
		l.shared, l.whole = 1, 0
		return l
	}
	n := 0
	for _, w := range short.words() {
		if long.has(w) {
			n++
		}
	}
	if n == 0 { // the acronym may be on the longer side
		for _, w := range long.words() {
			if short.has(w) {
				n++
				break
			}
		}
	}
	l.found = n > 0
	l.shared = float64(n) / float64(short.count)
	l.whole = float64(n) / float64(short.count+long.count-n)
	return l
}

// has reports whether a word stands in a title: itself, as its beginning
// ("phys" for "physique", "maths" for "mathématiques"), or as the first letters
// of several of its words ("SVT" for "sciences de la vie et de la Terre").
func (t *title) has(word string) bool {
	for _, w := range t.words() {
		if w == word || abbreviates(w, word) || abbreviates(word, w) {
			return true
		}
	}
	return len(word) >= 2 && len(word) <= 6 && strings.Contains(t.heads, word)
}

func abbreviates(short, word string) bool {
	short = strings.TrimSuffix(short, "s")
	return len(short) >= 3 && strings.HasPrefix(word, short)
}

// levelOf returns the bit of the school year that a word names ("2de", "seconde"), or 0
// for another word.
func levelOf(word string) uint16 {
	switch word {
	case "6e", "6eme", "sixieme":
		return 1 << 0
	case "5e", "5eme", "cinquieme":
		return 1 << 1
	case "4e", "4eme", "quatrieme":
		return 1 << 2
	case "3e", "3eme", "troisieme":
		return 1 << 3
	case "2de", "2nde", "2nd", "seconde":
		return 1 << 4
	case "1re", "1ere", "premiere":
		return 1 << 5
	case "tle", "tale", "term", "terminale", "terminales":
		return 1 << 6
	case "cp":
		return 1 << 7
	case "ce1":
		return 1 << 8
	case "ce2":
		return 1 << 9
	case "cm1":
		return 1 << 10
	case "cm2":
		return 1 << 11
	}
	return 0
}

func isArticle(word string) bool {
	switch word {
	case "de", "du", "des", "la", "le", "les", "l", "d", "et", "en", "a", "au", "aux", "un", "une", "pour", "par",
		"sur", "the", "of":
		return true
	}
	return false
}

// saysNothing reports whether a word does not help to tell titles apart: kinds of
// product, editions, years, single letters.
func saysNothing(word string) bool {
	switch word {
	case "ed", "edition", "editions", "coll", "collection", "manuel", "manuels", "livre", "numerique", "num", "papier",
		"eleve", "eleves",
		"enseignant", "professeur", "prof", "licence", "licences", "version", "an", "ans", "tome", "vol", "volume",
		"nouveau", "nouvelle", "programme",
		"classe", "bac", "pro", "lycee", "college", "ebook", "premium", "classique":
		return true
	}
	return len(word) < 2 || word[0] >= '0' && word[0] <= '9'
}

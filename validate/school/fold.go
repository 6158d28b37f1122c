package school

import (
	"strings"
	"unicode"

	"bdc/order"
)

// What stands beyond these bounds of a text is not looked at. The directory's longest
// name has 148 characters.
const (
	maxText  = 300 // bytes
	maxWords = 24
)

// split cuts a text into its words, folded by order.Fold. A word is made of letters
// and digits. A point after it stays its last character ("j.", "st."), which tells
// an initial from an article. Letters with points between them are one word: "S.E.P."
// is "sep". The articles of "d'Arc" and "l'Europe" are left out.
func split(text string) []string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	s := splitter{words: make([]string, 0, 8)}
	for _, r := range order.Fold(text) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			s.word.WriteRune(r)
		case r == '.':
			s.point()
		case r == '\'':
			s.apostrophe()
		default:
			s.end()
		}
	}
	s.end()
	return s.words
}

// splitter collects the words of a text.
type splitter struct {
	words   []string
	word    strings.Builder // the word that is being read
	acronym bool            // the last of words is a letter and its point, which more letters may follow: "s."
}

// end ends the word that is being read, if any.
func (s *splitter) end() {
	if s.word.Len() > 0 && len(s.words) < maxWords {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.acronym = false
}

// point reads a point: within an acronym, behind a word, or alone.
func (s *splitter) point() {
	isLetter := s.word.Len() == 1
	switch {
	case isLetter && s.acronym:
		last := &s.words[len(s.words)-1]
		*last = strings.TrimSuffix(*last, ".") + s.word.String()
		s.word.Reset()
	case s.word.Len() > 0:
		s.word.WriteByte('.')
		s.end()
		s.acronym = isLetter && len(s.words) < maxWords
	default:
		s.end()
	}
}

// apostrophe reads an apostrophe, which ends a word and makes "d" and "l" articles.
func (s *splitter) apostrophe() {
	if w := s.word.String(); w == "d" || w == "l" {
		s.word.Reset()
	}
	s.end()
}

// isInitial reports whether a word is a single letter.
func isInitial(word string) bool { return len(word) == 1 && word[0] >= 'a' && word[0] <= 'z' }

// startsWithDigit reports whether a word is a number or an ordinal.
func startsWithDigit(word string) bool { return word != "" && word[0] >= '0' && word[0] <= '9' }

// likeness returns how likely two folded words are spellings of one word: 1 where
// they are equal, about 0.8 where one abbreviates the other or has a typing error,
// and 0 where they are two words.
func likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	if short == "" {
		return 0
	}
	alike := short[0] == long[0]
	switch {
	case !alike && len(short) < 5, startsWithDigit(short), startsWithDigit(long):
		return 0
	case len(short) < 5 && abbreviates(short, long):
		return 0.8
	case len(short) < 4, len(long)-len(short) > 2: // too different for typing errors
		return 0
	}
	switch d := distance(short, long, 2); {
	case d == 1:
		return 0.85
	case d == 2 && len(short) >= 7 && alike:
		return 0.8
	}
	return 0
}

// abbreviates reports whether short is the initial, the beginning or a contraction
// of long, both beginning with the same letter. A word with only one letter less
// is no abbreviation, but may be a typing error.
func abbreviates(short, long string) bool {
	return len(short) == 1 ||
		len(long) > len(short)+1 && (strings.HasPrefix(long, short) || isContraction(short, long))
}

// numbered reports whether a text has a digit. Numbers are compared exactly, since
// a single digit makes another number.
func numbered(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= '0' && r <= '9' })
}

// isContraction reports whether long becomes short when letters between its first
// and its last one are left out: "mal" for marechal, "dr" for docteur. The first
// letters are known to be the same.
func isContraction(short, long string) bool {
	if short[len(short)-1] != long[len(long)-1] {
		return false
	}
	i := 0
	for j := 0; j < len(long) && i < len(short); j++ {
		if short[i] == long[j] {
			i++
		}
	}
	return i == len(short)
}

// distance returns the number of typing errors between two words: letters inserted,
// left out, changed, or swapped with the next one (optimal string alignment). A
// number greater than max is returned as max+1.
func distance(a, b string, max int) int {
	if len(b) < len(a) {
		a, b = b, a
	}
	const width = 64
	if len(b)-len(a) > max || len(b) >= width {
		return max + 1
	}
	var rows [3][width]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for i := range len(a) + 1 {
		last[i] = i
	}
	for j := 1; j <= len(b); j++ {
		row[0] = j
		least := j
		for i := 1; i <= len(a); i++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[i] = min(last[i]+1, row[i-1]+1, last[i-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[i] = min(row[i], before[i-2]+1)
			}
			least = min(least, row[i])
		}
		if least > max {
			return max + 1
		}
		before, last, row = last, row, before
	}
	return last[len(a)]
}

package school

import (
	"strings"
	"unicode"

	"bdc/order"
)

// maxText and maxWords bound how much of a text is looked at. The directory's
// longest name has 148 characters.
const (
	maxText  = 300
	maxWords = 24
)

// split cuts a text into its words, in lower case without accents: letters and
// digits, and a point behind a single letter or an abbreviation ("j.", "st."),
// which tells an initial from an article. "S.E.P." is one word, "d'Arc" and
// "l'Europe" lose their article.
func split(text string) []string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	words := make([]string, 0, 8)
	var word strings.Builder
	acronym := false // the last of the words is the beginning of one: "l.", "l.g."
	end := func() {
		if word.Len() > 0 && len(words) < maxWords {
			words = append(words, word.String())
		}
		word.Reset()
		acronym = false
	}
	for _, r := range order.Fold(text) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word.WriteRune(r)
		case r == '.' && word.Len() == 1 && acronym:
			words[len(words)-1] = strings.TrimSuffix(words[len(words)-1], ".") + word.String()
			word.Reset()
		case r == '.' && word.Len() > 0:
			letter := word.Len() == 1
			word.WriteByte('.')
			end()
			acronym = letter && len(words) < maxWords
		case r == '\'':
			if s := word.String(); s == "d" || s == "l" {
				word.Reset()
			}
			end()
		default:
			end()
		}
	}
	end()
	return words
}

// isInitial reports whether a word is a single letter.
func isInitial(word string) bool { return len(word) == 1 && word[0] >= 'a' && word[0] <= 'z' }

// startsWithDigit reports whether a word is a number or an ordinal.
func startsWithDigit(word string) bool { return word != "" && word[0] >= '0' && word[0] <= '9' }

// likeness is how much two folded words are the same word: 1 for equal, less for
// an initial, an abbreviation or a typing error, 0 for two words.
func likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if a == "" {
		return 0
	}
	alike := a[0] == b[0]
	switch {
	case len(b)-len(a) > 2 && (!alike || len(a) > 4), len(a) < 5 && !alike, startsWithDigit(a) || startsWithDigit(b):
		return 0
	case len(a) == 1, len(a) <= 4 && len(b) > len(a)+1 && (strings.HasPrefix(b, a) || isContraction(a, b)):
		return 0.8
	case len(a) < 4 || len(b)-len(a) > 2:
		return 0
	}
	switch d := distance(a, b, 2); {
	case d == 1:
		return 0.85
	case d == 2 && len(a) >= 7 && alike:
		return 0.8
	}
	return 0
}

// numbered reports whether a text has a digit: numbers are alike or are not.
func numbered(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= '0' && r <= '9' })
}

// isContraction reports whether short is long with letters left out between its
// first and its last: "mal" for marechal, "dr" for docteur.
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

// distance counts the letters to insert, leave out, change or swap with their
// neighbour to get from a to b (optimal string alignment), up to max+1.
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

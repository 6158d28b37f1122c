package letter

import (
	"strings"

	"bdc/order"
)

// token is one word, number or sign of a sentence.
type token struct {
	text  string // folded
	set   set    // the classes of the word
	value int    // of a number; else -1
	mark  bool   // it is a sign of punctuation
	upper bool   // as typed it begins with a capital
	used  bool   // something ordinary has explained it

	steps   bits // the elements of patterns that it matches
	strange bool // nobody knows the word
}

// tokens appends the words, numbers and signs of a sentence to list, and looks their
// classes up.
func (w *Words) tokens(sentence string, list []token) []token {
	s := order.Fold(sentence)
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ':
			i++
		case isWordByte(c):
			j := i + 1
			for j < len(s) && isWordByte(s[j]) {
				j++
			}
			list = w.word(list, s[i:j], j < len(s) && s[j] == '\'')
			i = j
			if i < len(s) && s[i] == '\'' {
				i++
			}
		case c >= 0x80: // signs such as « and €, and letters of other scripts
			j := i + 1
			for j < len(s) && s[j]&0xc0 == 0x80 {
				j++
			}
			list = append(list, token{text: s[i:j], value: -1, mark: true, set: w.money(s[i:j])})
			i = j
		default:
			list = append(list, token{text: s[i : i+1], value: -1, mark: true})
			i++
		}
	}
	return list
}

func (w *Words) money(sign string) set {
	var s set
	if sign == "€" {
		s.add(w.known.money)
	}
	return s
}

func isWordByte(c byte) bool { return 'a' <= c && c <= 'z' || isDigit(c) }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }

// word adds one word. A word that nobody knows may be an article or pronoun whose
// apostrophe is missing, and another word: "jattends". Numbers end where letters begin,
// but for ordinals: "30ex".
func (w *Words) word(list []token, s string, elided bool) []token {
	if isDigit(s[0]) {
		n := 1
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		t := token{text: s[:n], value: atoi(s[:n])}
		t.set.add(w.known.digits)
		switch rest := s[n:]; rest {
		case "":
			t.set.add(w.known.number)
			return append(list, t)
		case "e", "eme", "emes", "ieme", "er", "ere", "eres", "re", "res", "ers":
			t.text = s
			t.set.add(w.known.ordinal)
			t.set.union(w.trie.find(s))
			return append(list, t)
		case "de", "des", "nde", "ndes", "nd", "ds", "nds":
			t.text, t.value = s, -1
			t.set = set{}
			t.set.add(w.known.level)
			return append(list, t)
		default:
			if rest[0] == 'h' && (len(rest) == 1 || isDigit(rest[1])) {
				t.text = s
				t.set = set{}
				t.set.add(w.known.hour)
				return append(list, t)
			}
			t.set.add(w.known.number)
			return w.word(append(list, t), rest, elided)
		}
	}
	t := token{text: s, value: -1, set: w.trie.find(s)}
	if len(s) > 1 && (s[0] == 'x' || s[0] == 'n') && isDigit(s[1]) {
		return w.word(append(list, token{text: s[:1], value: -1}), s[1:], elided)
	}
	if t.set.empty() && !elided {
		for _, n := range []int{1, 2} {
			if len(s) > n+3 && isElision(s[:n]) && strings.IndexByte("aeiouhy", s[n]) >= 0 {
				if found := w.trie.find(s[n:]); !found.empty() {
					return append(list, token{text: s[:n], value: -1, set: w.trie.find(s[:n])},
						token{text: s[n:], value: number(s[n:]), set: found})
				}
			}
		}
		t.strange = true
	}
	if t.value = number(s); t.value >= 0 {
		t.set.add(w.known.number)
	}
	return append(list, t)
}

func isElision(s string) bool {
	switch s {
	case "l", "d", "n", "j", "s", "m", "c", "t", "qu":
		return true
	}
	return false
}

// atoi is the number that digits spell; a long one is a number of no quantity.
func atoi(s string) int {
	if len(s) > 7 {
		return 1 << 30
	}
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// number returns the number that a word names, or -1.
func number(s string) int {
	switch s {
	case "zero":
		return 0
	case "deux":
		return 2
	case "trois":
		return 3
	case "quatre":
		return 4
	case "cinq":
		return 5
	case "six":
		return 6
	case "sept":
		return 7
	case "huit":
		return 8
	case "neuf":
		return 9
	case "dix", "dizaine", "dizaines":
		return 10
	case "onze":
		return 11
	case "douze", "douzaine", "douzaines":
		return 12
	case "treize":
		return 13
	case "quatorze":
		return 14
	case "quinze", "quinzaine":
		return 15
	case "seize":
		return 16
	case "vingt", "vingts", "vingtaine":
		return 20
	case "trente", "trentaine":
		return 30
	case "quarante", "quarantaine":
		return 40
	case "cinquante", "cinquantaine":
		return 50
	case "soixante", "soixantaine":
		return 60
	case "cent", "cents", "centaine", "centaines":
		return 100
	}
	return -1
}

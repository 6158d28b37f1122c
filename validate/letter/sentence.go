package letter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a sentence as typed.
type sentence struct {
	text  string
	first bool // of its line
}

// sentences cuts a text into sentences, as typed. A line that goes on in the next, as
// programs wrap them, is one with it; a line that ends otherwise ends its sentence. At
// most n sentences are returned.
func sentences(text string, n int) []sentence {
	var list []sentence
	for _, line := range unwrapped(text) {
		first := true
		for line != "" && len(list) < n {
			end := sentenceEnd(line)
			s := strings.TrimSpace(line[:end])
			if strings.IndexFunc(s, isWord) >= 0 {
				list = append(list, sentence{s, first})
				first = false
			}
			line = line[end:]
		}
	}
	return list
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// wrapped is the length, in characters, from which a line may have been wrapped.
const wrapped = 58

// unwrapped returns the lines of a text, those joined that a program has wrapped: a long
// line that does not end a sentence, and a next line that begins small.
func unwrapped(text string) []string {
	var list []string
	long := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		first, _ := utf8.DecodeRuneInString(line)
		goesOn := unicode.IsLower(first) || unicode.IsDigit(first) || first == '('
		if n := len(list) - 1; n >= 0 && line != "" && goesOn && long && !endsSentence(list[n]) {
			list[n] += " " + line
		} else {
			list = append(list, line)
		}
		long = utf8.RuneCountInString(line) >= wrapped
	}
	return list
}

func endsSentence(line string) bool {
	return line == "" || strings.ContainsAny(line[len(line)-1:], ".!?;:")
}

// sentenceEnd returns where the first sentence of a line ends: after a point, a question
// mark or a semicolon that a space follows. A point after an abbreviation, one letter or
// a number at the beginning of a list ends none.
func sentenceEnd(line string) int {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '!', '?', ';', '.':
		case 0xe2: // …
			if !strings.HasPrefix(line[i:], "…") {
				continue
			}
			i += 2
		default:
			continue
		}
		for i+1 < len(line) && strings.IndexByte(".!?", line[i+1]) >= 0 {
			i++
		}
		if i+1 < len(line) && line[i+1] != ' ' && line[i+1] != ')' && line[i+1] != '"' {
			r, _ := utf8.DecodeRuneInString(line[i+1:])
			if line[i] != '.' && unicode.IsLetter(r) ||
				line[i] == '.' && unicode.IsUpper(r) && lettersBefore(line, i) > 2 {
				return i + 1
			}
			continue
		}
		if line[i] == '.' && abbreviates(line, i) {
			continue
		}
		return i + 1
	}
	return len(line)
}

// lettersBefore is how many letters stand just before a place.
func lettersBefore(line string, at int) int {
	word := line[:at]
	if i := strings.LastIndexAny(word, " '’.@/("); i >= 0 {
		word = word[i+1:]
	}
	return utf8.RuneCountInString(word)
}

// abbreviates reports whether the point at a place ends an abbreviation.
func abbreviates(line string, at int) bool {
	word := line[:at]
	if i := strings.LastIndexAny(word, " '’("); i >= 0 {
		word = word[i+1:]
	}
	if utf8.RuneCountInString(word) <= 1 && !strings.ContainsAny(word, "0123456789yà") {
		return true
	}
	switch strings.ToLower(word) {
	case "mme", "mlle", "mr", "tél", "tel", "réf", "ref", "no", "num", "ex", "st", "ste",
		"bd", "av", "env", "qté", "qte",
		"janv", "févr", "fév", "avr", "juil", "sept", "oct", "nov", "déc", "lun", "mar", "mer", "jeu", "ven", "sam",
		"dim",
		"etc", "cf", "p.j", "p", "dr", "resp", "art", "bat", "bât", "cde", "fax", "port", "sté", "ets":
		return at+1 < len(line) && word != "etc"
	}
	return false
}

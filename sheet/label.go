package sheet

import (
	"strings"
	"unicode"

	"bdc/order"
)

// longestLabel is the length in bytes beyond which a text is no label.
const longestLabel = 200

// meaning is what a text means as a label of the form.
type meaning struct {
	fields  []label // header fields whose label or synonym it is
	columns []label // columns of the lines, likewise
	printed bool    // the form itself prints it: a title, a hint, a sentence of the guide
}

// label is a field that a text may stand for, and how well: 0 for the label as
// printed, then the synonyms in their order.
type label struct {
	id   string
	rank int
}

// vocabulary is what the texts of a form mean, by fold.
type vocabulary map[string]*meaning

func newVocabulary(form *order.Form) vocabulary {
	v := make(vocabulary, 8*(len(form.Fields)+len(form.Columns)))
	of := func(text string) *meaning {
		key := fold(text)
		m := v[key]
		if m == nil {
			m = &meaning{}
			v[key] = m
		}
		return m
	}
	for _, f := range form.Fields {
		for rank, text := range append([]string{f.Label}, f.Synonyms...) {
			m := of(text)
			m.fields = append(m.fields, label{f.ID, rank})
		}
	}
	for _, f := range form.Columns {
		for rank, text := range append([]string{f.Label}, f.Synonyms...) {
			m := of(text)
			m.columns = append(m.columns, label{f.ID, rank})
		}
	}
	for _, s := range form.Sections {
		of(s.Title).printed = true
		of(s.Hint).printed = true
	}
	for _, text := range append([]string{form.Title, form.Subtitle}, form.Guide...) {
		of(text).printed = true
	}
	delete(v, "")
	return v
}

// meaning is what a cell's text means, or nil.
func (v vocabulary) meaning(text string) *meaning {
	if len(text) > longestLabel {
		return nil
	}
	var buf [2 * longestLabel]byte
	return v[string(appendFold(buf[:0], text))]
}

// as finds a field among labels.
func as(labels []label, id string) (label, bool) {
	for _, l := range labels {
		if l.id == id {
			return l, true
		}
	}
	return label{}, false
}

// fold is a label as labels are compared: lower case, without accents,
// punctuation and spaces of any width, "N° UAI *:" being "nuai".
func fold(text string) string { return string(appendFold(nil, text)) }

func appendFold(b []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b = append(b, byte(r))
		case r >= 'A' && r <= 'Z':
			b = append(b, byte(r)+'a'-'A')
		case r < 0x80:
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b = append(b, unaccented(unicode.ToLower(r))...)
		}
	}
	return b
}

// unaccented is a lower-case letter of French, or of its neighbours, in ASCII.
// The ordinal signs are those of N° and Nº, which vary too much to count.
func unaccented(r rune) string {
	switch r {
	case 'à', 'â', 'ä', 'á', 'ã', 'å':
		return "a"
	case 'ç':
		return "c"
	case 'é', 'è', 'ê', 'ë':
		return "e"
	case 'î', 'ï', 'í', 'ì':
		return "i"
	case 'ñ':
		return "n"
	case 'ô', 'ö', 'ó', 'ò', 'õ':
		return "o"
	case 'ù', 'û', 'ü', 'ú':
		return "u"
	case 'ÿ', 'ý':
		return "y"
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	case 'º', 'ª':
		return ""
	}
	return string(r)
}

// blank says whether a text shows nothing: spaces of any width, or characters
// of none.
func blank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == ""
}

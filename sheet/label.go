package sheet

import (
	"bytes"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode"

	"bdc/order"
)

// longestLabel is the length in bytes beyond which a text is no label.
const longestLabel = 200

// meaning is what a text means as a label of the form.
type meaning struct {
	fields  []label // header fields whose label or synonym it is
	columns []label // columns of the lines whose label or synonym it is
	slots   []slot  // columns of a layout, by the layout's own labels
	printed bool    // a title, hint or sentence that this form or order forms in general print
	total   bool    // it begins like a word for a sum, such as Total
	sum     bool    // it is nothing but such a word
	public  bool    // it names a quantity for one kind of users
}

// isLabel says whether a text with that meaning is no value. The meaning may be nil.
func (m *meaning) isLabel() bool {
	return m != nil && (m.printed || len(m.fields) > 0 || len(m.columns) > 0)
}

// isSentence says whether a text is one that forms print and is no label of a field or column.
// The meaning may be nil.
func (m *meaning) isSentence() bool {
	return m != nil && m.printed && len(m.fields) == 0 && len(m.columns) == 0
}

// label is a field that a text may stand for. Its rank is 0 if the text is the label as
// the form prints it, and for a synonym its number in the list of synonyms, from 1.
type label struct {
	id   string
	rank int
}

// vocabulary is what the texts of a form mean, by order.FoldKey of the text. It is not changed
// once it is made.
type vocabulary map[string]*meaning

// lastVocabulary keeps the vocabulary of the last form definition, in practice the only one.
// Making it takes a tenth of the time that reading a workbook does. It stays valid, since a
// definition does not change once it is loaded.
var lastVocabulary atomic.Pointer[struct {
	form  *order.Form
	words vocabulary
}]

func vocabularyOf(form *order.Form) vocabulary {
	if last := lastVocabulary.Load(); last != nil && last.form == form {
		return last.words
	}
	words := newVocabulary(form)
	lastVocabulary.Store(&struct {
		form  *order.Form
		words vocabulary
	}{form, words})
	return words
}

func newVocabulary(form *order.Form) vocabulary {
	v := vocabulary{}
	of := func(text string) *meaning {
		key := order.FoldKey(text)
		if v[key] == nil {
			v[key] = &meaning{}
		}
		return v[key]
	}
	for _, f := range form.Fields {
		for rank, text := range append([]string{f.Label}, f.Synonyms...) {
			m := of(text)
			if _, again := as(m.fields, f.ID); !again {
				m.fields = append(m.fields, label{f.ID, rank})
			}
		}
	}
	for _, f := range form.Columns {
		for rank, text := range append([]string{f.Label}, f.Synonyms...) {
			m := of(text)
			if _, again := as(m.columns, f.ID); !again {
				m.columns = append(m.columns, label{f.ID, rank})
			}
		}
	}
	for i, layout := range form.Layouts {
		for j, c := range layout.Columns {
			for _, text := range c.Labels {
				m := of(text)
				m.slots = append(m.slots, slot{i, j})
			}
		}
	}
	// Titles and sentences may have a number before them, and a title its hint behind it.
	print := func(i int, texts ...string) {
		for _, text := range texts {
			if text != "" {
				of(text).printed = true
				of(strconv.Itoa(i+1) + text).printed = true
			}
		}
	}
	for i, s := range form.Sections {
		print(i, s.Title, s.Hint, s.Title+s.Hint)
	}
	for i, text := range form.Guide {
		print(i, text)
	}
	print(0, form.Title, form.Subtitle, form.Title+form.Subtitle)
	// Labels that do not say whose name or address they ask for. They are no values, though
	// they may stand below a heading that reads like a label itself.
	print(0,
		"Nom", "Noms", "Nom et prénom", "Nom, prénom", "Prénom et nom", "E-mail", "Email", "Mail", "Courriel",
		"Adresse e-mail", "Adresse mail", "Fax", "Télécopie", "Pays", "Coordonnées",
	)
	// The labels of layouts mean the same outside of them, where their words say it.
	for _, layout := range form.Layouts {
		for _, c := range layout.Columns {
			for _, text := range c.Labels {
				m := of(text)
				if by := named(text, []byte(order.FoldKey(text))); by != nil && len(m.fields)+len(m.columns) == 0 {
					m.fields, m.columns, m.public = by.fields, by.columns, by.public
				}
			}
		}
	}
	delete(v, "")
	return v
}

// meaning is what the text of a cell means, or nil if it means nothing.
func (v vocabulary) meaning(text string) *meaning {
	if len(text) > longestLabel {
		return nil
	}
	var buf [longestLabel]byte
	key := order.AppendFoldKey(buf[:0], text)
	if m := v[string(key)]; m != nil {
		return m
	}
	if bare, ok := unhinted(text); ok {
		return v.meaning(bare)
	}
	if rest, ok := bytes.CutPrefix(bytes.TrimPrefix(key, []byte("sous")), []byte("tota")); ok && len(rest) > 0 {
		return &meaning{total: rest[0] == 'l' || rest[0] == 'u', sum: isSum(string(rest[1:]))}
	}
	m := named(text, key)
	total, sum := announces(key)
	if total && m == nil {
		m = &meaning{}
	}
	if total {
		m.total, m.sum = total, sum
	}
	return m
}

// unhinted is a label without the brackets at its end, if they only say how to fill in the
// field: « EAN (13 chiffres) » has such a hint, « E-mail (librairie) » has not.
func unhinted(text string) (string, bool) {
	text = strings.TrimRight(text, " \t\r\n\u00a0\u202f*:")
	i := strings.LastIndexByte(text, '(')
	if i <= 0 || !strings.HasSuffix(text, ")") {
		return "", false
	}
	words := strings.FieldsFunc(text[i:], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	says := false
	for _, word := range words {
		short := len(word) <= 2 && strings.Trim(word, "0123456789") == ""
		if !short && !isHint(order.FoldKey(word)) {
			return "", false
		}
		says = says || !short
	}
	return text[:i], says
}

// isHint says whether a folded word may stand in a hint about how to fill in a field.
func isHint(word string) bool {
	switch word {
	case "obligatoire", "facultatif", "facultative", "optionnel", "optionnelle", "si", "connu", "connue", "besoin",
		"chiffres", "chiffre", "lettres", "lettre", "caracteres", "positions", "format", "texte", "nombre", "nb",
		"nbre", "de", "en", "et", "a", "ou", "le", "la", "les", "licences", "exemplaires", "utilisateurs", "jj", "mm",
		"aaaa", "aa", "majuscules", "euros", "eur", "remplir", "completer", "renseigner", "exemple", "ex", "rne",
		"uai", "isbn", "ean":
		return true
	}
	return false
}

// announces says whether a folded text begins like a word for a sum other than Total, and whether
// it is nothing but such a word.
func announces(key []byte) (total, sum bool) {
	switch string(key) {
	case "report", "areporter", "areport", "reporte", "somme", "cumul", "netapayer", "montanttotal",
		"grandtotal", "tva",
		"recapitulatif", "recap":
		return true, true
	case "st", "tot", "ensemble", "aureport", "solde":
		return true, false
	}
	for _, start := range [...]string{
		"stotal", "report", "areporter", "somme", "cumul", "montanttotal", "grandtotal", "quantitetotale", "qtetotale",
		"nbtotal", "nombretotal", "nbretotal", "sstotal", "totgen",
	} {
		if len(key) >= len(start) && string(key[:len(start)]) == start {
			return true, start[0] == 's' && start[1] != 'o' && isSum(string(key[len(start):]))
		}
	}
	rest, vat := bytes.CutPrefix(key, []byte("tva"))
	vat = vat && len(bytes.Trim(rest, "0123456789")) == 0
	return vat, vat
}

// isSum says whether a folded text may follow the word Total or Totaux in the name of a sum.
// Anything else makes it the title of a product, such as « Total English ».
func isSum(rest string) bool {
	switch rest {
	case "", "x", "ht", "ttc", "general", "generalht", "generalttc", "commande", "delacommande", "quantite",
		"quantites", "licences", "deslicences", "desquantites", "exemplaires", "apayer", "net", "tva", "eleves",
		"enseignants":
		return true
	}
	return false
}

// as returns the label that stands for a field.
func as(labels []label, id string) (label, bool) {
	for _, l := range labels {
		if l.id == id {
			return l, true
		}
	}
	return label{}, false
}

// blank says whether a text shows nothing: it has only spaces and invisible characters.
func blank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == ""
}

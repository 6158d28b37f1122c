package validate

import (
	"slices"
	"strings"
	"unicode"

	"bdc/order"
)

// beside is a code and the words that stand beside it in its cell.
type beside struct {
	code  string   // "" if the text has none, or several
	words []string // folded; a code of the same shape that is left over is among them
}

// apart finds the one code in a text: the only word that has the shape of one. A label may be
// written to it, as in "RNE0932030B". The text is folded: full-width digits are plain ones.
func apart(text string, isCode, isLabel func(word string) bool) beside {
	var b beside
	isBetween := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }
	for word := range strings.FieldsFuncSeq(order.Fold(text), isBetween) {
		code := word
		if i := strings.IndexFunc(word, unicode.IsDigit); i > 1 && isLabel(word[:i]) {
			code = word[i:]
		}
		switch {
		case !isCode(code):
			b.words = append(b.words, word)
		case b.code == "":
			b.code = code
		case b.code != code:
			return beside{words: append(b.words, b.code, code)}
		}
	}
	return b
}

// only reports whether all words beside the code are such words.
func (b *beside) only(such func(word string) bool) bool {
	return !slices.ContainsFunc(b.words, func(w string) bool { return !such(w) })
}

// doubts reports whether what stands beside the code may deny it, change it or say how often it is
// wanted: « annulé », « au lieu de », « ou », « x 30 », « ? ». Labels never do.
func (b *beside) doubts(text string, isLabel func(word string) bool) bool {
	if strings.ContainsAny(text, "?？") {
		return true
	}
	if b.only(isLabel) {
		return false
	}
	for i, word := range b.words {
		if denies(word) || len(word) >= 6 && isDigits(word) {
			return true
		}
		times := strings.HasPrefix(word, "x") && isDigits(word[1:]) || strings.HasSuffix(word, "x") &&
			isDigits(word[:len(word)-1])
		before := i > 0 && isDigits(b.words[i-1])
		after := i+1 < len(b.words) && isDigits(b.words[i+1])
		if times || counts(word) && before || (word == "x" || word == "nb" || counts(word) && word[0] == 'q') && after {
			return true
		}
	}
	return false
}

// denies reports whether a folded word puts the code beside it in doubt.
func denies(word string) bool {
	for _, start := range []string{
		"annul", "suppr", "rempla", "ancien", "retir", "epuis", "indispo", "arret", "errone", "abandon", "perim",
	} {
		if strings.HasPrefix(word, start) {
			return true
		}
	}
	switch word {
	case "lieu", "ou", "pas", "non", "ne", "ni", "sauf", "sans", "papier", "imprime", "imprimee", "deja",
		"plutot", "rupture", "voir", "erreur", "faux", "fausse", "stop", "ex", "puis", "devient", "doublon":
		return true
	}
	return false
}

// counts reports whether a folded word says what a number beside it counts, or that it counts.
func counts(word string) bool {
	switch strings.TrimSuffix(word, "s") {
	case "x", "ex", "exemplaire", "licence", "acce", "poste", "eleve", "enseignant", "prof", "professeur", "unite", "u",
		"utilisateur", "qte", "quantite":
		return true
	}
	return false
}

// isCodeLabel reports whether a folded word only says that a code follows, of whatever kind.
func isCodeLabel(word string) bool {
	switch word {
	case "n", "no", "num", "numero", "code", "codes", "ref", "reference", "le", "la", "de", "du", "des", "l", "d":
		return true
	}
	return word == "°" || word == "n°"
}

// isEANLabel reports whether a folded word says that an EAN follows.
func isEANLabel(word string) bool {
	switch word {
	case "ean", "ean13", "isbn", "isbn13", "gtin", "gtin13", "gencod", "gencode", "e", "a", "13", "barre", "barres",
		"article", "produit", "numerique", "titre", "ouvrage", "manuel":
		return true
	}
	return isCodeLabel(word)
}

// isUAILabel reports whether a folded word says that a UAI follows.
func isUAILabel(word string) bool {
	switch word {
	case "uai", "rne", "u", "r", "i", "e", "a", "etablissement", "etab":
		return true
	}
	return isCodeLabel(word)
}

// isAccountLabel reports whether a folded word says that an account number follows.
func isAccountLabel(word string) bool {
	switch word {
	case "compte", "cpte", "cpt", "client", "interforum", "libraire", "librairie", "votre", "notre", "editis":
		return true
	}
	return isCodeLabel(word)
}

// longestLabelled is the length in bytes of the longest text that may be a code and its labels.
const longestLabelled = 200

// unlabelled is a folded text without the labels in front, and without the signs around it.
func unlabelled(text string, isLabel func(word string) bool) string {
	const signs = " ()[]{}<>«»\"'*:;,=#.°-"
	text = strings.Trim(order.Fold(text), signs)
	if len(text) > longestLabelled {
		return text // a text, and no code with labels
	}
	for {
		end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if letters := strings.IndexFunc(text, unicode.IsDigit); letters > 1 && (end < 0 || letters < end) &&
			!isLabel(text[:max(end, 0)]) {
			end = letters
		}
		if end <= 0 || !isLabel(text[:end]) {
			return text
		}
		text = strings.TrimLeft(text[end:], signs)
	}
}

// titleBeside is what stands beside the EAN in its cell, as it was typed, if it may be a title:
// the words other than labels. It is "" for the cell of an EAN alone.
func titleBeside(text, ean string) string {
	b := apart(text, isEANShape, isEANLabel)
	if b.code != ean || b.only(isEANLabel) {
		return ""
	}
	before, after, found := strings.Cut(text, ean)
	if !found {
		return strings.Join(b.words, " ")
	}
	return strings.Trim(strings.TrimSpace(before)+" "+strings.TrimSpace(after), " -–—:;,/()")
}

// isEANShape reports whether a word is thirteen digits.
func isEANShape(word string) bool { return len(word) == 13 && isDigits(word) }

// isUAIShape reports whether a folded word is seven digits and a letter.
func isUAIShape(word string) bool {
	return len(word) == 8 && isDigits(word[:7]) && word[7] >= 'a' && word[7] <= 'z'
}

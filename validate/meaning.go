package validate

import (
	"iter"
	"strconv"
	"strings"
	"unicode"

	"bdc/order"
)

// CodeUnclear says that a cell that chooses something names two choices, or denies one:
// "Élève/Enseignant", "3 ans ou 1 an", "pas enseignant".
const CodeUnclear order.Code = "choice.unclear" // Args: choices

// isUnclear reports whether a text denies something, or names two of several choices: each
// by one of its words.
func isUnclear(text string, choices []string) bool {
	names := func(word string) bool {
		for w := range meaningful(text) {
			if w == word {
				return true
			}
		}
		return false
	}
	named := 0
	for _, choice := range choices {
		for word := range meaningful(choice) {
			if names(word) {
				named++
				break
			}
		}
	}
	for word := range meaningful(text) {
		if isDenial(word) {
			return true
		}
	}
	return named > 1
}

// users is the set of those whom a text names as users of a licence.
type users uint8

const (
	pupils users = 1 << iota
	teachers
	schools
)

// agreeOn compares the users that two texts name.
func (u users) agreeOn(other users) agreement {
	switch {
	case u == 0 || other == 0:
		return open
	case u == other:
		return same
	case u&other == 0:
		return contrary
	default:
		return open
	}
}

// usersIn returns the users that a text names, by its whole words: a profile is no
// teacher. Users that it denies do not count. The text is clear if it names one kind of
// user at most, denies none that it does not replace, and has no words beside that are
// not about licences.
func usersIn(text string) (named users, clear bool) {
	switch text { // what the form's list offers
	case "":
		return 0, true
	case "Élève":
		return pupils, true
	case "Enseignant":
		return teachers, true
	}
	denying, denied, strange := false, false, false
	for word := range meaningful(text) {
		switch one := userOf(word); {
		case one != 0 && denying:
			denying, denied = false, true
		case one != 0:
			named |= one
		case isDenial(word):
			denying = true
		case !isAboutLicences(word):
			strange = true
		}
	}
	clear = named&(named-1) == 0 && !denying && (named != 0 || !denied) && (named == 0 || !strange)
	return named, clear
}

// isFor reports whether a text names certain users of a licence, and no others.
func isFor(wanted users, text string) bool {
	named, _ := usersIn(text)
	return named == wanted
}

// userOf returns the user that a folded word names, or 0.
func userOf(word string) users {
	switch strings.TrimSuffix(word, "s") {
	case "eleve", "etudiant", "etudiante", "apprenant", "apprenante", "lyceen", "lyceenne", "collegien", "collegienne":
		return pupils
	case "enseignant", "enseignante", "prof", "professeur", "professeure", "formateur", "formatrice":
		return teachers
	case "etablissement":
		return schools
	}
	return 0
}

// isDenial reports whether a folded word denies what follows it.
func isDenial(word string) bool {
	switch word {
	case "pas", "non", "sans", "hors", "sauf", "ni", "aucun", "aucune", "excepte":
		return true
	}
	return false
}

// isAboutLicences reports whether a folded word says nothing of who uses a licence, and is
// usual beside the word that does.
func isAboutLicences(word string) bool {
	if word[0] >= '0' && word[0] <= '9' || len(word) == 1 || isArticle(word) || saysNothing(word) {
		return true
	}
	switch word {
	case "type", "acces", "abonnement", "abonnements", "annuel", "annuelle", "mois", "usage", "utilisateur",
		"utilisateurs", "individuel", "individuelle", "individuels", "par", "pour", "offre", "annee", "annees",
		"scolaire", "web", "site", "gar", "adoptant", "adoptants", "standard":
		return true
	}
	return false
}

// monthsIn returns the number of months of the duration that a text names, or 0 where it
// names none. A number alone counts years. The text is clear if it names one duration at
// most, and no number beside it that may be another: "3 ans ou 1 an" and "1 à 3 ans" are
// not. Numbers beside a year ("1 an, du 01/09/2026") are those of a date.
func monthsIn(text string) (months int, clear bool) {
	switch text { // what the form's list offers
	case "":
		return 0, true
	case "1 an":
		return 12, true
	case "2 ans":
		return 24, true
	case "3 ans":
		return 36, true
	}
	var room [maxWords]string
	words, dated := room[:0], false
	for word := range meaningful(text) {
		if len(words) < maxWords {
			words = append(words, word)
		}
		dated = dated || len(word) == len("2026") && isDigits(word)
	}
	clear = true
	take := func(n int) {
		clear = clear && (months == 0 || months == n)
		months = n
	}
	for i, word := range words {
		unit := ""
		if i+1 < len(words) {
			unit = words[i+1]
		}
		switch n, isNumber := numberOf(word); {
		case strings.HasPrefix(word, "annuel"):
			take(12)
		case isDenial(word), word == "plus", word == "moins":
			clear = false
		case !isNumber:
		case unit == "an", unit == "ans", unit == "annee", unit == "annees", len(words) == 1:
			take(12 * n)
		case unit == "mois":
			take(n)
		case isDigits(word) && !dated:
			clear = false
		}
	}
	return months, clear
}

// numberOf reads a number of at most two digits, or a small one as a folded word.
func numberOf(word string) (n int, ok bool) {
	for i, name := range [...]string{"un", "deux", "trois", "quatre", "cinq"} {
		if word == name || word == "une" && i == 0 {
			return i + 1, true
		}
	}
	if len(word) > 2 || !isDigits(word) {
		return 0, false
	}
	n, err := strconv.Atoi(word)
	return n, err == nil
}

// meaningful yields the words of a text, folded. Digits and letters that touch are two
// words: "3ans" is "3" and "ans".
func meaningful(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		folded := order.Fold(text)
		start, kind := 0, 0 // where the word began, and its characters: 0 none, 1 letters, 2 digits
		for i, r := range folded {
			next := 0
			switch {
			case r >= '0' && r <= '9':
				next = 2
			case unicode.IsLetter(r):
				next = 1
			}
			if next == kind {
				continue
			}
			if kind != 0 && !yield(folded[start:i]) {
				return
			}
			start, kind = i, next
		}
		if kind != 0 {
			yield(folded[start:])
		}
	}
}

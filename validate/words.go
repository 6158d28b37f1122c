package validate

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"bdc/order"
	"bdc/validate/school"
)

// denying are the words, folded, that in a cell or a heading say by themselves that something is
// not, or not yet, ordered. In a sentence of a letter many of them would say nothing.
var denying = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(
		"annule annulee annules annulees annuler annulation annulations ann annul suppr supprime supprimee supprimer " +
			"cancel cancelled canceled hold void deja dj reporte reportee reportes reportees reliquat reliquats " +
			"memoire option options optionnel optionnelle optionnels avoir duplicata exemple archive archives ancien " +
			"ancienne obsolete obsoletes retour retours proforma simulation chiffrage cotation estimation devis " +
			"releve stocks specimen specimens " +
			"attendre attendez suspens suspendu suspendue bloque bloquee " +
			"brouillon gratuit gratuite remplace remplacer refuse refusee refuses attente att conf confirme " +
			"confirmer valider reserve finalement erreur inutile rupture epuise doublon papier provisoire " +
			"previsionnel rectificatif rectifie moitie facture dernier derniere propositions suggestions") {
		m[w] = true
	}
	return m
}()

// denyingPhrases are the phrases, folded, of which no word denies by itself.
var denyingPhrases = []string{
	"demande de prix", "demande de tarif", "demande d information", "offre de prix", "pro forma", "bon de livraison",
	"bordereau de livraison",
}

// legends match folded texts that speak of cells by their colour: « en jaune », « lignes grisées ». The
// name of a colour alone says nothing: a publisher is called Rouge et Or.
var legends = regexp.MustCompile(`\b(en|fond|lignes?|cases?|cellules?|titres?|fond en) ` + colours +
	`\b|\bsurlign|\bgrisee|^\W*` + colours + `\s*[:=]`)

const colours = `(jaunes?|rouges?|verte?s?|bleue?s?|orange|grise?s?|roses?)`

// saysNo reports whether a short text denies by one of its words, or is a legend of colours.
func saysNo(text string) bool {
	n, found := 0, false
	for w := range meaningful(text) {
		n++
		if w == "merci" {
			return false // a request, which is judged as a sentence
		}
		found = found || denying[w]
	}
	if n > 8 {
		return false
	}
	folded := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, order.Fold(text))
	return found || legends.MatchString(order.Fold(text)) ||
		slices.ContainsFunc(denyingPhrases, func(p string) bool { return strings.Contains(folded, p) })
}

// sorting are the folded words by which headings sort lines: subjects, and what a list is of.
var sorting = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(
		"langue langues lettres litterature sciences science humaines arts art humanites vivantes anciennes " +
			"francais mathematiques maths anglais allemand espagnol italien latin grec histoire geographie emc svt " +
			"physique chimie technologie philosophie ses snt nsi eps musique education civique enseignement " +
			"enseignements general generaux professionnel professionnels specialite specialites tronc commun " +
			"titre titres commander ouvrage ouvrages ressource ressources numeriques licences " +
			"lot niveau niveaux cycle serie filiere groupe classes division discipline matiere matieres section " +
			"ecole etablissement technologique") {
		m[w] = true
	}
	return m
}()

// counting are words behind which a number counts nothing that is ordered: « Lot 2 ».
const counting = " cycle lot groupe classe niveau salle serie tome page feuille bon n no semestre trimestre " +
	"imputation priorite interne tva sur "

var (
	// classes are names of classes in one word: « 4eA », « 2de5 ».
	classes = regexp.MustCompile(`(?i)\b([3-6]e|6ème|5ème|4ème|3ème|2de|2nde|1re|1ère|tle)-?([a-z]|[0-9]{1,2})\b`)

	// versions are numbers of versions of programs: « 4.2 ».
	versions = regexp.MustCompile(`^v?[0-9]{1,2}(\.[0-9]{1,2})+$`)

	// each is how many licences a user has: one.
	each = regexp.MustCompile(`(?i)\b(1|une?) (licence |accès |exemplaire )?` +
		`(par|/|pour chaque) ?(élève|eleve|enseignant|prof)`)
)

// uncounted is a text without the numbers that count nothing that is ordered, and without the
// accounts to which an order is charged.
func uncounted(text string) string {
	text = each.ReplaceAllString(classes.ReplaceAllString(text, "$1 $2"), "$4")
	words := strings.Fields(text)
	kept := words[:0:0]
	for i, w := range words {
		digits := strings.Trim(w, "0123456789°,.%") == ""
		before := ""
		if i > 0 {
			before = order.FoldKey(words[i-1])
		}
		switch {
		case digits && before == "imputation":
			kept = kept[:len(kept)-1]
			continue
		case digits && before != "" && strings.Contains(counting, " "+before+" "), i > 0 && versions.MatchString(w):
			continue
		}
		kept = append(kept, w)
	}
	if len(kept) == len(words) {
		return text
	}
	return strings.Join(kept, " ")
}

// lettersOnly is a text without the words that have digits: of a reference they are the number.
func lettersOnly(text string) string {
	var kept []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" -/_,;:()", r) }) {
		if !strings.ContainsAny(w, "0123456789") {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// isOtherSchool reports whether a text names a school that is not the order's: by its UAI, or by
// a kind of school and a name that is not the order's. What follows the name says nothing: the
// street, the town, what the text is about.
func isOtherSchool(text string, o *order.Order) bool {
	for w := range strings.FieldsSeq(strings.ToUpper(squeezeWords(text))) {
		if uai, err := order.ParseUAI(w); err == nil && uai != o.UAI {
			return true
		}
	}
	if !namesKind(text) {
		return false
	}
	town := map[string]bool{}
	for w := range meaningful(o.Town) {
		town[w] = true
	}
	tells := func(w string) bool {
		return len(w) > 3 && !town[w] && levelOf(w) == 0 && !saysNothing(w) && !isAboutLicences(w) && !isKind(w)
	}
	own, last := map[string]bool{}, ""
	for w := range meaningful(o.Establishment) {
		own[w] = true
		if tells(w) {
			last = w
		}
	}
	ends := func(r rune) bool { return strings.ContainsRune(",;:()/\n–—", r) }
	for clause := range strings.FieldsFuncSeq(text, ends) {
		kind, other, same := false, false, false
		for w := range meaningful(clause) {
			switch {
			case isKind(w):
				if kind && other && !same {
					return true
				}
				kind, other, same = true, false, false
			case w == "rue" || w == "avenue" || w == "boulevard" || w == "place" || w == "rentree":
				same = same || !other
			case kind:
				same = same || w == last
				other = other || tells(w) && !own[w]
			}
		}
		if kind && other && !same {
			return true
		}
	}
	return false
}

// namesKind reports whether a text has a word for a kind of school.
func namesKind(text string) bool {
	for w := range meaningful(text) {
		if isKind(w) {
			return true
		}
	}
	return false
}

// isKind reports whether a folded word is one for a kind of school.
func isKind(word string) bool { return len(word) > 4 && school.ParseName(word, "").Kind != 0 }

// squeezeWords is a text in which signs between words are spaces.
func squeezeWords(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(",;:()", r) {
			return ' '
		}
		return r
	}, text)
}

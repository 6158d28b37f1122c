package validate

import (
	"strings"

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
			"ancienne obsolete obsoletes retour retours livraison proforma devis releve stocks specimen specimens " +
			"brouillon gratuit gratuite remplace remplacer refuse refusee refuses attente att conf confirme " +
			"confirmer valider reserve finalement erreur inutile rupture epuise doublon papier provisoire " +
			"previsionnel rectificatif rectifie moitie facture dernier derniere propositions suggestions") {
		m[w] = true
	}
	return m
}()

// colours are the folded words by which a legend speaks of cells.
const colours = " jaune jaunes rouge rouges vert verte verts vertes bleu bleue orange gris grise grises rose " +
	"surligne surlignee surlignees surlignes grisees "

// saysNo reports whether a short text denies by one of its words, or is a legend of colours.
func saysNo(text string) bool {
	n, found := 0, false
	for w := range meaningful(text) {
		n++
		if w == "merci" {
			return false // a request, which is judged as a sentence
		}
		found = found || denying[w] || strings.Contains(colours, " "+w+" ")
	}
	return found && n <= 8
}

// counting are words behind which a number counts nothing that is ordered: « Lot 2 ».
const counting = " cycle lot groupe classe niveau salle serie tome page feuille bon n no semestre trimestre " +
	"imputation priorite interne tva sur "

// uncounted is a text without the numbers that count nothing that is ordered.
func uncounted(text string) string {
	words := strings.Fields(text)
	kept := words[:0:0]
	for i, w := range words {
		digits := strings.Trim(w, "0123456789°,.%") == ""
		if digits && i > 0 && strings.Contains(counting, " "+order.FoldKey(words[i-1])+" ") {
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
// a kind of school and a name.
func isOtherSchool(text string, o *order.Order) bool {
	known := map[string]bool{}
	for _, s := range []string{o.Establishment, o.Town, o.Fields[order.FieldEstablishment]} {
		for w := range meaningful(s) {
			known[w] = true
		}
	}
	for w := range strings.FieldsSeq(strings.ToUpper(squeezeWords(text))) {
		if uai, err := order.ParseUAI(w); err == nil && uai != o.UAI {
			return true
		}
	}
	names := false
	for w := range meaningful(text) {
		switch {
		case school.ParseName(w, "").Kind != 0 && len(w) > 4:
			names = true
		case names && len(w) > 3 && !known[w] && levelOf(w) == 0 && !saysNothing(w) && !isAboutLicences(w):
			return true
		}
	}
	return false
}

// squeezeWords is a text in which signs between words are spaces.
func squeezeWords(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(",;:()", r) {
			return ' '
		}
		return r
	}, text)
}

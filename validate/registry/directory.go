package registry

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/validate/school"
)

// directoryColumns returns the columns of a directory. The headers are those of the two
// official exports (annuaire de l’éducation, géolocalisation des établissements) and
// those that people write in lists of their own.
func directoryColumns() []column {
	return []column{
		{"uai", "UAI", true, []string{
			"identifiantdeletablissement", "numerouai", "uai", "codeuai", "nuai", "identifiant", "rne", "coderne",
			"numerorne", "nrne", "codeetablissement",
		}},
		{"name", "Nom de l’établissement", true, []string{
			"nometablissement", "nomdeletablissement", "appellationofficielle", "appellation", "libelleetablissement",
			"etablissement", "nom", "denomination",
			"denominationprincipale",
		}},
		{"principal", "", false, []string{"denominationprincipale"}},
		{"patronym", "", false, []string{"patronymeuai", "patronyme"}},
		{"kind", "", false, []string{
			"typeetablissement", "typedetablissement", "natureuailibe", "libellenature",
			"type", "nature",
		}},
		{"sector", "", false, []string{
			"statutpublicprive", "secteurpublicprivelibe", "secteurpublicprive", "publicprive", "statut", "secteur",
		}},
		{"contract", "", false, []string{
			"typecontratprive", "secteurprivelibelletypecontrat", "libelletypecontrat",
			"typecontrat", "contrat",
		}},
		{"address", "", false, []string{"adresse1", "adresseuai", "adresse", "adressepostale", "rue"}},
		{"address2", "", false, []string{"adresse2", "lieudituai", "lieudit", "complementadresse", "complement"}},
		{"address3", "", false, []string{"adresse3"}},
		{"box", "", false, []string{"boitepostaleuai", "boitepostale"}},
		{"postcode", "Code postal", true, []string{"codepostal", "codepostaluai", "cp"}},
		{"town", "Commune", true, []string{
			"nomcommune", "nomdelacommune", "libellecommune", "commune", "ville",
			"localite", "localiteacheminementuai", "localiteacheminement",
		}},
		{"phone", "", false, []string{"telephone", "numerotelephone", "tel", "telephoneuai"}},
		{"email", "", false, []string{
			"mail", "email", "courriel", "adressemail", "adresseemail", "mailuai",
			"adressecourriel",
		}},
		{"siret", "", false, []string{
			"sirensiret", "siret", "nsiret", "numerosiret", "numerodesiret", "codesiret", "siretuai",
		}},
		{"nature", "", false, []string{"codenature", "natureuai", "codenatureuai"}},
		{"pupils", "", false, []string{
			"nombredeleves", "nombreeleves", "nbeleves", "nbreeleves", "effectif", "effectifs", "effectiftotal",
			"eleves",
		}},
		{"opened", "", false, []string{"dateouverture", "datedouverture", "ouverture"}},
		{"closed", "", false, []string{"datefermeture", "datedefermeture", "fermeture"}},
		{"state", "", false, []string{"etat", "etatetablissementlibe", "libelleetat", "etatetablissement"}},
		{"updated", "", false, []string{"datemajligne", "datemaj", "datedemiseajour"}},
	}
}

// ImportDirectory reads an export of the directory of schools. The file is CSV, a
// workbook (.xlsx) or XML, gzipped or not; name is its name, for errors. Rows with the
// same UAI are sites of one school. A row that cannot be used, or equals an earlier
// one, is left out; the report says which ones and why. The error is a *FileError where
// the whole file is refused; it wraps the error of r where reading fails.
//
// If progress is not nil, it is called often with the number of bytes read so far.
func ImportDirectory(
	ctx context.Context, r io.Reader, name string, progress func(done int64),
) ([]order.School, order.Import, error) {
	return directoryIn(ctx, r, name, octets(progress))
}

func directoryIn(
	ctx context.Context, r io.Reader, name string, progress Progress,
) ([]order.School, order.Import, error) {
	t, err := openTable(ctx, r, name, Directory, progress, directoryColumns())
	if err != nil {
		return nil, order.Import{}, err
	}
	var schools []order.School
	sites := map[order.UAI][]int{}
	for t.next() {
		school, reason := schoolOf(t)
		if reason == "" && slices.ContainsFunc(sites[school.UAI], func(i int) bool { return schools[i] == school }) {
			reason = "même établissement et même adresse que sur une ligne précédente"
		}
		if reason != "" {
			t.skip("%s", reason)
			continue
		}
		sites[school.UAI] = append(sites[school.UAI], len(schools))
		schools = append(schools, school)
	}
	report, err := t.finish(len(schools))
	if err != nil {
		return nil, order.Import{}, err
	}
	return schools, report, nil
}

// schoolOf returns the school of a row, or the reason in French why the row is left
// out.
func schoolOf(t *table) (s order.School, reason string) {
	uai, err := order.ParseUAI(strings.ToUpper(t.text("uai")))
	switch {
	case errors.Is(err, order.ErrUAIKey):
		return s, "la lettre de l’UAI « " + t.text("uai") + " » ne correspond pas à ses chiffres"
	case err != nil:
		return s, "« " + cut(t.text("uai"), 40) + " » n’est pas un UAI"
	}
	kind, postcode, town := kindOf(t.text("kind")), postcodeOf(t.text("postcode")), t.text("town")
	name := t.text("name")
	if name == "" {
		name = strings.TrimSpace(t.text("principal") + " " + t.text("patronym"))
	}
	if name == "" && kind != "" {
		name = kind + " (" + town + ")" // some schools get their name when they open
	}
	if name == "" {
		return s, "l’établissement " + uai.String() + " n’a pas de nom"
	}
	opened, ok1 := date(t.text("opened"))
	closed, ok2 := date(t.text("closed"))
	if !ok1 || !ok2 {
		return s, "date illisible pour l’établissement " + uai.String()
	}
	if closed.IsZero() && isClosed(t.text("state")) {
		if closed, _ = date(t.text("updated")); closed.IsZero() {
			closed = longAgo
		}
	}
	address3 := t.text("address3")
	if strings.HasPrefix(address3, postcode) {
		address3 = "" // this line of the address repeats postal code and town
	}
	box := t.text("box")
	if box != "" && box[0] >= '0' && box[0] <= '9' {
		box = "BP " + box
	}
	return order.School{
		UAI:      uai,
		Name:     name,
		Kind:     kind,
		Sector:   school.Sector(t.text("sector")),
		Contract: contractOf(t.text("contract")),
		Address:  joined(t.text("address"), t.text("address2"), address3, box),
		Postcode: postcode,
		Town:     town,
		Phone:    t.text("phone"),
		Email:    emailOf(t.text("email")),
		SIRET:    siretOf(t),
		Nature:   natureOf(t),
		Pupils:   pupilsOf(t),
		Opened:   opened,
		Closed:   closed,
	}, ""
}

// siretOf returns the row's SIRET. What is no SIRET is left out: some lists have the nine
// digits of the body that the school belongs to.
func siretOf(t *table) order.SIRET {
	text := t.text("siret")
	if text == "" {
		return order.SIRET{}
	}
	siret, err := order.ParseSIRET(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.drop("« %s » n’est pas un SIRET de 14 chiffres", cut(text, 40))
	}
	return siret
}

// natureOf returns the row's code of the school's kind, or 0.
func natureOf(t *table) int {
	text := t.text("nature")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 100 || n > 999 {
		t.drop("« %s » n’est pas un code de nature de trois chiffres", cut(text, 40))
		return 0
	}
	return n
}

// mostPupils is the greatest number of pupils that is believed. The greatest school has
// 2,532.
const mostPupils = 20_000

// pupilsOf returns the row's number of pupils, or 0.
func pupilsOf(t *table) int {
	n, ok := wholeOf(t.text("pupils"))
	if !ok || n > mostPupils {
		t.drop("nombre d’élèves illisible : « %s »", cut(t.text("pupils"), 40))
		return 0
	}
	return n
}

// longAgo stands for the day on which a school closed where the directory does not
// say it.
var longAgo = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// isClosed reads the directory's state: "OUVERT", "A FERMER" and "A OUVRIR" are
// not closed, "FERME" and "FERMÉ" are.
func isClosed(state string) bool { return strings.HasPrefix(order.FoldKey(state), "ferme") }

// kindOf returns "Collège", "Lycée" or "École" for a text that begins with the word,
// however it is spelt ("COLLEGE", "Lycée professionnel"), and other texts as they are.
func kindOf(text string) string {
	for _, kind := range []string{"Collège", "Lycée", "École"} {
		if strings.HasPrefix(order.FoldKey(text), order.FoldKey(kind)) {
			return kind
		}
	}
	return text
}

// contractOf returns the contract of a private school with the State. For public
// schools the exports say "SANS OBJET", and contractOf returns "".
func contractOf(text string) string {
	if order.FoldKey(text) == "sansobjet" {
		return ""
	}
	return text
}

// postcodeOf returns a postal code without spaces. It restores the leading zero of a
// code of four digits, which spreadsheets drop.
func postcodeOf(text string) string {
	text = strings.ReplaceAll(text, " ", "")
	if len(text) == 4 && strings.Trim(text, "0123456789") == "" {
		return "0" + text
	}
	return text
}

// emailOf returns the first address in a text, or "". Some addresses of the directory
// have remarks around them or spaces in them.
func emailOf(text string) string {
	for _, candidate := range append(strings.Fields(text), strings.ReplaceAll(text, " ", "")) {
		candidate = strings.Trim(candidate, ":;,<>()")
		if isEmail(candidate) {
			return candidate
		}
	}
	return ""
}

// isEmail reports whether a text looks like an address: a local part, and a host with a
// dot. To accept a wrong one does no harm, since no sender has it.
func isEmail(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && local != "" && !strings.ContainsAny(s, " ,;:<>()\"") && isDomain(host)
}

func isDomain(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && dot < len(host)-1 && !strings.ContainsAny(host, "@ ,;:<>()\"/")
}

// date reads a day, with or without a time after it. An empty text is the zero time. It
// reports false for a text that it cannot read.
func date(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	text, _, _ = strings.Cut(text, "T")
	text, _, _ = strings.Cut(text, " ")
	for _, layout := range []string{time.DateOnly, "02/01/2006", "2/1/2006", "02/01/06"} {
		if d, err := time.Parse(layout, text); err == nil {
			return d, true
		}
	}
	return time.Time{}, false
}

// joined joins the parts that are not empty with commas.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

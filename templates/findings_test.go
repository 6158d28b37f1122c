package templates

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"bdc/order"
)

// args has a plausible value of every argument that the words in findings.toml mention.
var args = map[string]string{
	"limit": "20000", "actual": "48211", "filter": "true", "version": "BDC-2026.1", "current": "BDC-2027.1",
	"letter": "W", "place": "subject", "choices": "GAR, Site CNS",
	"title": "Mathématiques 6e", "name": "Librairie des Écoles", "sender": "commandes@librairie-des-ecoles.fr",
	"maximum": "1000000",
	"account": "01002001", "here": "3133091001018 × 28", "there": "9782091194257 × 3", "email": "achats@librairie.fr",
	"address": "1 rue du Tilleul, 99010 Valmorin", "to": "contact@librairie.fr",
	"minimum": "20", "pupils": "1140", "uid": "752", "size": "48211", "price": "4,50 €", "school": "Lycée Turgot",
	"town": "75003 Paris", "closed": "2024-08-31",
	"number": "CNS-2026-000001", "file": "BdC v2.xlsx", "date": "2026-06-15", "more": "2", "why": "lines",
	"first": "9782091194264", "second": "9782091194257",
	"program": "libreoffice", "columns": "C, D", "layout": "une liste d’EAN et de quantités",
	"missing": "UAI (ex-RNE), Ville", "what": "rows", "rows": "28 et 29",
	"schooltown": "Paris 3e", "schoolpostcode": "75003", "opened": "2027-09-01",
	"name2": "Lycée Victor Hugo", "town2": "Paris 3e", "name3": "Collège Turgot", "town3": "Paris 3e",
	"seller": "KNE", "other": "Mathématiques 5e",
	"offers": "9782091194264_001 (1 an, Élève) ou 9782091194264_002 (3 ans, Élève)", "from": "2027-09-01",
	"until": "2026-08-31", "typed": "4,90 €", "proposal2": "9782091194257", "title2": "Mathématiques 5e",
	"proposal3": "9782091194240", "title3": "Mathématiques 4e", "digital": "Mathématiques 6e, version numérique",
	"count": "19", "of": "20", "pairs": "27 → 36, 28 → 37", "licence": "Élève", "sector": "privé", "where": "note",
	"head": "État", "row": "28", "ordered": "1 an, Élève",
}

// TestWords checks that the words of every code are whole sentences in correct French
// typography, with a finding that has every value they may mention and with one that has
// none.
func TestWords(t *testing.T) {
	form := newTestForm(t)
	holes := regexp.MustCompile(`<no value>|%!|{{|}}|«\x{a0}»|\(\)|  | [,;:?!»]| \.(?: |$)|«[^\x{a0}]|'|\.\.|\.,| $|^ `)
	ends := regexp.MustCompile(`[.?!]$`)
	for _, code := range Codes() {
		severity, _ := Severity(code)
		bare := order.Finding{Code: code, Severity: severity}
		full := bare
		full.Field, full.Sheet, full.Cell = order.FieldUAI, "Bon de commande", "C13"
		full.Value, full.Proposal, full.Args = "0750647X", "0750647W", args
		for name, f := range map[string]order.Finding{"bare": bare, "full": full} {
			w := Explain(form, f)
			if w.Wrong == "" {
				t.Errorf("%s, %s: got no words", code, name)
			}
			if (severity == order.Error || severity == order.Hold) && w.Fix == "" {
				t.Errorf("%s, %s: got nothing to do about it, want a sentence", code, name)
			}
			if want := f.Proposal != "" && severity != order.Fixed; (w.Proposal != "") != want {
				t.Errorf("%s, %s: got the proposal %q, want one: %t", code, name, w.Proposal, want)
			}
			staff := ExplainToStaff(form, f)
			for _, s := range []string{w.Wrong, w.Fix, w.Proposal, staff.Wrong, staff.Do, staff.Told, staff.Proposal} {
				if hole := holes.FindString(s); hole != "" {
					t.Errorf("%s, %s: got %q in %q", code, name, hole, s)
				}
				if s != "" && !ends.MatchString(s) {
					t.Errorf("%s, %s: got %q, want it to end a sentence", code, name, s)
				}
				if r, _ := utf8.DecodeRuneInString(s); s != "" && r != '«' && !unicode.IsUpper(r) {
					t.Errorf("%s, %s: got %q, want it to begin a sentence", code, name, s)
				}
			}
		}
	}
}

// TestStaffWords checks that the words for staff don't address the bookseller, and that
// every code that only a person can decide on says what staff may do.
func TestStaffWords(t *testing.T) {
	form := newTestForm(t)
	bookseller := regexp.MustCompile(`(?i)(?:^|[^-\pL])vo(?:us|tre|s)\b|-nous\b|\bconseiller`)
	for _, code := range Codes() {
		severity, _ := Severity(code)
		bare := order.Finding{Code: code, Severity: severity}
		full := bare
		full.Field, full.Sheet, full.Cell = order.FieldUAI, "Bon de commande", "C13"
		full.Value, full.Proposal, full.Args = "0750647X", "0750647W", args
		for name, f := range map[string]order.Finding{"bare": bare, "full": full} {
			w := ExplainToStaff(form, f)
			for _, s := range []string{w.Wrong, w.Do, w.Proposal} {
				if found := bookseller.FindString(s); found != "" {
					t.Errorf("%s, %s: got %q in %q, want words for staff", code, name, found, s)
				}
			}
			if w.Wrong == "" || severity == order.Hold && w.Do == "" {
				t.Errorf("%s, %s: got %+v, want words of all of it", code, name, w)
			}
			if w.Do != "" && w.Told != "" {
				t.Errorf("%s, %s: got both %q and %q", code, name, w.Do, w.Told)
			}
		}
	}
}

// TestWordsOfReadHolds: findings that are remarks by themselves, and that package sheet may raise to
// holds, say what staff may do, and the configuration may change them.
func TestWordsOfReadHolds(t *testing.T) {
	form := newTestForm(t)
	for _, code := range []order.Code{"form.column.read", "form.total.read", "form.sheet.hidden"} {
		f := order.Finding{Code: code, Severity: order.Hold, Args: map[string]string{"what": "rows"}}
		if w := ExplainToStaff(form, f); w.Do == "" || !slices.Contains(Allowed(code), order.Warning) {
			t.Errorf("%s: got %+v and %v, want what staff may do, and remark allowed", code, w, Allowed(code))
		}
	}
}

// TestQuoteOfASentence: the full stop of a quoted sentence is left to the sentence around it.
func TestQuoteOfASentence(t *testing.T) {
	for text, want := range map[string]string{
		"33.": "«\u00a033\u00a0»", "etc...": "«\u00a0etc...\u00a0»", ".": "", "": "",
	} {
		if got := quote(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// The words in findings.toml mention no argument but those in args, which are the ones
// that rules give to their findings.
func TestWordsMentionKnownArguments(t *testing.T) {
	for _, m := range regexp.MustCompile(`\.Args\.(\w+)`).FindAllStringSubmatch(findingsTOML, -1) {
		if args[m[1]] == "" {
			t.Errorf("the list mentions the argument %q, want one of %v", m[1], args)
		}
	}
}

func TestExplain(t *testing.T) {
	form := newTestForm(t)
	tests := []struct {
		name string
		in   order.Finding
		want Words
	}{
		{
			"a proposal",
			order.Finding{
				Code: "uai.key", Severity: order.Error, Field: "uai", Value: "0750647X", Proposal: "0750647W",
			},
			Words{
				"La lettre finale du code UAI ne correspond pas à ses chiffres\u00a0: " +
					"il s’y trouve une faute de frappe.",
				"Vérifiez les 7 chiffres et la lettre auprès de l’établissement " +
					"ou dans l’annuaire de l’Éducation nationale.",
				"Si les 7 chiffres sont justes, le code est «\u00a00750647W\u00a0».",
			},
		},
		{
			"the field that does instead",
			order.Finding{Code: "field.missing", Severity: order.Error, Field: order.FieldContactMail, Cell: "F20"},
			Words{
				"La case «\u00a0E-mail du contact\u00a0», obligatoire, n’est pas renseignée.",
				"Remplissez cette case ou la case «\u00a0E-mail de l’établissement\u00a0».", "",
			},
		},
		{
			"a field that the form has nowhere, explained by its example",
			order.Finding{Code: "field.missing", Severity: order.Error, Field: order.FieldTown},
			Words{
				"Nous n’avons pas trouvé «\u00a0Ville\u00a0» dans votre bon de commande.",
				"Écrivez cet intitulé dans votre bon, et sa valeur à côté. Par exemple\u00a0: Paris.", "",
			},
		},
		{
			"a limit",
			order.Finding{
				Code: "form.limit.unzipped", Severity: order.Error, Args: map[string]string{"limit": "67108864"},
			},
			Words{
				"Le fichier est trop volumineux une fois décompressé\u00a0: la limite est de 64\u00a0Mo.",
				"Gardez une feuille par commande et retirez du fichier tout ce qui n’est pas la commande\u00a0; " +
					"le plus simple est de repartir du bon de commande vierge.",
				"",
			},
		},
		{
			"a fixed value is no proposal",
			order.Finding{
				Code: "value.normalized", Severity: order.Fixed, Field: "uai", Value: "0750647w", Proposal: "0750647W",
			},
			Words{"Nous avons lu «\u00a00750647W\u00a0» au lieu de «\u00a00750647w\u00a0».", "", ""},
		},
		{
			"an unknown code",
			order.Finding{Code: "line.colour", Severity: order.Error, Proposal: "bleu"},
			Words{"Ce point demande à être vérifié.", "", "Valeur proposée\u00a0: «\u00a0bleu\u00a0»."},
		},
		{
			"a name of the list's own phrases",
			order.Finding{Code: "save", Severity: order.Error},
			Words{"Ce point demande à être vérifié.", "", ""},
		},
		{
			"a long value with control characters",
			order.Finding{
				Code: "value.normalized", Severity: order.Fixed,
				Proposal: "a\r\nb\x00\u202ec " + strings.Repeat("é", 200),
			},
			Words{"Nous avons lu «\u00a0a b c " + strings.Repeat("é", 73) + "…\u00a0».", "", ""},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Explain(form, test.in); got != test.want {
				t.Errorf("got\n%q\nwant\n%q", got, test.want)
			}
		})
	}
}

func TestGlossaryRefusesMistakes(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":       "[finding.\"a.b\"]\nseverity = \"error\"\nwrong = \"x\"\nhelp = \"y\"",
		"unknown severity":  "[finding.\"a.b\"]\nseverity = \"fatal\"\nwrong = \"x\"",
		"unknown allowed":   "[finding.\"a.b\"]\nseverity = \"error\"\nallow = [\"error\", \"fatal\"]\nwrong = \"x\"",
		"default forbidden": "[finding.\"a.b\"]\nseverity = \"error\"\nallow = [\"hold\"]\nwrong = \"x\"",
		"allowed to vanish": "[finding.\"a.b\"]\nseverity = \"error\"\nallow = [\"error\", \"fixed\"]\nwrong = \"x\"",
		"no words":          "[finding.\"a.b\"]\nseverity = \"error\"",
		"twice the same": "[finding.\"a.b\"]\nseverity = \"error\"\nwrong = \"x\"\n" +
			"[finding.\"a.b\"]\nseverity = \"error\"",
		"words that end":    "[finding.\"a.b\"]\nseverity = \"error\"\nwrong = \"{{with .Value}}\"",
		"a phrase that end": "[phrase]\nsave = \"{{\"",
	} {
		if _, err := parseGlossary(text); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func FuzzExplain(f *testing.F) {
	form := newTestForm(f)
	for _, code := range Codes() {
		f.Add(string(code), "uai", "C13", "0750647x", "0750647X", "limit", "20000")
	}
	f.Add(hostile[:200], hostile[:200], "{{.}}", "\xff\xfe", "<b>", "", "-1")
	f.Fuzz(func(t *testing.T, code, field, cell, value, proposal, arg, argValue string) {
		for _, severity := range []order.Severity{order.Error, order.Fixed, "?"} {
			finding := order.Finding{
				Code: order.Code(code), Severity: severity, Field: field, Sheet: cell, Cell: cell, Value: value,
				Proposal: proposal,
				Args:     map[string]string{arg: argValue},
			}
			w, staff := Explain(form, finding), ExplainToStaff(form, finding)
			if w.Wrong == "" || staff.Wrong == "" {
				t.Errorf("got no words for code %q", code)
			}
			for _, s := range []string{w.Wrong, w.Fix, w.Proposal, staff.Wrong, staff.Do, staff.Told, staff.Proposal} {
				if n := utf8.RuneCountInString(s); n > 1000 {
					t.Errorf("got %d characters, want at most 1000", n)
				}
				if i := strings.IndexFunc(s, unicode.IsControl); i >= 0 || !utf8.ValidString(s) {
					t.Errorf("got control characters or invalid text in %q", s)
				}
			}
		}
	})
}

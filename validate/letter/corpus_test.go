package letter_test

import (
	"bufio"
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bdc/order"
	"bdc/validate/letter"
)

// sample is a letter with a salesperson's conclusion.
type sample struct {
	ID, Subject, Text, Quoted, HTML, Want, Why string
}

func samples(t testing.TB, pattern string) []sample {
	files, _ := filepath.Glob(pattern)
	var list []sample
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.TrimSpace(lines.Text()) == "" {
				continue
			}
			var s sample
			if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			list = append(list, s)
		}
		f.Close()
	}
	return list
}

var (
	breaks = regexp.MustCompile(`(?i)<(br|/p|/div|/li|/tr|/h[1-6])[^>]*>`)
	cells  = regexp.MustCompile(`(?i)</t[dh]>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
	prefix = regexp.MustCompile(`(?i)^\s*(re|tr|fwd?|ré|rép)\s*:\s*`)
)

func (s sample) message() letter.Message {
	m := letter.Message{Subject: s.Subject, Own: s.Text, History: s.Quoted}
	if prefix.MatchString(m.Subject) && m.History != "" {
		m.Subject = ""
	}
	for prefix.MatchString(m.Subject) {
		m.Subject = prefix.ReplaceAllString(m.Subject, "")
	}
	if s.HTML != "" {
		own := html.UnescapeString(tags.ReplaceAllString(
			breaks.ReplaceAllString(cells.ReplaceAllString(s.HTML, " "), "\n"), ""))
		if len(own) > len(m.Own) {
			m.Own = own
		}
	}
	return m
}

// form is the form beside every letter of the corpus.
func form(t testing.TB) letter.Known {
	uai, _ := order.ParseUAI("0932030B")
	o := &order.Order{
		Account: "01002001", Reference: "CMD-1", UAI: uai, Establishment: "Lycée polyvalent Maurice Utrillo",
		Postcode: "93240", Town: "Stains", Total: 51800,
		Fields: map[string]string{
			"libraire_nom": "Librairie des Écoles", "libraire_compte": "01002001", "contact_nom": "Martin",
			"libraire_email": "commandes@librairie-ecoles.fr", "contact_email": "cdi@ac-creteil.fr",
			"etablissement_adresse": "152 rue Jean Durand", "etablissement_code_postal": "93240",
		},
	}
	price := order.Cents(740)
	for _, l := range []struct {
		ean, title string
		quantity   int
	}{
		{"3133091195199", "PHYSIQUE-CHIMIE SIRIUS 2DE", 30},
		{"3133091195205", "PHYSIQUE-CHIMIE SIRIUS 1RE", 28},
		{"3133091195212", "ENSEIGNEMENT SCIENTIFIQUE 1RE", 12},
	} {
		ean, err := order.ParseEAN(l.ean)
		if err != nil {
			t.Fatal(err)
		}
		o.Lines = append(o.Lines, order.Line{
			EAN: ean, Title: l.title, Quantity: l.quantity, Duration: "1 an", Licence: "Élève", UnitPrice: &price,
		})
	}
	return letter.Known{Orders: []*order.Order{o}, Sender: "Librairie des Écoles"}
}

package registry

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"bdc/bench/need"
)

// workbookOf is a workbook of one sheet as bytes. A cell that begins with # is a
// number, one with ! an Excel error; the rest is text.
func workbookOf(t testing.TB, rows [][]string) string {
	t.Helper()
	var body strings.Builder
	for i, row := range rows {
		if row == nil {
			continue
		}
		fmt.Fprintf(&body, `<row r="%d">`, i+1)
		for j, text := range row {
			ref := fmt.Sprintf("%c%d", 'A'+j, i+1)
			switch {
			case text == "":
			case text[0] == '#':
				fmt.Fprintf(&body, `<c r="%s"><v>%s</v></c>`, ref, text[1:])
			case text[0] == '!':
				fmt.Fprintf(&body, `<c r="%s" t="e"><v>%s</v></c>`, ref, text[1:])
			default:
				fmt.Fprintf(&body, `<c r="%s" t="inlineStr"><is><t>`, ref)
				if err := xml.EscapeText(&body, []byte(text)); err != nil {
					t.Fatal(err)
				}
				body.WriteString(`</t></is></c>`)
			}
		}
		body.WriteString(`</row>`)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="Vide" sheetId="1" r:id="rId1"/><sheet ` +
			`name="Catalogue" sheetId="2" r:id="rId2"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="x/worksheet" ` +
			`Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/worksheet" ` +
			`Target="worksheets/sheet2.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", `<worksheet><sheetData/></worksheet>`},
		{"xl/worksheets/sheet2.xml", `<worksheet><sheetData>` + body.String() + `</sheetData></worksheet>`},
	} {
		w, err := z.Create(part[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, part[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sameCatalogue is two titles, the first with two offers, in CSV.
const sameCatalogue = "EAN;Titre;Éditeur;Format;Référence offre;EAN offre;Durée;Licence;Quantité minimale;Prix HT;" +
	"TVA;Date de début\n" +
	"3133091195199;Sirius 2de & Tle;Nathan;Numérique;3133091195199_001;9782091194264;1 an;Élève;20;7,40;5,5;" +
	"01/09/2026\n" +
	"3133091195199;Sirius 2de & Tle;Nathan;Numérique;3133091195199_002;;3 ans;Enseignant;;12;5,5;\n" +
	"9782091650012;Manuel;Bordas;Papier;;;;;;;;\n"

// TestFormats: the same catalogue from each format and naming is the same.
func TestFormats(t *testing.T) {
	want, _ := importRows(t, sameCatalogue, catalogueOf)
	sheet := [][]string{
		{"Catalogue CNS 2026-2027"},
		nil,
		{
			"EAN13", "Désignation", "Marque", "Support", "Réf. offre", "EAN libraire", "Durée de licence", "Public",
			"Qté mini", "PU HT", "Taux TVA", "Disponible à partir du", "Notes",
		},
		{
			"#3.133091195199E12", "Sirius 2de & Tle", "Nathan", "Numérique", "3133091195199_001", "9782091194264",
			"1 an",
			"Élève", "#20", "#7.4000000000000004", "#5.5000000000000007E-2", "2026-09-01", "", "à côté",
		},
		{
			"3133091195199", "Sirius 2de & Tle", "Nathan", "Numérique", "3133091195199_002", "!#N/A", "3 ans",
			"Enseignant", "", "#12", "#5.5",
		},
		nil,
		{"9782091650012", "Manuel", "Bordas", "Papier"},
	}
	tests := map[string]string{
		"workbook": workbookOf(t, sheet),
		"XML with elements": `<?xml version="1.0" encoding="UTF-8"?><!-- export --><catalogue date="2026-11-21" ` +
			`nom="CNS"><titres>
<titre><ean>3133091195199</ean><nom>Sirius 2de &amp; Tle</nom><editeur><code>42</code><nom>Nathan</nom></editeur>` +
			`<format>Numérique</format><offres>
<offre><reference>3133091195199_001</reference><ean>9782091194264</ean><libelle>Offre élève</libelle><duree ` +
			`unite="an">1</duree><licence>Élève</licence><quantiteMinimale>20</quantiteMinimale><prix><ht>7.40</ht>` +
			`<ttc>7.81</ttc></prix><tva>5.5</tva><dateDebut>2026-09-01</dateDebut></offre>
<offre><reference>3133091195199_002</reference><duree unite="ans">3</duree><licence>Enseignant</licence><prix><ht>` +
			`12</ht></prix><tva>5.5</tva></offre></offres></titre>
<titre><ean>9782091650012</ean><nom>Manuel</nom><editeur><nom>Bordas</nom></editeur><format>Papier</format></titre>` +
			`</titres></catalogue>`,
		"XML with attributes": bom + `<c:export xmlns:c="urn:x"><c:article ean="3133091195199" titre="Sirius 2de ` +
			`&amp; Tle" editeur="Nathan" support="Numérique">
<c:offer ref="3133091195199_001" ean="9782091194264" duree="1 an" licence="Élève" quantite_min="20" prix_ht="7,40" ` +
			`tva="5,5" date_debut="01/09/2026"/>
<c:offer ref="3133091195199_002" duree="3 ans" licence="Enseignant" prix_ht="12" tva="5,5"/></c:article>
<c:article ean="9782091650012" titre="Manuel" editeur="Bordas" support="Papier"/></c:export>`,
		"XML of rows": `<rows><row><EAN>3133091195199</EAN><Titre>Sirius 2de &amp; Tle</Titre><Editeur>` +
			`Nathan</Editeur><Format>Numérique</Format><Reference_offre>3133091195199_001</Reference_offre>` +
			`<EAN_offre>9782091194264</EAN_offre><Duree>1 an</Duree><Licence>Élève</Licence><Quantite_minimale>` +
			`20</Quantite_minimale><Prix_HT>7.40</Prix_HT><TVA>5.5</TVA><Date_debut>2026-09-01</Date_debut>` +
			`</row>
<row><EAN>3133091195199</EAN><Titre>Sirius 2de &amp; Tle</Titre><Editeur>Nathan</Editeur><Format>Numérique</Format>` +
			`<Reference_offre>3133091195199_002</Reference_offre><Duree>3 ans</Duree><Licence>Enseignant</Licence>` +
			`<Prix_HT>12</Prix_HT><TVA>5.5</TVA></row>
<row><EAN>9782091650012</EAN><Titre>Manuel</Titre><Editeur>Bordas</Editeur><Format>Papier</Format></row></rows>`,
	}
	tests["gzipped workbook"], tests["gzipped XML"] = zipped(t, tests["workbook"]), zipped(t, tests["XML of rows"])
	tests["Latin-1 XML"] = strings.NewReplacer("UTF-8", "ISO-8859-1", "É", "\xc9", "é", "\xe9", "è",
		"\xe8").
		Replace(tests["XML with elements"])
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got, report, err := ImportCatalogue(context.Background(), iotest.HalfReader(strings.NewReader(text)), "f",
				nil)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%+v\nwant\n%+v", got, want)
			}
			if report.Rows != 3 || report.SkippedN != 0 {
				t.Errorf("got %d rows, skipped %q; want 3 and none", report.Rows, report.Skipped)
			}
		})
	}
}

// TestOtherRegistersInOtherFormats: the directory and the accounts come in each
// format too.
func TestOtherRegistersInOtherFormats(t *testing.T) {
	for name, text := range map[string]string{
		"workbook": workbookOf(t, [][]string{
			{"UAI", "Nom", "Code postal", "Commune"},
			{"0010001W", "Lycée Lalande", "#1000", "Bourg"},
		}),
		"XML": "<ecoles><ecole uai=\"0010001W\"><nom>Lycée Lalande</nom><adresse><codePostal>01000</codePostal>" +
			"<commune>Bourg</commune></adresse></ecole></ecoles>",
	} {
		schools, _, err := ImportDirectory(context.Background(), strings.NewReader(text), "f", nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := ""
		for _, s := range schools {
			got += fmt.Sprintf("%s|%s|%s|%s", s.UAI, s.Name, s.Postcode, s.Town)
		}
		if want := "0010001W|Lycée Lalande|01000|Bourg"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestFormatRefusals: a workbook or XML file that is no catalogue is refused as a
// whole, in French, with what is there.
func TestFormatRefusals(t *testing.T) {
	const one = `<t><ean>3133091195199</ean><titre>S</titre></t>`
	good := workbookOf(t, [][]string{{"EAN", "Titre"}, {"3133091195199", "S"}})
	tests := []struct{ name, text, want string }{
		{
			"no header", workbookOf(t, [][]string{{"Référence", "Prix"}, {"1", "2"}}),
			"il manque les colonnes « EAN », « Titre ». Colonnes trouvées : Référence, Prix.",
		},
		{"an empty workbook", workbookOf(t, nil), "le classeur est vide"},
		{"header alone", workbookOf(t, [][]string{{"EAN", "Titre"}}), "aucune ligne"},
		{"a workbook cut short", good[:len(good)-30], "abîmé ou incomplet"},
		{"a workbook with a wrong checksum", flipped(good), "abîmé ou incomplet"},
		{
			"a formula's text", workbookOf(t, [][]string{{"EAN", "Titre"}, {"3133091195199", "=1+1"}}),
			"formule en colonne 2",
		},
		{
			"no record", `<catalogue><produit><code>1</code></produit></catalogue>`,
			"aucun élément XML n’a à la fois « EAN », « Titre ». Éléments trouvés : catalogue, produit, code.",
		},
		{"a document type", `<!DOCTYPE c [<!ENTITY a "b">]><c>` + one + `</c>`, "DOCTYPE"},
		{"an unknown entity", `<c><t><ean>&a;</ean></t></c>`, "mal formé"},
		{"cut short", `<c>` + one, "mal formé"},
		{"not balanced", `<c>` + one + `</d>`, "mal formé"},
		{"NUL", "<c>" + one + "\x00</c>", "mal formé"},
		{"unknown charset", `<?xml version="1.0" encoding="EBCDIC"?><c/>`, "jeu de caractères"},
		{"too deep", strings.Repeat("<a>", maxNesting+1), "40 éléments XML"},
		{"a text of 10 MB", "<c>" + one + "<x>" + strings.Repeat("x", 10<<20) + "</x></c>", "élément XML de plus de"},
		{
			"a tag of 10 MB", "<c>" + one + "<x a='" + strings.Repeat("x", 10<<20) + "'/></c>",
			"élément XML de plus de 1 Mo",
		},
		{
			"a comment of 10 MB", "<c>" + one + "<!--" + strings.Repeat("x", 10<<20) + "--></c>",
			"élément XML de plus de 1 Mo",
		},
		{
			"a record of many texts", "<c><t>" + strings.Repeat("<p><q a='"+strings.Repeat("x", 9000)+"'/></p>", 600),
			"élément XML de plus de 4 Mo",
		},
		{
			"a record of many groups", "<c><t>" + strings.Repeat("<p a='1'><q>x</q></p>", 2000),
			"éléments dans un enregistrement XML",
		},
		{"formula", `<c><t><ean>3133091195199</ean><titre>=1+1</titre></t></c>`, "formule"},
		{
			"most records useless", `<c>` + one + strings.Repeat(`<t><ean>1</ean><titre>S</titre></t>`, 2) + `</c>`,
			"2 lignes sur 3 sont inutilisables",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			titles, _, err := ImportCatalogue(context.Background(), strings.NewReader(tt.text), "f", nil)
			var refused *FileError
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, tt.want) || titles != nil {
				t.Errorf("got %d titles and %v, want none and a refusal with %q", len(titles), err, tt.want)
			}
		})
	}
}

// flipped changes one bit of the last sheet of a workbook.
func flipped(s string) string {
	b := []byte(s)
	b[strings.Index(s, "sheet2.xml")+60] ^= 4
	return string(b)
}

// TestXMLRecordsWithoutAll: a record that lacks what it must have is left out,
// and said.
func TestXMLRecordsWithoutAll(t *testing.T) {
	text := `<c><meta><date>2026</date></meta><t><ean>3133091195199</ean><titre>A</titre></t><t><titre>Sans ` +
		`EAN</titre></t><t><ean>3133091195205</ean><titre>B</titre></t></c>`
	titles, report := importRows(t, text, catalogueOf)
	if got := fmt.Sprint(len(titles), report.Rows, report.Skipped); got != "2 3 [ligne 1 : «  » n’est pas un EAN]" {
		t.Errorf("got %s", got)
	}
}

// TestXMLOfManyRecords: what is kept of a file does not grow with it.
func TestXMLOfManyRecords(t *testing.T) {
	need.Time(t)
	var b strings.Builder
	b.WriteString("<c><l>")
	for i := range 20_000 {
		fmt.Fprintf(&b, "%s<t><ean>%s</ean><titre>T%d</titre>\n  <offres><offre ref='a%d' duree='1 an'/>\n"+
			"</offres></t>", strings.Repeat(" ", 400), testEAN(t, i), i, i)
	}
	b.WriteString("</l></c>")
	titles, report := importRows(t, b.String(), catalogueOf)
	if len(titles) != 20_000 || report.SkippedN != 0 {
		t.Errorf("got %d titles, %d left out; want 20000 and none", len(titles), report.SkippedN)
	}
	x := newXMLRows(strings.NewReader(b.String()), "f", catalogueColumns())
	for {
		if _, _, err := x.next(); err != nil {
			break
		}
		if x.held < 0 || x.held > 1000 {
			t.Fatalf("got %d bytes held between records, want hardly any", x.held)
		}
	}
}

func TestTitlesLike(t *testing.T) {
	titles, _ := importRows(t, "EAN;Titre\n3133091195199;Physique-Chimie Sirius 2de\n"+
		"3133091195205;Physique-Chimie Sirius 1re\n9782091650012;Français 1re\n", catalogueOf)
	reg := New(nil, titles, nil)
	for _, tt := range []struct{ name, want string }{
		{"SIRIUS physique 1RE", "3133091195205 3133091195199 9782091650012"},
		{"francais", "9782091650012"},
		{"Latin", ""},
		{"", ""},
	} {
		var got []string
		for _, title := range reg.TitlesLike(tt.name) {
			got = append(got, title.EAN.String())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("TitlesLike(%q): got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// BenchmarkImportWorkbook imports as many rows as a workbook may have.
func BenchmarkImportWorkbook(b *testing.B) {
	rows := [][]string{{"EAN", "Titre", "Éditeur", "Référence offre", "Durée", "Prix HT"}}
	for i := range 99_000 {
		rows = append(rows, []string{
			testEAN(b, i), fmt.Sprint("Mathématiques ", i), "Nathan", fmt.Sprint("r", i),
			"1 an", "#7.4",
		})
	}
	text := workbookOf(b, rows)
	b.ReportAllocs()
	for b.Loop() {
		if _, report, err := ImportCatalogue(context.Background(), strings.NewReader(text), "f", nil); err != nil ||
			report.Entries != 99_000 {
			b.Fatal(report.Entries, err)
		}
	}
}

// testEAN is the EAN of rank i under the prefix of the digital books.
func testEAN(t testing.TB, i int) string {
	t.Helper()
	for key := range 10 {
		if code := fmt.Sprintf("31330%07d%d", i, key); eanReason(code) == "" {
			return code
		}
	}
	t.Fatalf("no EAN of rank %d", i)
	return ""
}

func eanReason(code string) string {
	_, reason := eanOf(code)
	return reason
}

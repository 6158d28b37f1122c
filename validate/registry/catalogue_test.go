package registry

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

func catalogueOf(ctx context.Context, text string) ([]order.Title, order.Import, error) {
	return ImportCatalogue(ctx, strings.NewReader(text), "catalogue.csv", nil)
}

const catalogueHeader = "EAN;Titre;Éditeur;Distributeur;Format;Référence d’offre;EAN offre;Durée;Licence;Adoptant;" +
	"Quantité minimale;Prix HT;TVA;Date de début;Date de fin\n"

func TestTitlesAndTheirOffers(t *testing.T) {
	text := catalogueHeader +
		"3133091195199;Sirius 2de;Nathan;CNS;Numérique;3133091195199_001;9782091194264;1 an;Élève;oui;20;7,40 €;5,5 " +
		"%;01/09/2026;2027-08-31\n" +
		"9782091650012;Manuel;Bordas;CNS;Papier;;;;;;;;;;\n" +
		"313-3091195199;Sirius 2nde;;;;3133091195199_002;;3 ans;Élève;non;;12;0,055;;\n" +
		"9782091650029;Nu;;;;;;;;;;;;;\n"
	got, report := importRows(t, text, catalogueOf)
	want := []order.Title{
		{
			EAN: mustEAN(t, "3133091195199"), Name: "Sirius 2de", Publisher: "Nathan", Distributor: "CNS",
			Offers: []order.Offer{
				{
					Reference: "3133091195199_001", EAN: mustEAN(t, "9782091194264"), Duration: "1 an",
					Licence: "Élève", Adopter: true, Minimum: 20, Price: 740, VAT: order.SingleVAT(55),
					From:  time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
					Until: time.Date(2027, 8, 31, 0, 0, 0, 0, time.UTC),
				},
				{
					Reference: "3133091195199_002", Duration: "3 ans", Licence: "Élève", Price: 1200,
					VAT: order.SingleVAT(55),
				},
			},
		},
		{EAN: mustEAN(t, "9782091650012"), Name: "Manuel", Publisher: "Bordas", Distributor: "CNS", Physical: true},
		{EAN: mustEAN(t, "9782091650029"), Name: "Nu", Elsewhere: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if report.Rows != 4 || report.Entries != 3 || report.SkippedN != 0 {
		t.Errorf("got %d rows, %d entries, skipped %q; want 4, 3, none", report.Rows, report.Entries, report.Skipped)
	}
}

func TestTitlesLeftOut(t *testing.T) {
	text := catalogueHeader +
		"3133091195199;A;;;;r1;9782091194264;;;;;;;;\n3133091195205;B;;;;;;;;;;5;;;\n" +
		"9782091650012;P;;;papier;;;;;;;;;;\n"
	tests := []struct{ row, want string }{
		{"3133091195198;X;;;;;;;;;;;;;", "la clé de l’EAN « 3133091195198 » est fausse"},
		{"31330911;X;;;;;;;;;;;;;", "« 31330911 » n’est pas un EAN"},
		{"9782091650029;;;;;;;;;;;;;;", "le titre 9782091650029 n’a pas de nom"},
		{"9782091650029;X;;;coffret;;;;;;;;;;", "le format « coffret » n’est ni numérique ni physique"},
		{"9782091650029;X;;;;;978209;;;;;;;;", "« 978209 » n’est pas un EAN"},
		{"9782091650029;X;;;;;;;;peut-être;;;;;", "adoptant illisible : « peut-être »"},
		{"9782091650029;X;;;;;;;;;1,5;;;;", "quantité minimale illisible : « 1,5 »"},
		{"9782091650029;X;;;;;;;;;;gratuit;;;", "prix illisible : « gratuit »"},
		{"9782091650029;X;;;;;;;;;;-5;;;", "prix illisible : « -5 »"},
		{"9782091650029;X;;;;;;;;;;;100;;", "TVA illisible : « 100 »"},
		{"9782091650029;X;;;;;;;;;;;;demain;", "date de début illisible : « demain »"},
		{"9782091650029;X;;;;;;;;;;;;;31/02/2027", "date de fin illisible : « 31/02/2027 »"},
		{"9782091650029;X;;;;r1;;;;;;;;;", "la référence d’offre « r1 » est déjà celle d’une offre du titre " +
			"3133091195199"},
		{"9782091650029;X;;;;;9782091194264;;;;;;;;", "l’EAN d’offre 9782091194264 est déjà celui d’une offre du " +
			"titre 3133091195199"},
		{"3133091195199;A;;;;;;;;;;;;;", "le titre 3133091195199 est déjà sur une ligne précédente"},
		{"3133091195205;B;;;;;;;;;;5,00;;;", "offre identique à celle d’une ligne précédente"},
		{"9782091650012;P;;;numérique;r9;;;;;;;;;", "le titre 9782091650012 est physique sur une ligne et numérique " +
			"sur une autre"},
	}
	for _, tt := range tests {
		titles, report := importRows(t, text+tt.row+"\n", catalogueOf)
		if got := strings.Join(report.Skipped, "; "); got != "ligne 5 : "+tt.want || len(titles) != 3 {
			t.Errorf("%q: got %d titles and %q, want 3 and %q", tt.row, len(titles), got, tt.want)
		}
	}
}

// TestTitleDetails: what later work needs of a title is read where it can be, and else
// left out with a remark.
func TestTitleDetails(t *testing.T) {
	const header = "EAN;Titre;Auteur;Niveau;Ark;Couverture\n9782091650012;T;"
	for _, tt := range []struct{ row, want, dropped string }{
		{
			"A. Martin;Seconde;ark:/49591/CNS000000101.p;https://img.test/a.jpg",
			"A. Martin|Seconde|ark:/49591/CNS000000101.p|https://img.test/a.jpg", "",
		},
		{";;ark:49591/x;", "||ark:49591/x|", ""},
		{";;49591/x;", "|||", "ligne 2 : « 49591/x » n’est pas un identifiant ark"},
		{";;ark:/49591/a b;", "|||", "ligne 2 : « ark:/49591/a b » n’est pas un identifiant ark"},
		{";;;a.jpg", "|||", "ligne 2 : « a.jpg » n’est pas l’adresse d’une couverture"},
		{
			";;;javascript:alert(1)", "|||", "ligne 2 : « javascript:alert(1) » n’est pas l’adresse d’une couverture",
		},
		{
			strings.Repeat("x", 301) + ";2de;;", "|2de||",
			"ligne 2 : auteur de plus de 300 caractères : « " + strings.Repeat("x", 40) + "… »",
		},
	} {
		titles, report := importRows(t, header+tt.row+"\n", catalogueOf)
		got := strings.Join([]string{titles[0].Author, titles[0].Level, titles[0].Ark, titles[0].Cover}, "|")
		dropped := strings.Join(report.Dropped, "; ")
		if got != tt.want || dropped != tt.dropped || report.SkippedN > 0 {
			t.Errorf("%q: got %q, dropped %q, want %q, %q", tt.row, got, dropped, tt.want, tt.dropped)
		}
	}
}

// TestVAT: one rate, or several with their shares of the price, in one column or four.
func TestVAT(t *testing.T) {
	split := order.VAT{{Rate: 55, Share: 700}, {Rate: 200, Share: 300}}
	for _, tt := range []struct {
		text string
		want order.VAT
		ok   bool
	}{
		{"", nil, true},
		{"0", nil, true},
		{"5,5", order.SingleVAT(55), true},
		{"5.5 %", order.SingleVAT(55), true},
		{"0,055", order.SingleVAT(55), true},
		{"20", order.SingleVAT(200), true},
		{"5,5 % (100 %)", order.SingleVAT(55), true},
		{"5,5 % (70 %) ; 20 % (30 %)", split, true},
		{"5,5 % pour 70 % + 20 % pour 30 %", split, true},
		{"0.055:0.7|0.2:0.3", split, true},
		{"5,5=70/20=30", split, true},
		{"5,5 ; 20", nil, false},
		{"5,5 (70) ; 20 (20)", nil, false},
		{"5,5 (0) ; 20 (100)", nil, false},
		{"5,5 (70", nil, false},
		{"réduite", nil, false},
		{"100", nil, false},
		{"-5", nil, false},
		{"5.5.5", nil, false},
	} {
		got, ok := vatOf(tt.text)
		if ok != tt.ok || ok && !slices.Equal(got, tt.want) {
			t.Errorf("vatOf(%q): got %v, %t, want %v, %t", tt.text, got, ok, tt.want, tt.ok)
		}
	}
	for name, text := range map[string]string{
		"columns": "EAN;Titre;Réf;TVA 1;Part TVA 1;TVA 2;Part TVA 2\n9782091650012;T;r;5,5;70;20;30\n",
		"elements": `<c><titre><ean>9782091650012</ean><nom>T</nom><offre ref="r"><tvas>` +
			`<tva><taux>5.5</taux><part>70</part></tva><tva><taux>20</taux><part>30</part></tva></tvas></offre>` +
			`</titre></c>`,
		"attributes": `<c><titre ean="9782091650012" nom="T" ref="r"><tva taux="5.5" part="70"/>` +
			`<tva part="30">20</tva></titre></c>`,
	} {
		titles, report := importRows(t, text, catalogueOf)
		if len(titles) != 1 || len(titles[0].Offers) != 1 || !slices.Equal(titles[0].Offers[0].VAT, split) {
			t.Errorf("%s: got %+v, skipped %q, want one offer with %v", name, titles, report.Skipped, split)
		}
	}
	titles, _ := importRows(t, `<c><t ean="9782091650012"><nom>T</nom><auteurs><auteur>A</auteur><auteur>B</auteur>`+
		`</auteurs><niveau>2de</niveau><niveau>1re</niveau></t></c>`, catalogueOf)
	if got := titles[0].Author + "|" + titles[0].Level; got != "A, B|2de, 1re" {
		t.Errorf("several authors and levels: got %q, want A, B|2de, 1re", got)
	}
}

func TestIsPhysical(t *testing.T) {
	for _, tt := range []struct {
		input        string
		physical, ok bool
	}{
		{"", false, true},
		{"Numérique", false, true},
		{"articlenumerique", false, true},
		{"Manuel numérique (livre enrichi)", false, true},
		{"Licence", false, true},
		{"EPUB", false, true},
		{"papier", true, true},
		{"articlepapier", true, true},
		{"Livre broché", true, true},
		{"Produit physique", true, true},
		{"BC", true, true},
		{"ED", false, true},
		{"DB", false, false},
		{"Coffret", false, false},
	} {
		physical, ok := isPhysical(tt.input)
		if physical != tt.physical || ok != tt.ok {
			t.Errorf("isPhysical(%q): got %t, %t, want %t, %t", tt.input, physical, ok, tt.physical, tt.ok)
		}
	}
}

// FuzzImportCatalogue: whatever the bytes, no panic; what is kept can be stored
// and found.
func FuzzImportCatalogue(f *testing.F) {
	f.Add([]byte(catalogueHeader + "3133091195199;Sirius;Nathan;CNS;ED;r1;9782091194264;1 an;Élève;oui;20;7,40 €;5,5 " +
		"%;01/09/2026;2027-08-31\n"))
	f.Add([]byte("ean,ean13_valid,title,publisher,distributor,subject,unit_price,format,n_lines\n" +
		"3133091195199,1,PHYSIQUE,Nathan,CNS,P,7.4,articlenumerique,27\n"))
	f.Add([]byte("EAN;Titre\n9782091650012;A\n9782091650012;A\n"))
	f.Add([]byte(workbookOf(f, [][]string{
		{"Catalogue"},
		{"EAN", "Titre", "Prix HT"},
		{"#9.782091650012E12", "A", "#7.4"},
	})))
	f.Add([]byte(`<c><t ean="9782091650012"><nom>A</nom><offres><offre ref="r1"><prix><ht>7.4</ht></prix></offre>` +
		`<offre ref="r2" duree="1 an"/></offres></t></c>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		titles, report, err := ImportCatalogue(context.Background(), strings.NewReader(string(data)), "f.csv", nil)
		checkImport(t, titles, report, err)
		if err != nil {
			return
		}
		reg := New(nil, titles, nil)
		for _, title := range titles {
			if got, _, known := reg.Title(title.EAN); !known || got.EAN != title.EAN {
				t.Errorf("Title(%s): got %v, want what was imported", title.EAN, got)
			}
			for _, offer := range title.Offers {
				if got, _, known := reg.Offer(offer.Reference); known != (offer.Reference != "") || known &&
					got.EAN != title.EAN {
					t.Errorf("Offer(%q): got %v, %t, want the offer of %s", offer.Reference, got, known, title.EAN)
				}
			}
		}
	})
}

package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

// importRows reads a text that an importer must not refuse.
func importRows[E any](
	t *testing.T, text string, read func(context.Context, string) ([]E, order.Import, error),
) ([]E, order.Import) {
	t.Helper()
	entries, report, err := read(context.Background(), text)
	if err != nil {
		t.Fatal(err)
	}
	return entries, report
}

func directoryOf(ctx context.Context, text string) ([]order.School, order.Import, error) {
	return ImportDirectory(ctx, strings.NewReader(text), "annuaire.csv", nil)
}

func TestSchoolOfARow(t *testing.T) {
	const header = "UAI;Nom;Type;Statut;Contrat;Adresse 1;Adresse 2;Adresse 3;Boîte postale;CP;Ville;Tél;Mail;Date " +
		"ouverture;Date fermeture;Etat;Date maj ligne\n"
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	uai := mustUAI(t, "0750647W")
	tests := []struct {
		row  string
		want order.School
	}{
		{
			"0750647w;Lycée Turgot;LYCEE ENS GENERAL;PUBLIC;SANS OBJET;69 rue de Turbigo;;;;75003;Paris;01 42 72 00 " +
				"00;ce@x.fr;1968-09-01;;OUVERT;",
			order.School{
				UAI: uai, Name: "Lycée Turgot", Kind: "Lycée", Sector: "public", Address: "69 rue de Turbigo",
				Postcode: "75003", Town: "Paris",
				Phone: "01 42 72 00 00", Email: "ce@x.fr", Opened: day(1968, 9, 1),
			},
		},
		{
			"0750647W;X;ECOLE PRIMAIRE;Privé sous contrat;CONTRAT SIMPLE;1 rue A;Le Bourg;01000 BOURG CEDEX;720;1000;" +
				"Bourg;;;;;;",
			order.School{
				UAI: uai, Name: "X", Kind: "École", Sector: "privé", Contract: "CONTRAT SIMPLE",
				Address: "1 rue A, Le Bourg, BP 720", Postcode: "01000", Town: "Bourg",
			},
		},
		{
			"0750647W;X;CFA;;;;;;BP 7;75 003;Paris;;: a@x.fr;;;;",
			order.School{
				UAI: uai, Name: "X", Kind: "CFA", Address: "BP 7", Postcode: "75003", Town: "Paris",
				Email: "a@x.fr",
			},
		},
		{"0750647W;X;;;;;;;;;;;contact@ x.fr;;;;", order.School{UAI: uai, Name: "X", Email: "contact@x.fr"}},
		{"0750647W;X;;;;;;;;;;;c.g@x.org - P;;;;", order.School{UAI: uai, Name: "X", Email: "c.g@x.org"}},
		{"0750647W;X;;;;;;;;;;;néant;;;;", order.School{UAI: uai, Name: "X"}},
		{
			"0750647W;X;;;;;;;;;;;;01/09/1968;31/08/2024;FERME;2024-09-02",
			order.School{UAI: uai, Name: "X", Opened: day(1968, 9, 1), Closed: day(2024, 8, 31)},
		},
		{"0750647W;X;;;;;;;;;;;;;;Fermé;2024-09-02", order.School{UAI: uai, Name: "X", Closed: day(2024, 9, 2)}},
		{"0750647W;X;;;;;;;;;;;;;;FERME;", order.School{UAI: uai, Name: "X", Closed: day(1900, 1, 1)}},
		{"0750647W;X;;;;;;;;;;;;;;A FERMER;2024-09-02", order.School{UAI: uai, Name: "X"}},
		{"0750647W;X;;;;;;;;;;;;2027-09-01;;A OUVRIR;", order.School{UAI: uai, Name: "X", Opened: day(2027, 9, 1)}},
		{
			"0750647W;;COLLEGE;;;;;;;74100;Vétraz-Monthoux;;;;;A OUVRIR;",
			order.School{
				UAI: uai, Name: "Collège (Vétraz-Monthoux)", Kind: "Collège", Postcode: "74100",
				Town: "Vétraz-Monthoux",
			},
		},
	}
	for _, tt := range tests {
		got, _ := importRows(t, header+tt.row+"\n", directoryOf)
		if len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s\n got %+v\nwant %+v", tt.row, got, tt.want)
		}
	}
}

// TestSchoolNumbers: what an establishment is known by elsewhere is read where it can be,
// and else left out with a remark. The school itself is taken all the same.
func TestSchoolNumbers(t *testing.T) {
	const header = "UAI;Nom;CP;Commune;SIREN_SIRET;code_nature;Nombre_d_eleves\n0750647W;X;75003;Paris;"
	for _, tt := range []struct{ row, want, dropped string }{
		{"19932030000023;306;1140", "19932030000023 306 1140", ""},
		{"199 320 300 00023;306;1 140", "19932030000023 306 1140", ""},
		{"00932030000023;340;0", "00932030000023 340 0", ""},
		{";;", " 0 0", ""},
		{"199320300;306;1140", " 306 1140", "ligne 2 : « 199320300 » n’est pas un SIRET de 14 chiffres"},
		{"1993203000002A;306;1140", " 306 1140", "ligne 2 : « 1993203000002A » n’est pas un SIRET de 14 chiffres"},
		{"00000000000000;306;5", " 306 5", "ligne 2 : « 00000000000000 » n’est pas un SIRET de 14 chiffres"},
		{";LP;5", " 0 5", "ligne 2 : « LP » n’est pas un code de nature de trois chiffres"},
		{";3060;5", " 0 5", "ligne 2 : « 3060 » n’est pas un code de nature de trois chiffres"},
		{";306;n.c.", " 306 0", "ligne 2 : nombre d’élèves illisible : « n.c. »"},
		{";306;20001", " 306 0", "ligne 2 : nombre d’élèves illisible : « 20001 »"},
		{";306;12,5", " 306 0", "ligne 2 : nombre d’élèves illisible : « 12,5 »"},
	} {
		schools, report := importRows(t, header+tt.row+"\n", directoryOf)
		got := fmt.Sprintf("%s %d %d", schools[0].SIRET, schools[0].Nature, schools[0].Pupils)
		if dropped := strings.Join(report.Dropped, "; "); got != tt.want || dropped != tt.dropped ||
			report.DroppedN != len(report.Dropped) || report.SkippedN != 0 {
			t.Errorf("%q: got %q, dropped %q, want %q, %q", tt.row, got, dropped, tt.want, tt.dropped)
		}
	}
}

func TestSchoolNamedInTwoColumns(t *testing.T) {
	text := "numero_uai;appellation_officielle;denomination_principale;patronyme_uai;code_postal_uai;" +
		"libelle_commune\n" +
		"0750647W;;LYCEE;TURGOT;75003;Paris\n"
	got, _ := importRows(t, text, directoryOf)
	if len(got) != 1 || got[0].Name != "LYCEE TURGOT" {
		t.Errorf("got %+v, want LYCEE TURGOT", got)
	}
}

func TestSchoolsLeftOut(t *testing.T) {
	const header = "UAI;Nom;CP;Commune;Date ouverture\n"
	text := header + "0932030B;Lycée;93240;Stains;\n0753268V;Site 1;75013;Paris;\n0753268V;Site 2;75013;Paris;\n" +
		"0770930T;A;77100;Meaux;\n0110023R;B;11108;Narbonne;\n"
	tests := []struct{ row, want string }{
		{"0750647A;X;75003;Paris;", "ligne 7 : la lettre de l’UAI « 0750647A » ne correspond pas à ses chiffres"},
		{"75003;X;75003;Paris;", "ligne 7 : « 75003 » n’est pas un UAI"},
		{";X;75003;Paris;", "ligne 7 : «  » n’est pas un UAI"},
		{"0750647W;;75003;Paris;", "ligne 7 : l’établissement 0750647W n’a pas de nom"},
		{"0750647W;X;75003;Paris;hier", "ligne 7 : date illisible pour l’établissement 0750647W"},
		{"0753268V;Site 1;75013;Paris;", "ligne 7 : même établissement et même adresse que sur une ligne précédente"},
	}
	for _, tt := range tests {
		schools, report := importRows(t, text+tt.row+"\n", directoryOf)
		if got := strings.Join(report.Skipped, "; "); got != tt.want || len(schools) != 5 || report.SkippedN != 1 {
			t.Errorf("%q: got %d schools and %q, want 5 and %q", tt.row, len(schools), got, tt.want)
		}
	}
}

// FuzzImportDirectory: whatever the bytes, no panic; what is kept can be stored
// and found.
func FuzzImportDirectory(f *testing.F) {
	f.Add([]byte(header + turgot))
	f.Add([]byte(bom + bom + header + "0750647W;\"Lycée\n Turgot\";1000;Paris\n"))
	f.Add([]byte("sep=,\nUAI,Nom,CP,Ville,Mail,Etat\n0750647W,X,75003,Paris,a@ x.fr,FERME\n"))
	f.Add([]byte("Identifiant_de_l_etablissement\tNom_etablissement\tCode_postal\tNom_commune\n" +
		"0750647w\tLyc\xe9e\t75003\tParis\n"))
	f.Add([]byte(zipped(f, header+turgot)))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		schools, report, err := ImportDirectory(context.Background(), strings.NewReader(string(data)), "f.csv", nil)
		checkImport(t, schools, report, err)
		if err != nil {
			return
		}
		reg := New(schools, nil, nil)
		for _, s := range schools {
			if _, known := reg.Schools(s.UAI); !known {
				t.Errorf("Schools(%s): got nothing, want what was imported", s.UAI)
			}
		}
	})
}

// checkImport holds what every import promises: an error and nothing else, or
// entries that add up with their report and survive the store.
func checkImport[E Entry](t *testing.T, entries []E, report order.Import, err error) {
	t.Helper()
	if err != nil {
		var refused *FileError
		if !errors.As(err, &refused) || refused.Reason == "" || entries != nil {
			t.Errorf("got %d entries and error %v, want a FileError alone", len(entries), err)
		}
		return
	}
	if report.Entries != len(entries) || report.Entries > report.Rows || report.SkippedN > report.Rows ||
		len(report.Skipped) > maxReasons {
		t.Errorf("got %d entries with report %+v", len(entries), report)
	}
	data, err := Encode(entries)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode[E](data)
	if err != nil {
		t.Fatal(err)
	}
	var diff order.Import
	if err := Diff(entries, again, &diff); err != nil || diff.Added+diff.Changed+diff.Closed+diff.Removed != 0 {
		t.Errorf("stored and read again: got %+v, error %v, want no change", diff, err)
	}
}

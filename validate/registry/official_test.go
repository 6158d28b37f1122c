package registry

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/order"
)

// shared opens a file of the test data that lies beside the repository.
func shared(t testing.TB, name string) *os.File {
	t.Helper()
	path := filepath.Join("../../../shared/data", name)
	need.Data(t, path)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestOfficialDirectories: both official exports import whole, every UAI with
// its key, for all that their headers and columns differ.
func TestOfficialDirectories(t *testing.T) {
	tests := []struct {
		file          string
		rows, uais    int
		public        int
		withoutEmail  int
		first         order.School
		severalSites  string
		contractKinds int
		sirets        int // public schools with a SIRET
		pupils        int // rows with a number of pupils
	}{
		{
			file: "fr-en-annuaire-education-lycees.csv", rows: 5704, uais: 5665, public: 3460, withoutEmail: 62,
			first: order.School{
				Name: "Lycée polyvalent Maurice Utrillo", Kind: "Lycée", Sector: "public",
				Address:  "152 rue Jean Durand",
				Postcode: "93240", Town: "Stains", Phone: "01 49 71 40 00", Email: "ce.0932030b@ac-creteil.fr",
				SIRET: mustSIRET(t, "19932030000023"), Nature: 306, Pupils: 1140,
			},
			contractKinds: 6, sirets: 3051, pupils: 3710,
		},
		{
			file: "fr-en-adresse-geolocalisation-colleges.csv", rows: 7654, uais: 7654, public: 5417,
			withoutEmail: 7654,
			first: order.School{
				Name: "Collège privé Charles de Foucauld", Kind: "Collège", Sector: "privé",
				Contract: "CONTRAT D'ASSOCIATION TOUTES CLASSES",
				Address:  "2 rue DE MACHEVILLE", Postcode: "07270", Town: "Lamastre", Nature: 340,
			},
			contractKinds: 5,
		},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			schools, report, err := ImportDirectory(context.Background(), shared(t, "annuaire/"+tt.file), tt.file, nil)
			if err != nil {
				t.Fatal(err)
			}
			if report.Rows != tt.rows || report.Entries != tt.rows || report.SkippedN != 0 {
				t.Errorf("got %d rows, %d entries, skipped %q; want %d, all of them", report.Rows, report.Entries,
					report.Skipped, tt.rows)
			}
			first := schools[0]
			first.UAI, first.Opened = order.UAI{}, tt.first.Opened
			if first != tt.first {
				t.Errorf("first school: got %+v, want %+v", first, tt.first)
			}
			uais, contracts := map[order.UAI]bool{}, map[string]bool{}
			public, withoutEmail, sirets, pupils := 0, 0, 0, 0
			for _, s := range schools {
				uais[s.UAI], contracts[s.Contract] = true, true
				if s.Sector == "public" {
					public++
				}
				if s.Sector == "public" && !s.SIRET.IsZero() {
					sirets++
				}
				if s.Pupils > 0 {
					pupils++
				}
				if s.Nature < 300 || s.Nature > 499 {
					t.Errorf("school %s: got nature %d, want that of a collège or lycée", s.UAI, s.Nature)
				}
				if s.Email == "" {
					withoutEmail++
				}
				if s.Name == "" || s.Town == "" || len(s.Postcode) != 5 || s.Opened.IsZero() {
					t.Errorf("school %s: got %+v, want name, town, postal code and opening", s.UAI, s)
				}
			}
			if len(uais) != tt.uais || public != tt.public || withoutEmail != tt.withoutEmail ||
				len(contracts) != tt.contractKinds {
				t.Errorf("got %d UAIs, %d public, %d without email, %d contracts; want %d, %d, %d, %d",
					len(uais), public, withoutEmail, len(contracts), tt.uais, tt.public, tt.withoutEmail,
					tt.contractKinds)
			}
			if sirets != tt.sirets || pupils != tt.pupils || report.DroppedN != 0 {
				t.Errorf("got %d SIRETs of public schools, %d numbers of pupils, dropped %q; want %d, %d, none", sirets,
					pupils, report.Dropped, tt.sirets, tt.pupils)
			}
			reg := New(schools, nil, nil)
			for uai := range uais {
				if sites, known := reg.Schools(uai); !known || len(sites) == 0 || sites[0].UAI != uai {
					t.Fatalf("Schools(%s): got %v, %t, want its sites", uai, sites, known)
				}
			}
		})
	}
}

func mustSIRET(t testing.TB, text string) order.SIRET {
	t.Helper()
	siret, err := order.ParseSIRET(text)
	if err != nil {
		t.Fatal(err)
	}
	return siret
}

// TestOfficialSites: a UAI on several rows keeps them all, in the file's order.
func TestOfficialSites(t *testing.T) {
	schools, _, err := ImportDirectory(context.Background(), shared(t, "annuaire/fr-en-annuaire-education-lycees.csv"),
		"lycees.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	sites, _ := New(schools, nil, nil).Schools(mustUAI(t, "0753268V"))
	var names []string
	for _, s := range sites {
		names = append(names, s.Name)
	}
	got, want := strings.Join(names, "; "), "Lycée polyvalent Jean Lurçat - Site Patay; Lycée polyvalent Jean Lurçat "+
		"- Site Gobelins"
	if got != want {
		t.Errorf("sites: got %q, want %q", got, want)
	}
}

// TestRealTitles: all the titles that schools ordered in 2021 are there to be
// ordered, those that are no ISBN included.
func TestRealTitles(t *testing.T) {
	titles, report, err := ImportCatalogue(context.Background(), shared(t, "catalogue/idf-2021-titres.csv"),
		"titres.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != 406 || report.Entries != 406 || report.SkippedN != 0 {
		t.Errorf("got %d rows, %d entries, skipped %q; want 406, all of them", report.Rows, report.Entries,
			report.Skipped)
	}
	reg := New(nil, titles, nil)
	cns, noISBN := 0, 0
	for _, title := range titles {
		got, _, known := reg.Title(title.EAN)
		if !known || got.Physical || len(got.Offers) != 1 || got.Offers[0].Price <= 0 {
			t.Errorf("Title(%s): got %+v, %t; want a digital title with its price", title.EAN, got, known)
		}
		if got.Distributor == "CNS" {
			cns++
		}
		if got.Elsewhere == (got.Distributor == "CNS") {
			t.Errorf("%s, of %s: got elsewhere %t, want what its distributor says", got.EAN, got.Distributor,
				got.Elsewhere)
		}
		if strings.HasPrefix(got.EAN.String(), "3133091") {
			noISBN++
		}
	}
	if cns != 131 || noISBN != 63 {
		t.Errorf("got %d of the CNS and %d without ISBN, want 131 and 63", cns, noISBN)
	}
}

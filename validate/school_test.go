package validate

import (
	"maps"
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/validate/registry"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// schoolBook is a directory for what can go wrong between a UAI and its school.
func schoolBook(t testing.TB) *book {
	t.Helper()
	b := testBook(t)
	b.schools = []order.School{
		{
			UAI: mustUAI(t, goodUAI), Name: "Lycée Turgot", Kind: "Lycée", Sector: "public",
			Address: "69 rue de Turbigo", Postcode: "75003", Town: "Paris",
			Email: "ce.0750647w@ac-paris.fr", Opened: date(1968, 9, 1),
		},
		{
			UAI: mustUAI(t, "0750653C"), Name: "Lycée général et technologique Victor Hugo", Kind: "Lycée",
			Address: "27 rue de Sévigné", Postcode: "75003", Town: "Paris",
		},
		{
			UAI: mustUAI(t, "0932030B"), Name: "Lycée polyvalent Maurice Utrillo", Kind: "Lycée",
			Address: "152 rue Jean Durand", Postcode: "93240", Town: "Stains",
		},
		{
			UAI: mustUAI(t, "0932031C"), Name: "Section d'enseignement professionnel du lycée Maurice Utrillo",
			Kind: "Lycée", Postcode: "93240", Town: "Stains",
		},
		{
			UAI: mustUAI(t, "0753268V"), Name: "Lycée Jean Lurçat - Site Patay", Kind: "Lycée",
			Address: "121 rue de Patay", Postcode: "75013", Town: "Paris", Email: "ce@lurcat.fr",
		},
		{
			UAI: mustUAI(t, "0753268V"), Name: "Lycée Jean Lurçat - Site Gobelins", Kind: "Lycée",
			Address: "48 avenue des Gobelins", Postcode: "75013", Town: "Paris", Email: "ce@lurcat.fr",
		},
		{
			UAI: mustUAI(t, "0770930T"), Name: "Collège Henri IV", Kind: "Collège", Postcode: "77100", Town: "Meaux",
			Closed: date(2026, 8, 31),
		},
		{
			UAI: mustUAI(t, "0110023R"), Name: "Lycée Lacroix", Kind: "Lycée", Postcode: "11108", Town: "Narbonne",
			Opened: date(2027, 9, 1),
		},
	}
	return b
}

// TestSchool walks through what a form says of its school, and what comes of it.
func TestSchool(t *testing.T) {
	form := testForm(t)
	const (
		uai, name, postcode, town = order.FieldUAI, order.FieldEstablishment, order.FieldPostcode, order.FieldTown
		mail, address, contact    = order.FieldSchoolMail, order.FieldAddress, order.FieldContactMail
	)
	type fields map[string]string
	turgot := fields{
		uai: goodUAI, name: "Lycée Turgot", postcode: "75003", town: "Paris", address: "69 rue de Turbigo",
		mail: "ce@turgot.fr",
	}
	tests := []struct {
		name  string
		typed fields
		want  []string
	}{
		{"all as in the directory", nil, nil},
		{"the name abbreviated", fields{name: "LGT TURGOT"}, nil},
		{"the post's own town", fields{town: "PARIS CEDEX 03", postcode: "75272"}, nil},
		{"the arrondissement", fields{town: "Paris 3ème"}, nil},

		{"and another", fields{name: "Lycée Turgot et lycée Voltaire"}, []string{"establishment.name.mismatch " +
			"etablissement_nom Lycée Turgot et lycée Voltaire"}},
		{"not another", fields{name: "Lycée Voltaire (et non Turgot)"}, []string{"establishment.name.mismatch " +
			"etablissement_nom Lycée Voltaire (et non Turgot)"}},
		{"two kinds", fields{name: "Lycée général et technologique Turgot"}, nil},
		{"a part of it", fields{name: "Lycée Turgot - Annexe, Paris"}, nil},
		{"renamed", fields{name: "Lycée Simone Veil"}, []string{"establishment.name.mismatch etablissement_nom Lycée " +
			"Simone Veil"}},
		{
			"the collège beside it",
			fields{name: "Collège Turgot"},
			[]string{"establishment.name.mismatch etablissement_nom Collège Turgot"},
		},
		{"moved", fields{town: "Melun", postcode: "77000"}, []string{
			"establishment.town.mismatch etablissement_ville Melun",
			"establishment.postcode.mismatch etablissement_code_postal 77000",
		}},
		{"another town only", fields{town: "Melun"}, []string{"establishment.town.mismatch etablissement_ville Melun"}},
		{
			"another arrondissement",
			fields{postcode: "75011"},
			[]string{"establishment.postcode.mismatch etablissement_code_postal 75011"},
		},
		{"another department", fields{postcode: "77003"}, []string{"establishment.postcode.mismatch " +
			"etablissement_code_postal 77003"}},

		{"the UAI of another school nearby", fields{name: "Lycée V. Hugo"}, []string{
			"establishment.name.mismatch etablissement_nom Lycée V. Hugo", "uai.other uai 0750647W 0750653C",
		}},
		{
			"the UAI of its section",
			fields{uai: "0932031C", name: "Lycée Utrillo", town: "Stains", postcode: "93240"},
			[]string{
				"establishment.name.mismatch etablissement_nom Lycée Utrillo",
			},
		},
		{"a namesake elsewhere", fields{uai: "0932030B", name: "Lycée Turgot"}, []string{
			"establishment.name.mismatch etablissement_nom Lycée Turgot",
			"establishment.town.mismatch etablissement_ville Paris",
			"establishment.postcode.mismatch etablissement_code_postal 75003", "uai.other uai 0932030B 0750647W",
		}},
		{"the UAI of another school far away", fields{name: "LPO Utrillo", town: "Stains", postcode: "93240"}, []string{
			"establishment.name.mismatch etablissement_nom LPO Utrillo",
			"establishment.town.mismatch etablissement_ville Stains",
			"establishment.postcode.mismatch etablissement_code_postal 93240", "uai.other uai 0750647W 0932030B",
		}},
		{
			"a school that the directory lacks, under another's UAI",
			fields{name: "Lycée du Lac", town: "Annecy", postcode: "74000"},
			[]string{
				"establishment.name.mismatch etablissement_nom Lycée du Lac",
				"establishment.town.mismatch etablissement_ville Annecy",
				"establishment.postcode.mismatch etablissement_code_postal 74000", "uai.other uai 0750647W",
			},
		},

		{"a site", fields{uai: "0753268V", name: "Lycée Lurçat, site Gobelins", postcode: "75013"}, nil},
		{"several sites, no address", fields{
			uai: "0753268V", name: "Lycée Lurçat", postcode: "75013", address: "",
			mail: "",
		}, []string{
			"field.missing etablissement_adresse", "value.completed etablissement_email  ce@lurcat.fr",
		}},
		{"one of several sites, no address", fields{
			uai: "0753268V", name: "Lycée Lurçat site Patay", postcode: "75013",
			address: "",
		}, []string{
			"value.completed etablissement_adresse  121 rue de Patay",
		}},

		{"nothing but UAI and name", fields{postcode: "", town: "", address: "", mail: "", contact: ""}, []string{
			"value.completed etablissement_adresse  69 rue de Turbigo",
			"value.completed etablissement_code_postal  75003",
			"value.completed etablissement_ville  Paris", "value.completed etablissement_email  " +
				"ce.0750647w@ac-paris.fr",
		}},
		{
			"no name: nothing is filled in",
			fields{name: "", town: ""},
			[]string{"field.missing etablissement_nom", "field.missing etablissement_ville"},
		},
		{"another name: nothing is filled in", fields{name: "Lycée Simone Veil", town: ""}, []string{
			"field.missing etablissement_ville", "establishment.name.mismatch etablissement_nom Lycée Simone Veil",
		}},
		{
			"a postal code that is none is not replaced",
			fields{postcode: "Paris"},
			[]string{"postcode.format etablissement_code_postal Paris"},
		},

		{
			"closed",
			fields{uai: "0770930T", name: "Collège Henri IV", town: "Meaux", postcode: "77100"},
			[]string{"uai.closed uai 0770930T"},
		},
		{
			"not yet open",
			fields{uai: "0110023R", name: "Lycée Lacroix", town: "Narbonne", postcode: "11108"},
			[]string{"uai.opening uai 0110023R"},
		},

		{"two digits swapped", fields{uai: "0570647W"}, []string{"uai.key uai 0570647W 0750647W"}},
		{"a lost zero", fields{uai: "750647W"}, []string{"uai.format uai 750647W 0750647W"}},
		{"two digits swapped, nothing else said", fields{
			uai: "0570647W", name: "", town: "", postcode: "",
			address: "",
		}, []string{
			"uai.key uai 0570647W 0750647W", "field.missing etablissement_nom", "field.missing etablissement_adresse",
			"field.missing etablissement_code_postal", "field.missing etablissement_ville",
		}},
		{
			"no code, and any lycée of the town",
			fields{uai: "à venir", name: "Lycée"},
			[]string{"uai.format uai à venir"},
		},
		{"the name in the box of the UAI", fields{uai: "Turgot"}, []string{"uai.format uai Turgot 0750647W"}},
		{"a code of another school", fields{uai: unknownUAI}, []string{"uai.unknown uai 0750001U 0750647W"}},
		{"the letter that would fit is another school's", fields{
			uai: "0932030A", town: "Brest", postcode: "29200",
			name: "Lycée du Lac",
		}, []string{"uai.key uai 0932030A"}},
		{"the letter that would fit is nobody's", fields{
			uai: "0750001A", town: "Brest", postcode: "29200",
			name: "Lycée du Lac",
		}, []string{"uai.key uai 0750001A"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft(form, 1)
			typed := maps.Clone(turgot)
			maps.Copy(typed, tt.typed)
			for id, text := range typed {
				if delete(d.Fields, id); text != "" {
					d.Fields[id] = order.Cell{Sheet: "BdC", Ref: d.Inputs[id], Text: text}
				}
			}
			o, findings, _ := Check(form, d, schoolBook(t), Sender{Any: true}, Policy{Today: date(2026, 11, 21)})
			if got := told(findings); !slices.Equal(got, tt.want) {
				t.Errorf("findings: got %q, want %q", got, tt.want)
			}
			for _, f := range findings {
				if f.Cell != d.Inputs[f.Field] {
					t.Errorf("place of %s: got %s, want %s", f.Code, f.Cell, d.Inputs[f.Field])
				}
				if f.Code == CodeCompleted && o.Fields[f.Field] != f.Proposal {
					t.Errorf("%s: got %q in the order, want %q", f.Field, o.Fields[f.Field], f.Proposal)
				}
			}
			if o.Town != o.Fields[town] || o.Postcode != o.Fields[postcode] || o.Establishment != o.Fields[name] {
				t.Errorf("order: got %q, %q, %q, want what its fields say", o.Establishment, o.Postcode, o.Town)
			}
		})
	}
}

// TestProposalNamesTheSchool: with each UAI proposed come the school's name and
// town.
func TestProposalNamesTheSchool(t *testing.T) {
	form := testForm(t)
	d := goodDraft(form, 1)
	d.Fields[order.FieldUAI] = order.Cell{Text: "0750647A"}
	b := schoolBook(t)
	b.schools = append(b.schools, order.School{
		UAI: mustUAI(t, "0750648X"), Name: "Lycée Turgot - Annexe",
		Kind: "Lycée", Postcode: "75003", Town: "Paris",
	})
	_, findings, _ := Check(form, d, b, Sender{Any: true}, Policy{})
	i := slices.IndexFunc(findings, func(f order.Finding) bool { return f.Code == CodeUAIKey })
	if i < 0 {
		t.Fatalf("got %v, want %s", told(findings), CodeUAIKey)
	}
	want := map[string]string{
		"letter": "W", "name": "Lycée Turgot", "town": "Paris 3e",
		"proposal2": "0750648X", "name2": "Lycée Turgot - Annexe", "town2": "Paris 3e",
	}
	if f := findings[i]; f.Proposal != goodUAI || !maps.Equal(f.Args, want) {
		t.Errorf("got %s with %v, want %s with %v", f.Proposal, f.Args, goodUAI, want)
	}
}

// TestClosedByItsDate: a school is closed the day after its last, and open on the
// day of its opening; without a day both are as they are.
func TestClosedByItsDate(t *testing.T) {
	form := testForm(t)
	for _, tt := range []struct {
		uai, name string
		today     time.Time
		want      bool
	}{
		{"0770930T", "Collège Henri IV", date(2026, 8, 31), false},
		{"0770930T", "Collège Henri IV", date(2026, 9, 1), true},
		{"0770930T", "Collège Henri IV", time.Time{}, false},
		{"0110023R", "Lycée Lacroix", date(2027, 8, 31), true},
		{"0110023R", "Lycée Lacroix", date(2027, 9, 1), false},
	} {
		d := goodDraft(form, 1)
		d.Fields[order.FieldUAI] = order.Cell{Text: tt.uai}
		d.Fields[order.FieldEstablishment] = order.Cell{Text: tt.name}
		_, findings, _ := Check(form, d, schoolBook(t), Sender{Any: true}, Policy{Today: tt.today})
		got := slices.ContainsFunc(findings, func(f order.Finding) bool {
			return f.Code == CodeUAIClosed ||
				f.Code == CodeUAIOpening
		})
		if got != tt.want {
			t.Errorf("%s on %s: got %v, want closed or not open: %t", tt.name, tt.today.Format(time.DateOnly),
				told(findings), tt.want)
		}
	}
}

// TestPostcodeOfFourDigits lacks the digit that the directory has more, which need not be the
// first; and a school of the town that is its only one of that kind is proposed.
func TestPostcodeOfFourDigits(t *testing.T) {
	form := testForm(t)
	for _, tt := range []struct{ uai, name, town, postcode, want, proposal string }{
		{goodUAI, "Lycée Turgot", "Paris", "7500", "75003", ""},
		{goodUAI, "Lycée Turgot", "Paris", "5003", "75003", ""},
		{"0932030B", "Lycée Maurice Utrillo", "Stains", "9324", "93240", ""},
		{"0932030A", "Lycée Maurice Utrillo", "Stains", "9324", "93240", "0932030B"},
		{unknownUAI, "Lycée du Lac", "Bourg", "1000", "01000", ""},
		{"1111111X", "Lycée du Lac", "Narbonne", "11108", "11108", "0110023R"},
		{"1111111X", "Collège du Lac", "Narbonne", "11108", "11108", ""},
	} {
		d := goodDraft(form, 1)
		for id, text := range map[string]string{
			order.FieldUAI: tt.uai, order.FieldEstablishment: tt.name, order.FieldTown: tt.town,
			order.FieldPostcode: tt.postcode,
		} {
			d.Fields[id] = order.Cell{Text: text}
		}
		b := schoolBook(t)
		reg := registry.New(b.schools, nil, nil)
		o, findings, _ := Check(form, d, reg, Sender{Any: true}, Policy{})
		proposal := ""
		for _, f := range findings {
			if f.Field == order.FieldUAI {
				proposal = f.Proposal
			}
		}
		if o.Postcode != tt.want || proposal != tt.proposal {
			t.Errorf("%s, %s: got %s and the proposal %q of %v, want %s and %q",
				tt.name, tt.postcode, o.Postcode, proposal,
				told(findings), tt.want, tt.proposal)
		}
	}
}

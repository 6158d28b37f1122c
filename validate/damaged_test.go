package validate_test

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bdc/bench/need"
	"bdc/order"
	"bdc/validate"
	"bdc/validate/registry"
)

// realSchools are those of both official exports.
func realSchools(t testing.TB) (all []order.School) {
	t.Helper()
	for _, name := range []string{"fr-en-annuaire-education-lycees.csv", "fr-en-adresse-geolocalisation-colleges.csv"} {
		path := "../../shared/data/annuaire/" + name
		need.Data(t, path)
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		schools, _, err := registry.ImportDirectory(context.Background(), f, name, nil)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, schools...)
	}
	return all
}

// damage types a school as people do who make mistakes.
type damage struct{ *rand.Rand }

func (d damage) of(texts ...string) string { return texts[d.IntN(len(texts))] }

// lose leaves a character out.
func (d damage) lose(text string) string {
	i := d.IntN(len(text))
	return text[:i] + text[i+1:]
}

// code is a UAI with one mistake, which makes it no UAI.
func (d damage) code(uai string) string {
	b := []byte(uai)
	switch d.IntN(6) {
	case 0:
		i := d.IntN(7)
		b[i] = '0' + (b[i]-'0'+byte(1+d.IntN(9)))%10
	case 1:
		i := d.IntN(6)
		for b[i] == b[i+1] {
			i = d.IntN(6)
		}
		b[i], b[i+1] = b[i+1], b[i]
	case 2:
		b[7] = 'A' + (b[7]-'A'+byte(1+d.IntN(25)))%26
	case 3:
		return d.lose(uai[:7]) + uai[7:]
	case 4:
		return uai[:7]
	default:
		if uai[0] != '0' {
			return uai[:7]
		}
		return uai[1:] // without the zero in front
	}
	return string(b)
}

// name is a name shortened, without accents, in capitals, or with a letter missing.
func (d damage) name(name string) string {
	name = strings.NewReplacer("Lycée général et technologique", d.of("LGT", "Lycée"), "Lycée polyvalent",
		d.of("LPO", "Lycée"), "Lycée professionnel", d.of("LP", "Lycée pro"), "Collège",
		d.of("Clg", "Collège", "college"),
		"Saint-", d.of("St ", "St-", "Saint "), "Sainte-", d.of("Ste ", "Ste-"), "privée", "", "privé", "",
	).Replace(name)
	switch d.IntN(4) {
	case 0:
		return strings.ToUpper(d.plain(name))
	case 1:
		words := strings.Fields(name)
		if i := len(words) - 1; len(words[i]) > 6 && words[i][1] < 0x80 && words[i][2] < 0x80 {
			words[i] = words[i][:1] + words[i][2:]
		}
		return strings.Join(words, " ")
	case 2:
		return d.plain(name)
	}
	return name
}

// plain is a text without its accents.
func (d damage) plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
}

// TestDamagedSchools: for two thousand schools typed with mistakes, the right one is proposed
// first, or at least among the three.
func TestDamagedSchools(t *testing.T) {
	schools, form := realSchools(t), realForm(t)
	reg := registry.New(slices.Clone(schools), nil, nil)
	d := damage{rand.New(rand.NewPCG(15, 4))}
	const n = 2000
	first, among := 0, 0
	for range n {
		s := schools[d.IntN(len(schools))]
		typed := map[string]string{
			order.FieldUAI: d.code(s.UAI.String()), order.FieldEstablishment: d.name(s.Name),
			order.FieldPostcode: s.Postcode, order.FieldTown: d.of(s.Town, strings.ToUpper(d.plain(s.Town))),
		}
		switch d.IntN(5) {
		case 0:
			typed[order.FieldPostcode] = d.lose(s.Postcode)
		case 1:
			typed[order.FieldPostcode] = s.Postcode[:4]
		case 2:
			typed[order.FieldPostcode] = strings.TrimPrefix(s.Postcode, "0")
		case 3:
			delete(typed, d.of(order.FieldPostcode, order.FieldTown))
		}
		draft := &order.Draft{Fields: map[string]order.Cell{}}
		for id, text := range typed {
			draft.Fields[id] = order.Cell{Text: text}
		}
		_, findings, _ := validate.Check(form, draft, reg, validate.Sender{Any: true}, validate.Policy{})
		i := slices.IndexFunc(findings, func(f order.Finding) bool { return f.Field == order.FieldUAI })
		if i < 0 {
			t.Fatalf("%v: got no finding about the UAI", typed)
		}
		f := findings[i]
		at := slices.Index([]string{f.Proposal, f.Args["proposal2"], f.Args["proposal3"]}, s.UAI.String())
		if at == 0 {
			first++
		}
		if at >= 0 {
			among++
		}
		if at != 0 {
			t.Logf("%v: got %s %s, %v; want %s %s", typed, f.Code, f.Proposal, f.Args, s.UAI, s.Name)
		}
	}
	t.Logf("first %d, among three %d, of %d", first, among, n)
	if first*1000 < n*985 || among*1000 < n*995 {
		t.Errorf("got %d first and %d among three of %d, want 98.5%% and 99.5%%", first, among, n)
	}
}

package registry

import (
	"context"
	"encoding/csv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bdc/order"
	"bdc/validate/school"
)

// officialSchools are those of both official exports.
func officialSchools(t testing.TB) []order.School {
	t.Helper()
	var all []order.School
	for _, file := range []string{"fr-en-annuaire-education-lycees.csv", "fr-en-adresse-geolocalisation-colleges.csv"} {
		schools, _, err := ImportDirectory(context.Background(), shared(t, "annuaire/"+file), file, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, schools...)
	}
	return all
}

// clerk types things as people do.
type clerk struct{ *rand.Rand }

func newClerk() clerk { return clerk{rand.New(rand.NewPCG(7, 11))} }

// code is a UAI with one typing error.
func (c clerk) code(uai order.UAI) string {
	b := []byte(uai.String())
	switch c.IntN(3) {
	case 0:
		i := c.IntN(7)
		b[i] = '0' + (b[i]-'0'+byte(1+c.IntN(9)))%10
	case 1:
		for {
			if i := c.IntN(6); b[i] != b[i+1] {
				b[i], b[i+1] = b[i+1], b[i]
				break
			}
		}
	default:
		for old := b[7]; b[7] == old; {
			b[7] = byte('A' + c.IntN(26))
		}
	}
	return string(b)
}

// name is a name abbreviated, without its accents, in capitals, or in another
// order of its words.
func (c clerk) name(name string) string {
	short := strings.NewReplacer(
		"Lycée général et technologique", c.pick("LGT", "Lycée", "Lyc. gén. et techno.", "L.G.T."),
		"Lycée polyvalent", c.pick("LPO", "Lycée", "Lyc. polyvalent"),
		"Lycée professionnel", c.pick("LP", "Lycée pro", "Lycée professionnel", "L.P."),
		"Lycée", c.pick("Lyc.", "Lycée", "lycee"),
		"Collège", c.pick("Clg", "Coll.", "Collège", "CLG"),
		"Section d'enseignement professionnel", c.pick("SEP", "S.E.P.", "Section d’enseignement pro"),
		"Saint-", c.pick("St ", "St-", "Saint "),
		"Sainte-", c.pick("Ste ", "Ste-"),
		"Saint ", c.pick("St ", "Saint-"),
		"Sainte ", c.pick("Ste ", "Sainte-"),
		"Jean ", c.pick("J. ", "Jean "),
		"Notre-Dame", c.pick("ND", "N.-D.", "Notre Dame"),
		"privée", c.pick("privée", ""),
		"privé", c.pick("privé", ""),
	).Replace(name)
	if c.IntN(2) == 0 {
		short = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(short))
	}
	words := strings.Fields(short)
	switch c.IntN(4) {
	case 0:
		short = strings.ToUpper(short)
	case 1:
		if n := len(words); n > 2 {
			words[n-1], words[n-2] = words[n-2], words[n-1]
			short = strings.Join(words, " ")
		}
	case 2:
		short = strings.Join(append(words[1:], words[0]), " ")
	}
	return short
}

func (c clerk) pick(words ...string) string { return words[c.IntN(len(words))] }

// TestProposals: the right school comes first for a damaged code and name.
func TestProposals(t *testing.T) {
	schools := officialSchools(t)
	reg := New(schools, nil, nil)
	c := newClerk()
	const n = 1000
	first, among := 0, 0
	for range n {
		s := schools[c.IntN(len(schools))]
		q := school.Query{Code: c.code(s.UAI), Name: c.name(s.Name), Postcode: s.Postcode, Town: s.Town}
		near := reg.Nearby(q)
		at := slices.IndexFunc(near, func(o order.School) bool { return o.UAI == s.UAI })
		if at == 0 {
			first++
		}
		if at >= 0 {
			among++
		} else {
			t.Logf("%+v: got %v, want %s %s", q, briefly(near), s.UAI, s.Name)
		}
	}
	t.Logf("first %d, among three %d, of %d", first, among, n)
	if first*100 < n*95 || among*100 < n*99 {
		t.Errorf("the right school: got %d times first and %d times among three of %d, want 95%% and 99%%", first,
			among, n)
	}
}

func briefly(schools []order.School) []string {
	var list []string
	for _, s := range schools {
		list = append(list, s.UAI.String()+" "+s.Name+", "+s.Town)
	}
	return list
}

// TestNames: a school's name is known again however it is typed, and another's
// in the same town is not taken for it.
func TestNames(t *testing.T) {
	schools := officialSchools(t)
	byTown := map[string][]order.School{}
	for _, s := range schools {
		byTown[school.ParseTown(s.Town).Key()] = append(byTown[school.ParseTown(s.Town).Key()], s)
	}
	c := newClerk()
	const n = 1000
	mistaken := 0
	for range n {
		s := schools[c.IntN(len(schools))]
		typed := c.name(s.Name)
		if !school.ParseName(typed, "").Same(school.ParseName(s.Name, s.Kind), school.ParseTown(s.Town)) {
			mistaken++
			t.Logf("%q is not %q", typed, s.Name)
		}
	}
	if mistaken*100 > n {
		t.Errorf("right names: got %d mistaken of %d, want 1%% at most", mistaken, n)
	}
	caught, pairs := 0, 0
	for pairs < n {
		s := schools[c.IntN(len(schools))]
		town := byTown[school.ParseTown(s.Town).Key()]
		other := town[c.IntN(len(town))]
		if other.UAI == s.UAI {
			continue
		}
		pairs++
		if !school.ParseName(c.name(other.Name), "").Same(school.ParseName(s.Name, s.Kind), school.ParseTown(s.Town)) {
			caught++
		} else {
			t.Logf("%q passes for %q in %s", other.Name, s.Name, s.Town)
		}
	}
	t.Logf("%d mistaken, %d caught", mistaken, caught)
	if caught*100 < n*95 {
		t.Errorf("wrong names of the same town: got %d caught of %d, want 95%%", caught, n)
	}
}

// TestOfficialNames: one official export names each collège twice, and its town
// as the post does too. What it calls one thing is taken for one, but for some
// that it really calls otherwise ("Collège Yves Klein", "Collège La Colle-sur-Loup").
func TestOfficialNames(t *testing.T) {
	rows := csv.NewReader(shared(t, "annuaire/fr-en-adresse-geolocalisation-colleges.csv"))
	rows.Comma = ';'
	list, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names, towns := 0, 0
	for _, row := range list[1:] {
		town := school.ParseTown(row[10])
		if !school.ParseName(row[2]+" "+row[3], "").Same(school.ParseName(row[1], "Collège"), town) {
			names++
		}
		if !school.ParseTown(row[9]).Same(town) {
			towns++
		}
	}
	if n := len(list) - 1; names*100 > n || towns*100 > n {
		t.Errorf("got %d names and %d towns taken for others of %d, want 1%% at most", names, towns, n)
	}
}

// BenchmarkNearby searches a directory of 70,000 schools, 2,000 of them in Paris.
func BenchmarkNearby(b *testing.B) {
	schools := officialSchools(b)
	for i := 0; len(schools) < 70_000; i++ {
		s := schools[i]
		s.UAI = testUAI(b, 3_000_000+i)
		schools = append(schools, s)
	}
	reg := New(schools, nil, nil)
	for name, q := range map[string]school.Query{
		"paris":   {Code: "0750647A", Name: "Lycée Jean Moulin", Postcode: "75003", Town: "Paris"},
		"village": {Code: "0071168A", Name: "Collège C. de Foucauld", Postcode: "07270", Town: "Lamastre"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reg.Nearby(q)
			}
		})
	}
}

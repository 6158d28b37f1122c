package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"bdc/bench/need"
	"bdc/order"
)

func mustUAI(t testing.TB, s string) order.UAI {
	t.Helper()
	u, err := order.ParseUAI(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func mustEAN(t testing.TB, s string) order.EAN {
	t.Helper()
	e, err := order.ParseEAN(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// testUAI is the UAI of seven digits, with its letter.
func testUAI(t testing.TB, n int) order.UAI {
	t.Helper()
	return mustUAI(t, fmt.Sprintf("%07d%c", n, "ABCDEFGHJKLMNPRSTUVWXYZ"[n%23]))
}

// manySchools are n invented schools, as long-winded as real ones.
func manySchools(t testing.TB, n int) []order.School {
	t.Helper()
	schools := make([]order.School, n)
	for i := range schools {
		schools[i] = order.School{
			UAI: testUAI(t, 10_000+i*13), Name: fmt.Sprintf("Collège Jean-Baptiste Poquelin dit Molière n° %d", i),
			Kind: strings.Clone("Collège"), Sector: strings.Clone("public"),
			Contract: strings.Clone("CONTRAT D'ASSOCIATION TOUTES CLASSES"),
			Address:  fmt.Sprintf("%d avenue du Général de Gaulle, BP %d", i, i),
			Postcode: fmt.Sprintf("%05d", i%6000+1000),
			Town:     fmt.Sprintf("Saint-Martin-sur-Loire %d", i%6000),
			Phone:    fmt.Sprintf("01 42 72 %02d %02d", i/100%100, i%100),
			Email:    fmt.Sprintf("ce.%07d@ac-paris.example", i),
		}
	}
	return schools
}

func TestSchools(t *testing.T) {
	a, b := mustUAI(t, "0750647W"), mustUAI(t, "0932030B")
	reg := New([]order.School{{UAI: b, Name: "deux"}, {UAI: a, Name: "un"}, {UAI: b, Name: "trois"}}, nil, nil)
	for _, tt := range []struct {
		uai  string
		want string
	}{
		{"0750647W", "[un] true"},
		{"0932030B", "[deux trois] true"},
		{"0750001U", "[] false"},
		{"9999999A", "[] false"},
	} {
		uai, _ := order.ParseUAI(tt.uai) // the last has another letter: the zero UAI
		sites, known := reg.Schools(uai)
		names := []string{}
		for _, s := range sites {
			names = append(names, s.Name)
		}
		if got := fmt.Sprint(names, known); got != tt.want {
			t.Errorf("Schools(%s): got %s, want %s", tt.uai, got, tt.want)
		}
		if cap(sites) > len(sites) {
			t.Errorf("Schools(%s): got room for %d sites behind %d: appending would write into the registry", tt.uai,
				cap(sites), len(sites))
		}
	}
}

func TestTitles(t *testing.T) {
	title, sold, paper := mustEAN(t, "3133091195199"), mustEAN(t, "9782091194264"), mustEAN(t, "9782091650012")
	reg := New(nil, []order.Title{
		{EAN: title, Name: "numérique", Offers: []order.Offer{
			{Reference: "r1"},
			{Reference: "r2", EAN: sold},
			{EAN: paper},
		}},
		{EAN: paper, Name: "papier", Physical: true},
	}, nil)
	for _, tt := range []struct {
		ean  order.EAN
		want string
	}{
		{title, "numérique - true"},
		{sold, "numérique r2 true"},
		{paper, "papier - true"}, // a title's own EAN goes before another's offer
		{mustEAN(t, "9782091650029"), " - false"},
		{order.EAN{}, " - false"}, // offers without an EAN are not found by none
	} {
		got, offer, known := reg.Title(tt.ean)
		reference := "-"
		if offer != nil {
			reference = offer.Reference
		}
		if s := fmt.Sprint(got.Name, " ", reference, " ", known); s != tt.want {
			t.Errorf("Title(%s): got %q, want %q", tt.ean, s, tt.want)
		}
	}
	for _, tt := range []struct{ reference, want string }{
		{"r1", "numérique r1 true"},
		{"r2", "numérique r2 true"},
		{"r3", " - false"},
		{"", " - false"},
	} {
		got, offer, known := reg.Offer(tt.reference)
		reference := "-"
		if offer != nil {
			reference = offer.Reference
		}
		if s := fmt.Sprint(got.Name, " ", reference, " ", known); s != tt.want {
			t.Errorf("Offer(%q): got %q, want %q", tt.reference, s, tt.want)
		}
	}
}

func TestAccounts(t *testing.T) {
	reg := New(nil, nil, []order.Account{
		{Number: "01002001", Emails: []string{"a@librairie.example"}, Domains: []string{"librairie.example"}},
		{Number: "02002002", Emails: []string{"a@librairie.example", "b@gmail.com"}},
		{Number: "0055"},
		{Number: "055"},
	})
	for _, tt := range []struct{ number, want string }{
		{"01002001", "01002001 true"},
		{"1002001", "01002001 true"},
		{"0001002001", "01002001 true"},
		{"0055", "0055 true"},
		{"55", " false"}, // one of two
		{"10020010", " false"},
		{"", " false"},
	} {
		a, known := reg.Account(tt.number)
		if got := fmt.Sprint(a.Number, " ", known); got != tt.want {
			t.Errorf("Account(%q): got %q, want %q", tt.number, got, tt.want)
		}
	}
	for _, tt := range []struct {
		email string
		want  []string
	}{
		{"A@Librairie.example", []string{"01002001", "02002002"}},
		{"autre@librairie.example", []string{"01002001"}},
		{"b@gmail.com", []string{"02002002"}},
		{"c@gmail.com", nil},
		{"a@sous.librairie.example", nil},
		{"librairie.example", nil},
		{"", nil},
	} {
		var got []string
		for _, a := range reg.Accounts(tt.email) {
			got = append(got, a.Number)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("Accounts(%q): got %q, want %q", tt.email, got, tt.want)
		}
	}
}

// memory is a store of registers.
type memory struct {
	data   map[string][]byte
	absent error
}

func (m memory) Register(_ context.Context, register string) ([]byte, order.Import, error) {
	if data, ok := m.data[register]; ok {
		return data, order.Import{}, nil
	}
	return nil, order.Import{}, fmt.Errorf("register %q: %w", register, m.absent)
}

func TestLoad(t *testing.T) {
	absent := errors.New("not found")
	school := order.School{UAI: mustUAI(t, "0750647W"), Name: "Lycée Turgot"}
	data, err := Encode([]order.School{school})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := Encode([]order.Account{})
	if err != nil {
		t.Fatal(err)
	}
	reg, err := Load(context.Background(), memory{map[string][]byte{Directory: data, Accounts: empty}, absent}, absent)
	if err != nil {
		t.Fatal(err)
	}
	if sites, _ := reg.Schools(school.UAI); len(sites) != 1 || sites[0] != school {
		t.Errorf("Schools: got %v, want %v", sites, school)
	}
	for register, want := range map[string]bool{Directory: true, Catalogue: false, Accounts: true} {
		if got := reg.Has(register); got != want {
			t.Errorf("Has(%q): got %t, want %t", register, got, want)
		}
	}

	if _, err := Load(context.Background(), memory{nil, errors.New("disk on fire")}, absent); err == nil ||
		!strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("a store that fails: got error %v, want its own", err)
	}
	if _, err := Load(context.Background(), memory{map[string][]byte{Directory: data[:len(data)-9]}, absent},
		absent); err == nil {
		t.Error("a damaged register: got no error")
	}
}

// TestMemoryOfTheDirectory: all the schools of France take less than 60 MiB.
func TestMemoryOfTheDirectory(t *testing.T) {
	need.Time(t)
	data, err := Encode(manySchools(t, 70_000))
	if err != nil {
		t.Fatal(err)
	}
	before := liveHeap()
	reg, err := Load(context.Background(), memory{map[string][]byte{Directory: data}, errAbsent}, errAbsent)
	if err != nil {
		t.Fatal(err)
	}
	got := int64(liveHeap()) - int64(before)
	t.Logf("70,000 schools: %.1f MiB in memory, %.1f MiB encoded", float64(got)/(1<<20), float64(len(data))/(1<<20))
	if got > 60<<20 {
		t.Errorf("memory: got %d bytes, want less than 60 MiB", got)
	}
	runtime.KeepAlive(reg)
	runtime.KeepAlive(data)
}

var errAbsent = errors.New("absent")

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkSchools(b *testing.B) {
	reg := New(manySchools(b, 70_000), nil, nil)
	uais := make([]order.UAI, 1024)
	for i := range uais {
		uais[i] = testUAI(b, 10_000+i*64*13)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, known := reg.Schools(uais[i%len(uais)]); !known {
			b.Fatal(uais[i%len(uais)])
		}
		i++
	}
}

func BenchmarkAccounts(b *testing.B) {
	accounts := make([]order.Account, 2000)
	for i := range accounts {
		accounts[i] = order.Account{
			Number: fmt.Sprintf("%08d", i), Emails: []string{fmt.Sprintf("l%d@x.example", i)},
			Domains: []string{fmt.Sprintf("d%d.example", i)},
		}
	}
	reg := New(nil, nil, accounts)
	for b.Loop() {
		if len(reg.Accounts("l1500@d1000.example")) != 1 {
			b.Fatal("not found")
		}
	}
}

func BenchmarkDecode70000(b *testing.B) {
	data, err := Encode(manySchools(b, 70_000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode[order.School](data); err != nil {
			b.Fatal(err)
		}
	}
}

package boltstore

import (
	"bytes"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"

	"bdc/order"
)

// block makes rows of orders as schools place them.
func block(t *testing.T, random *rand.Rand) (rows []row) {
	t.Helper()
	names := []string{
		"Collège Jean-Moulin", "Lycée général Évariste-Galois", "École primaire Les Tilleuls",
		"LP du Bâtiment", "Œuvre d’Été",
	}
	for i := range blockRows {
		n := random.IntN(1_000_000)
		r := row{
			at:   time.Unix(1_790_000_000+int64(i), 0),
			tags: []string{"status:received", fmt.Sprintf("account:01%06d", n)},
			text: []string{
				fmt.Sprintf("CNS-2026-%06d", n), names[i%len(names)], fmt.Sprint(n%300, " rue de l’Église"),
				fmt.Sprintf("libraire%d@exemple.fr", n),
			},
		}
		for range 30 {
			r.eans = append(r.eans, mustEAN(t, fmt.Sprintf("978209%06d", random.IntN(1_000_000))))
		}
		rows = append(rows, r)
	}
	return rows
}

// mustEAN completes twelve digits.
func mustEAN(t *testing.T, digits string) order.EAN {
	t.Helper()
	for check := range 10 {
		if e, err := order.ParseEAN(fmt.Sprint(digits, check)); err == nil {
			return e
		}
	}
	t.Fatalf("%s has no check digit", digits)
	return order.EAN{}
}

// TestSketch: whatever a search finds in a row of a block, the block's sketch does
// not hide; and it hides most of what is in none.
func TestSketch(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rows := block(t, random)
	s := newSketch()
	var packs []packed
	for _, r := range rows {
		b, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		p, _ := unpack(b)
		s.add(p)
		packs = append(packs, p)
	}
	for range 20_000 {
		p := packs[random.IntN(len(packs))]
		part := p.text
		if random.IntN(3) == 0 {
			part = p.eans
		}
		from := random.IntN(len(part))
		words := string(part[from:min(len(part), from+1+random.IntN(20))])
		if search := newSearch(words); search.finds(p) && !search.may(s) {
			t.Fatalf("%q is in a row of the block and hidden", words)
		}
	}
	for _, tag := range []string{"received", "opened"} {
		if got, want := newSearch("").tag("status:", tag).may(s), tag == "received"; got != want {
			t.Errorf("status %s: got %t, want %t", tag, got, want)
		}
	}
	found := map[string]int{}
	const tries = 1000
	for range tries {
		n := random.IntN(1_000_000)
		for name, search := range map[string]search{
			"EAN":            newSearch(mustEAN(t, fmt.Sprintf("978013%06d", n)).String()),
			"five digits":    newSearch(fmt.Sprintf("%05d", n%100_000)),
			"eight digits":   newSearch(fmt.Sprintf("%08d", n*97)),
			"a word":         newSearch(string([]rune{'a' + rune(n%26), 'a' + rune(n/26%26), 'q', 'o', 'u', 'z'})),
			"an EAN's lines": newSearch("").lines([]order.EAN{mustEAN(t, fmt.Sprintf("978013%06d", n))}),
		} {
			if search.may(s) {
				found[name]++
			}
		}
	}
	for name, most := range map[string]int{
		"EAN": 1, "five digits": 40, "eight digits": 5, "a word": 2,
		"an EAN's lines": 1,
	} {
		if got := found[name] * 100 / tries; got > most {
			t.Errorf("%s: %d%% of the blocks without it are looked through, want %d%% at most", name, got, most)
		}
	}
	set := 0
	for _, b := range s[momentsEnd:] {
		set += bits.OnesCount8(b)
	}
	if set > filterBits*3/10 {
		t.Errorf("%d of %d bits are set, want less than a third", set, filterBits)
	}
	t.Logf("%d%% of the bits are set; passed by in vain: %v of %d", set*100/filterBits, found, tries)
}

// TestSketchMoments: a moment's bounds are as in OrderFilter.
func TestSketchMoments(t *testing.T) {
	s := newSketch()
	at := time.Unix(1_790_000_000, 0)
	for _, d := range []time.Duration{0, 10 * time.Second} {
		s.add(packed{at: at.Add(d)})
	}
	for _, tt := range []struct {
		from, until time.Time
		want        bool
	}{
		{time.Time{}, time.Time{}, true},
		{at, time.Time{}, true},
		{at.Add(10 * time.Second), time.Time{}, true},
		{at.Add(11 * time.Second), time.Time{}, false},
		{time.Time{}, at, true}, // a second too many does no harm
		{time.Time{}, at.Add(-time.Second), false},
		{time.Time{}, at.Add(time.Millisecond), true},
		{at.Add(3 * time.Second), at.Add(4 * time.Second), true}, // between two
	} {
		if got := s.within(tt.from, tt.until); got != tt.want {
			t.Errorf("from %v until %v: got %t, want %t", tt.from, tt.until, got, tt.want)
		}
	}
}

// TestBlocks: the keys of a block are those between its own and its end.
func TestBlocks(t *testing.T) {
	for _, rank := range []uint64{1, blockRows - 1, blockRows, 255, 256, 1<<32 - 1} {
		key := orderKey(2026, rank)
		block := blockOf(key)
		if !sameBlock(key, block) || bytes.Compare(block, key) > 0 || bytes.Compare(endOf(block), key) <= 0 {
			t.Errorf("%x is not in its block %x", key, block)
		}
		for _, other := range [][]byte{orderKey(2026, rank&^(blockRows-1)+blockRows), orderKey(2027, rank), nil} {
			if sameBlock(other, block) || other != nil && bytes.Compare(endOf(block), other) >= 0 {
				t.Errorf("%x is in block %x", other, block)
			}
		}
	}
}

package order

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func priced(price Cents, quantity int, vat VAT) Line {
	return Line{Quantity: quantity, ListPrice: &price, VAT: vat}
}

func TestVATIsRoundedOnceForEachRate(t *testing.T) {
	split := VAT{{Rate: 55, Share: 705}, {Rate: 200, Share: 295}}
	for _, tt := range []struct {
		name  string
		lines []Line
		want  Amounts
	}{
		{"none", nil, Amounts{}},
		{
			// Line by line, 5.5% of 0.10 € is 0.01 € each time: 0.03 € in all.
			"three small lines",
			[]Line{priced(10, 1, SingleVAT(55)), priced(10, 1, SingleVAT(55)), priced(10, 1, SingleVAT(55))},
			Amounts{HT: 30, VAT: []VATAmount{{55, 30, 2}}, TTC: 32, Complete: true},
		},
		{
			"half a cent goes up",
			[]Line{priced(100, 1, SingleVAT(55))},
			Amounts{HT: 100, VAT: []VATAmount{{55, 100, 6}}, TTC: 106, Complete: true},
		},
		{
			"a title over two rates, beside one of a single rate",
			[]Line{priced(620, 28, split), priced(450, 3, SingleVAT(200))},
			Amounts{
				HT: 18_710, VAT: []VATAmount{{55, 12_239, 673}, {200, 5_121 + 1_350, 1_294}},
				TTC: 20_677, Complete: true,
			},
		},
		{
			"no VAT known",
			[]Line{priced(1_000, 1, SingleVAT(200)), priced(500, 1, nil)},
			Amounts{HT: 1_500, VAT: []VATAmount{{200, 1_000, 200}}, TTC: 1_700},
		},
		{"no price known", []Line{{Quantity: 3, VAT: SingleVAT(55)}}, Amounts{}},
	} {
		got := AmountsOf(tt.lines)
		if got.HT != tt.want.HT || got.TTC != tt.want.TTC || got.Complete != tt.want.Complete ||
			!slices.Equal(got.VAT, tt.want.VAT) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// However lines are mixed, the bases are the total before tax, each VAT is the exact
// product rounded half up, and the total is their sum: no cent is lost or invented.
func TestAmountsAddUpToTheCent(t *testing.T) {
	r := rand.New(rand.NewPCG(16931, 17))
	rates := []int{0, 21, 55, 85, 100, 200}
	for range 400 {
		var lines []Line
		exact := map[int]*big.Rat{} // the base of each rate, not rounded
		parts := map[int]int64{}    // how many parts of lines are taxed at the rate
		var ht Cents
		for range 1 + r.IntN(40) {
			vat, left := VAT{}, AllShares
			for _, i := range r.Perm(len(rates))[:1+r.IntN(3)] {
				share := 1 + r.IntN(left-1)
				vat, left = append(vat, VATShare{rates[i], share}), left-share
				if left < 2 {
					break
				}
			}
			vat[len(vat)-1].Share += left
			l := priced(Cents(r.Int64N(1<<r.IntN(37)+1)), 1+r.IntN(1_000_000), vat)
			lines = append(lines, l)
			total, _ := l.Total()
			ht += total
			for _, s := range vat {
				if exact[s.Rate] == nil {
					exact[s.Rate] = new(big.Rat)
				}
				share := new(big.Rat).SetFrac64(int64(s.Share), AllShares)
				exact[s.Rate].Add(exact[s.Rate], share.Mul(share, new(big.Rat).SetInt64(int64(total))))
				parts[s.Rate]++
			}
		}
		got := AmountsOf(lines)
		var bases, vats Cents
		for i, v := range got.VAT {
			if i > 0 && got.VAT[i-1].Rate >= v.Rate {
				t.Fatalf("rates out of order: %+v", got.VAT)
			}
			bases, vats = bases+v.Base, vats+v.VAT
			// floor(base × rate / 1000 + 1/2), in whole numbers without bounds
			want := new(big.Int).Mul(big.NewInt(int64(v.Base)), big.NewInt(int64(v.Rate)))
			want.Div(want.Add(want, big.NewInt(500)), big.NewInt(1000))
			if want.Int64() != int64(v.VAT) {
				t.Fatalf("%d thousandths of %d: got %d, want %d", v.Rate, v.Base, v.VAT, want)
			}
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(int64(v.Base)), exact[v.Rate])
			if off.Abs(off).Cmp(new(big.Rat).SetInt64(parts[v.Rate])) > 0 {
				t.Fatalf("the base of %d thousandths is %s away from its exact value", v.Rate, off.FloatString(3))
			}
		}
		if got.HT != ht || bases != ht || got.TTC != ht+vats || !got.Complete {
			t.Fatalf("lines of %d: got %+v, bases %d, VAT %d", ht, got, bases, vats)
		}
	}
}

package order

import (
	"cmp"
	"slices"
)

// Amounts are what order lines cost together. VAT is computed once for each rate, on the
// sum of what is taxed at it, as an electronic invoice has to do (EN 16931, BR-CO-17).
type Amounts struct {
	HT  Cents       // before tax, of the lines whose price is known
	VAT []VATAmount // by rate, the lowest first; of the lines whose price and VAT are known
	TTC Cents       // HT and VAT together

	// Complete says that the price and the VAT of every line are known: TTC is what the
	// lines cost. Otherwise it is only a part of that.
	Complete bool
}

// VATAmount is the VAT of all that is taxed at one rate.
type VATAmount struct {
	Rate int   // thousandths: 55 is 5.5%
	Base Cents // before tax
	VAT  Cents // rounded half up
}

// AmountsOf returns what lines cost together.
func AmountsOf(lines []Line) Amounts {
	a := Amounts{Complete: len(lines) > 0}
	for i := range lines {
		ht, ok := lines[i].Total()
		a.HT += ht
		if !ok || lines[i].VAT == nil {
			a.Complete = false
			continue
		}
		for j, base := range lines[i].VAT.split(ht) {
			a.tax(lines[i].VAT[j].Rate, base)
		}
	}
	slices.SortFunc(a.VAT, func(v, w VATAmount) int { return cmp.Compare(v.Rate, w.Rate) })
	a.TTC = a.HT
	for i := range a.VAT {
		a.VAT[i].VAT = a.VAT[i].Base.thousandths(a.VAT[i].Rate)
		a.TTC += a.VAT[i].VAT
	}
	return a
}

// tax adds an amount to the base of a rate.
func (a *Amounts) tax(rate int, base Cents) {
	i := slices.IndexFunc(a.VAT, func(v VATAmount) bool { return v.Rate == rate })
	if i < 0 {
		i, a.VAT = len(a.VAT), append(a.VAT, VATAmount{Rate: rate})
	}
	a.VAT[i].Base += base
}

// split returns the parts of an amount that the shares of the VAT are, each to the cent.
// Together they are the amount, and none is further than a cent from its exact value.
func (v VAT) split(amount Cents) []Cents {
	parts := make([]Cents, len(v))
	share, before := 0, Cents(0)
	for i, s := range v {
		share += s.Share
		upTo := amount.thousandths(share)
		parts[i], before = upTo-before, upTo
	}
	return parts
}

// thousandths returns n thousandths of an amount that is not negative, rounded half up.
func (c Cents) thousandths(n int) Cents {
	return c/AllShares*Cents(n) + (c%AllShares*Cents(n)+AllShares/2)/AllShares
}

// Total is what the line costs before tax, and whether its price is known.
func (l Line) Total() (Cents, bool) {
	price := l.Price()
	if price == nil {
		return 0, false
	}
	return *price * Cents(l.Quantity), true
}

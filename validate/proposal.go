package validate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// maxProposals is how many titles a finding proposes at most.
const maxProposals = 3

// candidate is a title that may be meant, and the EAN to order it by.
type candidate struct {
	ean   order.EAN
	name  string
	score float64
}

// contradicted is the score of a title that the one on the line contradicts. Such a title
// is not proposed first.
const contradicted = 0.1

// propose adds to a finding what the line may mean: titles whose EAN is one typing
// error from the code as typed, and titles like the one typed. The best come first. The
// best of all is a title for which both is true.
func (c *checker) propose(f *order.Finding, code, name string) {
	if !c.reg.Has(Catalogue) {
		return
	}
	typed := titleOf(name)
	var found []candidate
	offer := func(ean order.EAN, sold order.Title, score float64) {
		if sold.Physical || sold.Elsewhere ||
			slices.ContainsFunc(found, func(c candidate) bool { return c.ean == ean }) {
			return
		}
		found = append(found, candidate{ean, sold.Name, score})
	}
	for _, ean := range slips(squeeze(code)) {
		if sold, _, known := c.reg.Title(ean); known {
			l := typed.like(titleOf(sold.Name))
			score := 1 + l.whole
			if name != "" && l.isOther() {
				score = contradicted
			}
			offer(ean, sold, score)
		}
	}
	if typed.count > 0 {
		for _, sold := range c.reg.TitlesLike(name) {
			if l := typed.like(titleOf(sold.Name)); l.fits() {
				offer(sold.EAN, sold, 0.5*l.shared+0.5*l.whole)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	if len(found) > 0 && found[0].score == contradicted {
		return // the title says that it is another book
	}
	for i, found := range found[:min(len(found), maxProposals)] {
		if f.Args == nil {
			f.Args = map[string]string{}
		}
		if i == 0 {
			f.Proposal, f.Args["title"] = found.ean.String(), found.name
			continue
		}
		n := strconv.Itoa(i + 1)
		f.Args["proposal"+n], f.Args["title"+n] = found.ean.String(), found.name
	}
}

// slips returns the EANs that differ from a typed code by one typing error: a wrong
// digit, two digits swapped with each other, one left out or one too many. They are
// few, since at each place only one digit makes the check digit fit.
func slips(code string) []order.EAN {
	if !isDigits(code) || len(code) < 12 || len(code) > 14 {
		return nil
	}
	var list []order.EAN
	add := func(before, between, after string) {
		s := before + between + after
		if s == code || !fitsKey(s) {
			return
		}
		if ean, err := order.ParseEAN(s); err == nil && !slices.Contains(list, ean) {
			list = append(list, ean)
		}
	}
	const digits = "0123456789"
	for i := range code {
		switch len(code) {
		case 12:
			for d := range digits {
				add(code[:i], digits[d:d+1], code[i:])
				add(code, "", digits[d:d+1])
			}
		case 13:
			for d := range digits {
				add(code[:i], digits[d:d+1], code[i+1:])
			}
			if i > 0 {
				add(code[:i-1], code[i:i+1]+code[i-1:i], code[i+1:])
			}
		case 14:
			add(code[:i], "", code[i+1:])
		}
	}
	return list
}

// fitsKey reports whether the last of thirteen digits is their check digit. It is a
// cheap test before order.ParseEAN, which most codes fail.
func fitsKey(s string) bool {
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * (1 + 2*(i%2))
	}
	return sum%10 == 0
}

// proposeOffer adds a proposal to the last finding, which is about an unknown offer
// reference. References begin with the EAN of their title: the first offer of that
// title that fits the line is proposed.
func (c *checker) proposeOffer(line *order.Line) {
	code, _, _ := strings.Cut(line.Offer, "_")
	ean, err := order.ParseEAN(code)
	if err != nil {
		return
	}
	sold, _, known := c.reg.Title(ean)
	i := slices.IndexFunc(sold.Offers, func(o order.Offer) bool { return o.Reference != "" && fits(line, &o) })
	if !known || i < 0 {
		return
	}
	f := &c.findings[len(c.findings)-1]
	f.Proposal, f.Args = sold.Offers[i].Reference, map[string]string{"title": sold.Name}
}

// digital finds the digital edition of a paper book.
func (c *checker) digital(paper order.Title) (order.Title, bool) {
	name := titleOf(paper.Name)
	for _, sold := range c.reg.TitlesLike(paper.Name) {
		if l := name.like(titleOf(sold.Name)); !sold.Physical && !sold.Elsewhere && !l.apart && l.whole > 0.8 &&
			order.FoldKey(sold.Publisher) == order.FoldKey(paper.Publisher) {
			return sold, true
		}
	}
	return order.Title{}, false
}

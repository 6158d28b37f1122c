package validate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// Codes about the offer of the catalogue that a line orders. A title is sold by
// offers, each for a duration and a kind of user (licence), some from a minimum
// quantity on or between two dates.
const (
	// CodeOfferUnknown: no offer has the reference, and the line has no EAN.
	CodeOfferUnknown order.Code = "line.offer.unknown"

	// CodeOfferIgnored: no offer has the reference, but the EAN is known, and counts.
	CodeOfferIgnored order.Code = "line.offer.ignored" // Args: title

	// CodeOfferConflict: the EAN and the reference are of two different offers.
	CodeOfferConflict order.Code = "line.offer.conflict" // Args: title (of the EAN), other (of the reference)

	// CodeOfferAmbiguous: several offers fit the line.
	CodeOfferAmbiguous order.Code = "line.offer.ambiguous" // Args: offers

	// CodeOfferMismatch: no offer of the title has the line's duration and licence.
	CodeOfferMismatch order.Code = "line.offer.mismatch" // Args: offers

	CodeOfferEarly order.Code = "line.offer.early" // not sold yet; Args: from
	CodeOfferEnded order.Code = "line.offer.ended" // no longer sold; Args: until

	// CodeRepeated: lines are equal in everything that tells licences apart.
	CodeRepeated order.Code = "line.repeated" // Args: rows
)

// normalizeOffer reads an offer reference: any code without spaces.
func normalizeOffer(text string) reading { return taken(strings.ReplaceAll(text, " ", ""), text) }

// sell finds the one offer of a title that a line orders, and compares the line with
// it. given is the offer where the line names one itself, else nil; where is the column
// by which the title was found. Nothing is reported about a title without offers:
// not every catalogue lists them.
func (c *checker) sell(l *order.DraftLine, line *order.Line, offers []order.Offer, given *order.Offer, where string) {
	all := offers
	if given != nil {
		offers = []order.Offer{*given}
	}
	if len(offers) == 0 {
		return
	}
	on := only(offers, func(o order.Offer) bool { return !c.policy.notYet(o.From) && !c.policy.over(o.Until) })
	if len(on) == 0 {
		c.unavailable(l, offers, where)
		return
	}
	meant := only(on, func(o order.Offer) bool { return fits(line, &o) })
	if len(meant) == 0 {
		column := order.ColumnDuration
		if line.Duration == "" {
			column = order.ColumnLicence
		}
		c.addLine(l, CodeOfferMismatch, order.Error, column, map[string]string{"offers": listed(on)})
		return
	}
	// Of several offers that fit, those that also fit better in one respect stay.
	for _, better := range []func(order.Offer) bool{
		func(o order.Offer) bool { return line.Quantity == 0 || o.Minimum <= line.Quantity },
		func(o order.Offer) bool { return agreeMonths(line.Duration, o.Duration) == same },
		func(o order.Offer) bool { return agreeUsers(line.Licence, o.Licence) == same },
		func(o order.Offer) bool { return line.UnitPrice != nil && isAbout(o.Price, *line.UnitPrice) },
	} {
		if len(meant) == 1 {
			break
		}
		if some := only(meant, better); len(some) > 0 {
			meant = some
		}
	}
	if len(meant) > 1 {
		c.addLine(l, CodeOfferAmbiguous, order.Error, where, map[string]string{"offers": listed(meant)})
		return
	}
	c.take(l, line, &meant[0])
	c.adopted(l, line, &meant[0], all)
	if line.ListPrice != nil {
		c.priced(l, line, all)
	}
}

// only returns the offers that are wanted. It does not change the slice, and returns
// the slice itself where all are wanted.
func only(offers []order.Offer, wanted func(order.Offer) bool) []order.Offer {
	unwanted := func(o order.Offer) bool { return !wanted(o) }
	if !slices.ContainsFunc(offers, unwanted) {
		return offers
	}
	return slices.DeleteFunc(slices.Clone(offers), unwanted)
}

// take completes a line from its offer, and reports where the two differ.
func (c *checker) take(l *order.DraftLine, line *order.Line, o *order.Offer) {
	line.Offer = cmp.Or(o.Reference, line.Offer)
	line.Duration = cmp.Or(o.Duration, line.Duration)
	line.Licence = cmp.Or(o.Licence, line.Licence)
	line.VAT = o.VAT
	if line.Quantity > 0 && line.Quantity < o.Minimum {
		minimum := strconv.Itoa(o.Minimum)
		c.addLine(l, CodeQuantityMinimum, order.Error, order.ColumnQuantity, map[string]string{"minimum": minimum})
		c.findings[len(c.findings)-1].Proposal = minimum
	}
	if o.Price == 0 {
		return // the catalogue gives no price
	}
	price := o.Price
	line.ListPrice = &price
}

// adopted holds a line that says that its users adopt the title, or that they don't, where another of
// its offers is for such users, and the one that the line takes is not.
func (c *checker) adopted(l *order.DraftLine, line *order.Line, o *order.Offer, offers []order.Offer) {
	for _, column := range []string{order.ColumnRemark, order.ColumnTitle} {
		text := l.Cells[column].Text
		adopts, denied, before := false, false, ""
		for w := range meaningful(text) {
			if strings.HasPrefix(w, "adoptant") {
				adopts, denied = true, denied || isDenial(before)
			}
			before = w
		}
		other := func(o order.Offer) bool { return o.Adopter == !denied }
		if adopts && o.Adopter == denied && slices.ContainsFunc(offers, other) {
			c.addLine(l, CodeAside, order.Hold, column, rowArgs(l.Row))
			return
		}
	}
}

// unavailable reports that none of the offers can be bought today: that the earliest
// starts later, or, where none starts later, that the last one has ended.
func (c *checker) unavailable(l *order.DraftLine, offers []order.Offer, where string) {
	var from, until time.Time
	for _, o := range offers {
		if c.policy.notYet(o.From) && (from.IsZero() || o.From.Before(from)) {
			from = o.From
		}
		if o.Until.After(until) {
			until = o.Until
		}
	}
	if !from.IsZero() {
		c.addLine(l, CodeOfferEarly, order.Hold, where, map[string]string{"from": from.Format(time.DateOnly)})
		return
	}
	c.addLine(l, CodeOfferEnded, order.Error, where, map[string]string{"until": until.Format(time.DateOnly)})
}

// fits reports whether the duration and the licence of a line do not contradict an
// offer.
func fits(line *order.Line, o *order.Offer) bool {
	return agreeMonths(line.Duration, o.Duration) != contrary && agreeUsers(line.Licence, o.Licence) != contrary
}

// agreement is the result of comparing what a line says with what the catalogue says.
type agreement uint8

const (
	open     agreement = iota // one of the two says nothing, or nothing that can be compared
	same                      // both mean the same
	contrary                  // they mean different things
)

// agreeUsers compares for whom two texts say that a licence is.
func agreeUsers(a, b string) agreement {
	if a == b && a != "" {
		return same
	}
	x, _ := usersIn(a)
	y, _ := usersIn(b)
	return x.agreeOn(y)
}

// agreeMonths compares the durations that two texts name.
func agreeMonths(a, b string) agreement {
	if a == b && a != "" {
		return same
	}
	x, _ := monthsIn(a)
	y, _ := monthsIn(b)
	switch {
	case x == 0 || y == 0:
		return open
	case x == y:
		return same
	default:
		return contrary
	}
}

// listed returns a list of offers in French, from which a bookseller is to choose one.
func listed(offers []order.Offer) string {
	var list []string
	for _, o := range offers {
		var adopter, minimum, price string
		if o.Adopter {
			adopter = "adoptant"
		}
		if o.Minimum > 1 {
			minimum = "dès " + strconv.Itoa(o.Minimum)
		}
		if o.Price > 0 {
			price = o.Price.String() + " HT"
		}
		name, text := cmp.Or(o.Reference, o.EAN.String()), about(o.Duration, o.Licence, adopter, minimum, price)
		switch {
		case name == "":
			name = text
		case text != "":
			name += " (" + text + ")"
		}
		list = append(list, name)
	}
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " ou " + list[last]
}

// about joins the parts of a description that say something.
func about(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// repeated reports which lines are equal in everything that tells licences apart:
// somebody may have pasted them twice. One finding is about all such lines of the
// order. To order an article for two classes is legitimate: the two lines then differ
// by their remarks.
func (c *checker) repeated() {
	type key struct {
		ean                              order.EAN
		offer, duration, licence, remark string
	}
	alike := make(map[key][]string, len(c.order.Lines)) // rows
	var keys []key                                      // in their order
	var again int                                       // the first line that repeats another
	for _, line := range c.order.Lines {
		if line.EAN.IsZero() && line.Offer == "" {
			continue
		}
		k := key{line.EAN, line.Offer, line.Duration, line.Licence, line.Remark}
		if alike[k] == nil {
			keys = append(keys, k)
		}
		alike[k] = append(alike[k], strconv.Itoa(line.Row))
		if again == 0 && len(alike[k]) > 1 {
			again = line.Row
		}
	}
	if again == 0 {
		return
	}
	var rows []string
	for _, k := range keys {
		if last := len(alike[k]) - 1; last > 0 {
			rows = append(rows, strings.Join(alike[k][:last], ", ")+" et "+alike[k][last])
		}
	}
	i := slices.IndexFunc(c.draft.Lines, func(l order.DraftLine) bool { return l.Row == again })
	c.addLine(&c.draft.Lines[i], CodeRepeated, order.Warning, order.ColumnEAN,
		map[string]string{"rows": strings.Join(rows, ", puis ")})
}

package validate

import (
	"cmp"

	"bdc/order"
)

// Codes about the title that a line orders, as the catalogue knows it. A finding about
// an EAN may propose up to three titles: the EAN of the first is in Proposal and its
// name in Args["title"]; the others are in Args["proposal2"] and Args["title2"],
// Args["proposal3"] and Args["title3"].
const (
	// CodeEANUnknown: the catalogue has no title and no offer with this EAN.
	CodeEANUnknown order.Code = "line.ean.unknown"

	// CodePhysical: the title is a paper book. Proposal is the EAN of its digital
	// edition, and Args["digital"] that edition's name, where there is one.
	CodePhysical order.Code = "line.product.physical" // Args: title, digital

	// CodeElsewhere: the title is sold by another distributor, not by us.
	CodeElsewhere order.Code = "line.product.elsewhere" // Args: title, seller
)

// product looks up what a line orders by its EAN and its offer reference, and completes
// the line from the catalogue.
func (c *checker) product(l *order.DraftLine, line *order.Line) {
	sold, offer, where, known := c.resolve(l, line)
	if !known {
		c.understand(l, line, nil, nil)
		return
	}
	args := map[string]string{"title": sold.Name}
	switch {
	case sold.Physical:
		c.addLine(l, CodePhysical, order.Error, where, args)
		// The cell of an offer's reference is no place for an EAN.
		if edition, ok := c.digital(sold); ok && where == order.ColumnEAN {
			args["digital"] = edition.Name
			c.findings[len(c.findings)-1].Proposal = edition.EAN.String()
		}
	case sold.Elsewhere:
		args["seller"] = sold.Distributor
		c.addLine(l, CodeElsewhere, order.Error, where, args)
	default:
		line.ListTitle = sold.Name
		if c.differs(line) {
			c.addLine(l, CodeTitle, order.Warning, order.ColumnTitle, args)
		}
		if c.understand(l, line, sold.Offers, offer) {
			c.sell(l, line, sold.Offers, offer, where)
		}
	}
	line.Title = cmp.Or(line.Title, sold.Name)
	line.Publisher = cmp.Or(line.Publisher, sold.Publisher)
}

// differs reports whether the title on a line is not the one that the catalogue has for
// it, and remembers that for the comparison of the lines with each other.
func (c *checker) differs(line *order.Line) bool {
	row := &c.rows[len(c.rows)-1]
	switch line.Title {
	case "":
	case line.ListTitle:
		row.compared = true
	default:
		typed := titleOf(line.Title)
		row.compared = typed.count > 0
		row.differs = typed.like(titleOf(line.ListTitle)).isOther()
	}
	return row.differs
}

// resolve finds the title of a line and, where the line names one, its offer. where is
// the column by which they were found. An unknown reference beside a known EAN is only
// a warning, since that column often holds the name of the offer. A line whose EAN and
// reference are of two offers has no known title: only its bookseller can say which
// one is meant.
func (c *checker) resolve(
	l *order.DraftLine, line *order.Line,
) (sold order.Title, offer *order.Offer, where string, known bool) {
	where = order.ColumnEAN
	if !line.EAN.IsZero() {
		sold, offer, known = c.reg.Title(line.EAN)
	}
	byEAN := known
	var offered order.Title
	var byReference *order.Offer
	if line.Offer != "" {
		offered, byReference, _ = c.reg.Offer(line.Offer)
	}
	switch {
	case line.Offer == "":
	case byReference == nil && byEAN:
		c.addLine(l, CodeOfferIgnored, order.Warning, order.ColumnOffer, map[string]string{"title": sold.Name})
	case byReference == nil && line.EAN.IsZero():
		c.addLine(l, CodeOfferUnknown, order.Error, order.ColumnOffer, nil)
		c.proposeOffer(line)
	case byReference != nil && !byEAN:
		sold, offer, where, known = offered, byReference, order.ColumnOffer, true
	case byReference != nil:
		if sold.EAN != offered.EAN || offer != nil && !offer.Equal(*byReference) {
			c.addLine(l, CodeOfferConflict, order.Error, order.ColumnOffer,
				map[string]string{"title": sold.Name, "other": offered.Name})
			return sold, nil, where, false
		}
		if offer == nil {
			offer, where = byReference, order.ColumnOffer
		}
	}
	if !byEAN && !line.EAN.IsZero() {
		c.addLine(l, CodeEANUnknown, order.Error, order.ColumnEAN, nil)
		c.propose(&c.findings[len(c.findings)-1], line.EAN.String(), cmp.Or(sold.Name, line.Title))
	}
	return sold, offer, where, known
}

package validate

import (
	"cmp"
	"strings"

	"bdc/order"
)

// Codes about what a line orders, as the catalogue has it.
const (
	CodeEANUnknown   order.Code = "line.ean.unknown"
	CodePhysical     order.Code = "line.product.physical" // Args: title
	CodeOfferUnknown order.Code = "line.offer.unknown"
	CodeOfferIgnored order.Code = "line.offer.ignored" // Args: title
)

// normalizeOffer reads an offer reference: any code without spaces.
func normalizeOffer(text string) reading { return taken(strings.ReplaceAll(text, " ", ""), text) }

// product looks a line up by its EAN and by its offer reference. An unknown
// reference beside a known EAN is only said: that column often holds the
// offer's name.
func (c *checker) product(l *order.DraftLine, line *order.Line) {
	var title order.Title
	byEAN := false
	if !line.EAN.IsZero() {
		if title, _, byEAN = c.reg.Title(line.EAN); !byEAN {
			c.addLine(l, CodeEANUnknown, order.Error, order.ColumnEAN, nil)
		}
	}
	where, known := order.ColumnEAN, byEAN
	if line.Offer != "" {
		offered, _, byOffer := c.reg.Offer(line.Offer)
		switch {
		case !byOffer && byEAN:
			c.addLine(l, CodeOfferIgnored, order.Warning, order.ColumnOffer, map[string]string{"title": title.Name})
		case !byOffer && line.EAN.IsZero():
			c.addLine(l, CodeOfferUnknown, order.Error, order.ColumnOffer, nil)
		case byOffer && !byEAN:
			title, where, known = offered, order.ColumnOffer, true
		}
	}
	if !known {
		return
	}
	if title.Physical {
		c.addLine(l, CodePhysical, order.Error, where, map[string]string{"title": title.Name})
	}
	line.Title = cmp.Or(line.Title, title.Name)
	line.Publisher = cmp.Or(line.Publisher, title.Publisher)
}

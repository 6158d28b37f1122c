package validate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// Codes about cells of a line that contradict each other, and about columns that do not
// belong to the same rows.
const (
	// CodeQuantityUsers: the quantity counts others than those whom the licence is for:
	// "2 profs" with "Élève".
	CodeQuantityUsers order.Code = "line.quantity.users" // Args: licence

	// CodeTitleOffer: the title names another duration or licence than the line orders.
	CodeTitleOffer order.Code = "line.title.offer" // Args: ordered

	// CodePriceOther: the price is that of another offer of the title.
	CodePriceOther order.Code = "line.price.other" // Args: price, typed, offers

	// CodeTitleShifted: titles and EANs seem to belong to different rows.
	CodeTitleShifted order.Code = "line.title.shifted" // Args: count, of, pairs

	// CodePriceShifted: prices and EANs seem to belong to different rows.
	CodePriceShifted order.Code = "line.price.shifted" // Args: count, of
)

// understand asks what a line means whose licence or duration names two, or denies one. It
// does not ask where the line names its offer itself, or where an offer has this very text.
func (c *checker) understand(l *order.DraftLine, line *order.Line, offers []order.Offer, given *order.Offer) bool {
	understood := true
	for _, column := range []string{order.ColumnLicence, order.ColumnDuration} {
		text, own := line.Licence, func(o order.Offer) string { return o.Licence }
		_, clear := usersIn(text)
		if column == order.ColumnDuration {
			text, own = line.Duration, func(o order.Offer) string { return o.Duration }
			_, clear = monthsIn(text)
		}
		clear = clear && !strings.ContainsAny(text, "?？")
		if clear || given != nil ||
			slices.ContainsFunc(offers,
				func(o order.Offer) bool { return order.FoldKey(own(o)) == order.FoldKey(text) }) {
			continue
		}
		understood = false
		c.findings = slices.DeleteFunc(c.findings, func(f order.Finding) bool {
			return f.Code == CodeChoice && f.Field == column && f.Cell == c.cell(l, column)
		})
		field, _ := c.form.Field(column)
		c.addLine(l, CodeUnclear, order.Error, column,
			map[string]string{"choices": strings.Join(field.Choices, ", ")})
	}
	return understood
}

// counted compares whom a quantity counts ("2 profs") with the licence of the line. Where
// the line has no licence, those whom it counts are its users.
func (c *checker) counted(l *order.DraftLine, line *order.Line) {
	text := l.Cells[order.ColumnQuantity].Text
	if line.Quantity == 0 || isDigits(text) {
		return
	}
	who, _ := usersIn(text)
	if who == 0 {
		return
	}
	if line.Licence == "" {
		field, _ := c.form.Field(order.ColumnLicence)
		if i := slices.IndexFunc(field.Choices, func(s string) bool { return isFor(who, s) }); i >= 0 {
			line.Licence = field.Choices[i]
		}
		return
	}
	licensed, _ := usersIn(line.Licence)
	if licensed&schools == 0 && who.agreeOn(licensed) == contrary {
		c.addLine(l, CodeQuantityUsers, order.Error, order.ColumnQuantity, map[string]string{"licence": line.Licence})
	}
}

// titled compares what the title as typed says of duration and licence with what the line
// orders. What the catalogue's own title says, too, does not count.
func (c *checker) titled(l *order.DraftLine, line *order.Line) {
	if line.Title == line.ListTitle {
		return
	}
	who, _ := usersIn(line.Title)
	months, _ := monthsIn(line.Title)
	if who == 0 && months == 0 {
		return
	}
	listed, _ := usersIn(line.ListTitle)
	licensed, _ := usersIn(line.Licence)
	listedMonths, _ := monthsIn(line.ListTitle)
	ordered, _ := monthsIn(line.Duration)
	other := who&^listed != 0 && licensed&schools == 0 && who.agreeOn(licensed) == contrary
	if longer := months != 0 && ordered != 0 && months != ordered && months != listedMonths; other || longer {
		c.addLine(l, CodeTitleOffer, order.Hold, order.ColumnTitle,
			map[string]string{"ordered": about(line.Duration, line.Licence)})
	}
}

// priced reports that a price is not that of the offer that a line takes. The price of
// another offer of the same title is left to a person: one of the two was meant.
func (c *checker) priced(l *order.DraftLine, line *order.Line, offers []order.Offer) {
	if line.UnitPrice == nil || isAbout(*line.UnitPrice, *line.ListPrice) {
		return
	}
	c.rows[len(c.rows)-1].priced = true
	args := map[string]string{"price": line.ListPrice.String(), "typed": line.UnitPrice.String()}
	others := only(offers, func(o order.Offer) bool { return o.Price > 0 && isAbout(o.Price, *line.UnitPrice) })
	if len(others) > 0 {
		args["offers"] = listed(others)
		c.addLine(l, CodePriceOther, order.Hold, order.ColumnPrice, args)
		return
	}
	c.addLine(l, CodePriceMismatch, order.Warning, order.ColumnPrice, args)
}

// another holds a line of which neither the title nor the price is that of its EAN: title and price
// may be those that were meant. It holds one as well whose title, as typed, is that of a paper book.
func (c *checker) another(l *order.DraftLine, line *order.Line) {
	row := &c.rows[len(c.rows)-1]
	paper := line.ListTitle != "" && line.Title != line.ListTitle && isPaper(line.Title) && !isPaper(line.ListTitle)
	if !paper && !(row.differs && row.priced) {
		return
	}
	cell := c.cell(l, order.ColumnTitle)
	c.findings = slices.DeleteFunc(c.findings, func(f order.Finding) bool {
		return f.Code == CodeTitle && f.Cell == cell && f.Sheet == l.Sheet
	})
	c.addLine(l, CodeTitle, order.Hold, order.ColumnTitle, map[string]string{"title": line.ListTitle})
}

// isPaper reports whether a title has a word for a printed book, and none that denies it.
func isPaper(title string) bool {
	paper := false
	for w := range meaningful(title) {
		switch w {
		case "papier", "imprime", "imprimee", "broche", "poche", "relie":
			paper = true
		case "numerique", "numeriques", "digital":
			return false
		}
	}
	return paper
}

// Bounds of the comparison of lines with each other.
const (
	mostCompared = 60 // lines whose titles are compared with the titles of all the others
	fewestPrices = 3  // prices that differ, for their order to say anything
	fewestTitles = 4  // lines with titles, for half of them to say anything
)

// aligned compares the lines with each other. One title that is not that of its EAN is no
// more than a remark. Where two of them fit other rows, or half of four or more differ, a column
// was moved or sorted alone: then a person must say which EAN goes with which title.
func (c *checker) aligned() {
	var differ []int // indices of the lines
	compared := 0
	for i := range c.rows {
		if r := &c.rows[i]; r.compared {
			compared++
			if r.differs {
				differ = append(differ, i)
			}
		}
	}
	if len(differ) >= 2 {
		pairs := c.pairs(differ)
		if len(pairs) >= 2 || compared >= fewestTitles && 2*len(differ) >= compared {
			c.addLine(c.rows[differ[0]].draft, CodeTitleShifted, order.Hold, order.ColumnTitle, map[string]string{
				"count": strconv.Itoa(len(differ)), "of": strconv.Itoa(compared),
				"pairs": strings.Join(pairs[:min(len(pairs), 5)], ", "),
			})
		}
	}
	c.alignedPrices()
}

// pairs returns which title seems to be that of which row's EAN, such as "27 → 36".
func (c *checker) pairs(differ []int) (pairs []string) {
	for _, i := range differ[:min(len(differ), mostCompared)] {
		typed := titleOf(c.order.Lines[i].Title)
		best, at := 0.0, -1
		for j := range c.order.Lines[:min(len(c.order.Lines), 2*mostCompared)] {
			sold := c.order.Lines[j].ListTitle
			if sold == "" || sold == c.order.Lines[i].ListTitle {
				continue
			}
			if l := typed.like(titleOf(sold)); l.fits() && l.shared+l.whole > best {
				best, at = l.shared+l.whole, j
			}
		}
		if at >= 0 {
			pairs = append(pairs, strconv.Itoa(c.order.Lines[i].Row)+" → "+strconv.Itoa(c.order.Lines[at].Row))
		}
	}
	return pairs
}

// alignedPrices holds a form whose prices are those of the catalogue, but each of another
// row: the same prices in another order, or each one that of the row above or below.
func (c *checker) alignedPrices() {
	var typed, sold []order.Cents
	first, above, below := -1, 0, 0
	price := func(i int) order.Cents {
		if i < 0 || i >= len(c.order.Lines) || c.order.Lines[i].ListPrice == nil {
			return 0
		}
		return *c.order.Lines[i].ListPrice
	}
	for i := range c.order.Lines {
		line := &c.order.Lines[i]
		if line.UnitPrice == nil || line.ListPrice == nil || isAbout(*line.UnitPrice, *line.ListPrice) {
			continue
		}
		if first < 0 {
			first = i
		}
		typed, sold = append(typed, *line.UnitPrice), append(sold, *line.ListPrice)
		if *line.UnitPrice == price(i-1) {
			above++
		}
		if *line.UnitPrice == price(i+1) {
			below++
		}
	}
	if len(typed) < fewestPrices {
		return
	}
	slices.SortFunc(typed, cmp.Compare[order.Cents])
	slices.SortFunc(sold, cmp.Compare[order.Cents])
	if slices.Equal(typed, sold) || above+1 >= len(typed) || below+1 >= len(typed) {
		c.addLine(c.rows[first].draft, CodePriceShifted, order.Hold, order.ColumnPrice, map[string]string{
			"count": strconv.Itoa(len(typed)), "of": strconv.Itoa(len(c.order.Lines)),
		})
	}
}

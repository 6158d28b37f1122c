package review

import (
	"net/http"

	"bdc/order"
	"bdc/store"
)

// catalogue shows the list of the titles.
func (c *Console) catalogue(v *visit) error {
	p, err := list(v, "catalogue", func(words, after string, limit int) []order.Title {
		ean, _ := order.ParseEAN(after) // zero, for the first page, if it is no EAN
		return c.Registry().TitlesBeyond(words, ean, limit)
	}, func(t order.Title) string { return t.EAN.String() })
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "catalogue", "Catalogue", p)
}

// titlePage is the page of a title of the catalogue.
type titlePage struct {
	Title order.Title
	Offer *order.Offer // the offer whose EAN was asked for, or nil
	history
}

// title shows the title that has an EAN or an offer with it, and its latest orders.
func (c *Console) title(v *visit) error {
	ean, err := order.ParseEAN(v.r.PathValue("ean"))
	if err != nil {
		return store.ErrNotFound
	}
	var p titlePage
	var known bool
	if p.Title, p.Offer, known = c.Registry().Title(ean); !known {
		return store.ErrNotFound
	}
	p.Words = p.Title.EAN.String()
	eans := []order.EAN{p.Title.EAN}
	for _, o := range p.Title.Offers {
		if !o.EAN.IsZero() {
			eans = append(eans, o.EAN)
		}
	}
	if p.Orders, err = c.Store.OrderRows(v.r.Context(), store.OrderFilter{EANs: eans}, "", recentOrders); err != nil {
		return err
	}
	return v.show(http.StatusOK, "titre", p.Title.Name, p)
}

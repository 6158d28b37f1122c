package review

import (
	"net/http"
	"strings"

	"bdc/order"
	"bdc/store"
)

// directory shows the list of the schools.
func (c *Console) directory(v *visit) error {
	p, err := list(v, "annuaire", func(words, after string, limit int) []order.School {
		uai, _ := order.ParseUAI(after) // zero, for the first page, if it is no UAI
		return c.Registry().SchoolsBeyond(words, uai, limit)
	}, func(s order.School) string { return s.UAI.String() })
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "etablissements", "Établissements", p)
}

// schoolPage is the page of a school.
type schoolPage struct {
	UAI   order.UAI
	Name  string
	Sites []order.School // empty if the directory does not have the school
	history
}

// school shows a school of the directory, or one that only orders or cases name.
func (c *Console) school(v *visit) error {
	uai, err := order.ParseUAI(strings.ToUpper(v.r.PathValue("uai")))
	if err != nil {
		return store.ErrNotFound
	}
	p := schoolPage{UAI: uai}
	p.Sites, _ = c.Registry().Schools(uai)
	cases := store.CaseFilter{UAI: uai, Newest: true}
	if p.history, err = c.history(v.r.Context(), store.OrderFilter{UAI: uai}, cases, uai.String()); err != nil {
		return err
	}
	switch {
	case len(p.Sites) > 0:
		p.Name = p.Sites[0].Name
	case len(p.Orders) > 0:
		p.Name = p.Orders[0].Establishment
	case p.empty():
		return store.ErrNotFound
	default:
		p.Name = p.Cases[0].Establishment
	}
	return v.show(http.StatusOK, "ecole", p.Name, p)
}

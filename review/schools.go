package review

import (
	"net/http"
	"strings"

	"bdc/order"
	"bdc/store"
)

// foundSchools is how many schools a search shows.
const foundSchools = 30

// schoolsPage is where the school of a form is chosen.
type schoolsPage struct {
	Case    order.Case
	Words   string
	Schools []order.School
	More    bool
}

// schools searches the directory by name, town, postal code or UAI. At first it
// looks for what the form says.
func (c *Console) schools(v *visit) error {
	k, err := c.Store.Case(v.r.Context(), v.r.PathValue("code"))
	if err != nil {
		return err
	}
	s := subject{k, current(&k)}
	a := s.attempt()
	if a.Order == nil || k.State == order.Closed {
		return store.ErrNotFound
	}
	p := schoolsPage{Case: k, Words: v.r.FormValue("q")}
	if !v.r.URL.Query().Has("q") {
		p.Words = strings.TrimSpace(a.Order.Postcode + " " + a.Order.Town)
	}
	p.Schools = c.Registry().SearchSchools(p.Words, foundSchools+1)
	if len(p.Schools) > foundSchools {
		p.Schools, p.More = p.Schools[:foundSchools], true
	}
	return v.show(http.StatusOK, "etablissement", "Choisir l’établissement", p)
}

package review

import (
	"net/http"
	"strings"

	"bdc/order"
	"bdc/store"
)

// foundSchools is the most schools that a search shows.
const foundSchools = 30

// schoolsPage is the page on which the school of a case's form is chosen.
type schoolsPage struct {
	Case    order.Case
	Words   string
	Schools []order.School
	More    bool // the search found others
}

// schools shows the schools of the directory in which the words are found. Without
// words in the address, it searches for the postal code and town of the form.
func (c *Console) schools(v *visit) error {
	s, err := v.subject()
	if err != nil {
		return err
	}
	a := s.attempt()
	if a.Order == nil || s.State == order.Closed {
		return store.ErrNotFound
	}
	p := schoolsPage{Case: s.Case, Words: v.r.FormValue("q")}
	if !v.r.URL.Query().Has("q") {
		p.Words = strings.TrimSpace(a.Order.Postcode + " " + a.Order.Town)
	}
	p.Schools = c.Registry().SearchSchools(p.Words, foundSchools+1)
	if len(p.Schools) > foundSchools {
		p.Schools, p.More = p.Schools[:foundSchools], true
	}
	return v.show(http.StatusOK, "etablissement", "Choisir l’établissement", p)
}

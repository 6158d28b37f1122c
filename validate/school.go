package validate

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/validate/school"
)

// Codes about differences between the form and what the directory says of the school
// with the form's UAI.
//
// The directory learns late of new names and moves, so a difference alone is no
// reason to refuse an order. Another name than the directory's is left to a person
// (hold), since to open a service for the wrong school costs more than to look.
// Another town or postal code with the right name is only a warning. The form is
// sent back (error, CodeUAIOther) where name and town both contradict the UAI, or
// where name and place are those of another school in the directory, which is then
// proposed: one of them is certainly wrong, and only the bookseller knows which. A
// section and the school that it belongs to have two UAIs and often one name and
// address; a form that gives the UAI of one and the name of the other is left to a
// person.
const (
	CodeNameMismatch     order.Code = "establishment.name.mismatch"     // Args: school, schooltown
	CodeTownMismatch     order.Code = "establishment.town.mismatch"     // Args: school, schooltown
	CodePostcodeMismatch order.Code = "establishment.postcode.mismatch" // Args: school, schooltown, schoolpostcode

	// CodeSector: the form says public where the directory says private, or the reverse.
	CodeSector order.Code = "establishment.sector.mismatch" // Args: sector (the directory's), school, schooltown

	// CodeCompleted: the form left a field empty, and the directory filled it.
	CodeCompleted order.Code = "value.completed"
)

// withoutUAI reports whether the form says that the school has no UAI. A form that
// ticks the box for that, but gives a UAI all the same, does not.
func (c *checker) withoutUAI() bool {
	return c.header.value(order.FieldUAI) == "" && c.header.value(order.FieldNoUAI) != ""
}

// school looks the UAI up, compares what the directory says with the form, and
// fills in what identifies the school. A UAI with the right check letter that the
// directory does not have is left to a person: the school may be too new for it.
func (c *checker) school() {
	c.order.Sector = school.Sector(c.order.Fields[order.FieldSector])
	c.identify()
	o := &c.order
	o.Establishment = o.Fields[order.FieldEstablishment]
	o.Postcode = o.Fields[order.FieldPostcode]
	o.Town = o.Fields[order.FieldTown]
}

func (c *checker) identify() {
	if c.withoutUAI() {
		c.add(CodeUAINone, order.Hold, order.FieldNoUAI, nil)
		return
	}
	uai, sound := c.header.sound(order.FieldUAI)
	if sound {
		c.order.UAI, _ = order.ParseUAI(uai)
	}
	if !c.reg.Has(Directory) {
		return
	}
	sites, known := c.reg.Schools(c.order.UAI)
	if !known {
		if sound {
			c.add(CodeUAIUnknown, order.Hold, order.FieldUAI, nil)
		}
		c.proposeSchools(c.nearby())
		return
	}
	// All sites of a UAI belong to one legal body, and so to one sector.
	if typed, official := c.order.Sector, sites[0].Sector; typed != "" && official != "" && typed != official {
		args := named(sites[0])
		args["sector"] = official
		c.add(CodeSector, order.Warning, order.FieldSector, args)
	}
	c.order.Sector = cmp.Or(c.order.Sector, sites[0].Sector)
	c.shortPostcode(sites)
	c.most = slices.MaxFunc(sites, func(a, b order.School) int { return cmp.Compare(a.Pupils, b.Pupils) })
	c.opening(sites)
	c.compare(sites)
}

// described returns the form's description of the school, as far as it could be read.
func (c *checker) described() school.Query {
	q := school.Query{
		Name: order.Clean(c.header.value(order.FieldEstablishment)),
		Town: order.Clean(c.header.value(order.FieldTown)),
	}
	q.Postcode, _ = c.header.sound(order.FieldPostcode)
	return q
}

// nearby returns the schools that the form may mean whose UAI finds none.
func (c *checker) nearby() []order.School {
	q := c.described()
	q.Code = squeeze(c.header.value(order.FieldUAI))
	if q.Code == "" && q.Town == "" && q.Postcode == "" {
		return nil
	}
	schools := c.reg.Nearby(q)
	if digits := c.fourDigits(); digits != "" {
		// The digit that the postal code lacks may be any but the first, too.
		q.Postcode = ""
		schools = slices.DeleteFunc(c.reg.Nearby(q), func(s order.School) bool {
			return !lacksDigit(digits, s.Postcode)
		})
		c.shortPostcode(schools)
	}
	return schools
}

// fourDigits returns the postal code as typed if it has four digits, else "".
func (c *checker) fourDigits() string {
	cell := c.draft.Fields[order.FieldPostcode]
	if text := shown(cell); isDigits(text) && len(text) == 4 {
		return text
	}
	return ""
}

// lacksDigit reports whether digits are a postal code with one digit left out.
func lacksDigit(digits, postcode string) bool {
	for i := range postcode {
		if postcode[:i]+postcode[i+1:] == digits {
			return true
		}
	}
	return false
}

// shortPostcode gives a postal code that was typed with four digits the digit that it has
// in the directory. By itself such a code gets the zero in front that Excel drops; what is
// missing may as well be its last digit.
func (c *checker) shortPostcode(schools []order.School) {
	digits := c.fourDigits()
	if digits == "" || slices.ContainsFunc(schools, func(s order.School) bool { return s.Postcode == "0"+digits }) {
		return
	}
	i := slices.IndexFunc(schools, func(s order.School) bool { return lacksDigit(digits, s.Postcode) })
	if i < 0 {
		return
	}
	for j := range c.header.fields {
		if c.header.fields[j].ID == order.FieldPostcode {
			c.header.list[j].value = schools[i].Postcode
		}
	}
	c.fix(order.FieldPostcode, schools[i].Postcode)
}

// proposeSchools adds the schools that may be meant to the finding about the UAI. Where
// there are none, it withdraws a UAI that was proposed for its check letter alone: either no
// school has it, or one that does not fit the form.
func (c *checker) proposeSchools(schools []order.School) {
	i := slices.IndexFunc(c.findings, func(f order.Finding) bool {
		return f.Field == order.FieldUAI && f.Severity != order.Fixed
	})
	if i < 0 || isSeveral(c.findings[i]) {
		return
	}
	f := &c.findings[i]
	if len(schools) == 0 {
		f.Proposal = ""
		if f.Code == CodeUAIKey {
			f.Args = nil
		}
		return
	}
	f.Args = maps.Clone(f.Args) // the reading may share it
	if f.Args == nil {
		f.Args = map[string]string{}
	}
	for i, s := range schools {
		n := ""
		if i == 0 {
			f.Proposal = s.UAI.String()
		} else {
			n = strconv.Itoa(i + 1)
			f.Args["proposal"+n] = s.UAI.String()
		}
		f.Args["name"+n], f.Args["town"+n] = s.Name, school.ShownTown(s.Town, s.Postcode)
	}
}

// opening reports a school of which every site is closed, or not open yet. Not to be
// open yet is only a warning: licences are often ordered in spring for a school that
// opens in autumn.
func (c *checker) opening(sites []order.School) {
	lasting := func(s order.School) bool { return !c.policy.over(s.Closed) }
	begun := func(s order.School) bool { return !c.policy.notYet(s.Opened) }
	args := named(sites[0])
	switch {
	case !slices.ContainsFunc(sites, lasting):
		args["closed"] = sites[0].Closed.Format(time.DateOnly)
		if sites[0].Closed.Year() <= 1900 {
			delete(args, "closed") // the directory does not say when
		}
		c.add(CodeUAIClosed, order.Hold, order.FieldUAI, args)
	case !slices.ContainsFunc(sites, begun):
		args["opened"] = sites[0].Opened.Format(time.DateOnly)
		c.add(CodeUAIOpening, order.Warning, order.FieldUAI, args)
	}
}

// named returns the Args that name the school with the form's UAI.
func named(s order.School) map[string]string {
	return map[string]string{"school": s.Name, "schooltown": school.ShownTown(s.Town, s.Postcode)}
}

// compare compares name, town and postal code with each site of the UAI: the form may
// be about any of them. Where sites agree with the form, it completes the form from
// them; else it reports the differences from the site that agrees most.
func (c *checker) compare(sites []order.School) {
	q := c.described()
	wanted := school.NewWanted(q)
	var agreeing []order.School
	closest, most := 0, -1
	var likely school.Likely
	for i := range sites {
		s := &sites[i]
		l := wanted.Compare(s, school.ParseName(s.Name, s.Kind), school.ParseTown(s.Town))
		if l.Name && l.Place() {
			agreeing = append(agreeing, *s)
		}
		if n := l.Agreements(); n > most {
			closest, most, likely = i, n, l
		}
	}
	if q.Name == "" {
		return // a missing name is an error already, and without it schools cannot be compared
	}
	if likely.Name && namesOther(q.Name, sites) {
		c.add(CodeNameMismatch, order.Hold, order.FieldEstablishment, named(sites[closest]))
	}
	if len(agreeing) > 0 {
		c.complete(agreeing)
		c.samePostcode(q, agreeing)
		return
	}
	args := named(sites[closest])
	if !likely.Name {
		c.add(CodeNameMismatch, order.Hold, order.FieldEstablishment, args)
	}
	if !likely.Town {
		severity := order.Warning
		if c.isShops(likely) {
			severity = order.Hold
		}
		c.add(CodeTownMismatch, severity, order.FieldTown, args)
	}
	if !likely.Postcode {
		args = named(sites[closest])
		args["schoolpostcode"] = sites[closest].Postcode
		c.add(CodePostcodeMismatch, order.Warning, order.FieldPostcode, args)
	}
	meant := slices.DeleteFunc(c.reg.Nearby(q), func(s order.School) bool {
		l := wanted.Compare(&s, school.ParseName(s.Name, s.Kind), school.ParseTown(s.Town))
		return s.UAI == c.order.UAI || !l.Name || !l.Place()
	})
	if len(meant) > 0 && !likely.Section || !likely.Name && !likely.Town {
		c.add(CodeUAIOther, order.Error, order.FieldUAI, named(sites[closest]))
		c.proposeSchools(meant)
	}
}

// samePostcode remarks a postal code that no site of the school has, although it is near. A CEDEX has
// one of its own.
func (c *checker) samePostcode(q school.Query, sites []order.School) {
	same := func(s order.School) bool { return s.Postcode == "" || s.Postcode == q.Postcode }
	if q.Postcode == "" || slices.ContainsFunc(sites, same) ||
		strings.Contains(order.FoldKey(q.Town+sites[0].Town), "cedex") {
		return
	}
	args := named(sites[0])
	args["schoolpostcode"] = sites[0].Postcode
	c.add(CodePostcodeMismatch, order.Warning, order.FieldPostcode, args)
}

// complete fills in what the form leaves out and the directory knows, where its
// sites agree on it.
func (c *checker) complete(sites []order.School) {
	c.fill(order.FieldAddress, sites, func(s order.School) string { return s.Address })
	c.fill(order.FieldPostcode, sites, func(s order.School) string { return s.Postcode })
	c.fill(order.FieldTown, sites, func(s order.School) string { return school.TownName(s.Town) })
	c.fill(order.FieldSchoolMail, sites, func(s order.School) string { return s.Email })
}

// fill fills in one field, and removes the finding that it is missing, or that a field
// is missing which it replaces.
func (c *checker) fill(field string, sites []order.School, from func(order.School) string) {
	value := from(sites[0])
	differs := func(s order.School) bool { return from(s) != value }
	if r := c.header.of(field); value == "" || r.value != "" || r.code != "" || slices.ContainsFunc(sites, differs) {
		return
	}
	c.findings = slices.DeleteFunc(c.findings, func(f order.Finding) bool {
		about, _ := c.form.Field(f.Field)
		return f.Code == CodeMissing && (f.Field == field || about.Or == field)
	})
	c.add(CodeCompleted, order.Fixed, field, nil)
	c.findings[len(c.findings)-1].Proposal = value
	c.order.Fields[field] = value
}

package validate

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"bdc/order"
	"bdc/validate/school"
)

// Codes about the school, as the directory has it under its UAI.
//
// Directories lag behind renamings and moves, so that a difference alone refuses
// nothing. A name that is not the UAI's own is for a person (hold): to open a
// service for the wrong school costs more than a look. Another town or postal code
// under the right name goes through, and is said (warning). Only where name and
// place both contradict the UAI, or are those of another school that the directory
// has, one of them is certainly wrong, and only the bookseller can tell which:
// CodeUAIOther sends the form back (error), with that school proposed. A section
// and the school that it belongs to are one house with two UAIs: that is for a
// person again.
const (
	CodeNameMismatch     order.Code = "establishment.name.mismatch"     // Args: school, schooltown
	CodeTownMismatch     order.Code = "establishment.town.mismatch"     // Args: school, schooltown
	CodePostcodeMismatch order.Code = "establishment.postcode.mismatch" // Args: school, schooltown, schoolpostcode

	// CodeCompleted: the directory knows what the form leaves out.
	CodeCompleted order.Code = "value.completed"
)

// withoutUAI reports whether the form says that the school has no UAI, and
// gives none. A UAI wins over the box.
func (c *checker) withoutUAI() bool {
	return c.header.value(order.FieldUAI) == "" && c.header.value(order.FieldNoUAI) != ""
}

// school looks the UAI up, compares what the directory says with the form, and
// fills in what identifies the school. A UAI with the right key that the
// directory lacks is for a person to decide: directories lag behind openings.
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
	// One UAI is one legal body, whatever its sites.
	c.order.Sector = cmp.Or(c.order.Sector, sites[0].Sector)
	c.opening(sites)
	c.compare(sites)
}

// described is the school as the form describes it, as far as it could be read.
func (c *checker) described() school.Query {
	q := school.Query{
		Name: order.Clean(c.header.value(order.FieldEstablishment)),
		Town: order.Clean(c.header.value(order.FieldTown)),
	}
	q.Postcode, _ = c.header.sound(order.FieldPostcode)
	return q
}

// nearby are the schools that may be meant by a code that finds none.
func (c *checker) nearby() []order.School {
	q := c.described()
	q.Code = squeeze(c.header.value(order.FieldUAI))
	if q.Code == "" && q.Town == "" && q.Postcode == "" {
		return nil
	}
	return c.reg.Nearby(q)
}

// proposeSchools adds the schools that may be meant to what was found wrong with the
// UAI. It drops the check letter that would fit where that is the code of a
// school that can't be meant.
func (c *checker) proposeSchools(schools []order.School) {
	i := slices.IndexFunc(c.findings, func(f order.Finding) bool {
		return f.Field == order.FieldUAI && f.Severity != order.Fixed
	})
	if i < 0 {
		return
	}
	f := &c.findings[i]
	if len(schools) == 0 {
		if uai, err := order.ParseUAI(f.Proposal); err == nil {
			if _, known := c.reg.Schools(uai); known {
				f.Proposal = ""
			}
		}
		return
	}
	f.Args = maps.Clone(f.Args) // which may be the reading's
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

// opening reports a school that is closed, or not open yet: every site of it. A
// service is often ordered in spring for a school that opens in autumn.
func (c *checker) opening(sites []order.School) {
	lasting := func(s order.School) bool { return !c.policy.over(s.Closed) }
	begun := func(s order.School) bool { return !c.policy.notYet(s.Opened) }
	args := named(sites[0])
	switch {
	case !slices.ContainsFunc(sites, lasting):
		args["closed"] = sites[0].Closed.Format(time.DateOnly)
		if sites[0].Closed.Year() <= 1900 {
			delete(args, "closed") // since nobody knows when
		}
		c.add(CodeUAIClosed, order.Hold, order.FieldUAI, args)
	case !slices.ContainsFunc(sites, begun):
		args["opened"] = sites[0].Opened.Format(time.DateOnly)
		c.add(CodeUAIOpening, order.Warning, order.FieldUAI, args)
	}
}

// named are the Args that say which school the directory has under the UAI.
func named(s order.School) map[string]string {
	return map[string]string{"school": s.Name, "schooltown": school.ShownTown(s.Town, s.Postcode)}
}

// compare holds name, town and postal code against each site of the UAI: the
// form may give any of them. It completes the form from the sites that agree.
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
		return // its absence is an error already, and nothing else can be told
	}
	if len(agreeing) > 0 {
		c.complete(agreeing)
		return
	}
	args := named(sites[closest])
	if !likely.Name {
		c.add(CodeNameMismatch, order.Hold, order.FieldEstablishment, args)
	}
	if !likely.Town {
		c.add(CodeTownMismatch, order.Warning, order.FieldTown, args)
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

// complete fills in what the form leaves out and the directory knows, where its
// sites agree on it.
func (c *checker) complete(sites []order.School) {
	c.fill(order.FieldAddress, sites, func(s order.School) string { return s.Address })
	c.fill(order.FieldPostcode, sites, func(s order.School) string { return s.Postcode })
	c.fill(order.FieldTown, sites, func(s order.School) string { return school.TownName(s.Town) })
	c.fill(order.FieldSchoolMail, sites, func(s order.School) string { return s.Email })
}

// fill fills in one field, and takes back that it is missing, or another for
// which it does instead.
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

package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// Bounds of an example.
const (
	maxChanges = 12  // values of one entry
	maxValue   = 120 // characters of one value
)

// examplesOf returns the first entries of each difference, in the order of the lists.
func examplesOf[E Entry](old, new []E, before, after map[string]summary) (x order.Examples) {
	told := map[string]bool{} // keys; a school may have several entries
	var changing []string
	for i := range new {
		key, _ := keyOf(&new[i])
		was, known := before[key]
		var list *[]order.Example
		switch after[key].since(was, known) {
		case added:
			list = &x.Added
		case closed:
			list = &x.Closed
		case changedNow:
			list = &x.Changed
		default:
			continue
		}
		if len(*list) == order.MaxExamples || told[key] {
			continue
		}
		told[key] = true
		*list = append(*list, order.Example{Key: key, Name: nameIn(&new[i])})
		if list == &x.Changed {
			changing = append(changing, key)
		}
	}
	for i := range old {
		key, _ := keyOf(&old[i])
		if _, kept := after[key]; kept || told[key] || len(x.Removed) == order.MaxExamples {
			continue
		}
		told[key] = true
		x.Removed = append(x.Removed, order.Example{Key: key, Name: nameIn(&old[i])})
	}
	was, now := withKeys(old, changing), withKeys(new, changing)
	for i := range x.Changed {
		x.Changed[i].Changes = changesOf(was[x.Changed[i].Key], now[x.Changed[i].Key])
	}
	return x
}

// withKeys returns what the entries with some keys say: by key, the facts of each entry.
func withKeys[E Entry](entries []E, keys []string) map[string][][]fact {
	found := make(map[string][][]fact, len(keys))
	for i := range entries {
		if key, _ := keyOf(&entries[i]); slices.Contains(keys, key) {
			found[key] = append(found[key], factsIn(&entries[i]))
		}
	}
	return found
}

// changesOf compares what the entries with one key said and say: what is the same on both
// sides is left out, and of what remains the first is compared with the first.
func changesOf(was, now [][]fact) (changes []order.ValueChange) {
	in := func(list [][]fact) func([]fact) bool {
		return func(f []fact) bool {
			return slices.ContainsFunc(list, func(g []fact) bool { return slices.Equal(f, g) })
		}
	}
	was, now = slices.DeleteFunc(slices.Clone(was), in(now)), slices.DeleteFunc(slices.Clone(now), in(was))
	for i := range max(len(was), len(now)) {
		var before, after []fact
		if i < len(was) {
			before = was[i]
		}
		if i < len(now) {
			after = now[i]
		}
		for _, c := range compareFacts(before, after) {
			if len(changes) == maxChanges {
				return changes
			}
			changes = append(changes, c)
		}
	}
	return changes
}

func compareFacts(was, now []fact) (changes []order.ValueChange) {
	value := func(list []fact, label string) string {
		i := slices.IndexFunc(list, func(f fact) bool { return f.label == label })
		if i < 0 {
			return ""
		}
		return cut(list[i].value, maxValue)
	}
	for _, f := range now {
		if before := value(was, f.label); before != cut(f.value, maxValue) {
			changes = append(changes, order.ValueChange{Field: f.label, Was: before, Now: cut(f.value, maxValue)})
		}
	}
	for _, f := range was {
		if !slices.ContainsFunc(now, func(g fact) bool { return g.label == f.label }) {
			changes = append(changes, order.ValueChange{Field: f.label, Was: cut(f.value, maxValue)})
		}
	}
	return changes
}

// fact is one value of an entry, with its name in French. Facts without a value are left
// out.
type fact struct{ label, value string }

// facts makes a list of labels and values, in turn.
func facts(pairs ...string) (list []fact) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			list = append(list, fact{pairs[i], pairs[i+1]})
		}
	}
	return list
}

// nameIn returns the name of an entry.
func nameIn[E Entry](entry *E) string {
	switch e := any(entry).(type) {
	case *order.School:
		return cut(e.Name, maxValue)
	case *order.Title:
		return cut(e.Name, maxValue)
	case *order.Account:
		return cut(e.Name, maxValue)
	}
	panic("unreachable: Entry has no other types")
}

// factsIn returns all that an entry says.
func factsIn[E Entry](entry *E) []fact {
	switch e := any(entry).(type) {
	case *order.School:
		return facts("nom", e.Name, "type", e.Kind, "statut", e.Sector, "contrat", e.Contract, "adresse", e.Address,
			"code postal", e.Postcode, "commune", e.Town, "téléphone", e.Phone, "e-mail", e.Email,
			"SIRET", e.SIRET.String(), "code de nature", number(e.Nature), "nombre d’élèves", number(e.Pupils),
			"ouverture", dayOf(e.Opened), "fermeture", dayOf(e.Closed))
	case *order.Title:
		list := facts("titre", e.Name, "éditeur", e.Publisher, "distributeur", e.Distributor, "auteur", e.Author,
			"niveau", e.Level, "ark", e.Ark, "couverture", e.Cover, "physique", word(e.Physical),
			"hors CNS", word(e.Elsewhere))
		for i := range e.Offers {
			list = append(list, offerFacts(&e.Offers[i], i)...)
		}
		return list
	case *order.Account:
		return facts("nom", e.Name, "e-mails", strings.Join(e.Emails, ", "), "domaines", strings.Join(e.Domains, ", "),
			"adresse", e.Address, "code postal", e.Postcode, "ville", e.Town, "inactif", word(e.Inactive))
	}
	panic("unreachable: Entry has no other types")
}

// offerFacts returns all that an offer says. Its labels name the offer.
func offerFacts(o *order.Offer, i int) []fact {
	name := "offre " + cmp.Or(o.Reference, o.EAN.String(), strconv.Itoa(i+1)) + " : "
	price := ""
	if o.Price > 0 {
		price = o.Price.String()
	}
	var vat []string
	for _, s := range o.VAT {
		vat = append(vat, fmt.Sprintf("%g %% (%g %%)", float64(s.Rate)/10, float64(s.Share)/10))
	}
	return facts(name+"EAN", o.EAN.String(), name+"durée", o.Duration, name+"licence", o.Licence,
		name+"adoptant", word(o.Adopter), name+"quantité minimale", number(o.Minimum), name+"prix HT", price,
		name+"TVA", strings.Join(vat, " ; "), name+"début", dayOf(o.From), name+"fin", dayOf(o.Until))
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func word(yes bool) string {
	if yes {
		return "oui"
	}
	return ""
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("02/01/2006")
}

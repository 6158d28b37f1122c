package sheet

import (
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// strays adds a finding of severity hold for another school or account than the form's, wherever
// it stands on the sheet: a UAI whose letter fits, the name of a school beside some label, a
// number behind a label with the word « compte ». There is one for each field at most. In the
// layouts of several orders, the table tells schools apart itself.
func (f *finder) strays(g *worksheet, t *table, lines []order.DraftLine, values map[grid.Pos]bool, b *block) {
	if t != nil && t.layout != nil {
		return
	}
	s := strays{f: f, g: g, b: b}
	if code := b.fields[order.FieldUAI].Text; code != "" {
		s.own = uaisOf(code)
	}
	for _, r := range g.Rows {
		for len(lines) > 0 && lines[0].Row < r.Number {
			lines = lines[1:]
		}
		inLine := len(lines) > 0 && lines[0].Row == r.Number
		for c := range g.row(r) {
			if c.Kind == order.KindError || values[c.Pos] || inLine && t != nil && t.at(c.Col) != nil ||
				slices.ContainsFunc(b.findings, func(f order.Finding) bool { return f.Cell == c.String() }) {
				continue
			}
			s.cell(c, inLine)
		}
	}
}

// strays is the state of one search for another school or account.
type strays struct {
	f   *finder
	g   *worksheet
	b   *block
	own []order.UAI // of the form; none if it can't be read
}

func (s *strays) cell(c cell, inLine bool) {
	if len(s.own) == 1 && slices.ContainsFunc(uaisOf(c.Text), func(u order.UAI) bool { return u != s.own[0] }) {
		s.say(order.FieldUAI, c)
		return
	}
	if inLine || c.Col < 2 || blank(c.Text) || len(c.Text) > longestName {
		return
	}
	account := s.isOtherAccount(c.Text)
	if !account && (c.means.isLabel() || !s.isOtherName(c.Text)) {
		return
	}
	switch left := s.left(c); {
	case !left.filled() || left.Kind != order.KindText:
	case !account:
		s.say(order.FieldEstablishment, c)
	case isAccount(left.Text):
		s.say(order.FieldAccount, c)
	}
}

// left is the nearest filled cell to the left, if it is near enough for a label.
func (s *strays) left(c cell) cell {
	for n := 1; n <= farthest+1 && n < c.Col; n++ {
		if left := s.g.at(s.g.Anchor(c.Pos.Right(-n))); left.filled() {
			return left
		}
	}
	return cell{}
}

func (s *strays) say(id string, c cell) {
	own, filled := s.b.fields[id]
	if !filled || slices.ContainsFunc(s.b.findings, func(f order.Finding) bool {
		return f.Code == "form.field.twice" && f.Field == id
	}) {
		return
	}
	s.b.findings = append(s.b.findings, order.Finding{
		Code: "form.field.twice", Severity: order.Hold, Field: id, Sheet: s.g.Name, Cell: c.String(),
		Value: strings.Clone(c.Text), Args: map[string]string{"other": own.Ref},
	})
}

// uaisOf are the UAIs in a text whose letters fit.
func uaisOf(text string) (list []order.UAI) {
	digits := 0
	for i, r := range text {
		switch {
		case isDigit(r):
			digits++
			continue
		case digits == 7:
			if uai, err := order.ParseUAI(strings.ToUpper(text[i-7 : min(i+1, len(text))])); err == nil &&
				!goesOn(text[i+1:]) {
				list = append(list, uai)
			}
		}
		digits = 0
	}
	return list
}

// goesOn says whether a text begins within a word.
func goesOn(text string) bool { return text != "" && !isBetween(rune(text[0])) }

// isAccount says whether a label is that of an account of a bookseller.
func isAccount(label string) bool {
	key := order.FoldKey(label)
	if len(label) > longestName || !strings.Contains(key, "compte") {
		return false
	}
	return !slices.ContainsFunc([]string{"banc", "banq", "iban", "rib", "ccp", "postal", "comptable", "tresor"},
		func(part string) bool { return strings.Contains(key, part) })
}

// isOtherAccount says whether a text is a number of an account that is not the form's.
func (s *strays) isOtherAccount(text string) bool {
	if !isDigit(rune(text[0])) {
		return false
	}
	key := order.FoldKey(text)
	own := order.FoldKey(s.b.fields[order.FieldAccount].Text)
	return len(key) >= 5 && len(key) <= 15 && strings.Trim(key, "0123456789") == "" &&
		strings.TrimLeft(key, "0") != strings.TrimLeft(own, "0") && !strings.Contains(own, key)
}

// isOtherName says whether a text is the name of a school that has no word of the form's, of its town
// or of the bookseller.
func (s *strays) isOtherName(text string) bool {
	first := text
	if end := strings.IndexFunc(text, isBetween); end > 0 {
		first = text[:end]
	}
	if kindsOf(order.Fold(first))&school == 0 {
		return false
	}
	known := ""
	for _, id := range []string{order.FieldEstablishment, order.FieldTown, order.FieldBookseller} {
		known += " " + s.b.fields[id].Text
	}
	words := strings.FieldsFunc(order.Fold(text), isBetween)
	if len(words) < 2 || len(words) > 8 {
		return false
	}
	tells := false
	for _, w := range words[1:] {
		switch w {
		case "prive", "privee", "public", "publique", "general", "generale", "technologique", "professionnel",
			"professionnelle", "polyvalent", "agricole", "elementaire", "maternelle", "primaire", "scolaire",
			"concerne", "concernee":
			continue
		}
		if len(w) > 3 && kindsOf(w) == 0 {
			tells = true
		}
		if len(w) > 3 && holdsWords(known, w) {
			return false
		}
	}
	return tells
}

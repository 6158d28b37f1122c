package validate

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"bdc/order"
)

// Codes about what a workbook says beside the cells of a form. Value is what it says.
const (
	// CodeAside: words that deny or change a line or the form. Args: where, head (of the
	// column), row (of the line).
	CodeAside order.Code = "form.words.doubt"

	// CodeStruck: a cell of the form is struck through.
	CodeStruck order.Code = "form.cell.struck" // Args: row

	// CodeObject: a text box or picture on the sheet, which a program does not read.
	CodeObject order.Code = "form.object" // Args: where
)

// Doubts reports whether a person must read some words before the form beside them is
// ordered. Words about a line are explained by that line alone: another line's quantity is
// another quantity. The line is nil for words about the form.
type Doubts func(text string, line *order.Line) bool

// Asides judges what a workbook says beside the cells of a form (order.Draft.Asides), and what
// stands in those of its cells that take any words. The order is what Check has made of the
// draft. ours reports whether a text is one that our blank form prints.
func Asides(
	form *order.Form, d *order.Draft, o *order.Order, policy Policy, doubts Doubts, ours func(string) bool,
) []order.Finding {
	a := asides{
		form: form, draft: d, order: o, policy: policy, doubts: doubts, ours: ours, lines: map[int]*order.Line{},
	}
	for i := range o.Lines {
		a.lines[o.Lines[i].Row] = &o.Lines[i]
	}
	for _, f := range o.Findings {
		if f.Code == CodeAside {
			a.findings = append(a.findings, f)
		}
	}
	told := len(a.findings)
	a.fields()
	a.cells()
	a.headings()
	a.beside()
	for i := range d.Asides {
		a.aside(&d.Asides[i])
	}
	return a.findings[told:]
}

// asides holds the state of one call of Asides.
type asides struct {
	form     *order.Form
	draft    *order.Draft
	order    *order.Order
	policy   Policy
	doubts   Doubts
	ours     func(string) bool
	lines    map[int]*order.Line // by their rows
	findings []order.Finding
}

// mostDoubts is how many findings of one severity a form gets: who reads them has seen enough.
const mostDoubts = 12

func (a *asides) say(code order.Code, severity order.Severity, field string, c order.Cell, args map[string]string) {
	same := func(f order.Finding) bool { return f.Code == code && f.Sheet == c.Sheet && f.Cell == c.Ref }
	told := 0 // of its severity, so that no remarks keep a hold back
	for _, f := range a.findings {
		if f.Severity == severity {
			told++
		}
	}
	if told < mostDoubts && !slices.ContainsFunc(a.findings, same) {
		a.findings = append(a.findings, order.Finding{
			Code: code, Severity: severity, Field: field, Sheet: c.Sheet, Cell: c.Ref, Value: c.Text, Args: args,
		})
	}
}

// isDoubtful reports whether words deny or change what they stand beside: a line, or the form if
// that is nil.
func (a *asides) isDoubtful(text string, line *order.Line) bool {
	text = strings.TrimLeft(strings.TrimSpace(text), "=←→-–•* ")
	if !strings.ContainsFunc(text, unicode.IsLetter) || a.ours(text) {
		return strings.Contains(text, "??")
	}
	if saysNo(text) || a.policy.otherSeason(text) {
		return true
	}
	rest := uncounted(text)
	return rest != "" && a.doubts(rest, line)
}

// fields judges the header fields that take any words.
func (a *asides) fields() {
	for i := range a.form.Fields {
		field := &a.form.Fields[i]
		c, filled := a.draft.Fields[field.ID]
		if !filled || c.Kind != order.KindText {
			continue
		}
		switch field.ID {
		case order.FieldAddress:
			if isOtherSchool(c.Text, a.order) {
				a.say(CodeAside, order.Hold, field.ID, c, nil)
			}
		case order.FieldReference, "etablissement_complement", "contact_fonction", "acces_ent", order.FieldAccess,
			order.FieldSector:
			text := c.Text
			if field.ID == order.FieldReference {
				text = lettersOnly(text)
			}
			if !slices.Contains(field.Choices, text) && (a.isDoubtful(text, nil) || isOtherSchool(text, a.order)) {
				a.say(CodeAside, order.Hold, field.ID, c, nil)
			}
		}
	}
}

// cells judges the cells of the lines that take any words. Of a title, only the words count
// that the catalogue's does not have.
func (a *asides) cells() {
	for i := range a.draft.Lines {
		l := &a.draft.Lines[i]
		line := a.lines[l.Row]
		for _, column := range []string{order.ColumnTitle, order.ColumnPublisher, order.ColumnRemark} {
			c, filled := l.Cells[column]
			if !filled || c.Kind != order.KindText {
				if filled && column == order.ColumnRemark && line != nil && c.Text != strconv.Itoa(line.Quantity) {
					a.say(CodeAside, order.Hold, column, c, rowArgs(l.Row)) // a number: of what?
				}
				continue
			}
			text := c.Text
			switch {
			case column == order.ColumnTitle && line == nil && headed(text) != 0: // as headings judges
				continue
			case column == order.ColumnTitle && line != nil:
				text = newWords(text, line.ListTitle, line.Title)
			case column == order.ColumnPublisher && line != nil && line.Publisher != c.Text:
				text = c.Text
			}
			if a.isDoubtful(text, line) || column == order.ColumnRemark && a.changes(text, line) {
				a.say(CodeAside, order.Hold, column, c, rowArgs(l.Row))
			}
		}
	}
}

// newWords returns the words of a typed title that the catalogue's does not have; none where the
// catalogue's is the same or not known.
func newWords(typed, listed, title string) string {
	if listed == "" || typed != title {
		return ""
	}
	known := map[string]bool{}
	for w := range meaningful(listed) {
		known[w] = true
	}
	var words []string
	for w := range meaningful(typed) {
		if !known[w] && userOf(w) == 0 && !isAboutLicences(w) && levelOf(w) == 0 {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// changes reports whether a remark on a line asks something, is a number with a sign, or names
// another school, level, licence or duration than the line has.
func (a *asides) changes(text string, line *order.Line) bool {
	trimmed := strings.TrimSpace(text)
	if len(trimmed) > 1 && strings.ContainsAny(trimmed[:1], "+-x") && isDigits(strings.TrimSpace(trimmed[1:])) ||
		strings.Contains(trimmed, "?") || isOtherSchool(text, a.order) {
		return true
	}
	if line == nil {
		return false
	}
	if sum := sums.FindStringSubmatch(text); sum != nil && sum[1] != strconv.Itoa(line.Quantity) {
		return true
	}
	words := 0
	for range meaningful(text) {
		words++
	}
	who, _ := usersIn(text)
	licensed, _ := usersIn(line.Licence)
	months, _ := monthsIn(text)
	ordered, _ := monthsIn(line.Duration)
	title := titleOf(cmp.Or(line.ListTitle, line.Title))
	levels := titleOf(text).levels
	return words <= 3 && who.agreeOn(licensed) == contrary ||
		!isDigits(trimmed) && months > 0 && ordered > 0 && months != ordered ||
		levels != 0 && title.levels != 0 && levels&title.levels == 0
}

// sums is a sum that somebody worked out: « 28 - 3 = 25 ».
var sums = regexp.MustCompile(`[0-9]\s*=\s*([0-9]+)`)

// headings judges headings among the lines that name users, such as « Licences enseignants »: they
// are the users of the lines below, up to the next such heading.
func (a *asides) headings() {
	type heading struct {
		order.Cell
		row int
		of  users
	}
	var list []heading
	add := func(c order.Cell, row int) {
		if of := headed(c.Text); of != 0 && !a.ours(c.Text) {
			list = append(list, heading{c, row, of})
		}
	}
	for i := range a.draft.Lines {
		if l := &a.draft.Lines[i]; a.lines[l.Row] == nil {
			add(l.Cells[order.ColumnTitle], l.Row)
		}
	}
	for i := range a.draft.Asides {
		one := &a.draft.Asides[i]
		row, _ := strconv.Atoi(strings.TrimLeft(one.Ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		if one.Kind == order.AsideText {
			add(one.Cell, row)
		}
	}
	slices.SortStableFunc(list, func(a, b heading) int { return cmp.Compare(a.row, b.row) })
	for i := range a.order.Lines {
		line := &a.order.Lines[i]
		above := heading{}
		for _, h := range list {
			if h.row < line.Row && h.Sheet == line.Sheet {
				above = h
			}
		}
		if licensed, _ := usersIn(line.Licence); above.of.agreeOn(licensed) == contrary {
			a.say(CodeAside, order.Hold, "", above.Cell, rowArgs(line.Row))
		}
	}
}

// headed returns the users whom a heading names, and 0 for a text that says anything else.
func headed(text string) users {
	if len(text) > 60 {
		return 0
	}
	named, clear := usersIn(text)
	for w := range meaningful(text) {
		if userOf(w) == 0 && !isAboutLicences(w) || isDigits(w) {
			return 0
		}
	}
	if !clear {
		return 0
	}
	return named
}

func rowArgs(row int) map[string]string { return map[string]string{"row": strconv.Itoa(row)} }

// copied is the number that programs add to the name of a sheet or file that they copy.
var copied = regexp.MustCompile(` ?\([0-9]+\)$`)

// aside judges what stands anywhere but in the row of a line.
func (a *asides) aside(one *order.Aside) {
	args := map[string]string{"where": string(one.Kind)}
	if one.Row > 0 {
		if a.lines[one.Row] == nil && !slices.ContainsFunc(a.draft.Lines, func(l order.DraftLine) bool {
			return l.Row == one.Row
		}) {
			return // of another order
		}
		args["row"] = strconv.Itoa(one.Row)
	}
	switch one.Kind {
	case order.AsideStruck:
		if one.Row == 0 || a.lines[one.Row] != nil {
			a.say(CodeStruck, order.Hold, "", one.Cell, args)
		}
	case order.AsideBeside:
	case order.AsideFile:
		if saysNo(one.Text) || strings.Contains(order.FoldKey(one.Text), "nepas") {
			a.say(CodeAside, order.Hold, "", one.Cell, args)
		}
	case order.AsideMore:
		a.say(CodeAside, order.Hold, "", one.Cell, args)
	case order.AsidePicture:
		a.say(CodeObject, order.Warning, "", one.Cell, args)
	default:
		line := a.lines[one.Row]
		if len(one.Rows) > 0 && a.isLegend(one) {
			a.say(CodeAside, order.Hold, "", one.Cell, args)
			return
		}
		if one.Kind == order.AsideSheet {
			one.Text = copied.ReplaceAllString(one.Text, "")
		}
		if one.Kind == order.AsideText && !a.ours(one.Text) && strings.Count(strings.TrimSpace(one.Text), " ") < 7 &&
			isOtherSchool(one.Text, a.order) || a.isDoubtful(one.Text, line) ||
			one.Kind == order.AsideNote && a.changes(one.Text, line) {
			a.say(CodeAside, order.Hold, "", one.Cell, args)
		} else if one.Kind == order.AsideBox {
			a.say(CodeObject, order.Warning, "", one.Cell, args)
		}
	}
}

// isLegend reports whether a text in the colour of some lines changes one of them.
func (a *asides) isLegend(one *order.Aside) bool {
	return slices.ContainsFunc(one.Rows, func(row int) bool {
		line := a.lines[row]
		return line != nil && (a.isDoubtful(one.Text, line) || a.changes(strings.TrimLeft(one.Text, "=: "), line))
	})
}

// beside judges the columns that the form has not: whatever says of a line that it is not to be
// ordered, or in another number.
func (a *asides) beside() {
	columns := map[string][]*order.Aside{}
	var keys []string
	for i := range a.draft.Asides {
		one := &a.draft.Asides[i]
		if one.Kind != order.AsideBeside || a.lines[one.Row] == nil {
			continue
		}
		key := strings.TrimRight(one.Ref, "0123456789")
		if columns[key] == nil {
			keys = append(keys, key)
		}
		columns[key] = append(columns[key], one)
	}
	for _, key := range keys {
		a.column(columns[key])
	}
}

// column judges one column beside the lines.
func (a *asides) column(cells []*order.Aside) {
	head := order.FoldKey(cells[0].Head)
	numbers := numbersRows(head, cells)
	varies := slices.ContainsFunc(cells, func(o *order.Aside) bool {
		return order.FoldKey(o.Text) != order.FoldKey(cells[0].Text)
	})
	for _, one := range cells {
		if a.contradicts(one, head, column{len(cells), numbers, varies}) {
			args := rowArgs(one.Row)
			args["where"] = string(one.Kind)
			if one.Head != "" {
				args["head"] = one.Head
			}
			a.say(CodeAside, order.Hold, "", one.Cell, args)
		}
	}
}

// column is what the cells of a column beside the lines are together.
type column struct {
	filled  int  // how many there are
	numbers bool // they number the rows (numbersRows)
	varies  bool // they are not all the same
}

// contradicts reports whether a cell beside a line says that the line is not as it is ordered.
func (a *asides) contradicts(one *order.Aside, head string, all column) bool {
	line := a.lines[one.Row]
	text := strings.TrimSpace(one.Text)
	if opens(head) && a.policy.isLater(text) {
		return true
	}
	if plain := plainNumber(text); one.Cell.Kind != order.KindText || isDigits(plain) {
		if strings.Contains(head, "total") || strings.Contains(head, "montant") {
			return a.isOtherTotal(text, one.Cell.Kind, line)
		}
		return isDigits(plain) && !isCount(head) && plain != strconv.Itoa(line.Quantity) && !all.numbers
	}
	switch order.FoldKey(text) {
	case "non", "n", "no", "faux", "false", "x", "xx", "":
		return !isHarmlessHead(head)
	case "oui", "o", "yes", "vrai", "true", "ok":
		return all.filled < len(a.order.Lines) && !isHarmlessHead(head) // the others have it not
	}
	if isHarmlessHead(head) {
		return false
	}
	if a.isDoubtful(text, line) || a.isDoubtful(one.Head, line) || a.changes(text, line) {
		return true
	}
	return isState(head) && all.varies
}

// isOtherTotal reports whether an amount that was typed for a line is not that of its quantity and
// price, before tax or with one of the taxes on books and services.
func (a *asides) isOtherTotal(text string, kind order.Kind, line *order.Line) bool {
	r := normalizeMoney(text, kind)
	if r.code != "" || line.Quantity == 0 {
		return false
	}
	typed, right := int64(cents(r.value)), false
	known := false
	for _, price := range []*order.Cents{line.UnitPrice, line.ListPrice} {
		if price == nil {
			continue
		}
		known = true
		for _, rate := range order.TaxRates() {
			rate += 1000
			total := int64(*price) * int64(line.Quantity) * rate / 1000
			right = right || typed-total <= int64(line.Quantity)+1 && total-typed <= int64(line.Quantity)+1 ||
				typed == int64(*price)*rate/1000
		}
	}
	return known && !right
}

// isCount reports whether a folded header is that of numbers that are no quantities.
func isCount(head string) bool {
	switch head {
	case "n", "no", "num", "numero", "nligne", "ligne",
		"lig", "rang", "pos", "poste", "ordre", "page", "annee", "rayon":
		return true
	}
	for _, part := range []string{
		"total", "montant", "prix", "ttc", "ht", "tva", "remise", "tarif", "classe", "code", "ref",
		"ean", "isbn", "poids", "numero",
	} {
		if strings.Contains(head, part) {
			return true
		}
	}
	return false
}

// numbersRows reports whether a column numbers the rows, from one or as the sheet does, or has nothing
// but years. Under a header that counts something it does not.
func numbersRows(head string, column []*order.Aside) bool {
	for _, part := range []string{"qt", "quant", "nb", "nombre", "ex", "licen", "effectif", "commande"} {
		if strings.HasPrefix(head, part) {
			return false
		}
	}
	counts, years := len(column) > 1, true
	for i, one := range column {
		n := plainNumber(strings.TrimSpace(one.Text))
		_, isYear := yearOf(n)
		years = years && isYear
		counts = counts && (n == strconv.Itoa(i+1) || n == strconv.Itoa(one.Row))
	}
	return counts || years
}

// isHarmlessHead reports whether a folded header is that of a column that sorts lines and says
// nothing of what is ordered.
func isHarmlessHead(head string) bool {
	for _, part := range []string{
		"classe", "niveau", "division", "groupe", "professeur", "enseignant", "matiere", "discipline", "collection",
		"auteur", "editeur", "rayon", "notesinternes", "imputation",
	} {
		if strings.HasPrefix(head, part) {
			return true
		}
	}
	return false
}

// isState reports whether a folded header asks for something that may differ from line to line
// and decides about it.
func isState(head string) bool {
	for _, part := range []string{
		"etat", "statut", "situation", "sit", "suivi", "decision", "avis", "accord", "valid", "command", "livrer",
		"choix", "retenu", "etablissement", "pour", "site", "destinataire", "support", "format", "version",
	} {
		if strings.HasPrefix(head, part) {
			return true
		}
	}
	return false
}

package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"bdc/order"
)

// What one reply lists at most, in all its sections together. Mail programs cut a long
// mail short (Gmail at 102 KB), and nobody corrects hundreds of points from one mail.
const (
	maxLines  = 500 // order lines
	maxPoints = 200 // findings
)

// mail is the value on which the templates of a reply are executed. All strings in it are
// cleaned and cut.
type mail struct {
	Subject  string
	Personal []string // the paragraphs that one of our staff wrote; a paragraph may have several lines
	Sections []section
	FormName string // of the blank form that is attached; "" if none is
}

// section tells what became of one form. Its strings are "" where nothing is known.
type section struct {
	Kind     order.ReplyKind
	Rank, Of int    // the number of this section in the mail, from 1, and how many there are
	At       string // order.Reply.CreatedAt
	Hours    int    // Options.OpeningHours
	Number   string // of the order
	First    string // for a duplicate: when we received the first order
	Case     string // the code of the case
	Part     string // the name of the attachment with the form
	Sheet    string // of the workbook

	// What the form says.
	Bookstore string
	Reference string // the bookseller's own, for this order
	School    string
	UAI       string // the school's code

	// The lines of the order.
	Lines     []line // the first lines, up to the limit
	LineCount int    // how many lines there are, Lines and others
	Margin    string // spaces, as many as the longest quantity in Lines has characters
	Quantity  int    // the sum of all lines
	Priced    bool   // at least one line has a price
	AllPriced bool   // every line has a price
	Listed    bool   // every price is that of the catalogue
	Total     string // of all lines that have a price, without tax
	Taxes     []tax  // the VAT of each rate; none unless price and VAT of every line are known
	TTC       string // Total with all Taxes; "" where there are none

	Points     []point // the first errors, up to the limit
	PointCount int     // how many errors there are, Points and others
	Remarks    []point // findings that the bookseller need not correct
	Fixed      []point // values that we put into their normal form

	Changes  []change // how a corrected form differs from the first one
	Unlisted int      // how many further changes are not in Changes
	Offered  []point  // the changes to which the bookseller may just answer OK; often none

	Letter bool // what was written beside the form makes it wait

	Returned Enclosure // of that name in the operators' own templates too
}

// line is one order line. All its fields are strings, ready to be printed: with thirty
// lines in a mail, functions called by the templates would take most of the time.
type line struct {
	Quantity string
	Padding  string // spaces to write before the quantity, so that quantities are aligned
	Title    string // of the article, in the catalogue's words where it has it; if there is none, its code
	Typed    string // the title that the form has; "" if it is the same
	Detail   string // code, duration and licence, as far as they are known and not in Title
	Price    string // of one unit, without tax; "" if unknown
	Total    string // price times quantity; "" if the price is unknown
}

// tax is the VAT of all that is taxed at one rate.
type tax struct{ Rate, Base, Amount string }

// point is one finding.
type point struct {
	Rank  int    // its number in its list, from 1
	Cell  string // « C13 »
	Sheet string // "" if it is the sheet of the section
	Label string // of the form's field
	Value string // what the cell holds
	Taken string // the value that we took, or propose, in place of Value
	Meant string // what Taken stands for, if it is a code: a title, or a school and its town
	Words
}

// change is one difference between the first form of a case and its correction.
type change struct {
	Where  string // « Quantité, ligne 28, Mathématiques 6e »
	Before string // "" for a line that was added
	After  string // "" for a line that was removed
	Staff  bool   // one of our staff made the change
}

// newMail prepares a reply for the templates. A reply without results is about the message
// as a whole, and gets one section of the reply's kind.
func newMail(form *order.Form, r order.Reply, o Options) (mail, error) {
	results := r.Results
	if len(results) == 0 {
		results = []order.Result{{Kind: r.Kind, Order: -1}}
	}
	m := mail{Subject: subjectOf(r.Subject, results), FormName: clean(o.FormName, maxShown)}
	m.Personal = paragraphs(r.Personal)
	at := ""
	if !r.CreatedAt.IsZero() {
		at = frenchTime(r.CreatedAt.In(order.Paris))
	}
	lines, points := maxLines, maxPoints
	for i, result := range results {
		switch result.Kind {
		case order.ReplyAck, order.ReplyReport, order.ReplyHeld, order.ReplyDuplicate, order.ReplyUnreadable,
			order.ReplyRefused, order.ReplyLetter, order.ReplyNoForm:
		default:
			return mail{}, fmt.Errorf("reply %d, result %d, kind %q: %w", r.ID, i, result.Kind, ErrNoReply)
		}
		result = inertResult(result, r.To)
		s := newSection(result)
		s.Rank, s.Of, s.At, s.Hours = i+1, len(results), at, o.OpeningHours
		s.Returned = Enclosure{inert(clean(o.Enclosures[i].Name, maxShown)), o.Enclosures[i].Own}
		s.addLines(result.Lines, lines)
		s.addFindings(form, result, points)
		s.addChanges(form, result)
		if result.Offered {
			s.addOffer(form, result)
		}
		lines -= len(s.Lines)
		points -= len(s.Points) + len(s.Remarks) + len(s.Fixed)
		m.Sections = append(m.Sections, s)
	}
	return m, nil
}

// paragraphs splits a text that one of our staff wrote into paragraphs, at its empty lines,
// and cleans each line. It keeps at most 200 lines of 1,000 characters.
func paragraphs(text string) []string {
	const maxLine, maxText = 1_000, 200
	var list []string
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	open := false
	for _, line := range lines[:min(len(lines), maxText)] {
		line = clean(line, maxLine)
		switch {
		case line == "":
			open = false
		case open:
			list[len(list)-1] += "\n" + line
		default:
			list, open = append(list, line), true
		}
	}
	return list
}

// newSection returns a section with the facts about the form and its case, without lines
// and findings.
func newSection(r order.Result) section {
	// The longest school names of the directory have 148 characters.
	const maxName = 160
	first := ""
	if !r.First.IsZero() {
		first = frenchTime(r.First.In(order.Paris))
	}
	return section{
		Kind:      r.Kind,
		Number:    clean(r.Number, maxShown),
		First:     first,
		Case:      clean(r.Case, maxShown),
		Part:      clean(r.Part, maxName),
		Sheet:     clean(r.Sheet, maxShown),
		Bookstore: clean(r.Bookstore, maxName),
		Reference: clean(r.Reference, maxShown),
		School:    clean(r.School, maxName),
		UAI:       r.UAI.String(),
	}
}

// addLines adds the first lines, up to limit, and the sums over all lines.
func (s *section) addLines(lines []order.Line, limit int) {
	s.LineCount, s.AllPriced, s.Listed = len(lines), true, true
	for _, l := range lines {
		s.Quantity += l.Quantity
		if price := l.Price(); price == nil {
			s.AllPriced = false
		} else {
			s.Priced = true
			s.Listed = s.Listed && l.ListPrice != nil
		}
	}
	amounts := order.AmountsOf(lines)
	s.Total = amounts.HT.String()
	if amounts.Complete {
		s.TTC = amounts.TTC.String()
		for _, v := range amounts.VAT {
			s.Taxes = append(s.Taxes, tax{order.Percent(v.Rate), v.Base.String(), v.VAT.String()})
		}
	}

	lines = lines[:min(limit, len(lines))]
	s.Lines = make([]line, 0, len(lines))
	width := 0
	for _, l := range lines {
		s.Lines = append(s.Lines, newLine(l))
		width = max(width, len(s.Lines[len(s.Lines)-1].Quantity))
	}
	s.Margin = strings.Repeat(" ", width)
	for i := range s.Lines {
		s.Lines[i].Padding = s.Margin[len(s.Lines[i].Quantity):]
	}
}

// shortens reports whether a title is the beginning of another, up to the end of a word, but
// for case, accents and punctuation.
func shortens(title, whole string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(order.Fold(s), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
	}
	short, long := words(title), words(whole)
	return len(short) <= len(long) && slices.Equal(short, long[:len(short)])
}

// newLine formats one order line.
func newLine(l order.Line) line {
	const maxTitle = 160
	code := l.EAN.String()
	if code == "" {
		code = clean(l.Offer, maxShown)
	}
	v := line{
		Quantity: strconv.Itoa(l.Quantity),
		Title:    clean(cmp.Or(l.ListTitle, l.Title), maxTitle),
		Detail:   joined(code, clean(l.Duration, maxShown), clean(l.Licence, maxShown)),
	}
	if l.ListTitle != "" && !shortens(l.Title, l.ListTitle) {
		v.Typed = clean(l.Title, maxShown)
	}
	if v.Title == "" {
		v.Title, v.Detail = code, joined(clean(l.Duration, maxShown), clean(l.Licence, maxShown))
	}
	if total, ok := l.Total(); ok {
		v.Price, v.Total = l.Price().String(), total.String()
	}
	return v
}

// joined joins those parts that are not "" by commas.
func joined(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, ", ")
}

// addFindings adds the findings that a reply of this kind shows, up to limit. A finding
// that only a person can decide (order.Hold) is shown in a report, because the bookseller
// has to correct that form anyway, and for a file that we can't read. No other reply
// shows it.
func (s *section) addFindings(form *order.Form, r order.Result, limit int) {
	shown := 0
	add := func(list *[]point, f order.Finding) {
		if shown < limit {
			*list = append(*list, s.newPoint(form, f, len(*list)+1))
			shown++
		}
	}
	s.Letter = slices.ContainsFunc(r.Findings, func(f order.Finding) bool {
		return f.Code == codeLetter && f.Severity == order.Hold
	})
	report, unreadable, ack := s.Kind == order.ReplyReport, s.Kind == order.ReplyUnreadable, s.Kind == order.ReplyAck
	for _, f := range r.Findings {
		switch f.Severity {
		case order.Error, order.Hold:
			switch {
			case unreadable, report && f.Severity == order.Error:
				s.PointCount++
				add(&s.Points, f)
			case report:
				add(&s.Remarks, f)
			}
		case order.Warning:
			if report || ack {
				add(&s.Remarks, f)
			}
		case order.Fixed:
			if ack {
				add(&s.Fixed, f)
			}
		}
	}
	if s.Kind == order.ReplyUnreadable && s.PointCount == 0 {
		s.PointCount = 1
		add(&s.Points, order.Finding{Code: "form.unreadable.unknown"})
	}
}

// codeLetter is that of words beside a form which may change it.
const codeLetter order.Code = "letter.doubt"

// addOffer adds the values to which the bookseller may answer OK. It has no limit: with an
// OK the bookseller agrees to everything that is listed, so everything must be listed.
func (s *section) addOffer(form *order.Form, r order.Result) {
	for _, f := range r.Findings {
		if f.Severity != order.Error {
			continue
		}
		p := s.newPoint(form, f, len(s.Offered)+1)
		p.Meant = joined(clean(cmp.Or(f.Args["digital"], f.Args["title"]), maxShown), clean(f.Args["name"], maxShown),
			clean(f.Args["town"], maxShown))
		if !slices.ContainsFunc(s.Offered, func(o point) bool { return o.Where() == p.Where() }) {
			s.Offered = append(s.Offered, p)
		}
	}
}

// newPoint formats a finding.
func (s *section) newPoint(form *order.Form, f order.Finding, rank int) point {
	p := point{
		Rank:  rank,
		Cell:  clean(f.Cell, maxShown),
		Value: clean(f.Value, maxShown),
		Taken: clean(f.Proposal, maxShown),
		Words: Explain(form, f),
	}
	if f.Field != "" {
		p.Label = shownLabel(form, f.Field)
	}
	if sheet := clean(f.Sheet, maxShown); sheet != s.Sheet {
		p.Sheet = sheet
	}
	return p
}

// addChanges adds the differences between the first form and its correction. For an empty
// cell it says « (vide) ».
func (s *section) addChanges(form *order.Form, r order.Result) {
	s.Unlisted = r.Unlisted
	for _, c := range r.Changes {
		v := change{
			Where: ChangePlace(form, c), Before: clean(c.Before, maxShown), After: clean(c.After, maxShown),
			Staff: c.Staff,
		}
		if c.Field != "" {
			const empty = "(vide)"
			v.Before, v.After = cmp.Or(v.Before, empty), cmp.Or(v.After, empty)
		}
		s.Changes = append(s.Changes, v)
	}
}

// ChangePlace returns the words for what a change is about: « Quantité, ligne 28,
// Mathématiques 6e » for a cell, « Ligne 28, Mathématiques 6e » for a whole line.
func ChangePlace(form *order.Form, c order.Change) string {
	row := strconv.Itoa(c.Row)
	switch {
	case c.Field == "":
		return joined(named("Ligne", row), clean(c.Line, maxShown))
	case c.Row > 0:
		return joined(shownLabel(form, c.Field), named("ligne", row), clean(c.Line, maxShown))
	}
	return shownLabel(form, c.Field)
}

// shownLabel returns the label of a field, as a reply shows it.
func shownLabel(form *order.Form, id string) string {
	return noBreak.Replace(clean(form.Label(id), maxShown))
}

// StaffChanged reports whether one of our staff made any of the changes.
func (s section) StaffChanged() bool {
	return slices.ContainsFunc(s.Changes, func(c change) bool { return c.Staff })
}

// Where returns the words for what the point is about: « UAI (ex-RNE), case C13 ».
func (p point) Where() string {
	where := joined(p.Label, named("case", p.Cell), named("feuille", quote(p.Sheet)))
	if where == "" {
		return "Ensemble du fichier"
	}
	return where
}

// Several reports whether the mail is about more than one form.
func (m mail) Several() bool { return len(m.Sections) > 1 }

// Count returns how many sections are of a kind.
func (m mail) Count(kind order.ReplyKind) int {
	n := 0
	for _, s := range m.Sections {
		if s.Kind == kind {
			n++
		}
	}
	return n
}

// MoreLines returns how many lines are not in Lines.
func (s section) MoreLines() int { return s.LineCount - len(s.Lines) }

// MorePoints returns how many errors are not in Points.
func (s section) MorePoints() int { return s.PointCount - len(s.Points) }

// named puts a noun before a name. It returns "" if the name is "".
func named(noun, name string) string {
	if name == "" {
		return ""
	}
	return noun + "\u00a0" + name
}

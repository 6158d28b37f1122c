package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
)

// What one answer lists at most, over all of its forms: mail programs cut a long
// mail short (Gmail at 102 KB), and nobody corrects five hundred points from one.
const (
	maxLines  = 500
	maxPoints = 200
)

// mail is what the templates of an answer show: text already cleaned and cut.
type mail struct {
	Subject  string
	Personal []string // a person's own words, by paragraph, each of lines
	Sections []section
	FormName string
}

// section tells what became of one form.
type section struct {
	Kind       order.ReplyKind
	Rank, Of   int    // its place among the forms of the mail, from 1
	At         string // when the answer was caused
	Hours      int    // within which the service is opened; 0: no promise
	Number     string
	First      string // of a duplicate: when the first was received
	Case       string
	Part       string
	Sheet      string
	Bookstore  string
	Reference  string
	School     string
	UAI        string
	Lines      []line
	LineCount  int    // of which Lines shows the first
	Margin     string // as wide as the longest quantity
	Quantity   int    // of all lines
	Priced     bool
	AllPriced  bool
	Listed     bool    // each price is the catalogue's
	Total      string  // of the lines with a price, HT
	Points     []point // errors
	PointCount int     // of which Points shows the first
	Remarks    []point // what goes through, but is worth a look
	Fixed      []point // what we normalised
	Changes    []change
	Unlisted   int       // changes that Changes leaves out
	Offered    []point   // what an OK would change; none where an OK would do nothing
	Returned   Enclosure // of that name in the operators' own templates too
}

// line is one order line. All of it is text that a template only prints: with
// thirty lines in a mail, anything computed there is most of the time it takes.
type line struct {
	Quantity string
	Padding  string // before the quantity, where quantities are to be aligned
	Title    string // else the code
	Detail   string // code, duration and licence
	Price    string // per unit, HT; "" where none is known
	Total    string
}

// point is one finding.
type point struct {
	Rank  int // in its list, from 1
	Cell  string
	Sheet string // where that is not the form's
	Label string
	Value string
	Taken string // of a fixed value, or one that is offered
	Meant string // what a value that is offered stands for: a title, a school
	Words
}

// change is one thing that is otherwise than at the first try.
type change struct {
	Where  string // « Quantité, ligne 28, Mathématiques 6e »
	Before string // "" for a line that was added
	After  string // "" for a line that was taken out
	Staff  bool   // our people did it
}

// newMail prepares a reply for the templates. A reply without results answers
// the message as a whole.
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
		case order.ReplyAck, order.ReplyReport, order.ReplyHeld, order.ReplyDuplicate, order.ReplyUnreadable, order.ReplyRefused, order.ReplyLetter, order.ReplyNoForm:
		default:
			return mail{}, fmt.Errorf("reply %d, result %d, kind %q: %w", r.ID, i, result.Kind, ErrNoReply)
		}
		s := newSection(result)
		s.Rank, s.Of, s.At, s.Hours = i+1, len(results), at, o.OpeningHours
		s.Returned = Enclosure{clean(o.Enclosures[i].Name, maxShown), o.Enclosures[i].Own}
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

// paragraphs splits what a person wrote at its empty lines, and cleans each line.
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

// addLines lists up to limit lines, and sums up all.
func (s *section) addLines(lines []order.Line, limit int) {
	s.LineCount, s.AllPriced, s.Listed = len(lines), true, true
	var total order.Cents
	for _, l := range lines {
		s.Quantity += l.Quantity
		if price := l.Price(); price == nil {
			s.AllPriced = false
		} else {
			s.Priced = true
			s.Listed = s.Listed && l.ListPrice != nil
			total += *price * order.Cents(l.Quantity)
		}
	}
	s.Total = total.String()

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

func newLine(l order.Line) line {
	const maxTitle = 160
	code := l.EAN.String()
	if code == "" {
		code = clean(l.Offer, maxShown)
	}
	v := line{
		Quantity: strconv.Itoa(l.Quantity),
		Title:    clean(l.Title, maxTitle),
		Detail:   joined(code, clean(l.Duration, maxShown), clean(l.Licence, maxShown)),
	}
	if v.Title == "" {
		v.Title, v.Detail = code, joined(clean(l.Duration, maxShown), clean(l.Licence, maxShown))
	}
	if price := l.Price(); price != nil {
		v.Price = price.String()
		v.Total = (*price * order.Cents(l.Quantity)).String()
	}
	return v
}

// joined is what there is of parts, in one line.
func joined(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, ", ")
}

// addFindings lists up to limit findings where the kind of answer shows them.
// What only a person can decide is told to a bookseller who has to take up the
// form anyway, or whose file nobody could read, and in no other answer.
func (s *section) addFindings(form *order.Form, r order.Result, limit int) {
	shown := 0
	add := func(list *[]point, f order.Finding) {
		if shown < limit {
			*list = append(*list, s.newPoint(form, f, len(*list)+1))
			shown++
		}
	}
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

// addOffer lists each value that an OK would put in the place of another: all of
// them, since the OK is to what is listed.
func (s *section) addOffer(form *order.Form, r order.Result) {
	for _, f := range r.Findings {
		if f.Severity != order.Error {
			continue
		}
		p := s.newPoint(form, f, len(s.Offered)+1)
		p.Meant = joined(clean(cmp.Or(f.Args["digital"], f.Args["title"]), maxShown), clean(f.Args["name"], maxShown), clean(f.Args["town"], maxShown))
		if !slices.ContainsFunc(s.Offered, func(o point) bool { return o.Where() == p.Where() }) {
			s.Offered = append(s.Offered, p)
		}
	}
}

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

// addChanges lists what is otherwise than at the first try. A cell that was or is
// empty says so.
func (s *section) addChanges(form *order.Form, r order.Result) {
	s.Unlisted = r.Unlisted
	for _, c := range r.Changes {
		v := change{Where: ChangePlace(form, c), Before: clean(c.Before, maxShown), After: clean(c.After, maxShown), Staff: c.Staff}
		if c.Field != "" {
			const empty = "(vide)"
			v.Before, v.After = cmp.Or(v.Before, empty), cmp.Or(v.After, empty)
		}
		s.Changes = append(s.Changes, v)
	}
}

// ChangePlace says what was changed: « Quantité, ligne 28, Mathématiques 6e », or
// « Ligne 28, Mathématiques 6e » for a whole line.
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

// shownLabel is a field's label as a reply shows it.
func shownLabel(form *order.Form, id string) string {
	return noBreak.Replace(clean(form.Label(id), maxShown))
}

// StaffChanged reports whether our people changed anything.
func (s section) StaffChanged() bool {
	return slices.ContainsFunc(s.Changes, func(c change) bool { return c.Staff })
}

// Where says what the point is about: « UAI (ex-RNE), case C13 ».
func (p point) Where() string {
	where := joined(p.Label, named("case", p.Cell), named("feuille", quote(p.Sheet)))
	if where == "" {
		return "Ensemble du fichier"
	}
	return where
}

// Several reports whether the mail answers more than one form.
func (m mail) Several() bool { return len(m.Sections) > 1 }

// Count is how many forms got that kind of answer.
func (m mail) Count(kind order.ReplyKind) int {
	n := 0
	for _, s := range m.Sections {
		if s.Kind == kind {
			n++
		}
	}
	return n
}

// MoreLines is how many lines are not listed.
func (s section) MoreLines() int { return s.LineCount - len(s.Lines) }

// MorePoints is how many errors are not listed.
func (s section) MorePoints() int { return s.PointCount - len(s.Points) }

// named puts a noun before a name, unless there is no name.
func named(noun, name string) string {
	if name == "" {
		return ""
	}
	return noun + "\u00a0" + name
}

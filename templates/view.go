package templates

import (
	"fmt"
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
	Case       string
	Part       string
	Sheet      string
	Bookstore  string
	Reference  string
	School     string
	UAI        string
	Lines      []line
	LineCount  int // of which Lines shows the first
	Quantity   int // of all lines
	Priced     bool
	AllPriced  bool
	Total      string  // of the lines with a price, HT
	Points     []point // errors
	PointCount int     // of which Points shows the first
	Remarks    []point // what goes through, but is worth a look
	Fixed      []point // what we normalised
}

// line is one order line.
type line struct {
	Quantity int
	Code     string // EAN, else offer reference
	Title    string
	Terms    string // duration and licence
	Price    string // per unit, HT; "" where none was typed
	Total    string
}

// point is one finding.
type point struct {
	Rank  int // in its list, from 1
	Cell  string
	Sheet string // where that is not the form's
	Label string
	Value string
	Taken string // of a fixed value
	Words
}

// newMail prepares a reply for the templates. A reply without results answers
// the message as a whole.
func newMail(form *order.Form, r order.Reply, o Options) (mail, error) {
	results := r.Results
	if len(results) == 0 {
		results = []order.Result{{Kind: r.Kind, Order: -1}}
	}
	m := mail{Subject: subjectOf(r.Subject, results), FormName: clean(o.FormName, maxShown)}
	at := ""
	if !r.CreatedAt.IsZero() {
		at = frenchTime(r.CreatedAt.In(order.Paris))
	}
	lines, points := maxLines, maxPoints
	for i, result := range results {
		switch result.Kind {
		case order.ReplyAck, order.ReplyReport, order.ReplyHeld, order.ReplyDuplicate, order.ReplyUnreadable:
		default:
			return mail{}, fmt.Errorf("reply %d, result %d, kind %q: %w", r.ID, i, result.Kind, ErrNoReply)
		}
		s := newSection(result)
		s.Rank, s.Of, s.At, s.Hours = i+1, len(results), at, o.OpeningHours
		s.addLines(result.Lines, lines)
		s.addFindings(form, result, points)
		lines -= len(s.Lines)
		points -= len(s.Points) + len(s.Remarks) + len(s.Fixed)
		m.Sections = append(m.Sections, s)
	}
	return m, nil
}

func newSection(r order.Result) section {
	// The longest school names of the directory have 148 characters.
	const maxName = 160
	return section{
		Kind:      r.Kind,
		Number:    clean(r.Number, maxShown),
		Case:      clean(r.Case, maxShown),
		Part:      clean(r.Part, maxName),
		Sheet:     clean(r.Sheet, maxShown),
		Bookstore: clean(r.Bookstore, maxName),
		Reference: clean(r.Reference, maxShown),
		School:    clean(r.School, maxName),
		UAI:       r.UAI.String(),
	}
}

// addLines lists up to max lines, and sums up all.
func (s *section) addLines(lines []order.Line, max int) {
	const maxTitle = 160
	s.LineCount, s.AllPriced = len(lines), true
	var total order.Cents
	for _, l := range lines {
		s.Quantity += l.Quantity
		v := line{
			Quantity: l.Quantity,
			Code:     l.EAN.String(),
			Title:    clean(l.Title, maxTitle),
			Terms:    strings.Trim(clean(l.Duration, maxShown)+", "+clean(l.Licence, maxShown), ", "),
		}
		if v.Code == "" {
			v.Code = clean(l.Offer, maxShown)
		}
		if l.UnitPrice == nil {
			s.AllPriced = false
		} else {
			sum := *l.UnitPrice * order.Cents(l.Quantity)
			total += sum
			s.Priced = true
			v.Price, v.Total = l.UnitPrice.String(), sum.String()
		}
		if len(s.Lines) < max {
			s.Lines = append(s.Lines, v)
		}
	}
	s.Total = total.String()
}

// addFindings lists up to max findings where the kind of answer shows them. What
// only a person can decide is told with the errors, for a bookseller who has to
// take up the form anyway, and in no other answer.
func (s *section) addFindings(form *order.Form, r order.Result, max int) {
	shown := 0
	add := func(list *[]point, f order.Finding) {
		if shown < max {
			*list = append(*list, s.newPoint(form, f, len(*list)+1))
			shown++
		}
	}
	for _, f := range r.Findings {
		corrects := s.Kind == order.ReplyReport || s.Kind == order.ReplyUnreadable
		switch {
		case f.Severity == order.Error && corrects:
			s.PointCount++
			add(&s.Points, f)
		case f.Severity == order.Hold && s.Kind == order.ReplyReport,
			f.Severity == order.Warning && (s.Kind == order.ReplyReport || s.Kind == order.ReplyAck):
			add(&s.Remarks, f)
		case f.Severity == order.Fixed && s.Kind == order.ReplyAck:
			add(&s.Fixed, f)
		}
	}
	if s.Kind == order.ReplyUnreadable && s.PointCount == 0 {
		s.PointCount = 1
		add(&s.Points, order.Finding{Code: "form.unreadable.unknown"})
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
		p.Label = noBreak.Replace(clean(form.Label(f.Field), maxShown))
	}
	if sheet := clean(f.Sheet, maxShown); sheet != s.Sheet {
		p.Sheet = sheet
	}
	return p
}

// Where says what the point is about: « UAI (ex-RNE), case C13 ».
func (p point) Where() string {
	var where []string
	if p.Label != "" {
		where = append(where, p.Label)
	}
	if p.Cell != "" {
		where = append(where, "case\u00a0"+p.Cell)
	}
	if p.Sheet != "" {
		where = append(where, "feuille\u00a0"+quote(p.Sheet))
	}
	if len(where) == 0 {
		return "Ensemble du fichier"
	}
	return strings.Join(where, ", ")
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

// QuantityWidth is that of the longest quantity, so that a list can align them.
func (s section) QuantityWidth() int {
	width := 0
	for _, l := range s.Lines {
		width = max(width, len(strconv.Itoa(l.Quantity)))
	}
	return width
}

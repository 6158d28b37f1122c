package review

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"bdc/order"
)

// What a page shows of long things, so that it stays light: the rest is a click
// away.
const (
	roomOfLines  = 80_000 // octets of markup, roughly, of the lines of a form or an order
	mostPoints   = 20     // findings beside a form
	mostRemarks  = 40     // findings in one list
	mostChanges  = 60     // differences between two attempts
	mostEvents   = 40     // of a case's history
	mostCell     = 300    // characters of a cell that is only read
	mostBrief    = 150    // characters of a value in a list
	mostMessage  = 12_000 // octets of a mail's text
	linesKey     = "lignes"
	pointsKey    = "points"
	pointsAll    = "tous"
	wholeKey     = "entier"
	wholeHistory = "historique"
	wholeMessage = "message"
)

// window is the part of a list of lines that a page shows.
type window struct {
	First, Last, All int    // of the lines shown, from 1
	Before, After    string // addresses of the parts before and after, or ""
}

// Part reports whether there are lines that are not shown.
func (w window) Part() bool { return w.Before != "" || w.After != "" }

// chooseLines chooses the part of a list that the address asks for by a line's number:
// parts are as many lines as there is room for, by what each takes.
func chooseLines(r *http.Request, sizes []int) (w window, from, until int) {
	asked, err := strconv.Atoi(r.URL.Query().Get(linesKey))
	if err != nil || asked < 1 {
		asked = 1
	}
	asked = min(asked, max(len(sizes), 1)) - 1
	before := -1
	for room := roomOfLines; until < len(sizes); until++ {
		if room -= sizes[until]; room < 0 && until > from {
			if asked < until {
				break
			}
			before, from, room = from, until, roomOfLines-sizes[until]
		}
	}
	w = window{First: from + 1, Last: until, All: len(sizes)}
	switch {
	case before > 0:
		w.Before = query(r, linesKey, strconv.Itoa(before+1))
	case before == 0:
		w.Before = query(r, linesKey, "")
	}
	if until < len(sizes) {
		w.After = query(r, linesKey, strconv.Itoa(until+1))
	}
	return w, from, until
}

// view is the part of a long form that a person acted on, to come back to.
func (v *visit) shownPart() string {
	sent, err := url.ParseQuery(v.r.PostFormValue("vue"))
	if err != nil {
		return ""
	}
	kept := url.Values{}
	for _, key := range []string{linesKey, pointsKey} {
		if value := sent.Get(key); value != "" && len(value) < 10 {
			kept.Set(key, value)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + kept.Encode()
}

// some is the beginning of a list, and how many entries are left out.
func some[T any](list []T, most int) ([]T, int) {
	if len(list) <= most {
		return list, 0
	}
	return list[:most], len(list) - most
}

// cut is the beginning of a text that is only read.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// messageView is a mail's text, as far as a page shows it.
type messageView struct {
	*order.Message
	Shown string
	Whole string // the address of the page with all of it, or ""
}

// letter shows a message; nil for none.
func (v *visit) messageView(m *order.Message) *messageView {
	if m == nil {
		return nil
	}
	l := &messageView{Message: m, Shown: m.Text}
	if len(m.Text) > mostMessage && v.r.FormValue(wholeKey) != wholeMessage {
		l.Shown, l.Whole = cut(m.Text, mostMessage), query(v.r, wholeKey, wholeMessage)
	}
	return l
}

// takes is roughly how many octets of markup a line of the form takes.
func (r formRow) size() int {
	n := 300
	for _, c := range r.Cells {
		n += 60 + min(len(c.Text), mostCell)
		if c.Edit {
			n += 100 + len(c.Text)
		}
		for _, remark := range c.Remarks {
			n += 350 + 2*len(fmt.Sprint(remark.Wrong, remark.Do, remark.Told, remark.StaffWords.Proposal))
		}
	}
	return n
}

package review

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"bdc/order"
)

// Bounds of what a page shows, so that it stays small. The user can follow a link to
// most of what is left out.
const (
	roomOfLines = 80_000 // octets of markup, roughly, for the lines of a form or an order
	mostPoints  = 20     // findings that can be waived
	mostRemarks = 40     // findings in one list
	mostChanges = 60     // differences between two attempts
	mostEvents  = 40     // lines of a case's history
	mostCell    = 300    // octets of a cell that is no input
	mostBrief   = 150    // octets of a value in a list
	mostMessage = 12_000 // octets of a mail's text
)

// Parameters of addresses that ask for what is left out, and their values.
const (
	linesKey     = "lignes" // the number of a line that is to be shown
	pointsKey    = "points" // pointsAll asks for all rows of a form
	pointsAll    = "tous"
	wholeKey     = "entier" // what is to be shown as a whole
	wholeHistory = "historique"
	wholeMessage = "message"
)

// window says which part of a long list of lines a page shows.
type window struct {
	First, Last   int    // the numbers of the first and the last line shown, from 1
	All           int    // how many lines there are
	Before, After string // the addresses of the parts before and after this, or ""
}

// Part reports whether some lines are not shown.
func (w window) Part() bool { return w.Before != "" || w.After != "" }

// chooseLines divides a list of lines into parts, each of as many lines as fit in
// roomOfLines, and chooses the part with the line that the address asks for: those
// with an index from from to until-1. sizes is roughly how many octets each line
// takes.
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

// shownPart is the query, with "?", of the part of a long form that the user acted on,
// or "" if it was the first. The page sends the query of its address along with an act;
// shownPart keeps of it only what chooses the part.
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

// some returns at most so many entries of a list, from the first on, and how many it
// leaves out.
func some[T any](list []T, most int) ([]T, int) {
	if len(list) <= most {
		return list, 0
	}
	return list[:most], len(list) - most
}

// cut shortens a text to at most so many octets, without cutting a character apart, and
// ends it with "…" if anything was cut off.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// messageView is a message, of whose text a page shows the beginning or all.
type messageView struct {
	*order.Message
	Shown string // the text, or its beginning
	Whole string // the address of the page with the whole text, or "" if Shown is that
}

// messageView shows the beginning of a message's text, unless the address asks for the
// whole text.
func (v *visit) messageView(m *order.Message) *messageView {
	l := &messageView{Message: m, Shown: m.Text}
	if len(m.Text) > mostMessage && v.r.FormValue(wholeKey) != wholeMessage {
		l.Shown, l.Whole = cut(m.Text, mostMessage), query(v.r, wholeKey, wholeMessage)
	}
	return l
}

// size is roughly how many octets of markup the row takes.
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

// Package mark returns a stranger's workbook with the findings shown in it: each wrong
// cell is coloured and has a note that says what is wrong, and a sheet in front, the
// report, lists all findings.
//
// Only the bytes that marking needs are changed: excelize would write whole sheets
// anew, and lose print areas, notes and controls. Marking happens in a child process of
// limited memory and time, which then opens the result with excelize as a second
// opinion. The parent process does not trust the child: it reads the result with package
// grid, and accepts it only if it is the sender's workbook and nothing but marks was
// added. If any of this fails, the sender gets the current order form instead, filled in
// with what was read and marked in the same way.
package mark

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// Mark is a finding to be shown in a workbook, with the words to show.
type Mark struct {
	Draft   int // the index in sheet.Book.Drafts of the order that it is about
	Finding order.Finding
	Label   string // the label of the field; "" for a finding about the form as a whole

	Wrong    string // a sentence that says what is wrong; never ""
	Fix      string // a sentence that says how to correct it, or ""
	Proposal string // a sentence that proposes another value, or ""
}

// look is the colour that the severity of a finding has.
func (m Mark) look() look {
	if m.Finding.Severity == order.Error {
		return alarmLook()
	}
	return doubtLook()
}

// advice is what to do about the finding, in a sentence or two.
func (m Mark) advice() string {
	return strings.TrimSpace(m.Fix + " " + m.Proposal)
}

// maxMarks is how many findings one workbook shows. Nobody corrects as many from
// one file; the others show once these are corrected.
const maxMarks = 1000

// inOrder sorts what has to be corrected before what is only to be looked at,
// and says how many are not shown.
func inOrder(marks []Mark) (shown []Mark, more int) {
	shown = slices.Clone(marks)
	slices.SortStableFunc(shown, func(a, b Mark) int { return cmp.Compare(rank(a), rank(b)) })
	if len(shown) > maxMarks {
		return shown[:maxMarks], len(shown) - maxMarks
	}
	return shown, 0
}

func rank(m Mark) int {
	if m.Finding.Severity == order.Error {
		return 0
	}
	return 1
}

// spot is a cell with what was found in it.
type spot struct {
	grid.Area                // the cell, or the merged cells that it is the first of
	marks     []numberedMark // the gravest first
	was       []int          // the formats of the area's cells, row by row, before they were marked
}

type numberedMark struct {
	Mark
	number int // in the list of all, from 1
}

// The words that a note of ours begins with, and the line under which a note
// that was there goes on. A note that comes back is known by them.
const (
	headCorrect = "À CORRIGER · n° "
	headCheck   = "À VÉRIFIER · n° "
	noteRule    = "\n――― Note d’origine ―――\n"
)

// isOurs says whether a note was written by us, at least its beginning.
func isOurs(note string) bool {
	return strings.HasPrefix(note, headCorrect) || strings.HasPrefix(note, headCheck)
}

// piece is a part of a note, in bold or not.
type piece struct {
	text string
	bold bool
	rgb  string
}

// note is what the note of a cell says, in pieces.
func (s *spot) note() []piece {
	var note []piece
	for i, m := range s.marks {
		head := headCheck
		if m.Finding.Severity == order.Error {
			head = headCorrect
		}
		head += fmt.Sprint(m.number)
		if i > 0 {
			head = "\n\n" + head
		}
		note = append(note, piece{head + "\n", true, m.look().edge}, piece{text: m.Wrong})
		if m.Fix != "" {
			note = append(note, piece{text: "\nPour corriger : ", bold: true}, piece{text: m.Fix})
		}
		if m.Proposal != "" {
			note = append(note, piece{text: "\n" + m.Proposal})
		}
	}
	return note
}

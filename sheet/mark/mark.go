// Package mark returns a stranger's workbook with the findings shown in it: each wrong
// cell is coloured and has a note that says what is wrong, and a sheet in front, the
// report, lists all findings.
//
// Marking edits the XML of the workbook in place, and changes nothing that it need not
// change. The library excelize would write whole sheets anew, and lose print areas, notes
// and controls. The work is done by a child process of limited memory and time, which in the
// end opens the marked workbook with excelize as a second opinion.
//
// The parent process does not trust the child. It reads the marked workbook with package
// grid, and accepts it only if it is the sender's workbook with nothing but marks added. If
// marking fails in any way, the sender gets the current order form instead, filled in with
// what was read and marked in the same way.
package mark

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bdc/order"
	"bdc/sheet/grid"
)

// Mark is a finding to be shown in a workbook, and what to say about it.
type Mark struct {
	Draft   int // the index in sheet.Book.Drafts of the order that it is about
	Finding order.Finding
	Label   string // the label of the field; "" for a finding about the form as a whole

	// Sentences in French:
	Wrong    string // what is wrong; never ""
	Fix      string // how to correct it, or ""
	Proposal string // which other value may be meant, or ""
}

// look is how the severity of the finding is shown.
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

// maxMarks is how many findings one workbook shows at most. Nobody corrects more in one go;
// the others are shown when the corrected workbook comes back.
const maxMarks = 1000

// inOrder sorts the marks, errors first, and returns those that are shown and how many are
// left out.
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

// spot is a cell with the marks that are about it.
type spot struct {
	grid.Area                // the cell, or the area of merged cells that it belongs to
	marks     []numberedMark // the gravest first
	was       []int          // the formats of the area's cells, row by row, before they were marked
}

type numberedMark struct {
	Mark
	number int // in the report, from 1
}

// A note of ours begins with one of these words. If the cell had a note before, that note
// follows below the line noteRule. We recognise our notes by this text when a workbook comes
// back.
const (
	headCorrect = "À CORRIGER · n° "
	headCheck   = "À VÉRIFIER · n° "
	noteRule    = "\n――― Note d’origine ―――\n"
)

// isOurs says whether a note, or at least its beginning, was written by marking.
func isOurs(note string) bool {
	return strings.HasPrefix(note, headCorrect) || strings.HasPrefix(note, headCheck)
}

// piece is a piece of the text of a note, in bold or not.
type piece struct {
	text string
	bold bool
	rgb  string // the colour; "" is black
}

// note is the text of the note that the cell gets.
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

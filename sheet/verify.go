package sheet

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"bdc/order"
)

// errUnfaithful is why a marked workbook is not sent: it isn't the sender's with
// marks and nothing else.
var errUnfaithful = errors.New("not the workbook that was marked")

func unfaithful(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUnfaithful, fmt.Sprintf(format, args...))
}

// verify reads a marked workbook and the one that it was made of, as Read would,
// and holds them against each other: the same sheets with the same cells and
// merges, the same names; the same everything in the sheets' parts but formats
// of cells; the same bytes in all other parts; and each mark in a note, with
// each note that was there.
func verify(before, after []byte, marks []Mark, lim Limits) error {
	old, err := readWhole(before, lim)
	if err != nil {
		return err
	}
	lim.Unzipped *= 2 // it has grown
	lim.Ratio *= 2
	now, err := readWhole(after, lim)
	if err != nil {
		return err
	}
	if len(now.sheets) != len(old.sheets) || now.report == "" {
		return unfaithful("%d sheets of %d", len(now.sheets), len(old.sheets))
	}
	for i, was := range old.sheets {
		is := now.sheets[i]
		if is.name != was.name || is.hidden != was.hidden {
			return unfaithful("sheet %q became %q", was.name, is.name)
		}
		if was.part == "" {
			continue
		}
		if !sameCells(was.grid, is.grid) {
			return unfaithful("cells of sheet %q", was.name)
		}
		if was.digest != is.digest {
			return unfaithful("more than formats in sheet %q", was.name)
		}
	}
	if !slices.Equal(old.names, now.names) {
		return unfaithful("names %v became %v", old.names, now.names)
	}
	if err := sameParts(old, now); err != nil {
		return err
	}
	return verifyNotes(old, now, marks)
}

// sameCells says whether two sheets hold the same, whatever was found in it.
func sameCells(a, b *grid) bool {
	return slices.EqualFunc(a.cells, b.cells, func(x, y gridCell) bool {
		return x.pos == y.pos && x.kind == y.kind && x.formula == y.formula && x.text == y.text
	}) && slices.Equal(a.merges, b.merges)
}

// whole is a workbook as it is verified.
type whole struct {
	*parts
	sheets  []wholeSheet // but for the report
	names   []string     // but for those of the case and the report
	main    string
	styles  string
	report  string // its part, or ""
	touched map[string]bool
}

type wholeSheet struct {
	tab
	grid   *grid
	digest [sha256.Size]byte
}

func readWhole(data []byte, lim Limits) (*whole, error) {
	reader, err := openPack(data, lim)
	if err != nil {
		return nil, err
	}
	wb, grids, err := reader.grids()
	if err != nil {
		return nil, err
	}
	p, err := openParts(data, lim)
	if err != nil {
		return nil, err
	}
	w := &whole{parts: p, main: p.main(), styles: wb.styles, touched: map[string]bool{}}
	byIndex := map[int]*grid{}
	for _, g := range grids {
		byIndex[g.index] = g
	}
	for i, t := range wb.sheets {
		s := wholeSheet{tab: t, grid: byIndex[i]}
		if s.grid != nil {
			if s.grid.isReport() && w.report == "" {
				w.report = t.part
				continue
			}
			if s.digest, err = p.digest(t.part); err != nil {
				return nil, err
			}
		}
		w.sheets = append(w.sheets, s)
	}
	for _, n := range wb.names {
		if n.name == order.NameCase || n.name == nameReport {
			continue
		}
		local := ""
		if n.sheet >= 0 && n.sheet < len(wb.sheets) {
			local = wb.sheets[n.sheet].name
		}
		w.names = append(w.names, fmt.Sprintf("%s %q %s", n.name, local, n.refer))
	}
	return w, nil
}

// digest is the same for two sheets that differ only in the formats of cells, in
// cells that hold nothing, in the drawing of their notes, and in whether they
// are selected.
func (p *pack) digest(part string) (sum [sha256.Size]byte, err error) {
	d := digester{h: sha256.New()}
	if err := p.read(part, d.visit); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(d.h.Sum(nil)), nil
}

type digester struct {
	h    hash.Hash
	cell []byte // a cell's start, while nothing stands in it
	held bool
}

func (d *digester) visit(s *scanner, tok token) error {
	name := string(s.name)
	switch tok {
	case tokenText:
		d.release()
		d.h.Write(s.text)
	case tokenStart:
		d.release()
		switch name {
		case "legacyDrawing":
			return nil
		case "c":
			d.cell, d.held = append(d.cell[:0], start(s, "s")...), true
		case "row":
			if more := start(s, "r", "spans"); more != "row" {
				d.h.Write([]byte("<" + start(s, "spans")))
			}
		case "sheetView":
			d.h.Write([]byte("<" + start(s, "tabSelected")))
		default:
			d.h.Write([]byte("<" + start(s)))
		}
	case tokenEnd:
		switch {
		case d.held:
			d.held = false
		case name != "legacyDrawing" && name != "row":
			d.h.Write([]byte("/"))
		}
	}
	return nil
}

// release writes what was held back.
func (d *digester) release() {
	if d.held {
		d.h.Write([]byte("<"))
		d.h.Write(d.cell)
		d.held = false
	}
}

// start is the start tag that the scanner stands on, but for some attributes.
func start(s *scanner, without ...string) string {
	var b strings.Builder
	b.Write(s.name)
	for _, a := range s.attrs {
		name := string(s.window[a.nameStart:a.nameEnd])
		if a.prefixed || !slices.Contains(without, name) {
			fmt.Fprintf(&b, " %s=%q", name, s.window[a.valueStart:a.valueEnd])
		}
	}
	return b.String()
}

// sameParts finds parts that marking had no business with.
func sameParts(old, now *whole) error {
	mine := map[string]bool{contentTypes: true, old.main: true, relsOf(old.main): true, old.styles: true, old.report: true, relsOf(old.report): true}
	links, err := old.links(old.main)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.kind != "worksheet" && l.kind != "chartsheet" && l.kind != "dialogsheet" {
			continue
		}
		mine[l.target], mine[relsOf(l.target)] = true, true
		more, err := old.links(l.target)
		if err != nil {
			return err
		}
		for _, l := range more {
			if l.kind == "comments" || l.kind == "vmlDrawing" {
				mine[l.target] = true
			}
		}
	}
	for name, f := range old.pack.parts {
		is := now.pack.parts[name]
		switch {
		case mine[name]:
			if is == nil && name != relsOf(old.report) {
				return unfaithful("part %s is gone", name)
			}
		case is == nil || is.CRC32 != f.CRC32 || is.UncompressedSize64 != f.UncompressedSize64:
			return unfaithful("part %s", name)
		}
	}
	return nil
}

// notesOf are the notes of a sheet by their cells.
func (w *whole) notesOf(part string) (map[pos]string, error) {
	links, err := w.links(part)
	if err != nil {
		return nil, err
	}
	notes := map[pos]string{}
	for _, l := range links {
		if l.kind != "comments" {
			continue
		}
		text, err := w.part(l.target)
		if err != nil {
			return nil, err
		}
		p, err := readComments(text)
		if err != nil {
			return nil, err
		}
		for _, c := range p.comments {
			notes[c.at] = c.text()
		}
	}
	return notes, nil
}

// verifyNotes looks for each mark, and each note of others.
func verifyNotes(old, now *whole, marks []Mark) error {
	shown, _ := inOrder(marks)
	for i, s := range now.sheets {
		if s.part == "" {
			continue
		}
		was, err := old.notesOf(old.sheets[i].part)
		if err != nil {
			return err
		}
		notes, err := now.notesOf(s.part)
		if err != nil {
			return err
		}
		for at, text := range was {
			if isOurs(text) {
				_, text, _ = strings.Cut(text, noteRule)
			}
			if !strings.Contains(notes[at], text) {
				return unfaithful("the note of %v on sheet %q", at, s.name)
			}
		}
		for _, m := range shown {
			if at, ok := parsePos([]byte(m.Finding.Cell)); ok && m.Finding.Sheet == s.name && !strings.Contains(notes[s.grid.anchor(at)], m.Wrong) {
				return unfaithful("no note at %v on sheet %q", at, s.name)
			}
		}
		if len(shown) > 0 && isOursLeft(notes, shown, s) {
			return unfaithful("a note from before on sheet %q", s.name)
		}
	}
	return nil
}

// isOursLeft says whether a note of ours stands where no mark does.
func isOursLeft(notes map[pos]string, marks []Mark, s wholeSheet) bool {
	for at, text := range notes {
		if isOurs(text) && !slices.ContainsFunc(marks, func(m Mark) bool {
			cell, ok := parsePos([]byte(m.Finding.Cell))
			return ok && m.Finding.Sheet == s.name && s.grid.anchor(cell) == at
		}) {
			return true
		}
	}
	return false
}

// secondOpinion opens a marked workbook with excelize, which has nothing in
// common with the reader here, and looks for the report and for each mark. It
// may panic, and take any time and memory: for a child process.
func secondOpinion(data []byte, marks []Mark) (err error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipXMLSizeLimit: 256 << 20, UnzipSizeLimit: 256 << 20})
	if err != nil {
		return fmt.Errorf("second opinion: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sheets := f.GetSheetList()
	if !slices.ContainsFunc(sheets, func(name string) bool { return strings.HasPrefix(name, reportSheet) }) {
		return unfaithful("second opinion: sheets %v", sheets)
	}
	shown, _ := inOrder(marks)
	slices.SortStableFunc(shown, func(a, b Mark) int { return cmp.Compare(a.Finding.Sheet, b.Finding.Sheet) })
	var text strings.Builder // of all notes of a sheet
	for i, m := range shown {
		if m.Finding.Cell == "" || !slices.Contains(sheets, m.Finding.Sheet) {
			continue
		}
		if i == 0 || m.Finding.Sheet != shown[i-1].Finding.Sheet || text.Len() == 0 {
			text.Reset()
			notes, err := f.GetComments(m.Finding.Sheet)
			if err != nil {
				return fmt.Errorf("second opinion: %w", err)
			}
			for _, n := range notes {
				text.WriteString(n.Text)
				for _, run := range n.Paragraph {
					text.WriteString(run.Text)
				}
			}
		}
		if !strings.Contains(text.String(), m.Wrong) {
			return unfaithful("second opinion: no note for %s on sheet %q", m.Finding.Cell, m.Finding.Sheet)
		}
	}
	return nil
}

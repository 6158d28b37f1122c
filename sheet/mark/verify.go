package mark

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
	"bdc/sheet"
	"bdc/sheet/grid"
)

// errUnfaithful is why a marked workbook is not sent: it differs from the sender's in more
// than marks.
var errUnfaithful = errors.New("not the workbook that was marked")

func unfaithful(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUnfaithful, fmt.Sprintf(format, args...))
}

// verify returns an error if a marked workbook differs from the one that was marked in
// more than marks, or if a mark is not in it. It reads both as sheet.Read would. They must
// have
//
//   - the same sheets, with the same cells and merged cells, and the same defined names
//   - the same XML in each sheet, but for what digest leaves out
//   - the same bytes in all parts that marking has no reason to edit
//   - the same notes, besides those of the marks
func verify(before, after []byte, marks []Mark, lim grid.Limits) error {
	old, err := readWhole(before, lim)
	if err != nil {
		return err
	}
	lim.Unzipped *= 2 // marks make a workbook larger
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
		if is.Name != was.Name || is.Hidden != was.Hidden {
			return unfaithful("sheet %q became %q", was.Name, is.Name)
		}
		if was.Part == "" {
			continue
		}
		if is.Grid == nil || !sameCells(was.Grid, is.Grid) {
			return unfaithful("cells of sheet %q", was.Name)
		}
		if was.digest != is.digest {
			return unfaithful("more than formats in sheet %q", was.Name)
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

// sameCells says whether two sheets have the same cells and the same merged cells.
func sameCells(a, b *grid.Grid) bool {
	return slices.EqualFunc(a.Cells, b.Cells, func(x, y grid.Cell) bool {
		return x.Pos == y.Pos && x.Kind == y.Kind && x.Formula == y.Formula && x.Text == y.Text
	}) && slices.Equal(a.Merges, b.Merges)
}

// whole is what verify compares of a workbook.
type whole struct {
	*parts
	sheets []wholeSheet // without the report
	names  []string     // the defined names of the form, without those that marking adds
	main   string       // the part that lists the sheets
	styles string       // the part with the stylesheet, or ""
	report string       // the part with the report, or ""
}

type wholeSheet struct {
	grid.Sheet
	digest [sha256.Size]byte
}

func readWhole(data []byte, lim grid.Limits) (*whole, error) {
	reader, err := grid.Open(data, lim)
	if err != nil {
		return nil, err
	}
	wb, err := reader.Workbook()
	if err != nil {
		return nil, err
	}
	// A package of its own: what the workbook took does not count against its limits.
	p, err := openParts(data, lim)
	if err != nil {
		return nil, err
	}
	w := &whole{parts: p, main: wb.Main, styles: wb.Styles}
	for _, t := range wb.Sheets {
		s := wholeSheet{Sheet: t}
		if t.Grid != nil {
			if w.report == "" && sheet.IsReport(t.Grid) {
				w.report = t.Part
				continue
			}
			if s.digest, err = digest(p.Package, t.Part); err != nil {
				return nil, err
			}
		}
		w.sheets = append(w.sheets, s)
	}
	for _, n := range wb.Names {
		if n.Name == order.NameCase || n.Name == nameReport {
			continue
		}
		local := ""
		if n.Sheet >= 0 && n.Sheet < len(wb.Sheets) {
			local = wb.Sheets[n.Sheet].Name
		}
		w.names = append(w.names, fmt.Sprintf("%s %q %s", n.Name, local, n.RefersTo))
	}
	return w, nil
}

// digest is a checksum of the XML of a sheet, without what marking may change in it: the
// formats of cells, cells and rows that hold nothing, the link to the drawing of the
// notes, and whether the sheet is selected.
func digest(p *grid.Package, part string) (sum [sha256.Size]byte, err error) {
	d := digester{h: sha256.New()}
	if err := p.Scan(part, d.visit); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(d.h.Sum(nil)), nil
}

// digester computes a digest while a sheet is scanned.
type digester struct {
	h    hash.Hash
	cell []byte // the start tag of the last cell
	held bool   // the tag is not hashed yet, since nothing stands in the cell so far
}

func (d *digester) visit(t grid.Token) error {
	switch t.Kind {
	case grid.CharData:
		d.release()
		d.h.Write(t.Text)
	case grid.StartTag:
		d.release()
		switch t.Name {
		case "legacyDrawing":
			return nil
		case "c":
			d.cell, d.held = append(d.cell[:0], startOf(t, "s")...), true
		case "row":
			if more := startOf(t, "r", "spans"); more != "row" {
				d.h.Write([]byte("<" + startOf(t, "spans")))
			}
		case "sheetView":
			d.h.Write([]byte("<" + startOf(t, "tabSelected")))
		default:
			d.h.Write([]byte("<" + startOf(t)))
		}
	case grid.EndTag:
		switch {
		case d.held:
			d.held = false
		case t.Name != "legacyDrawing" && t.Name != "row":
			d.h.Write([]byte("/"))
		}
	}
	return nil
}

// release hashes the start tag that was held back.
func (d *digester) release() {
	if d.held {
		d.h.Write([]byte("<"))
		d.h.Write(d.cell)
		d.held = false
	}
}

// startOf is a start tag without some of its attributes.
func startOf(t grid.Token, without ...string) string {
	var b strings.Builder
	b.WriteString(t.Name)
	for _, a := range t.Attrs {
		if a.Prefixed || !slices.Contains(without, a.Name) {
			fmt.Fprintf(&b, " %s=%q", a.Name, a.Value)
		}
	}
	return b.String()
}

// sameParts returns an error if a part is gone, or if one was changed that marking has no
// reason to edit.
func sameParts(old, now *whole) error {
	edited, err := old.edited()
	if err != nil {
		return err
	}
	for _, f := range old.Files() {
		name := grid.PartName(f.Name)
		is := now.File(name)
		switch {
		case edited[name]:
			if is == nil && name != grid.RelationsOf(old.report) {
				return unfaithful("part %s is gone", name)
			}
		case is == nil || is.CRC32 != f.CRC32 || is.UncompressedSize64 != f.UncompressedSize64:
			return unfaithful("part %s", name)
		}
	}
	return nil
}

// edited are the parts that marking may edit: those about the workbook as a whole, the sheets,
// and the notes and drawings of the sheets.
func (w *whole) edited() (map[string]bool, error) {
	edited := map[string]bool{
		contentTypes:               true,
		w.main:                     true,
		grid.RelationsOf(w.main):   true,
		w.styles:                   true,
		w.report:                   true,
		grid.RelationsOf(w.report): true,
	}
	links, err := w.links(w.main)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if !l.isSheet() {
			continue
		}
		edited[l.target], edited[grid.RelationsOf(l.target)] = true, true
		more, err := w.links(l.target)
		if err != nil {
			return nil, err
		}
		for _, l := range more {
			if l.kind == "comments" || l.kind == "vmlDrawing" {
				edited[l.target] = true
			}
		}
	}
	return edited, nil
}

// notesOf are the notes of a sheet by their cells.
func (w *whole) notesOf(part string) (map[grid.Pos]string, error) {
	links, err := w.links(part)
	if err != nil {
		return nil, err
	}
	notes := map[grid.Pos]string{}
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

// verifyNotes returns an error if a mark has no note, if a note of somebody else is gone, or
// if one of an earlier marking is left.
func verifyNotes(old, now *whole, marks []Mark) error {
	shown, _ := inOrder(marks)
	for i, s := range now.sheets {
		if s.Part == "" {
			continue
		}
		was, err := old.notesOf(old.sheets[i].Part)
		if err != nil {
			return err
		}
		notes, err := now.notesOf(s.Part)
		if err != nil {
			return err
		}
		for at, text := range was {
			if isOurs(text) {
				_, text, _ = strings.Cut(text, noteRule)
			}
			if !strings.Contains(notes[at], text) {
				return unfaithful("the note of %v on sheet %q", at, s.Name)
			}
		}
		for _, m := range shown {
			if at, ok := grid.ParsePos(m.Finding.Cell); ok && m.Finding.Sheet == s.Name &&
				!strings.Contains(notes[s.Grid.Anchor(at)], m.Wrong) {
				return unfaithful("no note at %v on sheet %q", at, s.Name)
			}
		}
		if len(shown) > 0 && isOursLeft(notes, shown, s) {
			return unfaithful("a note from before on sheet %q", s.Name)
		}
	}
	return nil
}

// isOursLeft says whether a note of ours stands in a cell that has no mark.
func isOursLeft(notes map[grid.Pos]string, marks []Mark, s wholeSheet) bool {
	for at, text := range notes {
		if isOurs(text) && !slices.ContainsFunc(marks, func(m Mark) bool {
			cell, ok := grid.ParsePos(m.Finding.Cell)
			return ok && m.Finding.Sheet == s.Name && s.Grid.Anchor(cell) == at
		}) {
			return true
		}
	}
	return false
}

// secondOpinion opens a marked workbook with excelize, whose reader has nothing in common
// with package grid, and looks for the report and for each mark. Excelize may panic, and
// may take any time and memory: only the child process calls this.
func secondOpinion(data []byte, marks []Mark) (err error) {
	f, err := excelize.OpenReader(
		bytes.NewReader(data),
		excelize.Options{RawCellValue: true, UnzipXMLSizeLimit: 256 << 20, UnzipSizeLimit: 256 << 20},
	)
	if err != nil {
		return fmt.Errorf("second opinion: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sheets := f.GetSheetList()
	if !slices.ContainsFunc(sheets, func(name string) bool { return strings.HasPrefix(name, sheet.ReportSheet) }) {
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

package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"
)

// entry is a file to be put into a zip.
type entry struct{ name, text string }

// zipOf packs the entries in their order. They are deflated fast, and a .bin is
// stored: with the race detector, that takes seconds a megabyte otherwise.
func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for _, e := range entries {
		method := zip.Deflate
		if strings.HasSuffix(e.name, ".bin") {
			method = zip.Store
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// raw is a workbook written part by part, for what no spreadsheet program would
// write.
type raw struct {
	sheets  []string // the XML inside <worksheet>
	strings string   // the XML inside <sst>; the part is left out for ""
	styles  string   // likewise inside <styleSheet>
	names   string   // the XML inside <definedNames>
	date1904,
	hidden bool // the last sheet
	more []entry
}

const (
	rootRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	mainNS   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relType  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// entries are the parts of the workbook.
func (r raw) entries() []entry {
	var sheets, rels strings.Builder
	entries := []entry{{"[Content_Types].xml", "<Types/>"}, {"_rels/.rels", rootRels}}
	for i, xml := range r.sheets {
		state := ""
		if r.hidden && i == len(r.sheets)-1 {
			state = ` state="hidden"`
		}
		fmt.Fprintf(&sheets, `<sheet name="S%d" sheetId="%d"%s r:id="rId%d"/>`, i+1, i+1, state, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, i+1, relType, i+1)
		entries = append(entries, entry{fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), "<worksheet " + mainNS + ">" + xml + "</worksheet>"})
	}
	if r.strings != "" {
		fmt.Fprintf(&rels, `<Relationship Id="strings" Type="%ssharedStrings" Target="sharedStrings.xml"/>`, relType)
		entries = append(entries, entry{"xl/sharedStrings.xml", "<sst " + mainNS + ">" + r.strings + "</sst>"})
	}
	if r.styles != "" {
		fmt.Fprintf(&rels, `<Relationship Id="styles" Type="%sstyles" Target="/xl/styles.xml"/>`, relType)
		entries = append(entries, entry{"xl/styles.xml", "<styleSheet " + mainNS + ">" + r.styles + "</styleSheet>"})
	}
	workbook := fmt.Sprintf(`<workbook %s xmlns:r="x"><workbookPr date1904="%t"/><sheets>%s</sheets><definedNames>%s</definedNames></workbook>`, mainNS, r.date1904, sheets.String(), r.names)
	entries = append(entries,
		entry{"xl/_rels/workbook.xml.rels", "<Relationships>" + rels.String() + "</Relationships>"},
		entry{"xl/workbook.xml", workbook})
	return append(entries, r.more...)
}

func (r raw) bytes(t testing.TB) []byte {
	t.Helper()
	return zipOf(t, r.entries()...)
}

// rows is the XML of a sheet with these rows inside of its data.
func rows(xml string) string { return "<sheetData>" + xml + "</sheetData>" }

// readGrids reads a workbook as far as its cells.
func readGrids(data []byte, lim Limits) ([]*grid, error) {
	p, err := openPack(data, lim)
	if err != nil {
		return nil, err
	}
	_, grids, err := p.grids()
	return grids, err
}

// zipStored packs one entry uncompressed, as OpenDocument begins.
func zipStored(t testing.TB, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

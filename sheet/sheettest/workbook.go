package sheettest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"
)

// Entry is a file to be put into a zip.
type Entry struct{ Name, Text string }

// Zip packs the entries into a zip, in their order. Files that end with .bin are stored, and
// all others are compressed as fast as possible: with the race detector, anything better
// takes seconds for each megabyte.
func Zip(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(
		zip.Deflate,
		func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) },
	)
	for _, e := range entries {
		method := zip.Deflate
		if strings.HasSuffix(e.Name, ".bin") {
			method = zip.Store
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.Name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.Text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Workbook is a workbook of which each part is written by hand, for tests of what no
// spreadsheet program writes.
type Workbook struct {
	Sheets  []string // the XML inside <worksheet>
	Strings string   // the XML inside <sst>; the part is left out for ""
	Styles  string   // the XML inside <styleSheet>; the part is left out for ""
	Names   string   // the XML inside <definedNames>

	Date1904 bool    // days count from 1904
	Hidden   bool    // the last sheet is hidden
	More     []Entry // parts besides those of the workbook
}

const (
	// MainNamespace is the attribute that declares the namespace of sheets.
	MainNamespace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	// RelationshipTypes is what the types of relationships begin with.
	RelationshipTypes = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

const rootRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" Type="` + RelationshipTypes + `officeDocument" Target="xl/workbook.xml"/></Relationships>`

// Entries returns the parts of the workbook.
func (r Workbook) Entries() []Entry {
	var sheets, rels strings.Builder
	entries := []Entry{{"[Content_Types].xml", "<Types/>"}, {"_rels/.rels", rootRels}}
	for i, xml := range r.Sheets {
		state := ""
		if r.Hidden && i == len(r.Sheets)-1 {
			state = ` state="hidden"`
		}
		fmt.Fprintf(&sheets, `<sheet name="S%d" sheetId="%d"%s r:id="rId%d"/>`, i+1, i+1, state, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`,
			i+1, RelationshipTypes, i+1)
		entries = append(entries, Entry{
			fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1),
			"<worksheet " + MainNamespace + ">" + xml + "</worksheet>",
		})
	}
	if r.Strings != "" {
		fmt.Fprintf(&rels, `<Relationship Id="strings" Type="%ssharedStrings" Target="sharedStrings.xml"/>`,
			RelationshipTypes)
		entries = append(entries, Entry{"xl/sharedStrings.xml", "<sst " + MainNamespace + ">" + r.Strings + "</sst>"})
	}
	if r.Styles != "" {
		fmt.Fprintf(&rels, `<Relationship Id="styles" Type="%sstyles" Target="/xl/styles.xml"/>`, RelationshipTypes)
		entries = append(entries, Entry{
			"xl/styles.xml", "<styleSheet " + MainNamespace + ">" + r.Styles + "</styleSheet>",
		})
	}
	workbook := fmt.Sprintf(`<workbook %s xmlns:r="x"><workbookPr date1904="%t"/>`+
		`<sheets>%s</sheets><definedNames>%s</definedNames></workbook>`,
		MainNamespace, r.Date1904, sheets.String(), r.Names)
	entries = append(entries,
		Entry{"xl/_rels/workbook.xml.rels", "<Relationships>" + rels.String() + "</Relationships>"},
		Entry{"xl/workbook.xml", workbook})
	return append(entries, r.More...)
}

// Bytes returns the workbook as a file.
func (r Workbook) Bytes(t testing.TB) []byte {
	t.Helper()
	return Zip(t, r.Entries()...)
}

// Rows returns the XML of a sheet with these rows.
func Rows(xml string) string { return "<sheetData>" + xml + "</sheetData>" }

// Stored returns a zip with one uncompressed file. An OpenDocument file begins like that.
func Stored(t testing.TB, name, text string) []byte {
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

// Inline returns the XML of a row of cells with these texts.
func Inline(texts ...string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for _, text := range texts {
		b.WriteString(`<c t="inlineStr"><is><t>` + text + `</t></is></c>`)
	}
	return b.String() + "</row>"
}

package grid

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet/sheettest"
)

func TestSniff(t *testing.T) {
	var jpg, pic bytes.Buffer
	square := image.NewGray(image.Rect(0, 0, 8, 8))
	if err := jpeg.Encode(&jpg, square, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&pic, square); err != nil {
		t.Fatal(err)
	}
	zipped := func(names ...string) string {
		var entries []sheettest.Entry
		for _, name := range names {
			entries = append(entries, sheettest.Entry{Name: name, Text: "x"})
		}
		return string(sheettest.Zip(t, entries...))
	}
	manifest := func(typ string) string {
		return string(sheettest.Zip(t, sheettest.Entry{Name: "content.xml", Text: "x"},
			sheettest.Entry{Name: "META-INF/manifest.xml", Text: `<manifest:manifest ` +
				`xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">` +
				`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>` +
				`<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.` +
				typ + `"/></manifest:manifest>`}))
	}
	xlsx := zipped("[Content_Types].xml", "xl/workbook.xml")
	tests := []struct {
		name, input, want string
		code              order.Code // of the refusal; "" where it is read
	}{
		{"zero bytes", "", "empty", "form.unreadable.empty"},
		{"blanks", " \r\n", "empty", "form.unreadable.empty"},
		{"xlsx", xlsx, "xlsx", "form.unreadable.damaged"}, // of no content
		{"xlsx of backslashes", zipped(`XL\Workbook.xml`), "xlsx", "form.unreadable.damaged"},
		{"xlsx cut short", xlsx[:len(xlsx)-100], "xlsx", "form.unreadable.truncated"},
		{"xlsx cut in its first entry", xlsx[:60], "xlsx", "form.unreadable.truncated"},
		{"xlsm", zipped("xl/workbook.xml", "xl/vbaProject.bin"), "xlsm", "form.unreadable.damaged"},
		{"xlsb", zipped("xl/workbook.bin"), "xlsb", "form.unreadable.xlsb"},
		{"docx", zipped("[Content_Types].xml", "word/document.xml"), "docx", "form.unreadable.document"},
		{"pptx", zipped("ppt/presentation.xml"), "pptx", "form.unreadable.unknown"},
		{
			"ods", string(sheettest.Stored(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet")), "ods",
			"form.unreadable.ods",
		},
		{
			"ods of OpenOffice 1", string(sheettest.Stored(t, "mimetype", "application/vnd.sun.xml.calc")), "ods",
			"form.unreadable.ods",
		},
		{"ods whose type does not stand in front", manifest("spreadsheet"), "ods", "form.unreadable.ods"},
		{"odt whose type does not stand in front", manifest("text"), "odt", "form.unreadable.document"},
		{"drawing whose type does not stand in front", manifest("graphics"), "zip", "form.unreadable.zip"},
		{"zip of a page", zipped("content.xml"), "zip", "form.unreadable.zip"},
		{
			"odt", string(sheettest.Stored(t, "mimetype", "application/vnd.oasis.opendocument.text")), "odt",
			"form.unreadable.document",
		},
		{"zip", zipped("photo.png", "bon.xlsx"), "zip", "form.unreadable.zip"},
		{
			"zip of a workbook that is stored", string(sheettest.Stored(t, "bon.xlsx", xlsx)), "zip",
			"form.unreadable.zip",
		},
		{"zip of two zips that are stored", string(sheettest.Stored(t, "a.zip",
			string(sheettest.Stored(t, "bon.xlsx", xlsx)))), "zip", "form.unreadable.zip"},
		{"zip cut short", zipped("photo.png")[:80], "zip", "form.unreadable.truncated"},
		{"empty zip", zipped(), "zip", "form.unreadable.zip"},
		{"pdf", "%PDF-1.7\n", "pdf", "form.unreadable.pdf"},
		{"pdf behind a line", "\r\n%PDF-1.7\n", "pdf", "form.unreadable.pdf"},
		{"png", pic.String(), "png", "form.unreadable.image"},
		{"jpeg", jpg.String(), "jpeg", "form.unreadable.image"},
		{"gif", "GIF89a\x01\x00", "gif", "form.unreadable.image"},
		{"tiff", "II*\x00\x08", "tiff", "form.unreadable.image"},
		{"webp", "RIFF\x10\x00\x00\x00WEBPVP8 ", "webp", "form.unreadable.image"},
		{"rtf", `{\rtf1\ansi`, "rtf", "form.unreadable.document"},
		{"rar", "Rar!\x1A\x07\x00", "rar", "form.unreadable.unknown"},
		{"7z", "7z\xBC\xAF\x27\x1C\x00", "7z", "form.unreadable.unknown"},
		{"gzip", "\x1F\x8B\x08\x00", "gzip", "form.unreadable.unknown"},
		{"tnef", "\x78\x9F\x3E\x22\x01", "tnef", "form.unreadable.unknown"},
		{"html", "\uFEFF <!DOCTYPE html><html>", "html", "form.unreadable.html"},
		{"html of a portal", "<table><tr><td>EAN;Quantité</td></tr></table>", "html", "form.unreadable.html"},
		{"xhtml", "<?xml version='1.0'?><html>", "html", "form.unreadable.html"},
		{"xml", "<?xml version='1.0'?><commande/>", "xml", "form.unreadable.unknown"},
		{"Excel 2003 xml", `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>` +
			`<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>`, "xml2003", "form.unreadable.xml2003"},
		{"Excel 2003 xml without a declaration", `<ss:Workbook ` +
			`xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"/>`, "xml2003", "form.unreadable.xml2003"},
		{"flat ods", `<?xml version="1.0"?><office:document ` +
			`xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ` +
			`office:mimetype="application/vnd.oasis.opendocument.spreadsheet"/>`, "ods", "form.unreadable.ods"},
		{"flat odt", `<?xml version="1.0"?><office:document ` +
			`xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ` +
			`office:mimetype="application/vnd.oasis.opendocument.text"/>`, "odt", "form.unreadable.document"},
		{
			"web archive of Excel", "MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related\n\n",
			"html", "form.unreadable.html",
		},
		{"mail", "Received: from a\r\n\tby b\r\nSubject: Bon\r\n\r\n", "eml", "form.unreadable.unknown"},
		{"mail of two lines", "From: a@b\nX-Mailer: c\n", "eml", "form.unreadable.unknown"},
		{
			"a letter", "Date: lundi, bonjour\nvoici notre bon de commande, merci : à vous\n", "text",
			"form.unreadable.text",
		},
		{"csv", "EAN;Titre\n9782090000313;Histoire\n", "csv", ""},
		{"csv with two byte order marks", "\uFEFF\uFEFFid;date\n1;2\n", "csv", ""},
		{"csv in Latin-1", "EAN;Libell\xE9\n9782090000313;2\n", "csv", ""},
		{"csv of one line", "9782090000313,Histoire,2019", "csv", ""},
		{"Unicode text of Excel", "\xFF\xFEE\x00A\x00N\x00\t\x00Q\x00\r\x00\n\x001\x00\t\x002\x00", "csv", ""},
		{"text", "Bonjour,\nvoici notre commande.\n", "text", "form.unreadable.text"},
		{"old xls", "\x09\x08\x08\x00\x00\x05\x10\x00", "xls", "form.unreadable.xls"},
		{"xls of Excel 2", "\x09\x00\x04\x00\x02\x00\x10\x00", "xls", "form.unreadable.xls"},
		{"xls of Excel 4", "\x09\x04\x06\x00\x00\x00\x10\x00", "xls", "form.unreadable.xls"},
		{"xls of Excel 97 without OLE", "\x09\x08\x10\x00\x00\x06\x05\x00", "xls", "form.unreadable.xls"},
		{"binary", "\x00\x01\x02\x03", "unknown", "form.unreadable.unknown"},
		{"OLE of nothing", oleMagic + strings.Repeat("\x00", 600), "ole", "form.unreadable.unknown"},
		{"OLE cut short", oleMagic, "ole", "form.unreadable.unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			kind := Sniff([]byte(test.input))
			if kind != test.want {
				t.Errorf("got %q, want %q", kind, test.want)
			}
			_, err := Read(kind, []byte(test.input), DefaultLimits())
			if got := codeOf(err); got != test.code || (err == nil) != (test.code == "") {
				t.Errorf("got %v, want %q", err, test.code)
			}
		})
	}
}

// The streams of real OLE files, whose directories lie anywhere.
func TestSniffOLE(t *testing.T) {
	corpus := sheettest.Corpus(t)
	for name, want := range map[string]string{
		"pass_protected.xlsx":          "encrypted",
		"pass_protected.xlsb":          "encrypted",
		"date.xls":                     "xls",
		"capitalized_wbook_stream.xls": "xls",
		"date.ods":                     "ods",
		"date.xlsb":                    "xlsb",
	} {
		data, err := os.ReadFile(filepath.Join(corpus, "calamine", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := Sniff(data); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// oleEntry is an entry of an OLE file's directory, and the entries that it names.
type oleEntry struct {
	name               string
	left, right, child uint32
}

// oleOf is an OLE file of nothing but its directory.
func oleOf(entries ...oleEntry) []byte {
	const sector, free, last, table = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
	data := make([]byte, 3*sector) // the header, the allocation table, the directory
	copy(data, oleMagic)
	put := func(at int, n uint32) { binary.LittleEndian.PutUint32(data[at:], n) }
	binary.LittleEndian.PutUint16(data[30:], 9)
	put(48, 1) // the directory's first sector
	put(76, 0) // the table's
	put(sector, table)
	put(sector+4, last)
	for i, e := range entries {
		at := 2*sector + 128*i
		for j, r := range e.name {
			data[at+2*j] = byte(r)
		}
		binary.LittleEndian.PutUint16(data[at+64:], uint16(2*len(e.name)+2))
		put(at+68, e.left)
		put(at+72, e.right)
		put(at+76, e.child)
	}
	return data
}

// A workbook in which a letter is embedded was called a letter.
func TestSniffOLEWithinOLE(t *testing.T) {
	const none = 0xFFFFFFFF
	tests := []struct {
		name    string
		entries []oleEntry
		want    string
	}{
		{"letter in a workbook", []oleEntry{
			{"Root Entry", none, none, 1},
			{"MBD01", none, 2, 3},
			{"Workbook", none, none, none},
			{"WordDocument", none, none, none},
		}, "xls"},
		{"workbook in a letter", []oleEntry{
			{"Root Entry", none, none, 2},
			{"ObjectPool", none, none, 3},
			{"WordDocument", 1, none, none},
			{"Workbook", none, none, none},
		}, "doc"},
		{"under a password", []oleEntry{
			{"Root Entry", none, none, 1},
			{"EncryptedPackage", 2, none, none},
			{"EncryptionInfo", none, none, none},
		}, "encrypted"},
		{"root that names nothing", []oleEntry{
			{"Root Entry", none, none, none},
			{"Workbook", none, none, none},
		}, "xls"},
		{"entries that name each other", []oleEntry{
			{"Root Entry", none, none, 1},
			{"Book", 2, 2, 1},
			{"x", 1, 0, none},
		}, "xls"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Sniff(oleOf(test.entries...)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEncryptedZipEntry(t *testing.T) {
	data := sheettest.Workbook{Sheets: []string{sheettest.Rows("")}}.Bytes(t)
	at := bytes.LastIndex(data, []byte(zipRecord)) // that of xl/workbook.xml
	data[at+8] |= 1
	_, err := readGrids(data, DefaultLimits())
	if got := codeOf(err); got != "form.unreadable.encrypted" {
		t.Errorf("got %v, want form.unreadable.encrypted", err)
	}
}

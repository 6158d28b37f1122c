package registry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"

	"bdc/bench/need"
	"bdc/order"
)

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	header = "UAI;Nom;Code postal;Commune\n"
	turgot = "0750647W;Lycée Turgot;75003;Paris\n"
)

// TestDialects: the same two schools, in every way that CSV comes.
func TestDialects(t *testing.T) {
	plain := header + turgot + "0932030B;\"Lycée Maurice; Utrillo\";93240;Stains\n"
	latin, err := charmap.Windows1252.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	commas := "UAI,Nom,Code postal,Commune\n0750647W,Lycée Turgot,75003,Paris\n" +
		"0932030B,Lycée Maurice; Utrillo,93240,Stains\n"
	for name, text := range map[string]string{
		"plain":                 plain,
		"byte order mark":       bom + plain,
		"two byte order marks":  bom + bom + plain,
		"CRLF":                  strings.ReplaceAll(plain, "\n", "\r\n"),
		"no newline at the end": strings.TrimSuffix(plain, "\n"),
		"blank lines":           "\n\r\n" + strings.ReplaceAll(plain, "\n", "\n\n;;;\n"),
		"Windows-1252":          latin,
		"commas":                commas,
		"tabs":                  strings.ReplaceAll(commas, ",", "\t"),
		"sep= line":             "sep=,\n" + commas,
		"sep= line after a BOM": bom + "sep=;\r\n" + plain,
		"gzip":                  zipped(t, plain),
		"gzip of BOM and CRLF":  zipped(t, bom+strings.ReplaceAll(plain, "\n", "\r\n")),
		"odd headers": strings.Replace(plain, header,
			"N°_UAI;NOM  ÉTABLISSEMENT;code_postal;\"Nom de la\nCommune\"\n", 1),
		"more columns, other order": "Rang;Commune;CODE POSTAL;Nom_etablissement;UAI\n" +
			"1;Paris;75003;Lycée Turgot;0750647W\n2;Stains;93240;\"Lycée Maurice; Utrillo\";0932030B;" +
			";;\n", // and empty ones
	} {
		t.Run(name, func(t *testing.T) {
			schools, report, err := ImportDirectory(context.Background(), iotest.OneByteReader(strings.NewReader(text)),
				"f.csv", nil)
			if err != nil {
				t.Fatal(err)
			}
			if report.Rows != 2 || report.SkippedN != 0 {
				t.Errorf("got %d rows, skipped %q, want 2 and none", report.Rows, report.Skipped)
			}
			got := ""
			for _, s := range schools {
				got += fmt.Sprintf("%s|%s|%s|%s\n", s.UAI, s.Name, s.Postcode, s.Town)
			}
			if want := "0750647W|Lycée Turgot|75003|Paris\n" +
				"0932030B|Lycée Maurice; Utrillo|93240|Stains\n"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if want := order.Sum([]byte(text)); report.SourceSum != want {
				t.Errorf("source: got %s, want %s", report.SourceSum, want)
			}
		})
	}
}

// TestRefusals: each file that is no register is refused as a whole, by its name
// and in French.
func TestRefusals(t *testing.T) {
	good := header + turgot
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"nothing", "", 0, "le fichier est vide"},
		{"nothing, zipped", zipped(t, ""), 0, "le fichier est vide"},
		{"blank lines", "\n\n", 0, "le fichier est vide"},
		{"xlsx", "PK\x03\x04" + strings.Repeat("\x00", 600), 0, "classeur Excel"},
		{"xls", "\xd0\xcf\x11\xe0" + good, 0, "classeur Excel ancien"},
		{"XML", bom + "<?xml version=\"1.0\"?><schools/>", 0, "XML"},
		{"web page", "\n<!DOCTYPE html>", 0, "page web"},
		{"PDF", "%PDF-1.7", 0, "PDF"},
		{"UTF-16", "\xff\xfeU\x00A\x00", 0, "UTF-16"},
		{"truncated gzip", zipped(t, strings.Repeat(good, 99))[:60], 0, "archive .gz"},
		{"gzip with a wrong sum", corrupt(zipped(t, good)), 0, "archive .gz"},
		{"gzip in name only", "\x1f\x8bUAI;Nom", 0, "archive .gz"},
		{"header only", header, 0, "aucune ligne"},
		{"a column missing", "UAI;Nom;Ville\n", 0, "il manque la colonne « Code postal ». Colonnes trouvées : UAI, " +
			"Nom, Ville."},
		{"all columns missing", "a;b\n1;2\n", 0, "il manque les colonnes « UAI », « Nom de l’établissement », « Code " +
			"postal », « Commune ». Colonnes trouvées : a, b."},
		{"too many columns", strings.Repeat("a;", maxColumns) + "UAI\n", 0, "1001 colonnes"},
		{"NUL byte", good + "0932030B;Ly\x00cée;93240;Stains\n", 3, "octet nul"},
		{"formula", good + "0932030B;\"=HYPERLINK(\"\"http://x\"\")\";93240;Stains\n", 3, "formule en colonne 2"},
		{"formula behind a space", good + "0932030B; =1+1;93240;Stains\n", 3, "formule en colonne 2"},
		{"formula after a sep= line", "sep=;\n" + good + "0932030B;=A1;93240;Stains\n", 4, "formule"},
		{"quote in a field", good + "0932030B;Lycée \"Utrillo;93240;Stains\n", 3, "guillemet"},
		{"quote never closed", good + "0932030B;\"Utrillo;93240;Stains\n" + turgot, 3, "guillemet"},
		{
			"field of 10 MB", good + "0932030B;" + strings.Repeat("x", 10<<20) + ";93240;Stains\n", 3,
			"une ligne de plus de 1 Mo",
		},
		{
			"quoted field of 10 MB", good + "0932030B;\"" + strings.Repeat("x\n", 5<<20) + "\";93240;Stains\n", 3,
			"une ligne de plus de 1 Mo",
		},
		{"header of 10 MB", strings.Repeat("x", 10<<20), 1, "une ligne de plus de 1 Mo"},
		{"most rows useless", header + turgot + "x;y;1;z\nx;y;1;z\n", 0, "2 lignes sur 3 sont inutilisables"},
		{"another register", "EAN;Titre\n3133091195199;T\n", 0, "il manque les colonnes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			schools, report, err := ImportDirectory(context.Background(), strings.NewReader(tt.text), "f.csv", nil)
			var refused *FileError
			if !errors.As(err, &refused) {
				t.Fatalf("got error %v, want a FileError", err)
			}
			if refused.Line != tt.line || !strings.Contains(refused.Reason, tt.want) || refused.File != "f.csv" {
				t.Errorf("got line %d: %q, want line %d with %q", refused.Line, refused.Reason, tt.line, tt.want)
			}
			if schools != nil || report.Rows != 0 {
				t.Errorf("got %d schools and %d rows beside the error, want none", len(schools), report.Rows)
			}
		})
	}
}

// corrupt damages the sum at the end of a gzip file.
func corrupt(s string) string { return s[:len(s)-6] + "\x00\x00" + s[len(s)-4:] }

func TestGuardStopsAtItsLimit(t *testing.T) {
	for _, tt := range []struct {
		size int
		want string
	}{
		{2 << 20, ""},
		{2<<20 + 1, "« f.csv » : plus de 2 Mo une fois décompressé."},
	} {
		text := strings.Repeat("\n", tt.size)
		_, err := io.Copy(io.Discard, &guard{
			r: strings.NewReader(text), file: "f.csv", limit: 2 << 20, line: 1,
			start: 1,
		})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%d bytes: got %q, want %q", tt.size, got, tt.want)
		}
	}
}

func TestFileError(t *testing.T) {
	for _, tt := range []struct {
		err  FileError
		want string
	}{
		{FileError{File: "f.csv", Reason: "non."}, "« f.csv » : non."},
		{FileError{File: "f.csv", Line: 7, Reason: "non."}, "« f.csv », ligne 7 : non."},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestShiftedRows: a row of another width is left out, not read askew.
func TestShiftedRows(t *testing.T) {
	text := header + turgot + "0932030B;Lycée;Utrillo;93240;Stains\n0770930T;Lycée\n" +
		"0753268V;Lycée Lurçat;75013;Paris\n"
	schools, report, err := ImportDirectory(context.Background(), strings.NewReader(text), "f.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(len(schools), report.Rows, report.SkippedN, report.Skipped)
	if want := "2 4 2 [ligne 3 : 5 colonnes au lieu de 4 ligne 4 : 2 colonnes au lieu de 4]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCutFiles: a file that ends within a row is refused, by the name of that row,
// wherever it was cut.
func TestCutFiles(t *testing.T) {
	wide := "UAI;Nom;CP;Commune;Statut\n0932030B;\"Lycée; Utrillo\";93240;Stains;Public\n" +
		"0770930T;Lycée Moissan;77100;Meaux;Public\n0750647W;\"Lycée; Turgot\";75003;Paris;Public\n"
	xml := "<ecoles>" + strings.Repeat("\n<ecole uai=\"0750647W\"><nom>Turgot</nom><cp>75003</cp><ville>Paris</ville>"+
		"</ecole>", 3) + "\n</ecoles>\n"
	big := "UAI;Nom;CP;Commune\n"
	for i := range 4000 {
		big += fmt.Sprintf("%s;Lycée %x;75003;Paris\n", testUAI(t, i), i*i*7919)
	}
	lastRow := strings.LastIndex(wide[:len(wide)-1], "\n") + 1
	refused := func(name, text string, line int) {
		t.Helper()
		var fault *FileError
		_, report, err := ImportDirectory(context.Background(), strings.NewReader(text), "f.csv", nil)
		if !errors.As(err, &fault) || line > 0 && fault.Line != line || fault.Line == 0 {
			t.Errorf("%s: got %+v, error %v, want line %d refused", name, report, err, line)
		}
	}
	for end := lastRow + 1; end < strings.LastIndex(wide, ";")+1; end++ {
		refused(fmt.Sprintf("CSV: %q", wide[lastRow:end]), wide[:end], 4)
	}
	refused("blank lines below", wide[:lastRow+24]+"\n\n;;;;\n", 4)
	for end := strings.LastIndex(xml, "<ecole "); end < len(xml)-len("\n</ecoles>\n"); end++ {
		refused(fmt.Sprintf("XML: %d octets", end), xml[:end], 4)
	}
	refused("XML: the last element", xml[:len(xml)-len("</ecoles>\n")], 5)
	gz := zipped(t, big)
	for _, end := range []int{len(gz) / 2, len(gz) - 100, len(gz) - 1} {
		refused(fmt.Sprintf("gzip: %d octets", end), gz[:end], 0)
	}
	short := wide[:lastRow] + "0750647W;Turgot\n" + wide[lastRow:]
	if _, report, err := ImportDirectory(context.Background(), strings.NewReader(short), "f.csv", nil); err != nil ||
		report.SkippedN != 1 {
		t.Errorf("a short row before others: got %q, error %v, want it left out", report.Skipped, err)
	}
	whole := wide[:len(wide)-1]
	if _, _, err := ImportDirectory(context.Background(), strings.NewReader(whole), "f.csv", nil); err != nil {
		t.Errorf("no line end: got error %v, want none", err)
	}
}

func TestSkippedAreNamedUpToAHundred(t *testing.T) {
	text := header + strings.Repeat(turgot, 150)
	for i := range 200 {
		text += fmt.Sprintf("%s;Lycée %d;75003;Paris\n", testUAI(t, i+1), i)
	}
	_, report, err := ImportDirectory(context.Background(), strings.NewReader(text), "f.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.SkippedN != 149 || len(report.Skipped) != maxReasons || report.Entries != 201 {
		t.Errorf("got %d skipped, %d of them named, %d entries; want 149, 100, 201", report.SkippedN,
			len(report.Skipped), report.Entries)
	}
}

// TestReaderFails: the reader's own error is no fault of the file.
func TestReaderFails(t *testing.T) {
	broken := errors.New("cable pulled")
	for name, r := range map[string]io.Reader{
		"at once":     iotest.ErrReader(broken),
		"in the rows": io.MultiReader(strings.NewReader(header+turgot), iotest.ErrReader(broken)),
	} {
		_, _, err := ImportDirectory(context.Background(), r, "f.csv", nil)
		var refused *FileError
		if !errors.Is(err, broken) || errors.As(err, &refused) {
			t.Errorf("%s: got %v, want the reader's error", name, err)
		}
	}
}

// endless is a file without end: its rows are made as they are read.
type endless struct {
	rows int
	rest string
	make func(i int) string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.rest = e.make(e.rows)
		e.rows++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestImportEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	e := &endless{make: func(i int) string {
		if i == 0 {
			return header
		}
		if i == 10_000 {
			cancel()
		}
		return turgot
	}}
	_, _, err := ImportDirectory(ctx, e, "f.csv", nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
}

func TestRowsAreBounded(t *testing.T) {
	e := &endless{make: func(i int) string {
		if i == 0 {
			return header
		}
		return strings.Repeat("x;y;1;z\n", 1000)
	}}
	_, _, err := ImportDirectory(context.Background(), e, "f.csv", nil)
	var refused *FileError
	if !errors.As(err, &refused) || refused.Line != maxRows+2 {
		t.Errorf("got %v, want the row after the last refused", err)
	}
}

// TestImportOf100MB: as many schools as France has, in rows as wide as those of
// the official export, are read in memory for what is kept, and the progress
// ends at the file's size.
func TestImportOf100MB(t *testing.T) {
	padding := strings.Repeat(";"+strings.Repeat("x", 26), 50)
	e := &endless{make: func(i int) string {
		if i == 0 {
			return "UAI;Nom;Code postal;Commune" + strings.Repeat(";Autre", 50) + "\n"
		}
		return fmt.Sprintf("%s;Lycée Jean Moulin %d;75003;Paris%s\n", testUAI(t, i), i, padding)
	}}
	rows := 70_000
	if need.Brief() {
		rows = 10_000 // 14 MB
	}
	counted := &counter{r: &rowLimit{e, rows}}
	before, sampled := liveHeap(), int64(0)
	peak := before
	var done int64
	schools, report, err := ImportDirectory(context.Background(), counted, "f.csv", func(n int64) {
		done = n
		if n-sampled > int64(rows)*300 { // a fifth of the file
			sampled = n
			peak = max(peak, liveHeap())
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(schools) != rows || report.Entries != rows || done != counted.n {
		t.Errorf("got %d schools, %d entries, %d bytes done; want %d, %[4]d, %d", len(schools), report.Entries, done,
			rows, counted.n)
	}
	if counted.n < int64(rows)*1350 {
		t.Fatalf("the file is %d bytes, want 1,350 a row: 100 MB in full", counted.n)
	}
	t.Logf("%.0f MiB read, %.1f MiB of live memory at most", float64(counted.n)/(1<<20), float64(peak-before)/(1<<20))
	if peak-before > 80<<20 {
		t.Errorf("live memory: got %d bytes, want less than 80 MiB", peak-before)
	}
	runtime.KeepAlive(schools)
}

// rowLimit ends an endless directory after so many rows.
type rowLimit struct {
	*endless
	rows int
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.rest == "" && l.endless.rows > l.rows {
		return 0, io.EOF
	}
	return l.endless.Read(p)
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func BenchmarkImportOf70000(b *testing.B) {
	padding := strings.Repeat(";"+strings.Repeat("x", 26), 50)
	for b.Loop() {
		e := &endless{make: func(i int) string {
			if i == 0 {
				return "UAI;Nom;Code postal;Commune" + strings.Repeat(";Autre", 50) + "\n"
			}
			return fmt.Sprintf("%s;Lycée Jean Moulin %d;75003;Paris%s\n", testUAI(b, i), i, padding)
		}}
		if _, _, err := ImportDirectory(context.Background(), &rowLimit{e, 70_000}, "f.csv", nil); err != nil {
			b.Fatal(err)
		}
	}
}

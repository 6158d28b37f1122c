package judged

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"bdc/order"
	"bdc/sheet/form"
)

// columns are short names of the form's columns.
var columns = map[string]string{
	"ean": order.ColumnEAN, "offre": order.ColumnOffer, "titre": order.ColumnTitle, "qte": order.ColumnQuantity,
	"duree": order.ColumnDuration, "licence": order.ColumnLicence, "prix": order.ColumnPrice,
	"obs": order.ColumnRemark, "editeur": order.ColumnPublisher,
}

// builder makes the bytes of files.
type builder struct {
	*testing.T
	world
	form  *order.Form
	blank []byte // our form, not filled in
}

// fields are what a bookseller types into the header block of our form.
func (b builder) fields(f file) map[string]string {
	school, shop := b.schools[or(f.School, "ada")], b.shops[or(f.Shop, "lde")]
	if school == nil || shop == nil {
		b.Fatalf("no such school or shop: %q, %q", f.School, f.Shop)
	}
	mail, _, _ := strings.Cut(shop["E-mails"], " ")
	return map[string]string{
		order.FieldBookseller: shop["Nom"], order.FieldAccount: shop["N° de compte"],
		order.FieldBookMail:  or(mail, "marie@"+shop["Domaines"]),
		order.FieldReference: "CMD-2026-118", order.FieldDate: "15/06/2026",
		order.FieldUAI: school["UAI"], order.FieldEstablishment: school["Nom"],
		order.FieldAddress: school["Adresse_1"], order.FieldPostcode: school["CP"],
		order.FieldTown: school["Ville"], order.FieldSector: school["Secteur"],
		"contact_nom": "Morel", "contact_prenom": "Hélène",
		order.FieldContactMail: "h.morel@ecoles.invalid", "acces_mode": "GAR",
	}
}

// line is a row of the form's table: "30 M6 ; obs=urgent".
func (b builder) line(row string) map[string]string {
	parts := strings.Split(row, ";")
	line := map[string]string{}
	if quantity, key, ok := strings.Cut(strings.TrimSpace(parts[0]), " "); ok {
		title := b.titles[key]
		if title == nil {
			b.Fatalf("row %q: no such title", row)
		}
		line = map[string]string{
			order.ColumnEAN: title["EAN"], order.ColumnTitle: title["Titre"], order.ColumnQuantity: quantity,
			order.ColumnDuration: title["Durée"], order.ColumnLicence: title["Licence"],
			order.ColumnPrice: title["Prix HT"],
		}
	} else if parts[0] != "" {
		b.Fatalf("row %q: want a quantity and a title", row)
	}
	for _, typed := range parts[1:] {
		column, value, ok := strings.Cut(strings.TrimSpace(typed), "=")
		if id := columns[column]; ok && id != "" {
			line[id] = b.worded(b.T, value)
		} else {
			b.Fatalf("row %q: no such column: %q", row, column)
		}
	}
	return line
}

// bytes makes a file, and its name.
func (b builder) bytes(f file) (name string, data []byte) {
	if f.CSV != nil {
		text := b.worded(b.T, strings.Join(f.CSV, "\r\n")+"\r\n")
		return or(f.Name, "commande.csv"), b.encoded(text, f.Charset)
	}
	w := &workbook{builder: b, now: "Feuil1"}
	switch {
	case f.Sheet != nil || f.Sheets != nil:
		w.book = excelize.NewFile()
		b.check(w.book.SetSheetName("Sheet1", "Feuil1"))
		for i, rows := range append(f.Sheets, slices.Concat([]string{"Feuil1"}, f.Sheet)) {
			if i == len(f.Sheets) && f.Sheet == nil {
				continue
			}
			if i == 0 {
				b.check(w.book.SetSheetName("Feuil1", rows[0]))
			} else {
				w.do("add " + rows[0])
			}
			w.now = rows[0]
			w.write(rows[1:])
		}
	default:
		values := b.fields(f)
		for id, value := range f.Form {
			values[id] = b.worded(b.T, value)
		}
		rows := f.Rows
		if rows == nil {
			rows = usual
		}
		var lines []map[string]string
		for _, row := range rows {
			lines = append(lines, b.line(row))
		}
		var err error
		w.book, err = excelize.OpenReader(bytes.NewReader(b.blank))
		b.check(err)
		w.layout, err = form.NewLayout(b.form, len(lines))
		b.check(err)
		w.now = form.SheetName
		w.fill(values, lines)
	}
	for _, what := range f.Do {
		w.do(b.worded(b.T, what))
	}
	var out bytes.Buffer
	b.check(w.book.Write(&out))
	b.check(w.book.Close())
	return or(f.Name, "BdC.xlsx"), out.Bytes()
}

// usual are the rows of a form where a case is not about them.
var usual = []string{"30 M6", "28 F4", "12 HG3"}

func (b builder) encoded(text, charset string) []byte {
	switch charset {
	case "":
		return []byte(text)
	case "bom":
		return []byte("\ufeff" + text)
	case "windows-1252":
		data, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
		b.check(err)
		return data
	case "utf-16le", "utf-16be":
		var out []byte
		for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
			if charset == "utf-16le" {
				out = append(out, byte(unit), byte(unit>>8))
			} else {
				out = append(out, byte(unit>>8), byte(unit))
			}
		}
		return out
	}
	b.Fatalf("no such charset: %q", charset)
	return nil
}

func (b builder) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// workbook is a workbook that something is done to.
type workbook struct {
	builder
	book   *excelize.File
	layout *form.Layout // nil of a layout of the bookseller's own
	now    string       // the sheet that things are done to
}

// fill types into our form. Codes are texts there, as its cells are made.
func (w *workbook) fill(values map[string]string, lines []map[string]string) {
	typed := func(id, cell, value string) {
		switch id {
		case order.ColumnQuantity, order.ColumnPrice, order.FieldDate:
			w.set(cell, value)
		default:
			if value != "" {
				w.check(w.book.SetCellStr(w.now, cell, value))
			}
		}
	}
	for id, value := range values {
		typed(id, w.layout.Cell(id, 0), value)
	}
	for i, line := range lines {
		for id, value := range line {
			typed(id, w.layout.Cell(id, i), value)
		}
	}
}

// blocks are rows that most layouts of booksellers' own have.
var blocks = map[string][]string{
	"@libraire": {
		"Librairie|{lde.Nom}", "N° de compte Interforum|'{lde.N° de compte}", "E-mail de la librairie|{lde.E-mails}",
		"Référence de commande|CMD-2026-118", "Date de commande|15/06/2026",
	},
	"@lieu": {
		"Nom de l’établissement|{ada.Nom}", "Adresse|{ada.Adresse_1}", "Code postal|'{ada.CP}", "Ville|{ada.Ville}",
	},
	"@contact": {"Nom du contact|Morel", "E-mail du contact|h.morel@ecoles.invalid"},
	"@tout":    {"@libraire", "UAI|{ada.UAI}", "@lieu", "@contact", ""},
	"@lignes":  {"{M6}|{M6.Titre}|30", "{F4}|{F4.Titre}|28", "{HG3}|{HG3.Titre}|12"},
}

func spread(rows []string) (all []string) {
	for _, row := range rows {
		if block, ok := blocks[row]; ok {
			all = append(all, spread(block)...)
		} else {
			all = append(all, row)
		}
	}
	return all
}

func (w *workbook) write(rows []string) {
	for i, row := range spread(rows) {
		for j, text := range strings.Split(w.worded(w.T, row), "|") {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			w.check(err)
			w.set(cell, strings.TrimSpace(text))
		}
	}
}

var (
	whole   = regexp.MustCompile(`^-?(0|[1-9]\d{0,14})$`)
	decimal = regexp.MustCompile(`^-?\d+,\d+$`)
)

// set types a text into a cell, as a French Excel takes it: 30 and 4,50 are numbers,
// 15/06/2026 is a day, a quote in front makes a text; "=A1*2 → 60" is a formula and
// its result, "num:9780000000000" a number however long.
func (w *workbook) set(cell, text string) {
	formula, result, ok := strings.Cut(text, "→")
	if formula, isFormula := strings.CutPrefix(formula, "="); ok && isFormula {
		w.set(cell, strings.TrimSpace(result))
		w.check(w.book.SetCellFormula(w.now, cell, strings.TrimSpace(formula)))
		return
	}
	number := strings.TrimPrefix(text, "num:")
	at, isDay := time.Parse("02/01/2006", text)
	switch {
	case text == "":
	case text[0] == '\'':
		w.check(w.book.SetCellStr(w.now, cell, text[1:]))
	case number != text || whole.MatchString(text) || decimal.MatchString(text):
		n, err := strconv.ParseFloat(strings.ReplaceAll(number, ",", "."), 64)
		w.check(err)
		w.check(w.book.SetCellFloat(w.now, cell, n, -1, 64))
	case isDay == nil:
		serial := int(at.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
		w.check(w.book.SetCellInt(w.now, cell, int64(serial)))
		w.style(cell, func(s *excelize.Style) { s.NumFmt, s.CustomNumFmt = 14, nil })
	default:
		w.check(w.book.SetCellStr(w.now, cell, text))
	}
}

// style changes the style of cells.
func (w *workbook) style(cells string, change func(*excelize.Style)) {
	for _, cell := range w.cells(cells) {
		index, err := w.book.GetCellStyle(w.now, cell)
		w.check(err)
		style, err := w.book.GetStyle(index)
		w.check(err)
		if style.Font == nil {
			style.Font = &excelize.Font{Family: "Calibri", Size: 11}
		}
		change(style)
		index, err = w.book.NewStyle(style)
		w.check(err)
		w.check(w.book.SetCellStyle(w.now, cell, cell, index))
	}
}

// cell is the address that a reference means: B4 is itself, ean.2 the EAN of the second
// line, ean.0 its header, beside.2 and beside2.2 the cells right of that line, label:uai
// the label of a field, and uai the cell that it is typed into.
func (w *workbook) cell(ref string) string {
	if _, _, err := excelize.CellNameToCoordinates(ref); err == nil {
		return ref
	}
	if w.layout == nil {
		w.Fatalf("%q is no cell", ref)
	}
	at := func(id string, line int) (col, row int) {
		col, row, err := excelize.CellNameToCoordinates(w.layout.Cell(id, line))
		if err != nil {
			w.Fatalf("%q is no cell: %v", ref, err)
		}
		return col, row
	}
	name, n, inLine := strings.Cut(ref, ".")
	field, label := strings.CutPrefix(ref, "label:")
	var col, row int
	switch {
	case inLine:
		line, err := strconv.Atoi(n)
		w.check(err)
		if id, ok := columns[name]; ok {
			col, row = at(id, line-1)
			break
		}
		col, row = at(order.ColumnRemark, line-1)
		if col += 1; name == "beside2" {
			col++
		} else if name != "beside" {
			w.Fatalf("%q is no cell", ref)
		}
	case label:
		col, row = at(field, 0)
		col -= 2 // a label is as wide as two columns
	default:
		col, row = at(ref, 0)
	}
	cell, err := excelize.CoordinatesToCellName(col, row)
	w.check(err)
	return cell
}

// cells are those of a reference, of a range A1:C3 or qte.1:qte.3, or of line.2.
func (w *workbook) cells(ref string) (all []string) {
	from, to, ranged := strings.Cut(ref, ":")
	if n, ok := strings.CutPrefix(ref, "line."); ok {
		from, to, ranged = "ean."+n, "obs."+n, true
	}
	if !ranged || from == "label" {
		return []string{w.cell(ref)}
	}
	c1, r1, err := excelize.CellNameToCoordinates(w.cell(from))
	w.check(err)
	c2, r2, err := excelize.CellNameToCoordinates(w.cell(to))
	w.check(err)
	for r := r1; r <= r2; r++ {
		for c := c1; c <= c2; c++ {
			cell, err := excelize.CoordinatesToCellName(c, r)
			w.check(err)
			all = append(all, cell)
		}
	}
	return all
}

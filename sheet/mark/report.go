package mark

import (
	"fmt"
	"strings"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/sheet/grid"
)

// nameReport is the hidden defined name that points to the report.
const nameReport = order.NamePrefix + "a_corriger"

// Where things stand on the report. To the right of what people see, hidden columns keep
// the formats that the marked cells had before, as formats of the hidden cells: a program
// that saves the workbook may number the formats anew, and drops those that no cell has.
const (
	reportHead   = 4  // the row of the headers
	reportSheets = 2  // the column with the sheet of a marked cell
	reportCells  = 3  // the column with its address
	reportShown  = 7  // the last column that people see
	reportHidden = 8  // the first hidden column
	maxMerged    = 64 // of merged cells only as many are marked
)

// reportColumn is a column of the report.
type reportColumn struct {
	head  string
	width float64 // in characters
}

func reportColumns() [reportShown]reportColumn {
	return [reportShown]reportColumn{
		{"N°", 5},
		{"Feuille", 19},
		{"Case", 9},
		{"Champ", 23},
		{"Valeur lue", 25},
		{"Ce qui ne va pas", 48},
		{"Pour corriger", 48},
	}
}

// reportStyles are the formats of the report's cells, by their index in the stylesheet.
type reportStyles struct {
	title, code, intro, head, band, number, text, link, value, doubt int
}

func newReportStyles(s *stylesheet) reportStyles {
	font := func(size, rgb, more string) string {
		return fmt.Sprintf(`%s<sz val="%s"/><color rgb="FF%s"/><name val="Calibri"/><family val="2"/>`, more, size, rgb)
	}
	const (
		left    = `horizontal="left" vertical="center" indent="1"`
		right   = `horizontal="right" vertical="center" indent="1"`
		middle  = `horizontal="center" vertical="center"`
		wrapped = `horizontal="left" vertical="center" wrapText="1" indent="1"`
	)
	alarm, doubt := alarmLook(), doubtLook()
	line := s.border("thin", "FF"+form.Hairline)
	none := s.borders.add(prefixed(`<border><left/><right/><top/><bottom/><diagonal/></border>`, s.root.prefix))
	white := s.fill("FFFFFFFF")
	return reportStyles{
		title:  s.own(font("18", "FFFFFF", "<b/>"), s.fill("FF"+form.Navy), none, left),
		code:   s.own(font("10", "C9D4E8", ""), s.fill("FF"+form.Navy), none, right),
		intro:  s.own(font("10.5", form.Navy, ""), s.fill("FF"+form.Sky), none, wrapped),
		head:   s.own(font("10.5", "FFFFFF", "<b/>"), s.fill("FF"+form.Blue), s.border("thin", "FFFFFFFF"), left),
		band:   s.own(font("11", doubt.edge[2:], "<b/>"), s.fill(doubt.fill), line, left),
		number: s.own(font("10.5", form.SoftInk, "<b/>"), s.fill("FF"+form.Grey), line, middle),
		text:   s.own(font("10.5", form.Ink, ""), white, line, wrapped),
		link:   s.own(font("10.5", form.Blue, "<b/><u/>"), white, line, middle),
		value:  s.own(font("10.5", alarm.edge[2:], ""), s.fill(alarm.fill), line, wrapped),
		doubt:  s.own(font("10.5", doubt.edge[2:], ""), s.fill(doubt.fill), line, wrapped),
	}
}

// reportLine is a finding in the report. Its spot is nil if the workbook has no such cell.
type reportLine struct {
	numberedMark
	spot *spot
}

// texts are what the columns say of the finding; the first, its number, is left out.
func (l reportLine) texts() [reportShown]string {
	value := shortened(l.Finding.Value)
	if value == "" && l.spot != nil {
		value = "(vide)"
	}
	return [reportShown]string{"", l.Finding.Sheet, l.Finding.Cell, l.Label, value, l.Wrong, l.advice()}
}

// height is the height of the row, in points. Not every program that opens a workbook fits
// the rows to wrapped text.
func (l reportLine) height() float64 {
	lines, columns := 1, reportColumns()
	for i, text := range l.texts() {
		n := 0
		for line := range strings.SplitSeq(text, "\n") {
			n += 1 + int(float64(len([]rune(line)))/(columns[i].width*1.1))
		}
		lines = max(lines, n)
	}
	return float64(8 + 14*min(lines, 28)) // Excel's highest row has 409 points
}

// reportRows writes the rows of the report.
type reportRows struct {
	strings.Builder
	row    int // the last row begun
	styles reportStyles
	merges []string // the merged cells
	links  []string // the <hyperlink> of each line
}

func (w *reportRows) begin(height float64) {
	w.row++
	fmt.Fprintf(w, `<row r="%d" ht="%g" customHeight="1">`, w.row, height)
}

func (w *reportRows) end() { w.WriteString("</row>") }

func (w *reportRows) cell(col, style int, text string) {
	at := grid.At(w.row, col)
	if text == "" {
		fmt.Fprintf(w, `<c r="%s" s="%d"/>`, at, style)
		return
	}
	fmt.Fprintf(w, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`,
		at, style, xmlAttr(text))
}

// wide writes one cell that is merged across columns.
func (w *reportRows) wide(from, to, style int, text string) {
	w.cell(from, style, text)
	for col := from + 1; col <= to; col++ {
		w.cell(col, style, "")
	}
	w.merges = append(w.merges, fmt.Sprintf("%s:%s", grid.At(w.row, from), grid.At(w.row, to)))
}

// head writes the rows above the findings.
func (w *reportRows) head(errors int, code string) {
	w.begin(34)
	w.wide(1, 5, w.styles.title, sheet.ReportTitle)
	if code != "" {
		code = "Dossier " + code
	}
	w.wide(6, reportShown, w.styles.code, code)
	w.end()
	w.begin(40)
	w.wide(1, reportShown, w.styles.intro, intro(errors))
	w.end()
	w.begin(6)
	w.end()
	w.begin(22)
	for i, c := range reportColumns() {
		w.cell(i+1, w.styles.head, c.head)
	}
	w.end()
}

// band writes a row with one cell.
func (w *reportRows) band(style int, text string) {
	w.begin(22)
	w.wide(1, reportShown, style, text)
	w.end()
}

// line writes the row of a finding.
func (w *reportRows) line(l reportLine) {
	w.begin(l.height())
	fmt.Fprintf(w, `<c r="%s" s="%d"><v>%d</v></c>`, grid.At(w.row, 1), w.styles.number, l.number)
	link, value := w.styles.text, w.styles.doubt
	if l.Finding.Severity == order.Error {
		value = w.styles.value
	}
	if l.spot != nil {
		link = w.styles.link
		location := "'" + strings.ReplaceAll(l.Finding.Sheet, "'", "''") + "'!" + l.Finding.Cell
		w.links = append(w.links, fmt.Sprintf(`<hyperlink ref="%s" location="%s" display="%s"/>`,
			grid.At(w.row, reportCells), xmlAttr(location), xmlAttr(l.Finding.Cell)))
	}
	texts := l.texts()
	w.cell(reportSheets, w.styles.text, texts[1])
	w.cell(reportCells, link, texts[2])
	w.cell(4, w.styles.text, texts[3])
	w.cell(5, value, texts[4])
	w.cell(6, w.styles.text, texts[5])
	w.cell(reportShown, w.styles.text, texts[6])
	if l.spot != nil {
		for i, format := range l.spot.was {
			w.cell(reportHidden+i, format, "")
		}
	}
	w.end()
}

// reportXML is the part with the report. more is how many findings the report leaves out.
func reportXML(lines []reportLine, more int, code, namespace string, styles reportStyles) []byte {
	w := reportRows{styles: styles}
	errors := 0
	for _, l := range lines {
		if l.Finding.Severity == order.Error {
			errors++
		}
	}
	w.head(errors, code)
	for i, l := range lines {
		if i == errors { // the errors come first
			w.band(styles.band, "À vérifier aussi")
		}
		w.line(l)
	}
	if more > 0 {
		w.band(styles.text, fmt.Sprintf("… et %d autres points, à voir une fois ceux-ci corrigés.", more))
	}
	return w.worksheet(namespace)
}

// worksheet is the XML of the sheet around the rows.
func (w *reportRows) worksheet(namespace string) []byte {
	var x strings.Builder
	fmt.Fprintf(&x, xmlHeader+`<worksheet xmlns="%s">`+
		`<sheetPr><tabColor rgb="%s"/><pageSetUpPr fitToPage="1"/></sheetPr>`,
		namespace, alarmLook().edge)
	fmt.Fprintf(&x, `<dimension ref="A1:%s"/>`+
		`<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">`+
		`<pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/>`+
		`<selection pane="bottomLeft" activeCell="C%[3]d" sqref="C%[3]d"/></sheetView></sheetViews>`+
		`<sheetFormatPr defaultRowHeight="15"/><cols>`,
		grid.At(w.row, reportShown), reportHead, reportHead+1)
	for i, c := range reportColumns() {
		fmt.Fprintf(&x, `<col min="%d" max="%[1]d" width="%g" customWidth="1"/>`, i+1, c.width)
	}
	fmt.Fprintf(&x, `<col min="%d" max="%d" width="9" hidden="1" customWidth="1"/></cols><sheetData>%s</sheetData>`,
		reportHidden, reportHidden+maxMerged-1, w.String())
	fmt.Fprintf(&x, `<mergeCells count="%d"><mergeCell ref="%s"/></mergeCells>`,
		len(w.merges), strings.Join(w.merges, `"/><mergeCell ref="`))
	if len(w.links) > 0 {
		x.WriteString(`<hyperlinks>` + strings.Join(w.links, "") + `</hyperlinks>`)
	}
	x.WriteString(`<printOptions horizontalCentered="1"/>` +
		`<pageMargins left="0.4" right="0.4" top="0.4" bottom="0.5" header="0.25" footer="0.25"/>` +
		`<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>` +
		`<headerFooter><oddFooter>&amp;L&amp;8À corriger&amp;R&amp;8Page &amp;P / &amp;N</oddFooter></headerFooter>` +
		`</worksheet>`)
	return []byte(x.String())
}

// intro tells booksellers what to do with the report.
func intro(errors int) string {
	points := "Aucun point n’est à corriger."
	switch {
	case errors == 1:
		points = "Un point est à corriger."
	case errors > 1:
		points = fmt.Sprintf("%d points sont à corriger.", errors)
	}
	return points +
		" Les cases concernées sont en rouge dans le bon de commande, et leur note dit comment les corriger.\n" +
		"Cliquez sur une case ci-dessous pour y aller ; corrigez, enregistrez, puis répondez à notre message " +
		"avec ce fichier. Cet onglet peut y rester."
}

// shortened is a value that was read, cut to what the report has room for.
func shortened(value string) string {
	const most = 200
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

package mark

import (
	"fmt"
	"strings"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/sheet/grid"
)

// nameReport is the hidden name that points to it.
const nameReport = order.NamePrefix + "a_corriger"

// Where the list stands on its sheet. In the hidden columns stand the formats
// that marked cells had before: a program that saves the workbook numbers formats
// anew, and keeps track of them only as formats of cells.
const (
	reportHead   = 4 // the row of the headers
	reportSheets = 2 // the column with the sheet of a cell
	reportCells  = 3 // and that with its address
	reportShown  = 7 // the last column that people see
	reportHidden = 8 // the first column of formats
	maxMerged    = 64
)

// reportColumn is a column of the list.
type reportColumn struct {
	head  string
	width float64
}

func reportColumns() [reportShown]reportColumn {
	return [reportShown]reportColumn{
		{
			"N°",
			5,
		}, {"Feuille", 19}, {"Case", 9}, {"Champ", 23}, {"Valeur lue", 25}, {"Ce qui ne va pas", 48}, {"Pour corriger", 48},
	}
}

// reportStyles are the formats of the list.
type reportStyles struct {
	title, code, intro, head, band, number, text, link, value, doubt int
}

func newReportStyles(s *stylesheet) reportStyles {
	font := func(size, rgb, more string) string {
		return fmt.Sprintf(`%s<sz val="%s"/><color rgb="FF%s"/><name val="Calibri"/><family val="2"/>`, more, size, rgb)
	}
	const left, wrapped, middle = `horizontal="left" vertical="center" indent="1"`, `horizontal="left" vertical="center" wrapText="1" indent="1"`, `horizontal="center" vertical="center"`
	line, none := s.border(
		"thin",
		"FF"+form.Hairline,
	), s.borders.add(
		prefixed(`<border><left/><right/><top/><bottom/><diagonal/></border>`, s.root.prefix),
	)
	white := s.fill("FFFFFFFF")
	return reportStyles{
		title: s.own(font("18", "FFFFFF", "<b/>"), s.fill("FF"+form.Navy), none, left),
		code: s.own(
			font("10", "C9D4E8", ""),
			s.fill("FF"+form.Navy),
			none,
			`horizontal="right" vertical="center" indent="1"`,
		),
		intro: s.own(
			font("10.5", form.Navy, ""),
			s.fill("FF"+form.Sky),
			none,
			`horizontal="left" vertical="center" wrapText="1" indent="1"`,
		),
		head:   s.own(font("10.5", "FFFFFF", "<b/>"), s.fill("FF"+form.Blue), s.border("thin", "FFFFFFFF"), left),
		band:   s.own(font("11", doubtLook().edge[2:], "<b/>"), s.fill(doubtLook().fill), line, left),
		number: s.own(font("10.5", form.SoftInk, "<b/>"), s.fill("FF"+form.Grey), line, middle),
		text:   s.own(font("10.5", form.Ink, ""), white, line, wrapped),
		link:   s.own(font("10.5", form.Blue, "<b/><u/>"), white, line, middle),
		value:  s.own(font("10.5", alarmLook().edge[2:], ""), s.fill(alarmLook().fill), line, wrapped),
		doubt:  s.own(font("10.5", doubtLook().edge[2:], ""), s.fill(doubtLook().fill), line, wrapped),
	}
}

// reportLine is a finding in the list; spot is nil where the workbook has no
// such cell.
type reportLine struct {
	numberedMark
	spot *spot
}

// texts are what the list's columns say of the finding.
func (l reportLine) texts() [reportShown]string {
	value := shortened(l.Finding.Value)
	if value == "" && l.spot != nil {
		value = "(vide)"
	}
	return [reportShown]string{"", l.Finding.Sheet, l.Finding.Cell, l.Label, value, l.Wrong, l.advice()}
}

// height is that of the row, in points: programs that open a workbook don't all
// fit rows to wrapped text.
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

// reportRows writes the rows of a sheet.
type reportRows struct {
	strings.Builder
	row int
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
	fmt.Fprintf(
		w,
		`<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`,
		at,
		style,
		xmlAttr(text),
	)
}

// wide fills the columns of a row from one to another with one cell.
func (w *reportRows) wide(from, to, style int, text string, merges *[]string) {
	w.cell(from, style, text)
	for col := from + 1; col <= to; col++ {
		w.cell(col, style, "")
	}
	*merges = append(*merges, fmt.Sprintf("%s:%s", grid.At(w.row, from), grid.At(w.row, to)))
}

// reportXML is the sheet with the list, of which more findings are left out.
func reportXML(lines []reportLine, more int, code, namespace string, s reportStyles) []byte {
	var w reportRows
	var merges, links []string
	errors := 0
	for _, l := range lines {
		if l.Finding.Severity == order.Error {
			errors++
		}
	}
	w.begin(34)
	w.wide(1, 5, s.title, sheet.ReportTitle, &merges)
	if code != "" {
		code = "Dossier " + code
	}
	w.wide(6, reportShown, s.code, code, &merges)
	w.end()
	w.begin(40)
	w.wide(1, reportShown, s.intro, intro(errors), &merges)
	w.end()
	w.begin(6)
	w.end()
	w.begin(22)
	for i, c := range reportColumns() {
		w.cell(i+1, s.head, c.head)
	}
	w.end()
	doubts := false
	for _, l := range lines {
		value := s.value
		if l.Finding.Severity != order.Error {
			if value = s.doubt; !doubts {
				doubts = true
				w.begin(22)
				w.wide(1, reportShown, s.band, "À vérifier aussi", &merges)
				w.end()
			}
		}
		w.begin(l.height())
		fmt.Fprintf(&w, `<c r="%s" s="%d"><v>%d</v></c>`, grid.At(w.row, 1), s.number, l.number)
		texts := l.texts()
		w.cell(reportSheets, s.text, texts[1])
		link := s.text
		if l.spot != nil {
			link = s.link
			links = append(
				links,
				fmt.Sprintf(
					`<hyperlink ref="%s" location="%s" display="%s"/>`,
					grid.At(w.row, reportCells),
					xmlAttr(
						"'"+strings.ReplaceAll(l.Finding.Sheet, "'", "''")+"'!"+l.Finding.Cell,
					),
					xmlAttr(l.Finding.Cell),
				),
			)
		}
		w.cell(reportCells, link, texts[2])
		w.cell(4, s.text, texts[3])
		w.cell(5, value, texts[4])
		w.cell(6, s.text, texts[5])
		w.cell(reportShown, s.text, texts[6])
		if l.spot != nil {
			for i, format := range l.spot.was {
				w.cell(reportHidden+i, format, "")
			}
		}
		w.end()
	}
	if more > 0 {
		w.begin(22)
		w.wide(
			1,
			reportShown,
			s.text,
			fmt.Sprintf("… et %d autres points, à voir une fois ceux-ci corrigés.", more),
			&merges,
		)
		w.end()
	}
	var x strings.Builder
	x.WriteString(
		xmlHeader + `<worksheet xmlns="` + namespace + `"><sheetPr><tabColor rgb="` + alarmLook().edge + `"/><pageSetUpPr fitToPage="1"/></sheetPr>`,
	)
	fmt.Fprintf(
		&x,
		`<dimension ref="A1:%s"/><sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"><pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/>`+
			`<selection pane="bottomLeft" activeCell="C%[3]d" sqref="C%[3]d"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`,
		grid.At(w.row, reportShown),
		reportHead,
		reportHead+1,
	)
	for i, c := range reportColumns() {
		fmt.Fprintf(&x, `<col min="%d" max="%[1]d" width="%g" customWidth="1"/>`, i+1, c.width)
	}
	fmt.Fprintf(
		&x,
		`<col min="%d" max="%d" width="9" hidden="1" customWidth="1"/></cols><sheetData>%s</sheetData>`,
		reportHidden,
		reportHidden+maxMerged-1,
		w.String(),
	)
	fmt.Fprintf(
		&x,
		`<mergeCells count="%d"><mergeCell ref="%s"/></mergeCells>`,
		len(merges),
		strings.Join(merges, `"/><mergeCell ref="`),
	)
	if len(links) > 0 {
		x.WriteString(`<hyperlinks>` + strings.Join(links, "") + `</hyperlinks>`)
	}
	x.WriteString(
		`<printOptions horizontalCentered="1"/><pageMargins left="0.4" right="0.4" top="0.4" bottom="0.5" header="0.25" footer="0.25"/>` +
			`<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/><headerFooter><oddFooter>&amp;L&amp;8À corriger&amp;R&amp;8Page &amp;P / &amp;N</oddFooter></headerFooter></worksheet>`,
	)
	return []byte(x.String())
}

// intro says what to do with the list.
func intro(errors int) string {
	points := "Aucun point n’est à corriger."
	switch {
	case errors == 1:
		points = "Un point est à corriger."
	case errors > 1:
		points = fmt.Sprintf("%d points sont à corriger.", errors)
	}
	return points + " Les cases concernées sont en rouge dans le bon de commande, et leur note dit comment les corriger.\n" +
		"Cliquez sur une case ci-dessous pour y aller ; corrigez, enregistrez, puis répondez à notre message avec ce fichier. Cet onglet peut y rester."
}

// shortened is a value that was read, as far as a list shows it.
func shortened(value string) string {
	const most = 200
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

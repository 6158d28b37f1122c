package demo

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"bdc/order"
)

// handmadeSheet is a sheet as a bookseller would make it from scratch: labels
// and values side by side, then a table of lines.
func handmadeSheet(form *order.Form, v values, l lines) [][]string {
	var rows [][]string
	for _, f := range form.Fields {
		if value, ok := v[f.ID]; ok {
			rows = append(rows, []string{f.Label, value})
		}
	}
	var head []string
	for _, c := range form.Columns {
		head = append(head, c.Label)
	}
	rows = append(rows, nil, head)
	for _, line := range l {
		var row []string
		for _, c := range form.Columns {
			row = append(row, line[c.ID])
		}
		rows = append(rows, row)
	}
	return rows
}

// handmade is a plain workbook of text cells, a sheet each, without any of our
// defined names.
func (b *builder) handmade(sheets ...[][]string) []byte {
	var book, relations, types strings.Builder
	var out bytes.Buffer
	pack := zip.NewWriter(&out)
	add := func(name, body string) {
		w, err := pack.Create(name)
		if err == nil {
			_, err = w.Write([]byte(xml.Header + body))
		}
		if err != nil && b.err == nil {
			b.err = err
		}
	}
	for i, rows := range sheets {
		n := i + 1
		fmt.Fprintf(&book, `<sheet name="Commande %d" sheetId="%d" r:id="rId%d"/>`, n, n, n)
		fmt.Fprintf(&relations, `<Relationship Id="rId%d" `+
			`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" `+
			`Target="worksheets/sheet%d.xml"/>`, n, n)
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" `+
			`ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		add(fmt.Sprintf("xl/worksheets/sheet%d.xml", n), sheetXML(rows))
	}
	add("xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" `+
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>`+
		book.String()+`</sheets></workbook>`)
	add("xl/_rels/workbook.xml.rels", `<Relationships `+
		`xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+relations.String()+`</Relationships>`)
	add("_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+
		`<Relationship Id="rId1" `+
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" `+
		`Target="xl/workbook.xml"/></Relationships>`)
	add("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default `+
		`Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override `+
		`PartName="/xl/workbook.xml" `+
		`ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>`+
		types.String()+`</Types>`)
	if err := pack.Close(); err != nil && b.err == nil {
		b.err = err
	}
	return out.Bytes()
}

func sheetXML(rows [][]string) string {
	var x strings.Builder
	x.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for r, row := range rows {
		fmt.Fprintf(&x, `<row r="%d">`, r+1)
		for c, value := range row {
			if value == "" {
				continue
			}
			fmt.Fprintf(&x, `<c r="%c%d" t="inlineStr"><is><t xml:space="preserve">`, 'A'+c, r+1)
			_ = xml.EscapeText(&x, []byte(value)) // a builder takes every write
			x.WriteString(`</t></is></c>`)
		}
		x.WriteString(`</row>`)
	}
	x.WriteString(`</sheetData></worksheet>`)
	return x.String()
}

package mark

import (
	"strings"
	"testing"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/grid"
	"bdc/sheet/sheettest"
)

// spaced is a workbook with the namespaces that other readers ask for.
func spaced(t testing.TB, r sheettest.Workbook) []byte {
	t.Helper()
	entries := r.Entries()
	const packages = ` xmlns="http://schemas.openxmlformats.org/package/2006/`
	spaces := strings.NewReplacer("<Relationships>", "<Relationships"+packages+`relationships">`, "<Types/>",
		"<Types"+packages+`content-types"/>`,
		`xmlns:r="x"`, `xmlns:r="`+strings.TrimSuffix(sheettest.RelationshipTypes, "/")+`"`)
	for i := range entries {
		entries[i].Text = spaces.Replace(entries[i].Text)
	}
	return sheettest.Zip(t, entries...)
}

// What programs other than spreadsheet programs write, and what of it marking
// must leave alone.
func TestAnnotateRawWorkbooks(t *testing.T) {
	const (
		vml = `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">` +
			`<v:shape id="Button 1" type="#_x0000_t201"><v:textbox><div>Calculer<br></div></v:textbox>` +
			`<x:ClientData ObjectType="Button"><x:Anchor>1, 1, 1, 1, 2, 2, 2, 2</x:Anchor></x:ClientData></v:shape>` +
			`<v:shape id="shape_0" type="#_x0000_t202"><x:ClientData ObjectType="Note"><x:Row>0</x:Row>` +
			`<x:Column>0</x:Column></x:ClientData></v:shape></xml>`
		comments = `<comments ` + sheettest.MainNamespace + `><authors><author>Hélène</author></authors><commentList>` +
			`<comment ref="A1" authorId="0"><text><t>Vu.</t></text></comment></commentList></comments>`
		legacy = `<legacyDrawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" ` +
			`r:id="rId1"/>`
	)
	rels := func(more string) sheettest.Entry {
		return sheettest.Entry{
			Name: "xl/worksheets/_rels/sheet1.xml.rels",
			Text: `<Relationships>` + more + `</Relationships>`,
		}
	}
	drawing := `<Relationship Id="rId1" Type="` + sheettest.RelationshipTypes +
		`vmlDrawing" Target="../drawings/vmlDrawing1.vml"/>`
	notes := `<Relationship Id="rId2" Type="` + sheettest.RelationshipTypes + `comments" Target="/xl/comments1.xml"/>`
	cell := `<row r="1"><c r="A1" t="str"><v>x</v></c></row>`
	tests := []struct {
		name  string
		build sheettest.Workbook
		cell  string
		part  string // that is looked into
		want  []string
	}{
		{
			"without styles",
			sheettest.Workbook{Sheets: []string{sheettest.Rows(cell)}},
			"A1", "xl/worksheets/sheet1.xml",
			[]string{`<c s="1" r="A1" t="str">`},
		},
		{
			"an empty sheet",
			sheettest.Workbook{Sheets: []string{"<sheetData/>"}},
			"C4", "xl/worksheets/sheet1.xml",
			[]string{`<sheetData><row r="4"><c r="C4" s="1"/></row></sheetData>`},
		},
		{"a row without cells", sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row r="4" spans="1:2" ` +
			`ht="20"/>`)}}, "C4", "xl/worksheets/sheet1.xml", []string{`<row r="4" ht="20"><c r="C4" s="1"/></row>`}},
		{
			"between rows",
			sheettest.Workbook{Sheets: []string{sheettest.Rows(cell + `<row r="9"/>`)}},
			"B4",
			"xl/worksheets/sheet1.xml",
			[]string{`</row><row r="4"><c r="B4" s="1"/></row><row r="9"/>`},
		},
		{
			"between cells",
			sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row r="1" spans="1:3"><c r="A1"/>` +
				`<c r="C1"/></row>`)}},
			"B1", "xl/worksheets/sheet1.xml",
			[]string{`<row r="1"><c r="A1"/><c r="B1" s="1"/><c r="C1"/></row>`},
		},
		{
			"rows and cells without places",
			sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row><c/>` +
				`<c t="str"><v>x</v></c></row><row><c/></row>`)}},
			"B1", "xl/worksheets/sheet1.xml",
			[]string{`<row><c/><c s="1" t="str"><v>x</v></c></row>`},
		},
		{
			"the format of its column",
			sheettest.Workbook{
				Sheets: []string{`<cols><col min="2" max="3" style="1"/></cols><sheetData/>`},
				Styles: `<cellXfs count="2"><xf/><xf numFmtId="49" quotePrefix="1"/></cellXfs>`,
			},
			"B2", "xl/styles.xml",
			[]string{`quotePrefix="1"`, `<cellXfs count=`},
		},
		{
			"merged cells",
			sheettest.Workbook{Sheets: []string{sheettest.Rows(cell) +
				`<mergeCells><mergeCell ref="A1:B2"/></mergeCells>`}},
			"B2", "xl/worksheets/sheet1.xml",
			[]string{`<c r="B1" s="1"/></row><row r="2"><c r="A2" s="1"/><c r="B2" s="1"/></row>`},
		},
		{
			"a button",
			sheettest.Workbook{
				Sheets: []string{sheettest.Rows(cell) + legacy},
				More: []sheettest.Entry{
					{Name: "xl/drawings/vmlDrawing1.vml", Text: vml},
					{Name: "xl/comments1.xml", Text: comments},
					rels(drawing + notes),
				},
			},
			"B1",
			"xl/drawings/vmldrawing1.vml",
			[]string{`id="Button 1"`, `id="shape_0"`, `<x:Column>1</x:Column>`},
		},
		{
			"a note on the cell",
			sheettest.Workbook{
				Sheets: []string{sheettest.Rows(cell) + legacy},
				More: []sheettest.Entry{
					{Name: "xl/drawings/vmlDrawing1.vml", Text: vml},
					{Name: "xl/comments1.xml", Text: comments},
					rels(drawing + notes),
				},
			},
			"A1", "xl/comments1.xml",
			[]string{headCorrect, strings.TrimSpace(noteRule), `Vu.`, `authorId="0"`},
		},
		{
			"a note without a drawing",
			sheettest.Workbook{
				Sheets: []string{sheettest.Rows(cell)},
				More:   []sheettest.Entry{{Name: "xl/comments1.xml", Text: comments}, rels(notes)},
			},
			"B1",
			"xl/worksheets/sheet1.xml",
			[]string{`<legacyDrawing`},
		},
		{
			"tables after the drawing",
			sheettest.Workbook{Sheets: []string{sheettest.Rows(cell) +
				`<pageMargins/><tableParts/>`}},
			"A1", "xl/worksheets/sheet1.xml",
			[]string{`<pageMargins/><legacyDrawing`, `/><tableParts/>`},
		},
		{
			"selected sheets",
			sheettest.Workbook{Sheets: []string{`<sheetViews>` +
				`<sheetView tabSelected="1" workbookViewId="0"/></sheetViews>` + sheettest.Rows(cell)}},
			"A1",
			"xl/worksheets/sheet1.xml",
			[]string{`<sheetView workbookViewId="0"/>`},
		},
		{
			"names of sheets",
			sheettest.Workbook{
				Sheets: []string{sheettest.Rows(cell)},
				Names:  `<definedName name="_xlnm.Print_Area" localSheetId="0">S1!A1</definedName>`,
			},
			"A1",
			"xl/workbook.xml",
			[]string{`<definedName name="_xlnm.Print_Area" localSheetId="1">S1!A1`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			marks := []Mark{{Wrong: "Faute d’essai.", Finding: order.Finding{
				Severity: order.Error,
				Sheet:    "S1", Cell: test.cell,
			}}}
			data := annotated(t, spaced(t, test.build), marks, "D-7K2Q9F")
			p, err := openParts(data, grid.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			text, err := p.part(test.part)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(text), want) {
					t.Errorf("got %s\nwant in it %s", text, want)
				}
			}
		})
	}
}

// A name space with a prefix, or of the strict kind, goes on in what is added.
func TestAnnotateOtherNamespaces(t *testing.T) {
	const strictMain, strictRels = "http://purl.oclc.org/ooxml/spreadsheetml/main",
		"http://purl.oclc.org/ooxml/officeDocument/relationships"
	marks := []Mark{{Wrong: "Faute d’essai.", Finding: order.Finding{Severity: order.Error, Sheet: "S1", Cell: "B2"}}}
	plain := sheettest.Workbook{
		Sheets: []string{sheettest.Rows(`<row r="1"><c r="A1"><v>1</v></c></row>`)},
		Styles: `<cellXfs><xf/></cellXfs>`,
	}
	transform := func(change func(name, text string) string) []byte {
		entries := plain.Entries()
		for i, e := range entries {
			entries[i].Text = change(e.Name, e.Text)
		}
		return sheettest.Zip(t, entries...)
	}
	tests := []struct {
		name     string
		workbook []byte
		sheet    string
		styles   string
	}{
		{"strict", transform(func(_, text string) string {
			text = strings.ReplaceAll(text, spreadsheetML, strictMain)
			return strings.ReplaceAll(text, strings.TrimSuffix(sheettest.RelationshipTypes, "/"), strictRels)
		}), `<worksheet xmlns="` + strictMain, `<xf applyBorder="1"`},
		{"prefixed", transform(func(name, text string) string {
			if !strings.HasPrefix(name, "xl/") || strings.HasSuffix(name, ".rels") {
				return text
			}
			return prefixed(strings.Replace(text, "xmlns=", "xmlns:p=", 1), "p:")
		}), `<p:c r="B2" s="1"/>`, `<p:xf applyBorder="1"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data, err := annotate(test.workbook, marks, "D-7K2Q9F", grid.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if err := verify(test.workbook, data, marks, grid.DefaultLimits()); err != nil {
				t.Error(err)
			}
			p, err := openParts(data, grid.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			for part, want := range map[string]string{
				"xl/worksheets/sheet1.xml": test.sheet,
				"xl/styles.xml":            test.styles,
			} {
				text, err := p.part(part)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(text), want) {
					t.Errorf("got %s\nwant in it %s", text, want)
				}
			}
		})
	}
}

// Excel shows the thread of a cell and hides its note: such a workbook is not
// marked.
func TestAnnotateRefusesThreads(t *testing.T) {
	build := sheettest.Workbook{
		Sheets: []string{sheettest.Rows(`<row r="1"><c r="A1"><v>1</v></c></row>`)},
		More: []sheettest.Entry{
			{Name: "xl/threadedComments/threadedComment1.xml", Text: "<ThreadedComments/>"},
			{Name: "xl/worksheets/_rels/sheet1.xml.rels", Text: `<Relationships>` +
				`<Relationship Id="rId1" ` +
				`Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment" ` +
				`Target="../threadedComments/threadedComment1.xml"/></Relationships>`},
		},
	}
	marks := []Mark{{Wrong: "Faute.", Finding: order.Finding{Severity: order.Error, Sheet: "S1", Cell: "A1"}}}
	if _, err := annotate(build.Bytes(t), marks, "", grid.DefaultLimits()); err == nil {
		t.Error("got a marked workbook, want an error")
	}
}

// What a stranger's workbook is verified for.
func TestVerifyFindsWhatChanged(t *testing.T) {
	form := sheettest.Form(t)
	workbook, marks := wrongForm(t, form)
	good := annotated(t, workbook, marks, "D-7K2Q9F")
	edit := func(part, from, to string) func(*parts) {
		return func(p *parts) {
			text, err := p.part(part)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), from) {
				t.Fatalf("no %q in %s", from, part)
			}
			p.write(part, []byte(strings.Replace(string(text), from, to, 1)))
		}
	}
	for name, change := range map[string]func(*parts){
		"a value":        edit("xl/sharedstrings.xml", "0750647X", "0750647W"),
		"a formula":      edit("xl/worksheets/sheet1.xml", "SUM(", "MAX("),
		"a validation":   edit("xl/worksheets/sheet1.xml", `type="custom"`, `type="none"`),
		"the protection": edit("xl/worksheets/sheet1.xml", "<sheetProtection", "<sheetProtectionX"),
		"a name":         edit("xl/workbook.xml", "bdc_uai", "bdc_uai2"),
		"a sheet's name": edit("xl/workbook.xml", `name="Listes"`, `name="Liste"`),
		"the theme":      edit("xl/theme/theme1.xml", "Office", "Bureau"),
		"a note":         edit("xl/comments1.xml", "faute de frappe", "faute"),
		"the report":     func(p *parts) { p.gone["xl/worksheets/sheet3.xml"] = true },
		"nothing":        func(*parts) {},
	} {
		t.Run(name, func(t *testing.T) {
			err := verify(workbook, rezipped(t, good, change), marks, grid.DefaultLimits())
			if (err == nil) != (name == "nothing") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzAnnotate marks whatever is in the parts that marking edits: it may refuse,
// and what it doesn't refuse holds the same cells.
func FuzzAnnotate(f *testing.F) {
	f.Add("<sheetData/>", "<cellXfs><xf/></cellXfs>", `<comments><authors/><commentList/></comments>`, "<xml/>")
	f.Add(sheettest.Rows(`<row r="1"><c r="A1" t="str"><v>x</v></c></row>`)+
		`<mergeCells><mergeCell ref="A1:B2"/></mergeCells>`, `<fonts><font><color rgb="1"/></font></fonts>`,
		`<comments><authors><author>a</author></authors><commentList><comment ref="B2" authorId="0"><text><r><t>`+
			headCorrect+noteRule+`b</t></r></text></comment></commentList></comments>`,
		`<xml><v:shape id="a"><x:ClientData ObjectType="Note"><x:Row>1</x:Row>`+
			`<x:Column>1</x:Column></x:ClientData></v:shape></xml>`)
	f.Fuzz(func(t *testing.T, cells, styles, comments, vml string) {
		build := sheettest.Workbook{
			Sheets: []string{cells + `<legacyDrawing r:id="rId1"/>`}, Styles: styles,
			More: []sheettest.Entry{
				{Name: "xl/comments1.xml", Text: comments},
				{Name: "xl/drawings/vmlDrawing1.vml", Text: vml},
				{
					Name: "xl/worksheets/_rels/sheet1.xml.rels",
					Text: `<Relationships><Relationship Id="rId1" Type="` + sheettest.RelationshipTypes +
						`vmlDrawing" Target="../drawings/vmlDrawing1.vml"/><Relationship Id="rId2" Type="` +
						sheettest.RelationshipTypes + `comments" Target="/xl/comments1.xml"/></Relationships>`,
				},
			},
		}
		workbook := build.Bytes(t)
		wb, err := grid.Read("xlsx", workbook, grid.DefaultLimits())
		if err != nil {
			return
		}
		before := wb.Grids()
		marks := []Mark{
			{Wrong: "Une.", Finding: order.Finding{Severity: order.Error, Sheet: "S1", Cell: "A1"}},
			{Wrong: "Deux.", Finding: order.Finding{Severity: order.Hold, Sheet: "S1", Cell: "D7"}},
		}
		data, err := annotate(workbook, marks, "D-7K2Q9F", grid.DefaultLimits())
		if err != nil {
			return
		}
		wb, err = grid.Read("xlsx", data, grid.DefaultLimits())
		if err != nil {
			t.Fatalf("the marked workbook can't be read: %v", err)
		}
		after := wb.Grids()
		if len(after) != len(before)+1 && !sheet.IsReport(before[0]) || len(before) == 1 &&
			!sheet.IsReport(before[0]) && !sameCells(before[0], after[1]) {
			t.Errorf("got other cells")
		}
	})
}

// A sheet whose part has capitals in its name came back as a form filled anew.
func TestAnnotateNamesRelationshipsLikeTheirPart(t *testing.T) {
	r := sheettest.Workbook{Sheets: []string{sheettest.Rows(`<row r="1"><c r="A1" t="str"><v>x</v></c></row>`)}}
	entries := r.Entries()
	for i := range entries {
		entries[i].Name = strings.Replace(entries[i].Name, "worksheets/sheet1.xml", "worksheets/Sheet1.xml", 1)
		entries[i].Text = strings.Replace(entries[i].Text, "worksheets/sheet1.xml", "worksheets/Sheet1.xml", 1)
		entries[i].Text = strings.Replace(entries[i].Text, `xmlns:r="x"`,
			`xmlns:r="`+strings.TrimSuffix(sheettest.RelationshipTypes, "/")+`"`, 1)
		entries[i].Text = strings.Replace(entries[i].Text, "<Relationships>",
			`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`, 1)
		entries[i].Text = strings.Replace(entries[i].Text, "<Types/>",
			`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`, 1)
	}
	marks := []Mark{{Wrong: "Faute d’essai.", Finding: order.Finding{Severity: order.Error, Sheet: "S1", Cell: "A1"}}}
	data, err := annotate(sheettest.Zip(t, entries...), marks, "D-7K2Q9F", grid.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if err := secondOpinion(data, marks); err != nil {
		t.Error(err)
	}
}

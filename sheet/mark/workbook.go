package mark

import (
	"fmt"
	"strconv"
	"strings"

	"bdc/order"
)

// deselect makes the report the only sheet that is selected: what people type into one of
// several selected sheets goes into all of them.
func (a *annotation) deselect(report string) error {
	links, err := a.links(a.wb.Main)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.target == report || !l.isSheet() || !a.exists(l.target) {
			continue
		}
		text, err := a.part(l.target)
		if err != nil {
			return err
		}
		edits, err := deselection(text)
		if err != nil {
			return err
		}
		if len(edits) > 0 {
			a.write(l.target, splice(text, edits))
		}
	}
	return nil
}

// deselection are the edits after which a sheet is not selected.
func deselection(text []byte) ([]edit, error) {
	var edits []edit
	err := walk(text, func(t tag) error {
		switch {
		case t.kind == tagStart && t.name == "sheetView" && isTrue(t.attr("tabSelected")):
			edits = append(edits, edit{t.from, t.to, withAttrs(string(text[t.from:t.to]), "tabSelected", "")})
		case t.depth == 2 && t.kind == tagEnd && t.name == "sheetViews":
			return errWalked
		case t.name == "sheetData":
			return errWalked
		}
		return nil
	})
	return edits, err
}

// beforeNames are the elements that stand before <definedNames> in the main part: ECMA-376
// part 1, 18.2.27.
const beforeNames = " fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups" +
	" externalReferences "

// enterReport adds the report to the list of sheets, and the code of the case to the
// defined names; both stand in the main part. The id is that of the relationship to a new
// report, which becomes the first sheet. It is "" if the workbook has an earlier report,
// whose place the new one takes.
func (a *annotation) enterReport(id string) error {
	text, err := a.part(a.wb.Main)
	if err != nil {
		return err
	}
	e := workbookEdit{annotation: a, text: text, index: a.report}
	if id != "" {
		e.index, e.shift = 0, 1
	}
	if err := walk(text, e.visit); err != nil {
		return err
	}
	if id != "" {
		e.insert(e.sheets.to, fmt.Sprintf(`<sheet xmlns:r="%s" name="%s" sheetId="%d" r:id="%s"/>`,
			strings.TrimSuffix(a.schema, "/"), xmlAttr(a.title), e.sheetID+1, id))
	}
	if e.names.name == "" {
		e.insert(e.namesAt, "<definedNames>"+a.reportNames(e.index, false)+"</definedNames>")
	}
	a.write(a.wb.Main, splice(text, e.edits))
	return nil
}

// workbookEdit collects the edits of the main part while it is walked.
type workbookEdit struct {
	*annotation
	text  []byte
	edits []edit

	index   int  // of the report among the sheets
	shift   int  // by how many places the report moves the other sheets
	sheets  tag  // <sheets>
	sheetID int  // the highest number that a sheet has
	names   tag  // <definedNames>, if there is one
	namesAt int  // where <definedNames> belongs if there is none
	name    tag  // the <definedName> being read
	coded   bool // the name that holds the code of the case is there
}

func (e *workbookEdit) visit(t tag) error {
	switch {
	case t.kind == tagStart && t.depth == 2:
		switch t.name {
		case "sheets":
			e.sheets = t
		case "definedNames":
			e.names = t
		}
	case t.kind == tagEnd && t.depth == 2:
		if strings.Contains(beforeNames, " "+t.name+" ") {
			e.namesAt = t.to
		}
		if t.name == "definedNames" {
			xml := prefixed(e.reportNames(e.index, e.coded), e.root.prefix)
			e.edits = append(e.edits, atEnd(e.text, e.names, t, xml))
		}
	case t.kind == tagStart && t.depth == 3:
		switch t.name {
		case "workbookView":
			e.change(t, "activeTab", strconv.Itoa(e.index), "firstSheet", "")
		case "sheet":
			e.sheetID = max(e.sheetID, int(number(t.attr("sheetId"), 0)))
		case "definedName":
			e.name = t
		}
	case t.kind == tagEnd && t.depth == 3 && t.name == "definedName":
		e.endName(t)
	}
	return nil
}

// endName edits a defined name at its end. The names of an earlier report are removed, the
// name that holds the code of the case gets the code, and the names that are local to a
// sheet follow their sheet, which has moved.
func (e *workbookEdit) endName(end tag) {
	local, err := strconv.Atoi(e.name.attr("localSheetId"))
	isLocal := err == nil
	name := strings.ToLower(e.name.attr("name"))
	if name == nameReport || isLocal && e.shift == 0 && local == e.index {
		e.edits = append(e.edits, edit{e.name.from, end.to, ""})
		return
	}
	if name == order.NameCase {
		e.coded = true
		if e.code != "" {
			e.edits = append(e.edits, edit{e.name.to, end.from, e.codeRefer()})
		}
	}
	if isLocal && e.shift > 0 {
		e.change(e.name, "localSheetId", strconv.Itoa(local+e.shift))
	}
}

// change sets attributes of a start tag.
func (e *workbookEdit) change(t tag, pairs ...string) {
	e.edits = append(e.edits, edit{t.from, t.to, withAttrs(string(e.text[t.from:t.to]), pairs...)})
}

// insert adds elements at an offset of the text.
func (e *workbookEdit) insert(at int, xml string) {
	e.edits = append(e.edits, edit{at, at, prefixed(xml, e.root.prefix)})
}

// codeRefer is the content of the defined name that holds the code of the case: the code,
// in quotes.
func (a *annotation) codeRefer() string {
	return xmlAttr(`"` + strings.ReplaceAll(a.code, `"`, "") + `"`)
}

// reportNames is the XML of the defined names that the report needs, which is the sheet of
// that index. If coded, the name that holds the code of the case is there already.
func (a *annotation) reportNames(index int, coded bool) string {
	refer := "'" + strings.ReplaceAll(a.title, "'", "''") + "'!"
	xml := fmt.Sprintf(`<definedName name="_xlnm.Print_Titles" localSheetId="%d">%s$%d:$%[3]d</definedName>`,
		index, xmlAttr(refer), reportHead)
	xml += fmt.Sprintf(`<definedName name="%s" hidden="1">%s$A$1</definedName>`, nameReport, xmlAttr(refer))
	if !coded && a.code != "" {
		xml += fmt.Sprintf(`<definedName name="%s" hidden="1">%s</definedName>`, order.NameCase, a.codeRefer())
	}
	return xml
}

package mark

import (
	"fmt"
	"strconv"
	"strings"

	"bdc/order"
)

// deselect makes the report the only sheet that is selected: what is typed into
// one of several selected sheets goes into all of them.
func (a *annotation) deselect(report string) error {
	links, err := a.links(a.wb.Main)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.target == report || l.kind != "worksheet" && l.kind != "chartsheet" && l.kind != "dialogsheet" || !a.exists(l.target) {
			continue
		}
		text, err := a.part(l.target)
		if err != nil {
			return err
		}
		var edits []edit
		err = walk(text, func(t tag) error {
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
		if err != nil {
			return err
		}
		if len(edits) > 0 {
			a.write(l.target, splice(text, edits))
		}
	}
	return nil
}

// beforeNames are the elements of a workbook before its <definedNames>: ECMA-376
// part 1, 18.2.27.
const beforeNames = " fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "

// register enters the report and the case into the workbook. A new report goes
// first, so that the names that are local to a sheet count one more.
func (a *annotation) register(id string) error {
	text, err := a.part(a.wb.Main)
	if err != nil {
		return err
	}
	index, shift := a.report, 0
	if id != "" {
		index, shift = 0, 1
	}
	var edits []edit
	var names, open tag
	last, sheetID := 0, 0
	value := ""
	change := func(t tag, pairs ...string) {
		edits = append(edits, edit{t.from, t.to, withAttrs(string(text[t.from:t.to]), pairs...)})
	}
	var sheets tag
	coded := false
	err = walk(text, func(t tag) error {
		switch {
		case t.kind == tagText:
			value += t.text
		case t.kind == tagStart && t.depth == 2:
			switch t.name {
			case "sheets":
				sheets = t
			case "definedNames":
				names = t
			}
		case t.kind == tagEnd && t.depth == 2:
			if strings.Contains(beforeNames, " "+t.name+" ") {
				last = t.to
			}
			if t.name == "definedNames" {
				edits = append(edits, atEnd(text, names, t, prefixed(a.names(index, coded), a.root.prefix)))
			}
		case t.kind == tagStart && t.depth == 3 && t.name == "workbookView":
			change(t, "activeTab", strconv.Itoa(index), "firstSheet", "")
		case t.kind == tagStart && t.depth == 3 && t.name == "sheet":
			sheetID = max(sheetID, int(number(t.attr("sheetId"), 0)))
		case t.kind == tagStart && t.depth == 3 && t.name == "definedName":
			open, value = t, ""
		case t.kind == tagEnd && t.depth == 3 && t.name == "definedName":
			local, err := strconv.Atoi(open.attr("localSheetId"))
			switch name := strings.ToLower(open.attr("name")); {
			case err == nil && shift == 0 && local == index || name == nameReport:
				edits = append(edits, edit{open.from, t.to, ""})
			case name == order.NameCase:
				coded = true
				if a.code != "" {
					edits = append(edits, edit{open.to, t.from, a.codeRefer()})
				}
				if err == nil && shift > 0 {
					change(open, "localSheetId", strconv.Itoa(local+shift))
				}
			case err == nil && shift > 0:
				change(open, "localSheetId", strconv.Itoa(local+shift))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if id != "" {
		xml := prefixed(fmt.Sprintf(`<sheet xmlns:r="%s" name="%s" sheetId="%d" r:id="%s"/>`, strings.TrimSuffix(a.schema, "/"), xmlAttr(a.title), sheetID+1, id), a.root.prefix)
		edits = append(edits, edit{sheets.to, sheets.to, xml})
	}
	if names.name == "" {
		edits = append(edits, edit{last, last, prefixed("<definedNames>"+a.names(index, false)+"</definedNames>", a.root.prefix)})
	}
	a.write(a.wb.Main, splice(text, edits))
	return nil
}

// codeRefer is the case's code as what a name refers to.
func (a *annotation) codeRefer() string {
	return xmlAttr(`"` + strings.ReplaceAll(a.code, `"`, "") + `"`)
}

// names are the names that the report adds.
func (a *annotation) names(index int, coded bool) string {
	refer := "'" + strings.ReplaceAll(a.title, "'", "''") + "'!"
	xml := fmt.Sprintf(`<definedName name="_xlnm.Print_Titles" localSheetId="%d">%s$%d:$%[3]d</definedName>`, index, xmlAttr(refer), reportHead)
	xml += fmt.Sprintf(`<definedName name="%s" hidden="1">%s$A$1</definedName>`, nameReport, xmlAttr(refer))
	if !coded && a.code != "" {
		xml += fmt.Sprintf(`<definedName name="%s" hidden="1">%s</definedName>`, order.NameCase, a.codeRefer())
	}
	return xml
}

package ingest

import (
	"path"
	"slices"
	"strings"
	"sync"

	"bdc/order"
	"bdc/sheet/grid"
	"bdc/templates"
	"bdc/validate"
	beside "bdc/validate/letter"
)

// blankTexts are the folded texts that our blank form prints.
var blankTexts = sync.OnceValue(func() map[string]bool {
	texts := map[string]bool{}
	wb, err := grid.Read("xlsx", templates.Blank(), grid.DefaultLimits())
	if err != nil {
		return texts // a test rules it out
	}
	for _, g := range wb.Grids() {
		texts[order.FoldKey(g.Name)] = true
		for i := range g.Cells {
			texts[order.FoldKey(g.Cells[i].Text)] = true
		}
	}
	return texts
})

// mostJudged is how many different texts of a form are judged as letters are. Each further one
// doubts: nothing is passed over unread.
const mostJudged = 1000

// asides judges what the workbook of f says beside the cells of the form.
func (e *Examiner) asides(f *Examined) {
	reader := letterWords().Beside(beside.Known{Orders: []*order.Order{&f.Order}})
	judged := map[string]bool{}
	doubts := func(text string) (doubtful bool) {
		if doubtful, known := judged[text]; known || len(judged) == mostJudged {
			return doubtful || !known
		}
		defer func() { judged[text] = doubtful }()
		j := reader.Judge(beside.Message{Own: text})
		return len(j.Doubts)+len(j.Questions) > 0
	}
	ours := func(text string) bool { return blankTexts()[order.FoldKey(text)] }
	name := strings.TrimSuffix(f.Part.Name, path.Ext(f.Part.Name))
	draft := *f.Draft
	if !ours(f.Part.Name) {
		draft.Asides = append(slices.Clip(draft.Asides),
			order.Aside{Kind: order.AsideFile, Cell: order.Cell{Text: name}})
	}
	findings := validate.Asides(e.Form, &draft, &f.Order, doubts, ours)
	if len(findings) == 0 {
		return
	}
	for i := range findings {
		findings[i] = e.weighed(findings[i])
	}
	f.Findings = append(f.Findings, findings...)
	f.Verdict = order.Judge(f.Findings)
	f.Order.Findings, f.Order.Verdict = f.Findings, f.Verdict
}

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

// Bounds of what is judged of a form as letters are: different texts beside different lines, and
// their bytes together. Each further one doubts: nothing is passed over unread.
const (
	mostJudged = 3000
	mostBytes  = 256 << 10
)

// judgedText is a text that was judged, and what was known.
type judgedText struct {
	text  string
	known *order.Order
}

// asides judges what the workbook of f says beside the cells of the form.
func (e *Examiner) asides(f *Examined) {
	words := letterWords()
	readers := map[*order.Order]*beside.Reader{}
	judged, bytes := map[judgedText]bool{}, 0
	beyond := func(text string, known *order.Order) (doubtful bool) {
		key := judgedText{text, known}
		if doubtful, known := judged[key]; known || len(judged) == mostJudged || bytes+len(text) > mostBytes {
			return doubtful || !known
		}
		bytes += len(text)
		if readers[known] == nil {
			readers[known] = words.Beside(beside.Known{Orders: []*order.Order{known}})
		}
		j := readers[known].Judge(beside.Message{Own: text})
		judged[key] = len(j.Doubts)+len(j.Questions) > 0
		return judged[key]
	}
	bare := f.Order
	bare.Lines = nil
	alone := map[*order.Line]*order.Order{} // the order of a line alone
	doubts := func(text string, line *order.Line) bool {
		switch {
		case beyond(text, &f.Order):
			return true
		case line == nil || !beyond(text, &bare): // no line has to explain it
			return false
		}
		if alone[line] == nil {
			one := bare
			one.Lines = []order.Line{*line}
			alone[line] = &one
		}
		return beyond(text, alone[line])
	}
	ours := func(text string) bool { return blankTexts()[order.FoldKey(text)] }
	name := strings.TrimSuffix(f.Part.Name, path.Ext(f.Part.Name))
	draft := *f.Draft
	if !ours(f.Part.Name) {
		draft.Asides = append(slices.Clip(draft.Asides),
			order.Aside{Kind: order.AsideFile, Cell: order.Cell{Text: name}})
	}
	findings := validate.Asides(e.Form, &draft, &f.Order, e.Policy, doubts, ours)
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

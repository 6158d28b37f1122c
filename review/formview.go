package review

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bdc/ingest"
	"bdc/order"
	"bdc/templates"
)

// remark is a finding as people read it.
type remark struct {
	order.Finding
	templates.StaffWords
	Label     string
	ID        int           // among the attempt's findings
	Proposals []string      // that one click takes
	Waiver    *order.Waiver // by which a person let it pass
}

// Stands reports whether the finding holds the order up.
func (r remark) Stands() bool {
	return r.Waiver == nil && (r.Severity == order.Error || r.Severity == order.Hold)
}

// formCell is one cell of the drawn form.
type formCell struct {
	Name     string // of the input: row and id, "0:uai"
	Label    string
	Type     order.Type
	Required bool
	Choices  []string
	Ref      string // "C13"
	Text     string // as typed, or as corrected since
	Typed    string // what was typed, where a person corrected it
	Fixed    bool   // corrected
	Worst    order.Severity
	Remarks  []remark
	Edit     bool // an input is shown
}

// formSection is a titled block of the form's header.
type formSection struct {
	Title string
	Cells []formCell
}

// formRow is one line of the order.
type formRow struct {
	Row   int
	Sheet string
	Cells []formCell
	Edit  bool
	Open  string // the address where the row can be edited
}

// Remarks are those of all the row's cells.
func (r formRow) Remarks() []remark {
	var list []remark
	for _, c := range r.Cells {
		list = append(list, c.Remarks...)
	}
	return list
}

// formView is a form as its cells, with what was found beside each.
type formView struct {
	Part     string
	Sheet    string
	Sections []formSection
	Columns  []order.Field
	Rows     []formRow
	Window   window
	Points   bool     // only the rows that hold the order up are shown
	Toggle   string   // the address where it is the other way round, or "" where that is all the same
	General  []remark // about no cell that is drawn
	More     int      // of those, left out
	Header   string   // the address where the header can be edited
	View     string   // what of the form is shown, for acts to come back to
	Edit     string   // what is being edited besides what is wrong: "", "entete" or a row
}

// place is where a finding belongs: a field of the header (row 0), or a cell of
// a line.
type place struct {
	sheet string
	row   int
	id    string
}

// drawing is what drawForm knows of a form before it lays the cells out.
type drawing struct {
	form      *order.Form
	draft     *order.Draft // with the corrections that people made
	typed     *order.Draft // without
	columns   map[string]bool
	remarks   map[place][]remark
	corrected map[place]bool
}

// drawForm lays a draft out as the form does, with the findings of its attempt
// beside the cells. typed is the same draft without corrections. Columns that are
// not required, that nobody filled in and about which nothing was found are left
// out.
func drawForm(form *order.Form, draft, typed *order.Draft, a *order.Attempt) *formView {
	d := &drawing{form: form, draft: draft, typed: typed, corrected: map[place]bool{}}
	for _, c := range a.Corrections {
		d.corrected[place{c.Sheet, c.Row, c.Field}] = true
	}
	d.chooseColumns()
	v := &formView{Part: a.Part, Sheet: draft.Sheet}
	v.General = d.placeRemarks(a)
	v.Sections = d.sections()
	for _, f := range form.Columns {
		if d.columns[f.ID] {
			v.Columns = append(v.Columns, f)
		}
	}
	v.Rows = d.rows(v.Columns)
	return v
}

// chooseColumns marks the columns that are required or that some line fills in.
func (d *drawing) chooseColumns() {
	d.columns = map[string]bool{}
	for _, c := range d.form.Columns {
		d.columns[c.ID] = c.Required || slices.ContainsFunc(d.draft.Lines, func(l order.DraftLine) bool {
			_, filled := l.Cells[c.ID]
			return filled
		})
	}
}

// placeRemarks puts each finding of an attempt beside its cell, and returns those
// that are about no cell of the form. A column with a finding is shown.
func (d *drawing) placeRemarks(a *order.Attempt) (general []remark) {
	cells := d.cells()
	d.remarks = map[place][]remark{}
	for _, r := range newRemarks(d.form, a) {
		p := place{id: r.Field}
		if _, column := d.columns[r.Field]; column {
			row, _ := strconv.Atoi(strings.TrimLeft(r.Cell, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
			p = place{r.Finding.Sheet, row, r.Field}
			d.columns[r.Field] = true
		}
		if cells[p] {
			d.remarks[p] = append(d.remarks[p], r)
		} else {
			general = append(general, r)
		}
	}
	return general
}

// cells are the places of all cells that the form has.
func (d *drawing) cells() map[place]bool {
	all := map[place]bool{}
	for _, f := range d.form.Fields {
		all[place{id: f.ID}] = true
	}
	for _, l := range d.draft.Lines {
		for _, c := range d.form.Columns {
			all[place{l.Sheet, l.Row, c.ID}] = true
		}
	}
	return all
}

// sections lays out the header, without the sections that have no field.
func (d *drawing) sections() (list []formSection) {
	for _, s := range d.form.Sections {
		section := formSection{Title: s.Title}
		for _, f := range d.form.Fields {
			if f.Section != s.ID {
				continue
			}
			now := d.draft.Fields[f.ID]
			if now.Ref == "" {
				_, now.Ref = d.draft.Where(f.ID)
			}
			section.Cells = append(section.Cells, d.cell(f, place{id: f.ID}, now, d.typed.Fields[f.ID]))
		}
		if len(section.Cells) > 0 {
			list = append(list, section)
		}
	}
	return list
}

// rows lays out the lines of the order, as cells of these columns.
func (d *drawing) rows(columns []order.Field) (list []formRow) {
	for i, l := range d.draft.Lines {
		row := formRow{Row: l.Row, Sheet: l.Sheet}
		for _, f := range columns {
			p := place{l.Sheet, l.Row, f.ID}
			row.Cells = append(row.Cells, d.cell(f, p, l.Cells[f.ID], d.typed.Lines[i].Cells[f.ID]))
		}
		list = append(list, row)
	}
	return list
}

// cell draws one cell of a field: what it holds now, and what was typed before
// anybody corrected it.
func (d *drawing) cell(f order.Field, p place, now, before order.Cell) formCell {
	c := formCell{
		Name: strconv.Itoa(p.row) + ":" + f.ID, Label: f.Label, Type: f.Type, Required: f.Required,
		Choices: f.Choices, Ref: now.Ref, Text: now.Text, Fixed: d.corrected[p], Remarks: d.remarks[p],
	}
	if len(c.Choices) > 0 && c.Text != "" && !slices.Contains(c.Choices, c.Text) {
		c.Choices = append(slices.Clone(c.Choices), c.Text) // as typed, until it is changed
	}
	if c.Fixed {
		c.Typed = before.Text
	}
	for _, r := range c.Remarks {
		if r.Waiver == nil && worse(r.Severity, c.Worst) {
			c.Worst = r.Severity
		}
	}
	return c
}

// editHeader asks for every cell of the header block as an input.
const editHeader = "entete"

// shorten leaves out what is too much for one page: lines by parts, and of a long
// form those that nothing is to be settled about, unless all are asked for.
func (v *formView) shorten(r *http.Request) {
	all := v.Rows
	w, from, until := chooseLines(r, rowSizes(all))
	wrong := slices.DeleteFunc(slices.Clone(all), func(row formRow) bool { return !row.wrong() })
	if w.Part() && len(wrong) > 0 && len(wrong) < len(all) {
		v.Points = r.URL.Query().Get(pointsKey) != pointsAll
		v.Toggle = query(r, pointsKey, pointsAll, linesKey, "", "modifier", "")
		if v.Points {
			all = wrong
			w, from, until = chooseLines(r, rowSizes(wrong))
		} else {
			v.Toggle = query(r, pointsKey, "", linesKey, "", "modifier", "")
		}
	}
	v.Window, v.Rows = w, all[from:until]
	for i := range v.Rows {
		v.Rows[i].Open = query(r, "modifier", strconv.Itoa(v.Rows[i].Row)) + "#corriger"
	}
	v.Header = query(r, "modifier", editHeader) + "#bon"
	v.General, v.More = some(v.General, mostRemarks)
	v.View = r.URL.RawQuery
}

// takes is roughly how many octets of markup each row takes.
func rowSizes(rows []formRow) []int {
	list := make([]int, len(rows))
	for i, r := range rows {
		list[i] = r.size()
	}
	return list
}

// wrong reports a row that holds the order up.
func (r formRow) wrong() bool { return slices.ContainsFunc(r.Remarks(), remark.Stands) }

// standing are the findings that hold the order up, of what is shown.
func (v *formView) standing() (list []remark) {
	shown := slices.Clone(v.General)
	for _, s := range v.Sections {
		for _, c := range s.Cells {
			shown = append(shown, c.Remarks...)
		}
	}
	for _, r := range v.Rows {
		shown = append(shown, r.Remarks()...)
	}
	return standing(shown)
}

// standing are those of some remarks that hold the order up.
func standing(list []remark) []remark {
	return slices.DeleteFunc(slices.Clone(list), func(r remark) bool { return !r.Stands() })
}

// open makes inputs of the cells that hold the order up, and of the header block
// or the row that is asked for.
func (v *formView) open(edit string) {
	v.Edit = edit
	for _, s := range v.Sections {
		for i := range s.Cells {
			s.Cells[i].Edit = edit == editHeader || s.Cells[i].wrong()
		}
	}
	for i := range v.Rows {
		row := &v.Rows[i]
		row.Edit = edit == strconv.Itoa(row.Row)
		for j := range row.Cells {
			row.Cells[j].Edit = row.Edit || row.Cells[j].wrong()
		}
	}
}

// wrong reports a cell that holds the order up.
func (c *formCell) wrong() bool { return slices.ContainsFunc(c.Remarks, remark.Stands) }

// worse reports whether a severity is graver than another.
func worse(a, b order.Severity) bool {
	rank := []order.Severity{"", order.Fixed, order.Warning, order.Hold, order.Error}
	return slices.Index(rank, a) > slices.Index(rank, b)
}

// newRemarks are all findings of an attempt as people read them.
func newRemarks(form *order.Form, a *order.Attempt) []remark {
	list := make([]remark, len(a.Findings))
	for i := range list {
		list[i] = newRemark(form, a, i)
	}
	return list
}

func newRemark(form *order.Form, a *order.Attempt, i int) remark {
	f := a.Findings[i]
	r := remark{Finding: f, StaffWords: templates.ExplainToStaff(form, f), ID: i, Waiver: a.Waived(f)}
	if f.Field != "" {
		r.Label = form.Label(f.Field)
		if f.Severity != order.Fixed && f.Proposal != "" {
			r.Proposals = append(r.Proposals, f.Proposal)
			for _, key := range []string{"proposal2", "proposal3"} {
				if p := f.Args[key]; p != "" {
					r.Proposals = append(r.Proposals, p)
				}
			}
		}
	}
	return r
}

// difference is what an attempt has otherwise than the one before.
type difference struct{ Label, Before, After string }

// differences compares two attempts. What fills the place of nothing, or leaves
// nothing in its own, is "".
func differences(form *order.Form, before, after *order.Attempt) []difference {
	var list []difference
	for _, c := range ingest.Changes(form, before, after) {
		list = append(list, difference{templates.ChangePlace(form, c), c.Before, c.After})
	}
	return list
}

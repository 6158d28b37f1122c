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

// remark is a finding of an attempt, in words for the staff.
type remark struct {
	order.Finding
	templates.StaffWords
	Label     string        // of the field that it is about, or ""
	ID        int           // its index among the attempt's findings
	Proposals []string      // values that the user can put into the cell by a click
	Waiver    *order.Waiver // the act by which a person let it pass, or nil
}

// Stands reports whether the finding keeps the order from being accepted.
func (r remark) Stands() bool {
	return r.Waiver == nil && (r.Severity == order.Error || r.Severity == order.Hold)
}

// formCell is one cell of the drawn form.
type formCell struct {
	Name     string // of its input: the row (0 in the header) and the field's id, "0:uai"
	Label    string
	Type     order.Type
	Required bool
	Choices  []string
	Ref      string // its address in the workbook, "C13"
	Text     string // what it holds now
	Typed    string // what the bookseller typed, if a person corrected it
	Fixed    bool   // a person corrected it
	Worst    order.Severity
	Remarks  []remark
	Edit     bool // it is drawn as an input
}

// formSection is a titled block of the form's header. The header is everything but
// the lines of the order.
type formSection struct {
	Title string
	Cells []formCell
}

// formRow is one line of the order.
type formRow struct {
	Row   int // its number in the workbook
	Sheet string
	Cells []formCell
	Edit  bool   // all its cells are drawn as inputs
	Open  string // the address of the page on which they are
}

// Remarks are the remarks about all cells of the row.
func (r formRow) Remarks() []remark {
	var list []remark
	for _, c := range r.Cells {
		list = append(list, c.Remarks...)
	}
	return list
}

// formView is an order form, drawn with the remarks beside its cells.
type formView struct {
	Part     string // the file name of the workbook
	Sheet    string
	Sections []formSection
	Columns  []order.Field
	Rows     []formRow
	Window   window
	Points   bool     // only the rows that keep the order from being accepted are shown
	Toggle   string   // the address with all rows if Points, otherwise with those only; "" if there is no choice
	General  []remark // remarks about no cell of the form
	More     int      // how many are left out of General
	Header   string   // the address of the page on which the header can be edited
	View     string   // the query of the page's address, which acts send back (see visit.shownPart)
	Edit     string   // which cells are inputs even if nothing is wrong: "" none, "entete", or the number of a row
}

// place is the place of a cell: in the header by the field's id (row is 0 and sheet
// ""), in a line by sheet, row and id.
type place struct {
	sheet string
	row   int
	id    string
}

// drawing is what drawForm knows about a form before it lays out the cells.
type drawing struct {
	form      *order.Form
	draft     *order.Draft    // with the corrections that people made
	typed     *order.Draft    // without them
	columns   map[string]bool // whether each column, by its id, is shown
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

// editHeader is the value of formView.Edit that makes inputs of the header's cells.
const editHeader = "entete"

// shorten leaves out what is too much for one page. It shows a window of the rows;
// if they do not fit in one, only those that keep the order from being accepted are
// shown, unless the address asks for all.
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

// rowSizes is roughly how many octets of markup each row takes.
func rowSizes(rows []formRow) []int {
	list := make([]int, len(rows))
	for i, r := range rows {
		list[i] = r.size()
	}
	return list
}

// wrong reports whether a cell of the row keeps the order from being accepted.
func (r formRow) wrong() bool { return slices.ContainsFunc(r.Remarks(), remark.Stands) }

// standing are the remarks in the shown part of the form that keep the order from
// being accepted.
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

// standing are those remarks of a list that keep the order from being accepted.
func standing(list []remark) []remark {
	return slices.DeleteFunc(slices.Clone(list), func(r remark) bool { return !r.Stands() })
}

// open makes inputs of the cells that keep the order from being accepted, and of
// those that edit names: editHeader, or the number of a row.
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

// wrong reports whether the cell keeps the order from being accepted.
func (c *formCell) wrong() bool { return slices.ContainsFunc(c.Remarks, remark.Stands) }

// worse reports whether a is graver than b. The severity "" is the least grave.
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

// newRemark is the finding number i of an attempt.
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

// difference is a value that an attempt's form has and the form before it had not.
type difference struct{ Label, Before, After string }

// differences compares the forms of two attempts. Before is "" for a value that was
// added, After for one that was removed.
func differences(form *order.Form, before, after *order.Attempt) []difference {
	var list []difference
	for _, c := range ingest.Changes(form, before, after) {
		list = append(list, difference{templates.ChangePlace(form, c), c.Before, c.After})
	}
	return list
}

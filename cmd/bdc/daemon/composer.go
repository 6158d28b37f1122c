package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"

	"bdc/notify"
	"bdc/order"
	"bdc/sheet/form"
	"bdc/sheet/mark"
	"bdc/templates"
)

// composer makes letters of replies by the templates, with the workbooks that go
// with them: the sender's own, marked; the current form, filled; the blank form.
type composer struct {
	form     *order.Form
	renderer *templates.Renderer
	options  templates.Options
	marker   *mark.Marker
	record   record
	log      *slog.Logger
}

// record is the part of the store that the composer reads.
type record interface {
	Blob(context.Context, order.Hash) ([]byte, error)
	Order(context.Context, string) (order.Order, error)
}

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// maxFilled is how many filled forms go with one letter: a table of orders for
// many schools makes as many orders.
const maxFilled = 5

func (c composer) Compose(ctx context.Context, r order.Reply) (notify.Letter, error) {
	e := enclosure{composer: c, options: c.options}
	e.options.Enclosures = map[int]templates.Enclosure{}
	for _, results := range byWorkbook(r.Results) {
		e.marked(ctx, r, results)
	}
	for i, result := range r.Results {
		if result.Kind == order.ReplyAck && result.Outdated && len(e.files) < maxFilled {
			e.filled(ctx, i, result)
		}
	}
	if slices.ContainsFunc(r.Results, func(r order.Result) bool {
		return r.Kind == order.ReplyUnreadable || r.Kind == order.ReplyNoForm
	}) {
		e.options.FormName = e.add(templates.BlankName, templates.Blank())
	}
	subject, text, html, err := c.renderer.Render(r, e.options)
	return notify.Letter{Subject: subject, Text: text, HTML: html, Attachments: e.files}, err
}

// enclosure gathers the files that go with one letter.
type enclosure struct {
	composer
	options templates.Options
	files   []notify.Attachment
}

// add encloses a file, and returns its name in the letter: name, or name with a number if
// another file has that name.
func (e *enclosure) add(name string, data []byte) string {
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	for n := 2; slices.ContainsFunc(e.files, func(f notify.Attachment) bool { return f.Name == name }); n++ {
		name = stem + "-" + strconv.Itoa(n) + extension
	}
	e.files = append(e.files, notify.Attachment{Name: name, Type: xlsxType, Data: data})
	return name
}

// byWorkbook returns the indexes of the results, those about the same file together.
func byWorkbook(results []order.Result) [][]int {
	var groups [][]int
next:
	for i, r := range results {
		for g, group := range groups {
			if first := results[group[0]]; first.Part == r.Part && first.Workbook == r.Workbook {
				groups[g] = append(groups[g], i)
				continue next
			}
		}
		groups = append(groups, []int{i})
	}
	return groups
}

// marked encloses the workbook of these results, marked, if any of them is to be
// corrected. A workbook that can't be enclosed is missing from the letter, which
// says all of it in words.
func (e *enclosure) marked(ctx context.Context, r order.Reply, results []int) {
	var marks []mark.Mark
	code := ""
	for _, i := range results {
		result := r.Results[i]
		if result.Kind != order.ReplyReport {
			continue
		}
		if code == "" {
			code = result.Case
		}
		marks = append(marks, marksOf(e.form, result.Draft, result.Findings)...)
	}
	first := r.Results[results[0]]
	if len(marks) == 0 || first.Workbook == "" {
		return
	}
	log := e.log.With("reply", r.ID, "case", code)
	workbook, err := e.record.Blob(ctx, first.Workbook)
	if err != nil {
		log.Warn("answered without the marked workbook", "err", err)
		return
	}
	returned, err := e.marker.Mark(ctx, first.Part, workbook, marks, code)
	if err != nil {
		log.Warn("answered without the marked workbook", "err", err)
		return
	}
	for _, m := range returned {
		name := e.add(m.Name, m.Data)
		if !m.Own {
			log.Info("answered with a filled form instead of the sender's workbook", "err", m.Why)
		}
		for _, i := range results {
			if r.Results[i].Kind == order.ReplyReport && (m.Own || m.Draft == r.Results[i].Draft) {
				e.options.Enclosures[i] = templates.Enclosure{Name: name, Own: m.Own}
			}
		}
	}
}

// marksOf returns the marks of one form's findings, but for those that were put right
// (order.Fixed). draft is the number of the form in its workbook.
func marksOf(form *order.Form, draft int, findings []order.Finding) []mark.Mark {
	var marks []mark.Mark
	for _, f := range findings {
		if f.Severity == order.Fixed {
			continue
		}
		words := templates.Explain(form, f)
		m := mark.Mark{Draft: draft, Finding: f, Wrong: words.Wrong, Fix: words.Fix, Proposal: words.Proposal}
		if f.Field != "" {
			m.Label = form.Label(f.Field)
		}
		marks = append(marks, m)
	}
	return marks
}

// filled encloses the current form with an order that came on another one.
func (e *enclosure) filled(ctx context.Context, i int, result order.Result) {
	data, err := e.fill(ctx, result.Number)
	if err != nil {
		e.log.Warn("answered without the current form", "order", result.Number, "err", err)
		return
	}
	stem := strings.TrimSuffix(templates.BlankName, path.Ext(templates.BlankName))
	name := e.add(stem+"-"+result.Number+path.Ext(templates.BlankName), data)
	e.options.Enclosures[i] = templates.Enclosure{Name: name}
}

func (e *enclosure) fill(ctx context.Context, number string) ([]byte, error) {
	o, err := e.record.Order(ctx, number)
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", number, err)
	}
	return form.FillOrder(e.form, o)
}

package review

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// ordersPage lists orders.
type ordersPage struct {
	Tabs    []tab
	Words   string
	From    string // days, as <input type="date"> writes them
	Until   string
	Hidden  url.Values
	Rows    []orderRow
	Next    string
	First   string
	Exports []tab
}

type orderRow struct {
	store.OrderRow
	Clock clock
}

// clock is what is left until the service should be open.
type clock struct {
	Words string
	Late  bool
}

// openingClock counts the hours that the configuration promises; none where it
// promises nothing, or the service is open.
func (c *Console) openingClock(received time.Time, status order.Status) clock {
	if c.Options.OpeningHours == 0 || status == order.Opened || status == order.Cancelled {
		return clock{}
	}
	left := received.Add(time.Duration(c.Options.OpeningHours) * time.Hour).Sub(c.Clock())
	if left < 0 {
		return clock{"en retard de " + frenchAge(max(-left, time.Minute)), true}
	}
	return clock{"à ouvrir sous " + frenchAge(max(left, time.Minute)), left < 12*time.Hour}
}

// orderFilter reads the filter of a list of orders from its address.
func orderFilter(r *http.Request) store.OrderFilter {
	q := r.URL.Query()
	f := store.OrderFilter{Words: q.Get("q"), Status: order.Status(statusPaths()[q.Get("etat")])}
	if t, err := time.ParseInLocation(time.DateOnly, q.Get("du"), order.Paris); err == nil {
		f.From = t
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.Get("au"), order.Paris); err == nil {
		f.Until = t.AddDate(0, 0, 1)
	}
	return f
}

// statusPaths are the statuses as addresses and forms write them.
func statusPaths() map[string]order.Status {
	return map[string]order.Status{"recues": order.Received, "verifiees": order.Checked, "ouvertes": order.Opened, "annulees": order.Cancelled}
}

func (c *Console) orders(v *visit) error {
	q := v.r.URL.Query()
	p := ordersPage{Words: q.Get("q"), From: q.Get("du"), Until: q.Get("au")}
	for _, t := range []struct{ label, value string }{
		{"Toutes", ""}, {"Reçues", "recues"}, {"Vérifiées", "verifiees"}, {"Ouvertes", "ouvertes"}, {"Annulées", "annulees"},
	} {
		p.Tabs = append(p.Tabs, tab{t.label, query(v.r, "etat", t.value, "avant", ""), q.Get("etat") == t.value})
	}
	rows, err := c.Store.OrderRows(v.r.Context(), orderFilter(v.r), q.Get("avant"), pageSize+1)
	if errors.Is(err, store.ErrNotFound) {
		return v.redirect(query(v.r, "avant", ""))
	}
	if err != nil {
		return err
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		p.Next = query(v.r, "avant", rows[pageSize-1].Number)
	}
	if q.Get("avant") != "" {
		p.First = query(v.r, "avant", "")
	}
	for _, r := range rows {
		p.Rows = append(p.Rows, orderRow{r, c.openingClock(r.ReceivedAt, r.Status)})
	}
	q.Del("avant")
	for _, kind := range []struct{ path, label string }{{"xlsx", "Excel"}, {"csv", "CSV"}, {"jsonl", "JSON Lines"}} {
		if _, ok := c.Exports[kind.path]; ok {
			p.Exports = append(p.Exports, tab{Label: kind.label, URL: "/commandes/export/" + kind.path + "?" + q.Encode()})
		}
	}
	p.Hidden = url.Values{}
	if s := q.Get("etat"); s != "" {
		p.Hidden.Set("etat", s)
	}
	return v.show(http.StatusOK, "commandes", "Commandes", p)
}

// export writes the orders of a list as a file. They pass one at a time.
func (c *Console) export(v *visit) error {
	kind := v.r.PathValue("kind")
	e, ok := c.Exports[kind]
	if !ok {
		return store.ErrNotFound
	}
	h := v.w.Header()
	h.Set("Content-Type", e.Type)
	h.Set("Content-Disposition", `attachment; filename="commandes-`+c.Clock().In(order.Paris).Format(time.DateOnly)+"."+kind+`"`)
	// A season of orders takes longer than a page may.
	if err := http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(exportTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if err := e.Write(v.w, c.found(v.r.Context(), orderFilter(v.r))); err != nil {
		c.Log.Error("export", "err", err)
		panic(http.ErrAbortHandler) // a file that broke off must not look whole
	}
	return nil
}

// exportRows is how many orders an export reads from the store at a time.
const exportRows = 500

// exportTime is how long an export may take.
const exportTime = 10 * time.Minute

// found yields the orders that a filter chooses, the newest first.
func (c *Console) found(ctx context.Context, f store.OrderFilter) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for below := ""; ; {
			rows, err := c.Store.OrderRows(ctx, f, below, exportRows)
			if err != nil {
				yield(order.Order{}, err)
				return
			}
			for _, r := range rows {
				o, err := c.Store.Order(ctx, r.Number)
				if !yield(o, err) || err != nil {
					return
				}
				below = r.Number
			}
			if len(rows) < exportRows {
				return
			}
		}
	}
}

// orderPage is one order.
type orderPage struct {
	Order    order.Order
	Clock    clock
	Fields   []orderSection
	Steps    []order.Step // the latest first
	Next     []step
	Parts    []order.Part
	Message  *letterView
	Lines    []order.Line
	Window   window // of the lines
	Quantity int
	Answer   *store.Answer // that told of the order; nil for none
	Remarks  []remark
	More     int // remarks left out
}

type orderSection struct {
	Title  string
	Fields []orderField
}

type orderField struct{ Label, Value string }

// step is a status that an order may come to.
type step struct {
	Path, Label string
	Back, Final bool
}

func (c *Console) orderFile(v *visit) error {
	o, err := c.Store.Order(v.r.Context(), v.r.PathValue("number"))
	if err != nil {
		return err
	}
	p := orderPage{Order: o, Clock: c.openingClock(o.ReceivedAt, o.Status), Steps: slices.Clone(o.Steps)}
	slices.Reverse(p.Steps)
	for _, s := range c.Form.Sections {
		section := orderSection{Title: s.Title}
		for _, f := range c.Form.Fields {
			if value := o.Fields[f.ID]; f.Section == s.ID && value != "" {
				if day, err := time.Parse(time.DateOnly, value); err == nil && f.Type == order.TypeDate {
					value = templates.FrenchDay(day)
				}
				section.Fields = append(section.Fields, orderField{f.Label, value})
			}
		}
		if len(section.Fields) > 0 {
			p.Fields = append(p.Fields, section)
		}
	}
	p.Lines = o.Lines
	for _, l := range o.Lines {
		p.Quantity += l.Quantity
	}
	takes := make([]int, len(o.Lines))
	for i, l := range o.Lines {
		takes[i] = 200 + min(len(l.Title), mostCell) + min(len(l.Publisher), mostCell) + min(len(l.Remark), mostCell)
	}
	var from, until int
	p.Window, from, until = lines(v.r, takes)
	p.Lines = o.Lines[from:until]
	for _, s := range []struct {
		status order.Status
		step
	}{
		{order.Checked, step{"verifiees", "Marquer vérifiée", false, false}},
		{order.Opened, step{"ouvertes", "Marquer ouverte", false, false}},
		{order.Received, step{"recues", "Revenir à « reçue »", true, false}},
		{order.Cancelled, step{"annulees", "Annuler la commande", false, true}},
	} {
		if !o.Status.May(s.status) {
			continue
		}
		if s.status == order.Checked && o.Status == order.Opened {
			s.step = step{"verifiees", "Revenir à « vérifiée »", true, false}
		}
		p.Next = append(p.Next, s.step)
	}
	a := order.Attempt{Findings: o.Findings}
	for i := range o.Findings {
		p.Remarks = append(p.Remarks, newRemark(c.Form, &a, i))
	}
	p.Remarks, p.More = some(p.Remarks, mostRemarks)
	m, err := c.orderMessage(v.r.Context(), &o)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil {
		p.Message, p.Parts = v.letter(&m), m.Parts
		if p.Answer, err = c.acknowledgement(v.r.Context(), &o); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "commande", "Commande "+o.Number, p)
}

// acknowledgement is the first reply that told of an order's number, nil for none.
// It may answer a later message of the order's case, such as an OK.
func (c *Console) acknowledgement(ctx context.Context, o *order.Order) (*store.Answer, error) {
	messages := []order.Key{*o.Message}
	if o.Case != "" {
		k, err := c.Store.Case(ctx, o.Case)
		if err != nil {
			return nil, err
		}
		for i := range k.Attempts {
			messages = append(messages, k.Attempts[i].Message)
		}
	}
	for _, message := range messages {
		answers, err := c.Store.Answers(ctx, message)
		if err != nil {
			return nil, err
		}
		for i := range answers {
			if slices.ContainsFunc(answers[i].Reply.Results, func(r order.Result) bool { return r.Number == o.Number && r.Kind == order.ReplyAck }) {
				return &answers[i], nil
			}
		}
	}
	return nil, nil
}

// orderMessage is the message that an order came with. The error wraps
// store.ErrNotFound where it is not known.
func (c *Console) orderMessage(ctx context.Context, o *order.Order) (order.Message, error) {
	if o.Message == nil {
		return order.Message{}, store.ErrNotFound
	}
	return c.Store.Message(ctx, *o.Message)
}

// advance changes an order's status, as the person saw it.
func (c *Console) advance(v *visit) error {
	note, err := v.words("mots")
	if err != nil {
		return err
	}
	number := v.r.PathValue("number")
	next, ok := statusPaths()[v.r.PostFormValue("etat")]
	if !ok {
		return store.ErrNotFound
	}
	if next == order.Cancelled && note == "" {
		return refusal{http.StatusUnprocessableEntity, "Il manque le motif", "Dites pourquoi la commande est annulée : le numéro reste, et vos collègues le liront."}
	}
	_, err = c.Store.Advance(v.r.Context(), number, order.Status(v.r.PostFormValue("vu")), order.Step{Status: next, At: c.Clock().UTC(), Actor: v.user.Name, Note: note})
	if errors.Is(err, store.ErrRevision) {
		return conflict{"/commandes/" + number, note}
	}
	if err != nil {
		return err
	}
	c.Changed("")
	return v.redirect("/commandes/" + number)
}

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

// ordersPage is the list of orders.
type ordersPage struct {
	Tabs    []choice // by status
	Words   string
	From    string     // a day, as <input type="date"> writes it: "2026-11-21"
	Until   string     // the last day, written in the same way
	Hidden  url.Values // parameters that the search form keeps
	Rows    []orderRow
	Next    string   // the address of the next page, or ""
	First   string   // the address of the first page, or "" if this is it
	Exports []choice // links that download the orders that the filter chooses
}

// orderRow is one order of the list.
type orderRow struct {
	store.OrderRow
	Clock clock
}

// clock says, in French, how much time is left until an order's service has to be
// opened. It is zero if no time is promised, or there is nothing to open any more.
type clock struct {
	Words string
	Late  bool // less than 12 hours are left, or none
}

// openingClock is the clock of an order. Options.OpeningHours is the promised time.
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

// orderFilter reads the filter of a list of orders from the address of its page.
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

// statusPaths are the statuses of orders by the words for them in addresses and forms.
func statusPaths() map[string]order.Status {
	return map[string]order.Status{
		"recues": order.Received, "verifiees": order.Checked, "ouvertes": order.Opened,
		"annulees": order.Cancelled,
	}
}

// orders shows the list of orders, the latest first.
func (c *Console) orders(v *visit) error {
	q := v.r.URL.Query()
	p := ordersPage{Words: q.Get("q"), From: q.Get("du"), Until: q.Get("au")}
	for _, t := range []struct{ label, value string }{
		{"Toutes", ""},
		{"Reçues", "recues"},
		{"Vérifiées", "verifiees"},
		{"Ouvertes", "ouvertes"},
		{"Annulées", "annulees"},
	} {
		p.Tabs = append(p.Tabs, choice{t.label, query(v.r, "etat", t.value, "avant", ""), q.Get("etat") == t.value})
	}
	rows, err := c.Store.OrderRows(v.r.Context(), orderFilter(v.r), q.Get("avant"), pageSize+1)
	if errors.Is(err, store.ErrNotFound) {
		return v.redirect(query(v.r, "avant", ""))
	}
	if err != nil {
		return err
	}
	rows, p.Next, p.First = onePage(v.r, "avant", rows, func(o store.OrderRow) string { return o.Number })
	for _, r := range rows {
		p.Rows = append(p.Rows, orderRow{r, c.openingClock(r.ReceivedAt, r.Status)})
	}
	q.Del("avant")
	for _, kind := range []struct{ path, label string }{{"xlsx", "Excel"}, {"csv", "CSV"}, {"jsonl", "JSON Lines"}} {
		if _, ok := c.Exports[kind.path]; ok {
			p.Exports = append(p.Exports,
				choice{Label: kind.label, URL: "/commandes/export/" + kind.path + "?" + q.Encode()})
		}
	}
	p.Hidden = url.Values{}
	if s := q.Get("etat"); s != "" {
		p.Hidden.Set("etat", s)
	}
	return v.show(http.StatusOK, "commandes", "Commandes", p)
}

// export answers with a file of all orders that the filter in the address chooses. It
// reads and writes them one at a time.
func (c *Console) export(v *visit) error {
	kind := v.r.PathValue("kind")
	e, ok := c.Exports[kind]
	if !ok {
		return store.ErrNotFound
	}
	h := v.w.Header()
	h.Set("Content-Type", e.Type)
	today := c.Clock().In(order.Paris).Format(time.DateOnly)
	h.Set("Content-Disposition", `attachment; filename="commandes-`+today+"."+kind+`"`)
	// An export may take longer than the server allows for other requests.
	err := http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(exportTime))
	if unsettable(err) {
		return err
	}
	if err := e.Write(v.w, c.found(v.r.Context(), orderFilter(v.r))); err != nil {
		c.Log.Error("export", "err", err)
		panic(http.ErrAbortHandler) // breaks the connection, so that the file does not look complete
	}
	return nil
}

// exportRows is how many orders an export reads from the store at a time.
const exportRows = 500

// exportTime is how long an export may take.
const exportTime = 10 * time.Minute

// found yields the orders that a filter chooses, the latest first.
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

// orderPage is the page of an order.
type orderPage struct {
	Order    order.Order
	Clock    clock
	Fields   []orderSection
	Steps    []order.Step // the latest first
	Next     []step
	Parts    []order.Part // the files of the message that the order came with
	Message  *messageView // the message that the order came with; nil if it was erased
	Lines    []order.Line // those of Window
	Window   window
	Quantity int           // the sum of all lines
	Amounts  order.Amounts // of all lines
	Answer   *store.Answer // the acknowledgement; nil if there is none
	Remarks  []remark
	More     int // how many are left out of Remarks
}

// orderSection is the fields of an order in one section of the form.
type orderSection struct {
	Title  string
	Fields []orderField
}

// orderField is a field of an order, in French.
type orderField struct{ Label, Value string }

// step is a button that changes an order's status.
type step struct {
	Path, Label string // Path is the status, as statusPaths writes it
	Back        bool   // it takes back an earlier step
	Final       bool   // it cancels the order
}

// orderDetail shows an order.
func (c *Console) orderDetail(v *visit) error {
	o, err := c.Store.Order(v.r.Context(), v.r.PathValue("number"))
	if err != nil {
		return err
	}
	p := orderPage{
		Order: o, Clock: c.openingClock(o.ReceivedAt, o.Status), Fields: c.orderSections(&o),
		Steps: slices.Clone(o.Steps), Next: nextSteps(o.Status), Amounts: order.AmountsOf(o.Lines),
	}
	slices.Reverse(p.Steps)
	for _, l := range o.Lines {
		p.Quantity += l.Quantity
	}
	var from, until int
	p.Window, from, until = chooseLines(v.r, lineSizes(o.Lines))
	p.Lines = o.Lines[from:until]
	p.Remarks, p.More = some(newRemarks(c.Form, &order.Attempt{Findings: o.Findings}), mostRemarks)
	m, err := c.orderMessage(v.r.Context(), &o)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil {
		if p.Message = v.messageView(&m); m.Erased == nil {
			p.Parts = m.Parts
		}
		if p.Answer, err = c.acknowledgement(v.r.Context(), &o); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "commande", "Commande "+o.Number, p)
}

// orderSections are the fields of an order that are filled in, by section of the
// form. Dates are written in French. Of an erased order, nobody knows which fields of
// people were filled in: each of them reads order.ErasedWord.
func (c *Console) orderSections(o *order.Order) (list []orderSection) {
	for _, s := range c.Form.Sections {
		section := orderSection{Title: s.Title}
		for _, f := range c.Form.Fields {
			value := o.Fields[f.ID]
			if o.Erased != nil && value == "" && !order.Impersonal(f.ID) {
				value = order.ErasedWord
			}
			if f.Section != s.ID || value == "" {
				continue
			}
			if day, err := time.Parse(time.DateOnly, value); err == nil && f.Type == order.TypeDate {
				value = templates.FrenchDay(day)
			}
			section.Fields = append(section.Fields, orderField{f.Label, value})
		}
		if len(section.Fields) > 0 {
			list = append(list, section)
		}
	}
	return list
}

// lineSizes is roughly how many octets of markup each line of an order takes.
func lineSizes(list []order.Line) []int {
	sizes := make([]int, len(list))
	for i, l := range list {
		sizes[i] = 200
		for _, text := range []string{l.Title, l.ListTitle, l.Publisher, l.Remark} {
			sizes[i] += min(len(text), mostCell)
		}
	}
	return sizes
}

// nextSteps are the steps that are allowed from a status.
func nextSteps(from order.Status) (list []step) {
	for _, s := range []struct {
		status order.Status
		step
	}{
		{order.Checked, step{"verifiees", "Marquer vérifiée", false, false}},
		{order.Opened, step{"ouvertes", "Marquer ouverte", false, false}},
		{order.Received, step{"recues", "Revenir à « reçue »", true, false}},
		{order.Cancelled, step{"annulees", "Annuler la commande", false, true}},
	} {
		if !from.May(s.status) {
			continue
		}
		if s.status == order.Checked && from == order.Opened {
			s.step = step{"verifiees", "Revenir à « vérifiée »", true, false}
		}
		list = append(list, s.step)
	}
	return list
}

// acknowledgement is the first reply that told the bookseller an order's number, or
// nil if there is none. It may answer a later message of the order's case than the one
// that the order came with: for example, the message in which the bookseller agreed to
// our corrections.
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
			if slices.ContainsFunc(answers[i].Reply.Results, func(r order.Result) bool {
				return r.Number == o.Number && r.Kind == order.ReplyAck
			}) {
				return &answers[i], nil
			}
		}
	}
	return nil, nil
}

// orderMessage is the message that an order came with. The error wraps
// store.ErrNotFound if there is none or it was erased.
func (c *Console) orderMessage(ctx context.Context, o *order.Order) (order.Message, error) {
	if o.Message == nil {
		return order.Message{}, store.ErrNotFound
	}
	return c.Store.Message(ctx, *o.Message)
}

// advance changes an order's status, unless somebody else has changed it since the
// user saw it. To cancel an order requires a reason.
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
		return refusal{
			http.StatusUnprocessableEntity, "Il manque le motif",
			"Dites pourquoi la commande est annulée : le numéro reste, et vos collègues le liront.",
		}
	}
	_, err = c.Store.Advance(v.r.Context(), number, order.Status(v.r.PostFormValue("vu")),
		order.Step{Status: next, At: c.Clock().UTC(), Actor: v.user.Name, Note: note})
	if errors.Is(err, store.ErrRevision) {
		return conflict{"/commandes/" + number, note}
	}
	if err != nil {
		return err
	}
	c.Changed("")
	return v.redirect("/commandes/" + number)
}

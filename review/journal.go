package review

import (
	"net/http"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// journalPage is a page of the audit, with the filter that chose its events.
type journalPage struct {
	Actor  string
	Verb   string // the beginning of the events' verbs: "order."
	About  string // an order's number or a case's code
	Verbs  []verbChoice
	Events []auditLine
	Next   string // the address of the next page, or ""
	First  string // the address of the first page, or "" if this is it
}

// verbChoice is a family of verbs by which the audit can be filtered.
type verbChoice struct{ Value, Label string }

// auditLine is an event of the audit in French words.
type auditLine struct {
	order.Event
	What    string // what happened
	Precise string // the event's detail
}

// Who is the actor's name. An actor without one is a person whose name was not
// recorded, such as somebody who failed to sign in.
func (e auditLine) Who() string {
	switch e.Actor {
	case "bdc":
		return "le\u00a0programme"
	case "":
		return "inconnu"
	}
	return e.Actor
}

// journal shows the audit, the latest event first.
func (c *Console) journal(v *visit) error {
	q := v.r.URL.Query()
	p := journalPage{
		Actor: strings.TrimSpace(q.Get("qui")), Verb: q.Get("quoi"),
		About: strings.TrimSpace(q.Get("sur")), Verbs: verbFamilies(),
	}
	f := store.EventFilter{Actor: strings.ToLower(p.Actor), Verb: p.Verb}
	if f.Actor == "le programme" {
		f.Actor = "bdc"
	}
	if about := strings.ToUpper(p.About); strings.HasPrefix(about, "D-") {
		f.Case = about
	} else {
		f.Order = about
	}
	below, err := strconv.ParseUint(q.Get("avant"), 10, 64)
	if err != nil {
		below = 0 // from the latest event on
	}
	events, next, err := c.Store.Events(v.r.Context(), f, below, pageSize)
	if err != nil {
		return err
	}
	for _, e := range events {
		p.Events = append(p.Events, auditLine{e, verbWord(e.Verb), c.detailWord(e)})
	}
	if next > 0 {
		p.Next = query(v.r, "avant", strconv.FormatUint(next, 10))
	}
	if below > 0 {
		p.First = query(v.r, "avant", "")
	}
	return v.show(http.StatusOK, "journal", "Journal", p)
}

// verbFamilies are the families of verbs by which the audit can be filtered.
func verbFamilies() []verbChoice {
	return []verbChoice{
		{"message.", "Messages"},
		{"case.", "Dossiers"},
		{"order.", "Commandes"},
		{"reply.", "Réponses"},
		{"user.", "Utilisateurs"},
		{"register.", "Registres"},
		{"account.", "Comptes des libraires"},
		{"intake.", "Réception"},
		{"outbox.", "Envoi"},
		{"attachments.", "Pièces jointes"},
	}
}

// detailWord is the detail of an event in French words. A detail that people wrote or
// that is a name is returned as it is.
func (c *Console) detailWord(e order.Event) string {
	switch e.Verb {
	case "message.recorded":
		switch order.Folder(e.Detail) {
		case order.FolderProcessed:
			return "traité sans intervention"
		case order.FolderRejected:
			return "renvoyé au libraire"
		case order.FolderAttention:
			return "à traiter"
		}
	case "case.opened":
		return templates.ExplainToStaff(c.Form, order.Finding{Code: order.Code(e.Detail)}).Wrong
	case "case.continued":
		return stateWord(order.State(e.Detail))
	case "case.undone":
		return actWord(order.Act{Kind: order.ActKind(e.Detail)})
	case "case.decided":
		kind, rest, _ := strings.Cut(e.Detail, ", ")
		_, note, noted := strings.Cut(rest, ": ")
		what := actWord(order.Act{Kind: order.ActKind(kind), Text: note})
		if noted {
			what += " : « " + note + " »"
		}
		return what
	case "reply.intended":
		return replyWord(order.ReplyKind(e.Detail))
	case "user.renamed":
		old, name, _ := strings.Cut(e.Detail, ", ")
		if old == name {
			return name + " : autre nom complet"
		}
		return old + " s’appelle désormais " + name
	}
	return e.Detail
}

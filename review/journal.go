package review

import (
	"net/http"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// journalPage is the audit: who did what to what.
type journalPage struct {
	Actor  string
	Verb   string
	About  string // an order's number or a case's code
	Verbs  []verbChoice
	Events []auditLine
	Next   string
	First  string
}

type verbChoice struct{ Value, Label string }

// auditLine is an event in words.
type auditLine struct {
	order.Event
	What    string
	Precise string
}

// Who is the actor, in words.
func (e auditLine) Who() string {
	switch e.Actor {
	case "bdc":
		return "le programme"
	case "":
		return "inconnu"
	}
	return e.Actor
}

// journal shows the audit, the last event first.
func (c *Console) journal(v *visit) error {
	q := v.r.URL.Query()
	p := journalPage{Actor: strings.TrimSpace(q.Get("qui")), Verb: q.Get("quoi"), About: strings.TrimSpace(q.Get("sur")), Verbs: verbFamilies()}
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
		below = 0 // from the end
	}
	events, next, err := c.Store.Events(v.r.Context(), f, below, pageSize)
	if err != nil {
		return err
	}
	for _, e := range events {
		p.Events = append(p.Events, auditLine{e, verbWord(e), c.detailWord(e)})
	}
	if next > 0 {
		p.Next = query(v.r, "avant", strconv.FormatUint(next, 10))
	}
	if below > 0 {
		p.First = query(v.r, "avant", "")
	}
	return v.show(http.StatusOK, "journal", "Journal", p)
}

// verbFamilies are the choices of what happened.
func verbFamilies() []verbChoice {
	return []verbChoice{
		{"message.", "Messages"},
		{"case.", "Dossiers"},
		{"order.", "Commandes"},
		{"reply.", "Réponses"},
		{"user.", "Utilisateurs"},
		{"register.", "Registres"},
		{"intake.", "Réception"},
		{"outbox.", "Envoi"},
		{"attachments.", "Pièces jointes"},
	}
}

// verbWord says what happened, as a line of the journal begins; the verb itself
// where there are no words for it.
func verbWord(e order.Event) string {
	words := map[string]string{
		"message.recorded": "Message enregistré",
		"case.opened":      "Dossier ouvert", "case.continued": "Dossier repris par un nouveau message", "case.decided": "Dossier : décision", "case.undone": "Dossier : action annulée",
		"order.accepted": "Commande acceptée", "order.received": "Commande remise à « reçue »", "order.checked": "Commande vérifiée", "order.opened": "Commande ouverte", "order.cancelled": "Commande annulée",
		"reply.intended": "Réponse prévue", "reply.sent": "Réponse partie", "reply.later": "Réponse : nouvel essai prévu", "reply.failed": "Réponse refusée par le serveur", "reply.withdrawn": "Réponse retirée avant son départ",
		"user.saved": "Utilisateur enregistré", "user.entered": "Connexion", "user.left": "Déconnexion", "user.refused": "Connexion refusée", "user.rekeyed": "Mot de passe changé",
		"attachments.erased": "Pièces jointes effacées", "register.imported": "Registre importé", "intake.held": "Réception suspendue", "intake.released": "Réception reprise", "outbox.held": "Envoi suspendu", "outbox.released": "Envoi repris",
	}
	if w := words[e.Verb]; w != "" {
		return w
	}
	return e.Verb
}

// detailWord says more about an event; the detail itself where that is words
// already.
func (c *Console) detailWord(e order.Event) string {
	switch e.Verb {
	case "message.recorded":
		switch order.Folder(e.Detail) {
		case order.Processed:
			return "traité sans intervention"
		case order.Returned:
			return "renvoyé au libraire"
		case order.Attention:
			return "à traiter"
		}
	case "case.opened":
		return templates.Explain(c.Form, order.Finding{Code: order.Code(e.Detail)}).Wrong
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
	}
	return e.Detail
}

func replyWord(k order.ReplyKind) string {
	switch k {
	case order.ReplyAck:
		return "accusé de réception"
	case order.ReplyReport:
		return "liste des cases à corriger"
	case order.ReplyHeld:
		return "mise en attente"
	case order.ReplyDuplicate:
		return "rappel de la première commande"
	case order.ReplyUnreadable:
		return "fichier illisible"
	case order.ReplyRefused:
		return "refus"
	case order.ReplyLetter:
		return "message personnel"
	}
	return string(k)
}

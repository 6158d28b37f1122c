package review

import (
	"cmp"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// functions are the functions that the templates of the pages may call.
func (c *Console) functions() template.FuncMap {
	return template.FuncMap{
		"static": c.static.URL,
		"day":    templates.FrenchDay,
		"moment": templates.FrenchTime,
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"age":    func(t time.Time) string { return frenchAge(c.Clock().Sub(t)) },
		"size":   func(octets int) string { return frenchSize(int64(octets)) },
		"room":   frenchSize,
		"french": templates.French,
		"number": templates.FrenchNumber,
		"span":   frenchSpan,
		"s": func(n int) string {
			if n > 1 {
				return "s"
			}
			return ""
		},
		"state":    stateWord,
		"status":   order.Status.French,
		"severity": severityWord,
		"verdict":  verdictWord,
		"act":      actWord,
		"role":     func(r order.Role) string { return string(r) },
		"wrong": func(code order.Code) string {
			return templates.ExplainToStaff(c.Form, order.Finding{Code: code}).Wrong
		},
		"label":   c.Form.Label,
		"vat":     frenchVAT,
		"percent": order.Percent,
		"more":    func(shown, all int) struct{ Shown, All int } { return struct{ Shown, All int }{shown, all} },
		"closing": frenchClosing,
		"attached": func(list, name string, parts []order.Part) attached {
			return attached{"/" + list + "/" + name, parts}
		},
		"delivery": deliveryWord,
		"brief":    func(s string) string { return cut(s, mostBrief) },
		"cut":      func(s string) string { return cut(s, mostCell) },
		"total":    func(l order.Line) string { return amount(l) },
		"price": func(p *order.Cents) string {
			if p == nil {
				return ""
			}
			return p.String()
		},
	}
}

// amount is what a line of an order costs before tax, or "" if its price is not known.
func amount(l order.Line) string {
	total, ok := l.Total()
	if !ok {
		return ""
	}
	return total.String()
}

// worded is the French word for a key, or the key itself if there is none.
func worded[K ~string](key K, words map[K]string) string { return cmp.Or(words[key], string(key)) }

// stateWord says in French what a case is waiting for.
func stateWord(s order.State) string {
	return worded(s, map[order.State]string{
		order.Waiting: "À traiter", order.SentBack: "Chez le libraire",
		order.Closed: "Classé",
	})
}

// severityWord says in French what has to be done about a finding.
func severityWord(s order.Severity) string {
	return worded(s, map[order.Severity]string{
		order.Error: "À corriger", order.Hold: "À décider",
		order.Warning: "À savoir", order.Fixed: "Rétabli",
	})
}

// verdictWord says in French what the check of an attempt's form came to. The verdict of
// an attempt without a form is "".
func verdictWord(v order.Verdict) string {
	return worded(v, map[order.Verdict]string{
		"": "sans bon de commande", order.Accepted: "acceptable",
		order.Rejected: "à corriger", order.Held: "à décider",
	})
}

// replyWord says in French what kind of reply was mailed.
func replyWord(k order.ReplyKind) string {
	return worded(k, map[order.ReplyKind]string{
		order.ReplyAck:        "accusé de réception",
		order.ReplyReport:     "liste des cases à corriger",
		order.ReplyHeld:       "mise en attente",
		order.ReplyDuplicate:  "rappel de la première commande",
		order.ReplyUnreadable: "fichier illisible",
		order.ReplyRefused:    "refus",
		order.ReplyLetter:     "message personnel",
		order.ReplyNoForm:     "bon de commande vierge",
		order.ReplyDigest:     "point du jour, pour l’équipe",
		order.ReplyAlert:      "alerte, pour l’équipe",
	})
}

// verbWord says in French what happened, for the verb of an event of the audit.
func verbWord(verb string) string {
	return worded(verb, map[string]string{
		"message.recorded":   "Message enregistré",
		"message.renumbered": "Numéro déjà pris par un autre message : lu comme nouveau",
		"message.fetched":    "Message livré par le serveur : lu comme nouveau",
		"case.opened":        "Dossier ouvert",
		"case.continued":     "Dossier repris par un nouveau message",
		"case.decided":       "Dossier : décision",
		"case.undone":        "Dossier : action annulée",
		"order.accepted":     "Commande acceptée",
		"order.received":     "Commande remise à « reçue »",
		"order.checked":      "Commande vérifiée",
		"order.opened":       "Commande ouverte",
		"order.cancelled":    "Commande annulée",
		"reply.intended":     "Réponse prévue",
		"reply.sent":         "Réponse partie",
		"reply.later":        "Réponse : nouvel essai prévu",
		"reply.failed":       "Réponse refusée par le serveur",
		"reply.withdrawn":    "Réponse retirée avant son départ",
		"user.saved":         "Utilisateur enregistré",
		"user.added":         "Utilisateur ajouté",
		"user.ranked":        "Rôle changé",
		"user.renamed":       "Utilisateur renommé",
		"user.closed":        "Utilisateur fermé",
		"user.reopened":      "Utilisateur rouvert",
		"user.entered":       "Connexion",
		"user.left":          "Déconnexion",
		"user.refused":       "Connexion refusée",
		"user.rekeyed":       "Mot de passe changé",
		"register.imported":  "Registre importé",
		"register.undone":    "Import annulé",
		"account.changed":    "Compte modifié",
		"account.created":    "Compte créé",
		"intake.held":        "Réception suspendue",
		"intake.released":    "Réception reprise",
		"outbox.held":        "Envoi suspendu",
		"outbox.released":    "Envoi repris",
		"attachments.erased": "Pièces jointes effacées",
		"messages.erased":    "Messages effacés",
		"replies.erased":     "Réponses effacées",
		"cases.erased":       "Dossiers effacés",
		"orders.erased":      "Commandes effacées",
		"audit.erased":       "Lignes du journal effacées",
		"notices.erased":     "Alertes passées effacées",
		"reply.released":     "Réponse douteuse : à envoyer",
		"reply.retried":      "Réponse abandonnée : renvoyée",
		"reply.dropped":      "Réponse douteuse : ne sera pas envoyée",
		"store.backedup":     "Sauvegarde faite",
		"record.restored":    "Données restaurées depuis une copie",
		"record.claimed":     "Boîte reprise par ces données",
		"record.listed":      "Dossiers de la boîte relus après la reprise",
		"record.disowned":    "La boîte désigne d’autres données",
		"record.confirmed":   "La boîte désigne de nouveau ces données",
		"reply.lost":         "Réponse partie, que les données ne connaissent plus",
	})
}

// actWord says in French what a user did, to be read after the user's name:
// « a corrigé le bon ».
func actWord(a order.Act) string {
	switch a.Kind {
	case order.ActCorrect:
		return "a corrigé le bon"
	case order.ActWaive:
		return "a levé un point"
	case order.ActAccept:
		return "a accepté la commande " + a.Order
	case order.ActReturn:
		return "a renvoyé le bon au libraire"
	case order.ActRefuse:
		return "a refusé la commande"
	case order.ActAnswer:
		return "a répondu par e-mail"
	case order.ActClose:
		return "a classé le dossier sans réponse"
	case order.ActReopen:
		return "a rouvert le dossier"
	case order.ActHand:
		if a.Text == "" {
			return "a remis le dossier à tous"
		}
		return "a confié le dossier"
	case order.ActNote:
		return "a noté"
	case order.ActTakeUp:
		if a.Order == "" {
			return "a repris le bon tel qu’il avait été renvoyé"
		}
		return "a repris la commande " + a.Order + ", telle qu’elle avait été confirmée"
	case order.ActAnew:
		return "a traité le message comme nouveau"
	case order.ActUndo:
		return "a annulé l’action précédente"
	}
	return "a décidé"
}

// program is the name that a case's history shows for what no person did.
const program = "Le\u00a0programme"

// answerWord says in French what was answered automatically about the case with this
// code, to be read after program. One reply may answer about several cases.
func answerWord(r *order.Reply, code string) string {
	kind, number := r.Kind, ""
	for _, result := range r.Results {
		if result.Case == code {
			kind, number = result.Kind, result.Number
			break
		}
	}
	switch kind {
	case order.ReplyAck:
		return strings.TrimSpace("a accusé réception de la commande " + number)
	case order.ReplyReport:
		return "a renvoyé le bon, avec ce qu’il faut corriger"
	case order.ReplyHeld:
		return "a répondu que le bon est à l’étude"
	case order.ReplyDuplicate:
		return "a rappelé le numéro de la commande déjà passée"
	case order.ReplyUnreadable:
		return "a répondu que le fichier ne se lit pas"
	case order.ReplyNoForm:
		return "a répondu qu’il manque le bon de commande"
	}
	return "a répondu par e-mail"
}

// deliveryWord says in French whether a reply was sent.
func deliveryWord(d store.Delivery) string {
	switch {
	case d.Outcome == store.Sent:
		return "réponse partie le " + templates.FrenchTime(d.At)
	case d.Outcome == store.Failed:
		return "réponse refusée par le serveur du destinataire : " + d.Words
	case d.Outcome == store.Withdrawn:
		return "réponse retirée avant son départ"
	case d.Outcome == store.Dropped:
		return "réponse tenue pour partie avant la restauration"
	case d.Doubtful:
		return "réponse peut-être partie avant la restauration : à envoyer ou à abandonner"
	case d.Outcome == store.Later:
		return "réponse pas encore partie, nouvel essai prévu"
	}
	return "réponse prête à partir"
}

// frenchAge is a time in its largest unit, rounded down: « 3 h », « 2 jours ».
func frenchAge(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "moins d’une minute"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + "\u00a0min"
	case d < 24*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + "\u00a0h"
	case d < 48*time.Hour:
		return "1\u00a0jour"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + "\u00a0jours"
}

// frenchWait is how long to wait, in seconds or minutes, rounded up.
func frenchWait(d time.Duration) string {
	if d <= time.Minute {
		return fmt.Sprintf("%d\u00a0secondes", int(d/time.Second)+1)
	}
	return fmt.Sprintf("%d\u00a0minutes", int(d/time.Minute)+1)
}

// frenchSpan is how long something took, more exactly than frenchAge: « 12 s »,
// « 2 h 10 ».
func frenchSpan(d time.Duration) string {
	switch {
	case d < time.Second:
		return "moins de 1\u00a0s"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + "\u00a0s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + "\u00a0min"
	case d < 10*time.Hour:
		return fmt.Sprintf("%d\u00a0h\u00a0%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
	}
	return frenchAge(d)
}

// frenchShare is a part of a whole in percent, rounded down so that only the whole is
// « 100 % ». If the whole is 0, it is a dash.
func frenchShare(part, of int) string {
	if of == 0 {
		return "—"
	}
	return strconv.Itoa(part*100/of) + "\u00a0%"
}

// frenchSize is a number of octets in a unit that is easy to read: « 1,5 Go ».
func frenchSize(octets int64) string {
	switch {
	case octets >= 10<<30:
		return strconv.FormatInt(octets>>30, 10) + "\u00a0Go"
	case octets >= 1<<30:
		return strings.Replace(fmt.Sprintf("%.1f\u00a0Go", float64(octets)/(1<<30)), ".", ",", 1)
	case octets >= 1<<20:
		return strconv.FormatInt(octets>>20, 10) + "\u00a0Mo"
	case octets >= 1<<10:
		return strconv.FormatInt(octets>>10, 10) + "\u00a0Ko"
	}
	return strconv.FormatInt(octets, 10) + "\u00a0octets"
}

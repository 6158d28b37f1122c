package mime

import (
	"slices"
	"strings"

	"bdc/order"
)

// isSubject reports whether a folded subject begins like those of programs: of
// the large mail programs in the languages of Europe, and of servers, which write
// English. A person who forwards or answers one puts something before it.
func isSubject(subject string) bool {
	return isBounceSubject(subject) || isWarning(subject) || isAbsence(subject) || isReceipt(subject)
}

func isAbsence(subject string) bool {
	return beginsWith(subject,
		"automatic reply:", "automatic response", "auto:", "auto-reply:", "auto reply:", "autoreply:", "auto response", "auto-response", "autorespons", "out of office:", "out-of-office:",
		"out of office reply", "out of office autoreply", "out of office auto", "out of the office:", "vacation reply",
		"reponse auto", "auto-reponse", "autoreponse", "message d'absence", "reponse d'absence", "message automatique", "avis d'absence", "notification d'absence", "absence:",
		"absence du bureau", "absent du bureau", "absente du bureau", "absent(e) du bureau",
		"automatische antwort", "abwesenheit", "abwesend:", "ausser haus:", // German
		"respuesta automatica", "autorrespuesta", "fuera de la oficina", "fuera de oficina", "aviso de ausencia", "ausente:", // Spanish
		"risposta automatica", "messaggio automatico", "fuori sede", "fuori ufficio", "assenza:", // Italian
		"resposta automatica", "mensagem automatica", "fora do escritorio", "ausencia:", // Portuguese, Catalan
		"automatisch antwoord", "afwezigheid", "afwezig:", "niet aanwezig:", // Dutch
		"autosvar", "automatiskt svar", "automatisk svar", "automaattinen vastaus", "automatyczna odpowiedz", "odpowiedz automatyczna", "automaticka odpoved", "automatikus valasz", "raspuns automat",
	)
}

// isReceipt reports whether a subject says that a mail was read, or came to its
// mailbox.
func isReceipt(subject string) bool {
	return beginsWith(subject,
		"read:", "not read:", "read receipt", "lu:", "non lu:", "accuse de lecture", "gelesen:", "leido:", "letto:", "lida:", "gelezen:", // read, or not
		"delivered:", "relayed:", "remis:", "relaye:", "zugestellt:", "entregado:", "recapitato:", "consegnato:",
	)
}

// isWarning reports whether a subject says that a mail is late, and not lost.
func isWarning(subject string) bool {
	return beginsWith(subject,
		"warning: could not send message", "warning: message", "warning: delayed mail", "warning: mail delayed", "delivery delayed", "delivery status notification (delay)",
		"remise retardee", "remise differee", "message retarde",
	)
}

func isBounceSubject(subject string) bool {
	return beginsWith(subject,
		"undeliverable", "undelivered mail", "undelivered message", "undelivered:", "mail delivery failed", "mail delivery failure", "mail delivery system", "mail failure", "mail system error", "mail could not be delivered",
		"delivery status notification", "delivery failure", "delivery failed", "delivery has failed", "delivery notification: delivery has failed", "returned mail", "failure notice", "failed delivery",
		"message could not be delivered", "message undeliverable", "message delivery failure", "message delivery has failed", "permanent delivery failure", "your message could not be delivered",
		"nondeliverable mail", "nondelivery report", "non-delivery report", "notice: mail delivery status", "could not deliver", "unable to deliver", "bounce]",
		"non remis:", "non distribuable:", "non delivre:", "message non distribu", "mail non distribu", "courrier non distribu", "courriel non distribu",
		"message non remis", "message non delivre", "courrier non remis", "courriel non remis", "mail non remis", "mail non delivre", "avis de non-remise", "avis de non remise", "echec de la remise",
		"echec de remise", "echec de distribution", "echec de la distribution", "notification d'etat de remise",
		"unzustellbar:", "nicht zustellbar:", "zustellung fehlgeschlagen", "mailzustellung fehlgeschlagen", "fehler bei der zustellung", // German
		"no se puede entregar", "no se pudo entregar", "no entregado:", "mensaje no entregado", "correo no entregado", // Spanish
		"non recapitabile:", "messaggio non recapitato", "mancato recapito", "mancata consegna", "impossibile recapitare", // Italian
		"nao e possivel entregar", "nao foi possivel entregar", "falha na entrega", // Portuguese
		"onbestelbaar", "niet bestelbaar", // Dutch
	)
}

func beginsWith(s string, beginnings ...string) bool {
	return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(s, b) })
}

// foldSubject is a subject, or an author's name, as the lists have them: folded,
// without a bracket or stars in front and the space of French before a colon.
func foldSubject(subject string) string {
	return strings.ReplaceAll(strings.TrimLeft(order.Fold(subject), " [(*"), " :", ":")
}

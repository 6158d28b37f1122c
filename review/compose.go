package review

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"bdc/order"
	"bdc/store"
	"bdc/templates"
)

// answerKind is one of the ways in which a person answers a bookseller.
type answerKind struct {
	Path  string // its part of the address
	Title string // of its page
	Verb  string // on the button that sends the answer
	Hint  string // beside the field for the person's words
	act   order.ActKind
	kind  order.ReplyKind
	state order.State // of the case once the answer is recorded
	words bool        // the person has to write something
}

func answerKinds() []answerKind {
	return []answerKind{
		{
			"accepter", "Accepter la commande", "Accepter et répondre",
			"Facultatif : une phrase en tête de l’accusé de réception.",
			order.ActAccept, order.ReplyAck, order.Closed, false,
		},
		{
			"renvoyer", "Renvoyer le bon au libraire", "Renvoyer le bon",
			"Facultatif : une phrase en tête de la liste des corrections.",
			order.ActReturn, order.ReplyReport, order.SentBack, false,
		},
		{
			"refuser", "Refuser la commande", "Refuser et répondre",
			"Dites au libraire pourquoi.",
			order.ActRefuse, order.ReplyRefused, order.Closed, true,
		},
		{
			"ecrire", "Répondre par e-mail", "Envoyer la réponse",
			"Votre message. « Bonjour » et la signature y sont ajoutés.",
			order.ActAnswer, order.ReplyLetter, order.SentBack, true,
		},
	}
}

// composePage is the page on which an answer is written. It previews the mail, and
// shows the message that is answered.
type composePage struct {
	answerKind
	Case      order.Case
	To        string
	Words     string // what the person wrote
	Fault     string // why the answer was not sent
	Same      string // the number of a recorded order with the same account, school, reference and lines, or ""
	Reused    string // the number of another order with the same account and reference, or ""
	Undo      int    // seconds for which the answer can be taken back
	Close     bool   // the answer also closes the case
	Remaining []remark
	Message   *messageView // the message that is answered
}

// draftedReply is an answer that can be previewed or sent.
type draftedReply struct {
	answerKind
	subject
	message order.Message // the message that is answered
	reply   order.Reply
	order   *order.Order // the order that the answer accepts, or nil
}

// draftReply makes an answer of the kind that the address names, with the person's
// words. The error is a refusal if the case does not allow such an answer or there
// is nobody to answer.
func (v *visit) draftReply(s subject, words string) (draftedReply, error) {
	i := slices.IndexFunc(answerKinds(), func(k answerKind) bool { return k.Path == v.r.PathValue("kind") })
	if i < 0 {
		return draftedReply{}, store.ErrNotFound
	}
	d := draftedReply{answerKind: answerKinds()[i], subject: s}
	a := s.attempt()
	m, err := v.c.Store.Message(v.r.Context(), cmp.Or(a.Message, s.Message))
	if err == nil && (s.Erased != nil || m.Erased != nil) {
		err = store.ErrErased
	}
	if err != nil {
		return d, err
	}
	switch {
	case s.State == order.Closed && d.kind != order.ReplyLetter:
		return d, refusal{http.StatusUnprocessableEntity, "Dossier classé", "Rouvrez-le avant de décider autrement."}
	case d.kind == order.ReplyAck && !acceptable(&a):
		return d, refusal{
			http.StatusUnprocessableEntity, "Il reste des points à corriger",
			"Corrigez-les, ou levez-les avec un motif, avant d’accepter.",
		}
	case d.kind == order.ReplyReport && a.Order == nil:
		return d, refusal{http.StatusUnprocessableEntity, "Aucun bon à renvoyer", "Répondez plutôt par e-mail."}
	}
	d.message = m
	d.reply = v.c.Examiner.Answer(d.kind, &s.Case, &a, &m, words)
	if d.reply.To == "" {
		why := "Ce message n’a pas d’expéditeur."
		if m.From != "" {
			why = "Ce message a été transféré par l’équipe, et aucune adresse de son libraire n’est enregistrée. " +
				"Enregistrez-la, ou écrivez-lui directement."
		}
		return d, refusal{http.StatusUnprocessableEntity, "Personne à qui répondre", why}
	}
	if d.kind == order.ReplyAck {
		o := *a.Order
		o.Status, o.Verdict, o.Findings = order.Received, order.Accepted, a.Standing()
		d.order = &o
	}
	return d, nil
}

// alike asks the store for orders that are the same as the one that the answer
// accepts, or that have the same reference. The numbers are "" if there are none.
func (d *draftedReply) alike(ctx context.Context, record store.Intake) (same, reused string, err error) {
	if d.order == nil {
		return "", "", nil
	}
	form := order.QueryForm{Identity: d.order.Identity()}
	if d.order.Reference != "" {
		form.Reference = d.order.ReferenceKey()
	}
	past, err := record.Past(ctx, order.Query{Forms: []order.QueryForm{form}})
	if err != nil {
		return "", "", err
	}
	return past.Forms[0].Same, past.Forms[0].Reused, nil
}

// composeReply shows the page on which an answer is written.
func (c *Console) composeReply(v *visit) error {
	s, err := v.subject()
	if err != nil {
		return err
	}
	return c.showAnswer(v, http.StatusOK, s, v.accountNews(), "")
}

// accountNews is the text with which an answer begins if the address names an account
// that was just created, and "" otherwise.
func (v *visit) accountNews() string {
	a, known := v.c.Registry().Account(v.r.URL.Query().Get("compte"))
	if !known || a.Inactive || len(a.Emails) == 0 {
		return ""
	}
	from := "l’adresse " + a.Emails[0]
	if len(a.Emails) > 1 {
		from = "l’une de ces adresses : " + strings.Join(a.Emails, ", ")
	}
	return "Votre compte Libraire est ouvert : il porte votre numéro Interforum, " + a.Number + ".\n\n" +
		"Vous pouvez dès maintenant nous envoyer vos bons de commande depuis " + from + "."
}

// showAnswer shows the page on which an answer is written, with what the person has
// written and why it was not sent.
func (c *Console) showAnswer(v *visit, status int, s subject, words, fault string) error {
	d, err := v.draftReply(s, words)
	if err != nil {
		return err
	}
	p := composePage{
		answerKind: d.answerKind, Case: s.Case, To: d.reply.To, Words: words, Fault: fault,
		Undo: int(c.UndoFor.Seconds()),
	}
	p.Close = v.r.PostFormValue("classer") != "" || v.r.Method == http.MethodGet && words != ""
	if p.Same, p.Reused, err = d.alike(v.r.Context(), c.Store); err != nil {
		return err
	}
	a := s.attempt()
	if p.Message, err = v.lastMessage(&d); err != nil {
		return err
	}
	if d.kind == order.ReplyAck {
		p.Remaining = standing(newRemarks(c.Form, &a))
	}
	return v.show(status, "reponse", d.Title, p)
}

// lastMessage shows what the bookseller wrote last: the message that is answered, or
// a later one without a form.
func (v *visit) lastMessage(d *draftedReply) (*messageView, error) {
	m := d.message
	if n := len(d.Attempts); n > 0 && d.Attempts[n-1].Message != m.Key {
		latest, err := v.c.Store.Message(v.r.Context(), d.Attempts[n-1].Message)
		switch {
		case err == nil:
			m = latest
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
	}
	l := v.messageView(&m)
	if l.Whole != "" {
		l.Whole = "/dossiers/" + d.Code + "?" + wholeKey + "=" + wholeMessage
	}
	return l, nil
}

// sendReply records the act, the order that it accepts and the reply, in one
// transaction. The reply is sent after Console.UndoFor.
func (c *Console) sendReply(v *visit) error {
	s, words, err := v.seenWithWords("mots")
	if err != nil {
		return err
	}
	d, err := v.draftReply(s, words)
	if err != nil {
		return err
	}
	if d.words && words == "" {
		return c.showAnswer(v, http.StatusUnprocessableEntity, s, words,
			"Écrivez quelques mots : c’est tout ce que le libraire lira de vous.")
	}
	state := d.state
	if d.kind == order.ReplyLetter && (s.State == order.Closed || v.r.PostFormValue("classer") != "") {
		state = order.Closed
	}
	return v.decide(s, order.Decision{
		Kind: d.act, State: state, Note: words, Order: d.order, Reply: &d.reply,
		Delay: c.UndoFor,
	})
}

// previewReply shows the mail as it will be sent, except that the order has no number
// yet. It is shown in a sandboxed frame.
func (c *Console) previewReply(v *visit) error {
	words, err := v.words("mots")
	if err != nil {
		return err
	}
	s, err := v.subject()
	if err != nil {
		return err
	}
	d, err := v.draftReply(s, words)
	if err != nil {
		return err
	}
	d.reply.CreatedAt = c.Clock().UTC()
	for i := range d.reply.Results {
		if d.reply.Results[i].Order >= 0 {
			d.reply.Results[i].Number = "CNS-" + d.reply.CreatedAt.In(order.Paris).Format("2006") + "-……"
		}
	}
	options := c.Options
	if part := d.attempt().Part; d.kind == order.ReplyReport && part != "" {
		options.Enclosures = map[int]templates.Enclosure{0: {Name: c.Enclosed(part), Own: true}}
	}
	_, _, html, err := c.Renderer.Render(d.reply, options)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox")
	_, _ = v.w.Write([]byte(html)) // the browser is gone: nobody to tell
	return nil
}

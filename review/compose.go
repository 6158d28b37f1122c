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

// letter is one way to answer a bookseller.
type letter struct {
	Path  string // its part of the address
	Title string
	Verb  string // on the button
	Hint  string // beside the field of words
	act   order.ActKind
	kind  order.ReplyKind
	state order.State
	words bool // of one's own, required
}

func letters() []letter {
	return []letter{
		{"accepter", "Accepter la commande", "Accepter et répondre", "Facultatif : une phrase en tête de l’accusé de réception.", order.ActAccept, order.ReplyAck, order.Closed, false},
		{"renvoyer", "Renvoyer le bon au libraire", "Renvoyer le bon", "Facultatif : une phrase en tête de la liste des corrections.", order.ActReturn, order.ReplyReport, order.SentBack, false},
		{"refuser", "Refuser la commande", "Refuser et répondre", "Dites au libraire pourquoi.", order.ActRefuse, order.ReplyRefused, order.Closed, true},
		{"ecrire", "Répondre par e-mail", "Envoyer la réponse", "Votre message. « Bonjour » et la signature y sont ajoutés.", order.ActAnswer, order.ReplyLetter, order.SentBack, true},
	}
}

// composePage is where an answer is written, with what will be mailed beside.
type composePage struct {
	letter
	Case      order.Case
	To        string
	Words     string
	Fault     string
	Same      string // the number of an order like it, recorded before
	Reused    string // the number of an order under the same reference
	Undo      int    // seconds for which it can be undone
	Close     bool   // the letter also closes the case
	Remaining []remark
	Letter    *letterView // that is answered
}

// drafted is an answer in the making.
type drafted struct {
	letter
	subject
	message order.Message // that it answers
	reply   order.Reply
	order   *order.Order // that it accepts, or nil
}

// draft makes an answer of what the person wrote, and refuses one that the case
// does not allow.
func (v *visit) draft(s subject, words string) (drafted, error) {
	i := slices.IndexFunc(letters(), func(l letter) bool { return l.Path == v.r.PathValue("kind") })
	if i < 0 {
		return drafted{}, store.ErrNotFound
	}
	d := drafted{letter: letters()[i], subject: s}
	a := s.attempt()
	m, err := v.c.Store.Message(v.r.Context(), cmp.Or(a.Message, s.Message))
	if err != nil {
		return d, err
	}
	switch {
	case s.State == order.Closed && d.kind != order.ReplyLetter:
		return d, refusal{http.StatusUnprocessableEntity, "Dossier classé", "Rouvrez-le avant de décider autrement."}
	case d.kind == order.ReplyAck && !acceptable(&a):
		return d, refusal{http.StatusUnprocessableEntity, "Il reste des points à corriger", "Corrigez-les, ou levez-les avec un motif, avant d’accepter."}
	case d.kind == order.ReplyReport && a.Order == nil:
		return d, refusal{http.StatusUnprocessableEntity, "Aucun bon à renvoyer", "Répondez plutôt par e-mail."}
	}
	d.message = m
	d.reply = v.c.Examiner.Answer(d.kind, &s.Case, &a, &m, words)
	if d.reply.To == "" {
		why := "Ce message n’a pas d’expéditeur."
		if m.From != "" {
			why = "Ce message a été transféré par l’équipe, et aucune adresse de son libraire n’est enregistrée. Enregistrez-la, ou écrivez-lui directement."
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

// known asks the record for orders like the one that is to be accepted.
func (d *drafted) known(ctx context.Context, record store.Intake) (same, reused string, err error) {
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

// composeReply shows an answer before it is sent.
func (c *Console) composeReply(v *visit) error {
	k, err := c.Store.Case(v.r.Context(), v.r.PathValue("code"))
	if err != nil {
		return err
	}
	return c.showAnswer(v, http.StatusOK, subject{k, current(&k)}, v.begun(), "")
}

// begun is what an answer begins with: news of an account that was just created,
// and nothing otherwise.
func (v *visit) begun() string {
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

func (c *Console) showAnswer(v *visit, status int, s subject, words, fault string) error {
	d, err := v.draft(s, words)
	if err != nil {
		return err
	}
	p := composePage{letter: d.letter, Case: s.Case, To: d.reply.To, Words: words, Fault: fault, Undo: int(c.UndoFor.Seconds())}
	p.Close = v.r.PostFormValue("classer") != "" || v.r.Method == http.MethodGet && words != ""
	if p.Same, p.Reused, err = d.known(v.r.Context(), c.Store); err != nil {
		return err
	}
	a := s.attempt()
	if p.Letter, err = v.lastLetter(&d); err != nil {
		return err
	}
	if d.kind == order.ReplyAck {
		for i := range a.Findings {
			if r := newRemark(c.Form, &a, i); r.Stands() {
				p.Remaining = append(p.Remaining, r)
			}
		}
	}
	return v.show(status, "reponse", d.Title, p)
}

// lastLetter is what the bookseller wrote last: what is answered, or a message
// since that had no form.
func (v *visit) lastLetter(d *drafted) (*letterView, error) {
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
	l := v.letter(&m)
	if l.Whole != "" {
		l.Whole = "/dossiers/" + d.Code + "?" + wholeKey + "=" + wholeLetter
	}
	return l, nil
}

// sendReply decides: the act, the order and the reply are one transaction.
func (c *Console) sendReply(v *visit) error {
	words, err := v.words("mots")
	if err != nil {
		return err
	}
	s, err := v.seen(words)
	if err != nil {
		return err
	}
	d, err := v.draft(s, words)
	if err != nil {
		return err
	}
	if d.words && words == "" {
		return c.showAnswer(v, http.StatusUnprocessableEntity, s, words, "Écrivez quelques mots : c’est tout ce que le libraire lira de vous.")
	}
	state := d.state
	if d.kind == order.ReplyLetter && (s.State == order.Closed || v.r.PostFormValue("classer") != "") {
		state = order.Closed
	}
	return v.decide(s, order.Decision{Kind: d.act, State: state, Note: words, Order: d.order, Reply: &d.reply, Delay: c.UndoFor})
}

// previewReply is the mail as it will be sent, but for its order number. It is
// shown in a frame that runs nothing.
func (c *Console) previewReply(v *visit) error {
	words, err := v.words("mots")
	if err != nil {
		return err
	}
	k, err := c.Store.Case(v.r.Context(), v.r.PathValue("code"))
	if err != nil {
		return err
	}
	d, err := v.draft(subject{k, current(&k)}, words)
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

package review

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
)

// toTakeUp reports whether the case waits for a person to say whether its message, which a
// restored record does not know, is taken up as it was or as a new one.
func toTakeUp(k *order.Case) bool {
	return k.TakeUp != nil && k.Reason == order.ReasonTakeUp && k.State != order.Closed
}

// takeUpView is what the page of a case « À reprendre » shows of it.
type takeUpView struct {
	Number   string // under which the form was acknowledged, as far as a copy of the reply tells
	Told     []toldLine
	Rejected bool // the message lay with those that went back to the bookseller
	HasOrder bool // there is an order to record
}

// toldLine is what one of our replies had told, in French.
type toldLine struct{ What, Number, Case string }

func newTakeUpView(k *order.Case, a *order.Attempt) *takeUpView {
	view := &takeUpView{
		Number: k.TakeUp.Number(), Rejected: k.TakeUp.Folder == order.FolderRejected, HasOrder: a.Order != nil,
	}
	for _, t := range k.TakeUp.Told {
		view.Told = append(view.Told, toldLine{replyWord(t.Kind), t.Number, t.Case})
	}
	return view
}

// toldTakeUp reads the case of an act about a message to take up, as the user saw it.
func (v *visit) toldTakeUp() (subject, error) {
	s, err := v.seen("")
	if err == nil && !toTakeUp(&s.Case) {
		err = refusal{
			http.StatusUnprocessableEntity, "Rien à reprendre",
			"Ce dossier est classé, ou quelqu’un a déjà décidé de son message.",
		}
	}
	return s, err
}

// takeUp records an order as it had been acknowledged, under its former number, and answers
// nobody. A form that had gone back to the bookseller, and has no number, waits for the
// bookseller again.
func (c *Console) takeUp(v *visit) error {
	s, err := v.toldTakeUp()
	if err != nil {
		return err
	}
	a := s.attempt()
	findings := slices.DeleteFunc(a.Standing(), ingest.IsTakeUp)
	number := strings.ToUpper(strings.Join(strings.Fields(v.r.PostFormValue("numero")), ""))
	d := order.Decision{Kind: order.ActTakeUp, State: order.Closed}
	switch {
	case number == "" && s.TakeUp.Folder == order.FolderRejected:
		d.State, d.Reason = order.SentBack, ingest.GravestCode(findings)
	case a.Order == nil:
		return refusal{
			http.StatusUnprocessableEntity, "Aucun bon à reprendre",
			"Ce message n’a pas de bon de commande lisible : classez le dossier, ou traitez-le comme nouveau.",
		}
	case number == "":
		return refusal{
			http.StatusUnprocessableEntity, "Il manque le numéro",
			"Saisissez le numéro que le libraire a reçu (CNS-…) : il figure dans notre réponse, que lui a gardée. " +
				"Si personne ne le retrouve, traitez le message comme nouveau.",
		}
	default:
		o := *a.Order
		o.Number, o.Status, o.Verdict, o.Findings = number, order.Received, order.Accepted, findings
		d.Order = &o
	}
	err = v.decide(s, d)
	if errors.Is(err, store.ErrNumber) {
		return refusal{
			http.StatusUnprocessableEntity, "Ce numéro ne convient pas",
			"Une autre commande le porte déjà, ou il n’a jamais pu être donné. Vérifiez-le dans la réponse que le " +
				"libraire a reçue ; rien n’a été changé.",
		}
	}
	return notYet(err)
}

// anew has the message of a case examined as one that came just now: an order gets a new
// number, and the bookseller an answer, unless a person has to decide first.
func (c *Console) anew(v *visit) error {
	s, err := v.toldTakeUp()
	if err != nil {
		return err
	}
	ctx, a := v.r.Context(), s.attempt()
	m, err := c.Store.Message(ctx, a.Message)
	if err != nil {
		return err
	}
	var workbook []byte
	if a.Order != nil {
		if workbook, err = c.Store.Blob(ctx, a.Workbook); err != nil {
			return err
		}
	}
	if a, err = c.Examiner.Anew(ctx, &s.Case, a, &m, workbook, c.Store); err != nil {
		return unreadable(err)
	}
	d := order.Decision{
		Kind: order.ActAnew, State: order.Waiting, Reason: ingest.GravestCode(a.Findings), Attempt: &a,
		Index: s.index, Delay: c.UndoFor,
	}
	answer := order.ReplyNone
	switch {
	case a.Order == nil, s.TakeUp.Usual != "": // for people to read
	case a.Verdict == order.Accepted:
		o := *a.Order
		o.Status, o.Verdict, o.Findings = order.Received, order.Accepted, a.Standing()
		d.Kind, d.State, d.Order, answer = order.ActAccept, order.Closed, &o, order.ReplyAck
	case a.Verdict == order.Rejected:
		d.Kind, d.State, answer = order.ActReturn, order.SentBack, order.ReplyReport
	default:
		answer = order.ReplyHeld
	}
	if answer != order.ReplyNone {
		reply := c.Examiner.Answer(answer, &s.Case, &a, &m, "")
		if reply.To != "" {
			d.Reply = &reply
		}
	}
	return notYet(v.decide(s, d))
}

// notYet makes a refusal of the error that the record may not give numbers now.
func notYet(err error) error {
	if errors.Is(err, store.ErrNotOwner) {
		return refusal{
			http.StatusConflict, "Pas encore",
			"Le programme n’a pas fini de vérifier, auprès de la boîte aux lettres, quels numéros ont été donnés : " +
				"d’ici là, aucune commande n’est enregistrée et aucune réponse ne part. " +
				"Recommencez dans quelques minutes.",
		}
	}
	return err
}

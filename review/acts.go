package review

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bdc/ingest"
	"bdc/order"
	"bdc/store"
)

// maxWords is the most characters that a person may write in one act.
const maxWords = 4_000

// subject is the case that an act is about, as the user saw it.
type subject struct {
	order.Case
	index int // of the attempt that acts are about (see current); -1 if there is none
}

// attempt is the attempt that acts are about, or the zero value if there is none.
func (s subject) attempt() order.Attempt {
	if s.index < 0 {
		return order.Attempt{}
	}
	return s.Attempts[s.index]
}

// subject reads the case that the address names. The error wraps store.ErrNotFound.
func (v *visit) subject() (subject, error) {
	k, err := v.c.Store.Case(v.r.Context(), v.r.PathValue("code"))
	return subject{k, current(&k)}, err
}

// seen reads the case of an act. The error is a conflict, with the user's words, if
// the case has changed since the user saw it, and store.ErrErased if it was erased.
func (v *visit) seen(words string) (subject, error) {
	s, err := v.subject()
	if err != nil {
		return s, err
	}
	if s.Erased != nil {
		return s, store.ErrErased
	}
	if v.r.PostFormValue("revision") != strconv.FormatUint(s.Revision, 10) {
		return s, conflict{"/dossiers/" + s.Code, words}
	}
	return s, nil
}

// seenWithWords reads the words that the user wrote into a field, and the case of an
// act as seen does.
func (v *visit) seenWithWords(field string) (s subject, words string, err error) {
	if words, err = v.words(field); err != nil {
		return s, "", err
	}
	s, err = v.seen(words)
	return s, words, err
}

// words is the text that the user wrote into a field, with "\n" as line ends. The
// error is a refusal if it is longer than maxWords.
func (v *visit) words(name string) (string, error) {
	text := strings.TrimSpace(strings.ReplaceAll(v.r.PostFormValue(name), "\r\n", "\n"))
	if utf8.RuneCountInString(text) > maxWords {
		return "", refusal{
			http.StatusUnprocessableEntity, "Texte trop long",
			"Il dépasse 4 000 caractères. Revenez en arrière et raccourcissez-le.",
		}
	}
	return text, nil
}

// decide records an act about a case, and redirects to the case.
func (v *visit) decide(s subject, d order.Decision) error {
	if err := v.record(s, d); err != nil {
		return err
	}
	return v.redirect("/dossiers/" + s.Code + v.shownPart())
}

// record records an act about a case in the user's name. The error is a conflict if
// the case has changed since the user saw it.
func (v *visit) record(s subject, d order.Decision) error {
	d.Case, d.Revision, d.Actor, d.At = s.Code, s.Revision, v.user.Name, v.c.Clock().UTC()
	_, err := v.c.Store.Decide(v.r.Context(), v.c.Fence, d)
	if errors.Is(err, store.ErrRevision) {
		return conflict{"/dossiers/" + s.Code, d.Note}
	}
	if err != nil {
		return err
	}
	v.c.Log.Info("decided", "case", s.Code, "act", d.Kind, "actor", v.user.Name)
	v.c.Changed(s.Code)
	if d.Reply != nil && v.c.Wake != nil {
		v.c.Wake()
	}
	return nil
}

// correct records the values that the user put into cells of the form, and the
// verdict on the corrected form.
func (c *Console) correct(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	a := s.attempt()
	if a.Order == nil || s.State == order.Closed {
		return refusal{
			http.StatusUnprocessableEntity, "Rien à corriger",
			"Ce dossier est classé, ou n’a pas de bon de commande.",
		}
	}
	ctx := v.r.Context()
	m, err := c.Store.Message(ctx, a.Message)
	if err == nil && m.Erased != nil {
		err = store.ErrErased
	}
	if err != nil {
		return err
	}
	workbook, err := c.Store.Blob(ctx, a.Workbook)
	if err != nil {
		return err
	}
	draft, err := c.Examiner.Draft(&a, workbook)
	if err != nil {
		return unreadable(err)
	}
	made := v.corrections(draft)
	if len(made) == 0 {
		return v.redirect("/dossiers/" + s.Code)
	}
	a.Corrections = append(slices.Clip(a.Corrections), made...)
	if a, err = c.Examiner.Recheck(ctx, a, &m, workbook, c.Store); err != nil {
		return unreadable(err)
	}
	return v.decide(s, order.Decision{
		Kind: order.ActCorrect, State: order.Waiting, Note: correctionNote(c.Form, made),
		Attempt: &a, Index: s.index,
	})
}

// correctionNote says in French which cells were corrected, for the case's history.
func correctionNote(form *order.Form, made []order.Correction) string {
	var what []string
	for _, m := range made {
		text := "« " + m.Text + " »"
		if m.Text == "" {
			text = "vide"
		}
		label := form.Label(m.Field)
		if m.Row > 0 {
			label += ", ligne " + strconv.Itoa(m.Row)
		}
		what = append(what, label+" : "+text)
	}
	return strings.Join(what, " ; ")
}

// unreadable makes a refusal of the error that a form can no longer be read from
// its workbook.
func unreadable(err error) error {
	if errors.Is(err, ingest.ErrChanged) {
		return refusal{
			http.StatusUnprocessableEntity, "Bon de commande illisible",
			"Il n’a pas pu être relu dans son classeur : rien n’a été changé.",
		}
	}
	return err
}

// maxCell is the most characters that a cell of Excel can hold.
const maxCell = 32_767

// corrections are the posted values that differ from those of the form. If the user
// clicked on a proposal, it replaces the value of its cell's input. Values of cells
// that the form does not have are ignored.
func (v *visit) corrections(d *order.Draft) []order.Correction {
	values := map[string]string{}
	for name, list := range v.r.PostForm {
		if cell, ok := strings.CutPrefix(name, "case:"); ok {
			values[cell] = list[0]
		}
	}
	if taken := v.r.PostFormValue("prendre"); taken != "" {
		if cell, value, ok := strings.Cut(taken, "="); ok {
			values[cell] = value
		}
	}
	var list []order.Correction
	for _, cell := range slices.Sorted(maps.Keys(values)) {
		row, id, _ := strings.Cut(cell, ":")
		text := strings.TrimSpace(values[cell])
		if utf8.RuneCountInString(text) > maxCell {
			continue
		}
		n, err := strconv.Atoi(row)
		if err != nil {
			continue
		}
		made := order.Correction{Field: id, Row: n, Text: text, Actor: v.user.Name, At: v.c.Clock().UTC()}
		if was, ok := typedIn(v.c.Form, d, &made); ok && strings.TrimSpace(was) != text {
			list = append(list, made)
		}
	}
	return list
}

// typedIn is what the cell of a correction holds now; ok is false if the form has no
// such cell. If the cell is in a line, typedIn sets the correction's Sheet.
func typedIn(form *order.Form, d *order.Draft, c *order.Correction) (text string, ok bool) {
	if c.Row == 0 {
		ok = slices.ContainsFunc(form.Fields, func(f order.Field) bool { return f.ID == c.Field })
		return d.Fields[c.Field].Text, ok
	}
	ok = slices.ContainsFunc(form.Columns, func(f order.Field) bool { return f.ID == c.Field })
	i := slices.IndexFunc(d.Lines, func(l order.DraftLine) bool { return l.Row == c.Row })
	if !ok || i < 0 {
		return "", false
	}
	c.Sheet = d.Lines[i].Sheet
	return d.Lines[i].Cells[c.Field].Text, true
}

// waive records that the user lets a finding pass, for a reason that is required.
func (c *Console) waive(v *visit) error {
	s, reason, err := v.seenWithWords("motif")
	if err != nil {
		return err
	}
	a := s.attempt()
	i, err := strconv.Atoi(v.r.PostFormValue("point"))
	if err != nil || i < 0 || i >= len(a.Findings) || s.State == order.Closed {
		return store.ErrNotFound
	}
	if reason == "" {
		return refusal{
			http.StatusUnprocessableEntity, "Il manque le motif",
			"Dites en quelques mots pourquoi ce point peut être levé : vos collègues le liront.",
		}
	}
	f := a.Findings[i]
	if a.Waived(f) != nil {
		return v.redirect("/dossiers/" + s.Code)
	}
	a.Waivers = append(slices.Clip(a.Waivers), order.Waiver{
		Code: f.Code, Field: f.Field, Sheet: f.Sheet, Cell: f.Cell, Value: f.Value, Reason: reason, Actor: v.user.Name,
		At: c.Clock().UTC(),
	})
	return v.decide(s, order.Decision{
		Kind: order.ActWaive, State: order.Waiting, Note: reason, Attempt: &a,
		Index: s.index,
	})
}

// close closes a case without an answer.
func (c *Console) close(v *visit) error {
	return v.actWithWords(order.ActClose, order.Closed, false)
}

// reopen makes a case wait for a decision again.
func (c *Console) reopen(v *visit) error {
	return v.actWithWords(order.ActReopen, order.Waiting, false)
}

// note adds a text to the history of a case, and changes nothing else.
func (c *Console) note(v *visit) error {
	return v.actWithWords(order.ActNote, "", true)
}

// actWithWords records an act that consists of the user's words and a new state of
// the case; the state "" leaves it as it is. If words are required and there are
// none, nothing is recorded.
func (v *visit) actWithWords(kind order.ActKind, state order.State, required bool) error {
	s, words, err := v.seenWithWords("mots")
	if err != nil {
		return err
	}
	if required && words == "" {
		return v.redirect("/dossiers/" + s.Code)
	}
	if state == "" {
		state = s.State
	}
	return v.decide(s, order.Decision{Kind: kind, State: state, Note: words})
}

// assign gives a case to a colleague, or to nobody.
func (c *Console) assign(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	name := v.r.PostFormValue("a")
	if name != "" {
		u, err := c.Store.User(v.r.Context(), name)
		if errors.Is(err, store.ErrNotFound) || err == nil && (u.Closed || !u.Role.Covers(order.Sales)) {
			return refusal{http.StatusUnprocessableEntity, "Collègue inconnu", "Choisissez quelqu’un de la liste."}
		}
		if err != nil {
			return err
		}
	}
	return v.decide(s, order.Decision{Kind: order.ActHand, State: s.State, Note: name, Holder: &name})
}

// undo takes back the last act that caused a reply, if the reply has not been sent
// yet.
func (c *Console) undo(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	err = c.Store.Undo(v.r.Context(), order.Undo{
		Case: s.Code, Revision: s.Revision, Actor: v.user.Name,
		At: c.Clock().UTC(),
	})
	switch {
	case errors.Is(err, store.ErrRevision):
		return conflict{back: "/dossiers/" + s.Code}
	case errors.Is(err, store.ErrLeft):
		return refusal{
			http.StatusConflict, "Trop tard",
			"La réponse est partie : elle ne peut plus être annulée. " +
				"Vous pouvez rouvrir le dossier et écrire de nouveau.",
		}
	case err != nil:
		return err
	}
	c.Changed(s.Code)
	return v.redirect("/dossiers/" + s.Code)
}

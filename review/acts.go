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

// maxWords bounds what a person may write in one act, in characters.
const maxWords = 4_000

// subject is the case that an act is about, as the person saw it.
type subject struct {
	order.Case
	index int // of the attempt that acts are about; -1 where there is none
}

func (s subject) attempt() order.Attempt {
	if s.index < 0 {
		return order.Attempt{}
	}
	return s.Attempts[s.index]
}

// seen reads the case of an act, and refuses one that was about an older state
// of it. Words are kept for the person.
func (v *visit) seen(words string) (subject, error) {
	k, err := v.c.Store.Case(v.r.Context(), v.r.PathValue("code"))
	if err != nil {
		return subject{}, err
	}
	if v.r.PostFormValue("revision") != strconv.FormatUint(k.Revision, 10) {
		return subject{}, conflict{"/dossiers/" + k.Code, words}
	}
	return subject{k, current(&k)}, nil
}

// words is what the person wrote into a field.
func (v *visit) words(name string) (string, error) {
	text := strings.TrimSpace(strings.ReplaceAll(v.r.PostFormValue(name), "\r\n", "\n"))
	if utf8.RuneCountInString(text) > maxWords {
		return "", refusal{http.StatusUnprocessableEntity, "Texte trop long", "Il dépasse 4 000 caractères. Revenez en arrière et raccourcissez-le."}
	}
	return text, nil
}

// decide records an act about a case as it was seen, and goes back to it.
func (v *visit) decide(s subject, d order.Decision) error {
	if err := v.record(s, d); err != nil {
		return err
	}
	return v.redirect("/dossiers/" + s.Code + v.view())
}

// record records an act about a case as it was seen.
func (v *visit) record(s subject, d order.Decision) error {
	d.Case, d.Revision, d.Actor, d.At = s.Code, s.Revision, v.user.Name, v.c.Clock().UTC()
	_, err := v.c.Store.Decide(v.r.Context(), d)
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

// correct puts values into cells, and has the form checked again by the same
// rules as the first time.
func (c *Console) correct(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	a := s.attempt()
	if a.Order == nil || s.State == order.Closed {
		return refusal{http.StatusUnprocessableEntity, "Rien à corriger", "Ce dossier est classé, ou n’a pas de bon de commande."}
	}
	ctx := v.r.Context()
	m, err := c.Store.Message(ctx, a.Message)
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
	var what []string
	for _, made := range made {
		text := "« " + made.Text + " »"
		if made.Text == "" {
			text = "vide"
		}
		label := c.Form.Label(made.Field)
		if made.Row > 0 {
			label += ", ligne " + strconv.Itoa(made.Row)
		}
		what = append(what, label+" : "+text)
	}
	return v.decide(s, order.Decision{Kind: order.ActCorrect, State: order.Waiting, Note: strings.Join(what, " ; "), Attempt: &a, Index: s.index})
}

func unreadable(err error) error {
	if errors.Is(err, ingest.ErrChanged) {
		return refusal{http.StatusUnprocessableEntity, "Bon de commande illisible", "Il n’a pas pu être relu dans son classeur : rien n’a été changé."}
	}
	return err
}

// maxCell is the most characters that Excel keeps in a cell.
const maxCell = 32_767

// corrections are the values sent that differ from the form's. A proposal that
// was clicked comes before what stood in its input.
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

// typedIn is what a correction's cell holds now; ok is false where the form has
// no such cell. It fills in the sheet of a line.
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

// waive lets a finding pass, with a reason.
func (c *Console) waive(v *visit) error {
	reason, err := v.words("motif")
	if err != nil {
		return err
	}
	s, err := v.seen(reason)
	if err != nil {
		return err
	}
	a := s.attempt()
	i, err := strconv.Atoi(v.r.PostFormValue("point"))
	if err != nil || i < 0 || i >= len(a.Findings) || s.State == order.Closed {
		return store.ErrNotFound
	}
	if reason == "" {
		return refusal{http.StatusUnprocessableEntity, "Il manque le motif", "Dites en quelques mots pourquoi ce point peut être levé : vos collègues le liront."}
	}
	f := a.Findings[i]
	if a.Waived(f) != nil {
		return v.redirect("/dossiers/" + s.Code)
	}
	a.Waivers = append(slices.Clip(a.Waivers), order.Waiver{
		Code: f.Code, Field: f.Field, Sheet: f.Sheet, Cell: f.Cell, Value: f.Value, Reason: reason, Actor: v.user.Name, At: c.Clock().UTC(),
	})
	return v.decide(s, order.Decision{Kind: order.ActWaive, State: order.Waiting, Note: reason, Attempt: &a, Index: s.index})
}

// close sets a case aside without an answer.
func (c *Console) close(v *visit) error {
	return v.simple(order.ActClose, order.Closed, false)
}

func (c *Console) reopen(v *visit) error {
	return v.simple(order.ActReopen, order.Waiting, false)
}

// note adds to the history, and changes nothing else.
func (c *Console) note(v *visit) error {
	return v.simple(order.ActNote, "", true)
}

// simple is an act of a few words; a state of "" leaves the case's.
func (v *visit) simple(kind order.ActKind, state order.State, must bool) error {
	words, err := v.words("mots")
	if err != nil {
		return err
	}
	s, err := v.seen(words)
	if err != nil {
		return err
	}
	if must && words == "" {
		return v.redirect("/dossiers/" + s.Code)
	}
	if state == "" {
		state = s.State
	}
	return v.decide(s, order.Decision{Kind: kind, State: state, Note: words})
}

// hand gives a case to a colleague, or to nobody.
func (c *Console) hand(v *visit) error {
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

// undo takes the last reply back, if it has not left.
func (c *Console) undo(v *visit) error {
	s, err := v.seen("")
	if err != nil {
		return err
	}
	err = c.Store.Undo(v.r.Context(), order.Undo{Case: s.Code, Revision: s.Revision, Actor: v.user.Name, At: c.Clock().UTC()})
	switch {
	case errors.Is(err, store.ErrRevision):
		return conflict{back: "/dossiers/" + s.Code}
	case errors.Is(err, store.ErrLeft):
		return refusal{http.StatusConflict, "Trop tard", "La réponse est partie : elle ne peut plus être annulée. Vous pouvez rouvrir le dossier et écrire de nouveau."}
	case err != nil:
		return err
	}
	c.Changed(s.Code)
	return v.redirect("/dossiers/" + s.Code)
}

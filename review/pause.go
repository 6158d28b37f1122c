package review

import (
	"context"
	"net/http"
	"time"

	"bdc/store"
)

// stop is something that somebody, or the program itself, has held.
type stop struct {
	Path  string // what it is, in an address
	Words string // what no longer happens
	store.Pause
}

// Who is who held it.
func (s stop) Who() string {
	if s.Actor == "bdc" { // the outbox's own guard, or an operator at the command line
		return "le programme"
	}
	return s.Actor
}

// stops are what is held now, as each page says it.
func stops(h store.Pauses) (list []stop) {
	if !h.Intake.IsZero() {
		list = append(list, stop{"reception", "La réception est suspendue : les nouveaux messages restent dans la boîte aux lettres.", h.Intake})
	}
	if !h.Outbox.IsZero() {
		list = append(list, stop{"envoi", "L’envoi est suspendu : les réponses attendent.", h.Outbox})
	}
	return list
}

// pause holds the intake or the outbox, for a reason.
func (c *Console) pause(v *visit) error {
	reason, err := v.words("motif")
	if err != nil {
		return err
	}
	if reason == "" {
		return refusal{http.StatusUnprocessableEntity, "Il manque le motif", "Dites en quelques mots pourquoi tout doit attendre : chacun le lira en haut de chaque page."}
	}
	hold, _ := c.gate(v.r.PathValue("quoi"))
	if hold == nil {
		return store.ErrNotFound
	}
	if err := hold(v.r.Context(), store.Pause{At: c.Clock().UTC(), Actor: v.user.Name, Reason: reason}); err != nil {
		return err
	}
	c.Log.Warn("held", "what", v.r.PathValue("quoi"), "actor", v.user.Name)
	c.Changed("")
	return v.redirect(here(v.r.PostFormValue("retour")))
}

// goOn releases what is held, whoever held it: a person, or the outbox's guard.
func (c *Console) goOn(v *visit) error {
	_, release := c.gate(v.r.PathValue("quoi"))
	if release == nil {
		return store.ErrNotFound
	}
	if err := release(v.r.Context(), v.user.Name, c.Clock().UTC()); err != nil {
		return err
	}
	c.Log.Warn("released", "what", v.r.PathValue("quoi"), "actor", v.user.Name)
	c.Changed("")
	if c.Wake != nil {
		c.Wake()
	}
	return v.redirect(here(v.r.PostFormValue("retour")))
}

// gate is how to hold and release what an address names; nil for nothing.
func (c *Console) gate(name string) (hold func(context.Context, store.Pause) error, release func(context.Context, string, time.Time) error) {
	switch name {
	case "reception":
		return c.Store.PauseIntake, c.Store.ResumeIntake
	case "envoi":
		return c.Store.PauseOutbox, c.Store.ResumeOutbox
	}
	return nil, nil
}

package review

import (
	"context"
	"net/http"
	"time"

	"bdc/store"
)

// stop is what every page says while the intake or the outbox is paused.
type stop struct {
	Path  string // the word for it in addresses: "reception" or "envoi"
	Words string // what does not happen in the meantime, in French
	store.Pause
}

// Who is the name of the person who paused it, or « le programme ».
func (s stop) Who() string {
	if s.Actor == "bdc" { // the outbox's circuit breaker, or an operator at the command line
		return "le programme"
	}
	return s.Actor
}

// stops says what is paused now.
func stops(h store.Pauses) (list []stop) {
	if !h.Intake.IsZero() {
		list = append(list, stop{
			"reception",
			"La réception est suspendue : les nouveaux messages restent dans la boîte aux lettres.", h.Intake,
		})
	}
	if !h.Outbox.IsZero() {
		list = append(list, stop{"envoi", "L’envoi est suspendu : les réponses attendent.", h.Outbox})
	}
	return list
}

// pause pauses the intake or the outbox, for a reason that is required.
func (c *Console) pause(v *visit) error {
	reason, err := v.words("motif")
	if err != nil {
		return err
	}
	if reason == "" {
		return refusal{
			http.StatusUnprocessableEntity, "Il manque le motif",
			"Dites en quelques mots pourquoi tout doit attendre : chacun le lira en haut de chaque page.",
		}
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
	return v.redirect(localPath(v.r.PostFormValue("retour")))
}

// resume resumes the intake or the outbox, whoever paused it.
func (c *Console) resume(v *visit) error {
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
	return v.redirect(localPath(v.r.PostFormValue("retour")))
}

// gate returns the functions that pause and resume the intake or the outbox, by its
// name in addresses. They are nil for any other name.
func (c *Console) gate(name string) (
	hold func(context.Context, store.Pause) error,
	release func(ctx context.Context, actor string, at time.Time) error,
) {
	switch name {
	case "reception":
		return c.Store.PauseIntake, c.Store.ResumeIntake
	case "envoi":
		return c.Store.PauseOutbox, c.Store.ResumeOutbox
	}
	return nil, nil
}

package review_test

import (
	"net/http"
	"testing"
	"time"

	"bdc/store"
)

// While something is paused, every page says who paused it, when and why.
func TestPause(t *testing.T) {
	r := newRig(t)
	claire, ines := r.as("claire"), r.as("ines")
	claire.post("/suspendre/reception", "motif", " ").want(t, http.StatusUnprocessableEntity, "Il manque le motif")
	claire.post("/suspendre/tout", "motif", "x").want(t, http.StatusNotFound)
	ines.post("/suspendre/envoi", "motif", "x").want(t, http.StatusForbidden)
	resp := claire.post("/suspendre/reception", "motif", "Nouveau catalogue", "retour", "/commandes")
	if got := resp.Header.Get("Location"); got != "/commandes" {
		t.Errorf("got sent to %q, want back", got)
	}
	for _, path := range []string{"/a-traiter", "/commandes", "/rien"} {
		page := ines.get(path)
		page.want(t, page.StatusCode, "La réception est suspendue", "claire, depuis le 21 novembre 2026",
			"« Nouveau catalogue »")
	}
	want := store.Pauses{Intake: store.Pause{At: r.clock(), Actor: "claire", Reason: "Nouveau catalogue"}}
	if got, err := r.store.Pauses(t.Context()); err != nil || got != want {
		t.Errorf("got %+v, error %v, want %+v", got, err, want)
	}

	// The outbox's own guard holds it; a person lets it go.
	must(t, r.store.PauseOutbox(t.Context(),
		store.Pause{At: r.clock(), Actor: "bdc", Reason: "200 e-mails sont partis en une heure"}))
	claire.get("/a-traiter").want(t, 200, "L’envoi est suspendu", "le programme, depuis le",
		"« 200 e-mails sont partis en une heure »")
	ines.post("/reprendre/envoi").want(t, http.StatusForbidden)
	woken := r.woken
	claire.post("/reprendre/envoi", "retour", "/a-traiter").want(t, http.StatusSeeOther)
	if r.woken != woken+1 {
		t.Error("the outbox was not woken")
	}
	r.pass(time.Hour)
	claire.post("/reprendre/reception").want(t, http.StatusSeeOther)
	if got, err := r.store.Pauses(t.Context()); err != nil || got != (store.Pauses{}) {
		t.Errorf("got %+v, error %v, want nothing held", got, err)
	}
}

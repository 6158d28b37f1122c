package review_test

import (
	"net/http"
	"strings"
	"testing"

	"bdc/order"
	"bdc/store"
)

func TestChangePassword(t *testing.T) {
	r := newRig(t)
	here, elsewhere := r.as("claire"), r.as("claire")
	const fresh = "une autre phrase de passe"
	for _, tt := range []struct {
		old, new, again string
		status          int
		words           string
	}{
		{password, fresh, "autre chose", http.StatusUnprocessableEntity, "diffèrent"},
		{"faux mot de passe", fresh, fresh, http.StatusUnprocessableEntity, "n’est pas le bon"},
		{password, "trop court", "trop court", http.StatusUnprocessableEntity, "12 caractères"},
		{password, fresh, fresh, http.StatusSeeOther, ""},
		{password, fresh, fresh, http.StatusUnprocessableEntity, "n’est pas le bon"}, // not the old one any more
	} {
		here.post("/compte/mot-de-passe", "ancien", tt.old, "nouveau", tt.new, "encore", tt.again).want(t, tt.status,
			tt.words)
	}
	here.get("/compte?fait=oui").want(t, 200, "Votre mot de passe est changé", "CLAIRE")
	elsewhere.get("/a-traiter").want(t, http.StatusSeeOther)
	r.anonymous().post("/connexion", "nom", "claire", "mot-de-passe", password).want(t, http.StatusUnauthorized)
	r.anonymous().post("/connexion", "nom", "claire", "mot-de-passe", fresh).want(t, http.StatusSeeOther)
}

// The throttle also keeps whoever finds an open session from guessing the user's password.
func TestChangePasswordThrottled(t *testing.T) {
	r := newRig(t)
	claire := r.as("claire")
	for range 5 {
		claire.post("/compte/mot-de-passe", "ancien", "faux", "nouveau", "x", "encore", "x").want(t,
			http.StatusUnprocessableEntity)
	}
	claire.post("/compte/mot-de-passe", "ancien", password, "nouveau", "x", "encore", "x").want(t,
		http.StatusTooManyRequests, "Trop d’essais")
}

// A name that no user has is not recorded: it may be a password, typed into the wrong field.
func TestRefusalsAreInTheAudit(t *testing.T) {
	r := newRig(t)
	for range 9 { // those beyond the throttle are not noted
		r.anonymous().post("/connexion", "nom", "claire", "mot-de-passe", "fausse")
	}
	r.anonymous().post("/connexion", "nom", password, "mot-de-passe", "claire")
	events, _, err := r.store.Events(t.Context(), store.EventFilter{Verb: "user.refused"}, 0, 100)
	must(t, err)
	if len(events) != 6 || events[0].Actor != "" || events[0].Detail != "127.0.0.1" || events[1].Actor != "claire" {
		t.Errorf("got %+v, want five of claire and one of nobody", events)
	}
	for _, e := range events {
		if strings.Contains(e.Actor+e.Detail, "phrase") {
			t.Errorf("the audit tells what was typed: %+v", e)
		}
	}
}

func TestJournal(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire, ada := r.as("claire"), r.as("ada")
	claire.act(code, "noter", "mots", "vu")
	claire.act(code, "reponse/accepter")
	claire.act(code, "annuler")
	_, receipt := r.receive(letter{form: map[string]string{order.FieldReference: "R-2"}})
	number := receipt.Numbers[0]
	claire.post("/commandes/"+number+"/etat", "vu", "received", "etat", "verifiees")
	claire.post("/suspendre/envoi", "motif", "essai")
	claire.post("/reprendre/envoi")
	r.anonymous().post("/connexion", "nom", "paul", "mot-de-passe", "fausse")
	page := ada.get("/journal").want(t, 200, "Connexion refusée", "127.0.0.1", "Envoi suspendu", "Commande acceptée",
		"Dossier : décision", "le programme",
		"a noté : « vu »", "accusé de réception", "L’adresse d’où vient le message")
	for verb := range strings.FieldsSeq(page.text()) {
		if family, rest, ok := strings.Cut(verb, "."); ok && rest != "" &&
			strings.Contains("message case order reply user register intake outbox", family) {
			t.Errorf("%s has no words", verb)
		}
	}
	ada.get("/journal?qui=claire&quoi=order.&sur="+strings.ToLower(number)).want(t, 200, "Commande vérifiée", number)
	ada.get("/journal?sur="+code).want(t, 200, "Dossier ouvert", code)
	if text := ada.get("/journal?quoi=user.").text(); strings.Contains(text, "Dossier ouvert") {
		t.Errorf("the filter lets through %s", text)
	}
	ada.get("/journal?qui=personne").want(t, 200, "Rien ne correspond")
	for range 60 {
		claire.act(code, "noter", "mots", "encore")
	}
	first := ada.get("/journal").want(t, 200, "Plus ancien")
	_, rest, _ := strings.Cut(first.body, `avant=`)
	below, _, _ := strings.Cut(rest, `"`)
	ada.get("/journal?avant="+below).want(t, 200, "Début de la liste", "Connexion refusée")
}

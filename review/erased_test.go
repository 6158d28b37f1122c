package review_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// send marks every reply as sent.
func (r *rig) send() {
	r.t.Helper()
	claims, err := r.store.Claim(r.t.Context(), store.Fence{Holder: "t"}, r.clock().Add(time.Hour), time.Hour, 10)
	must(r.t, err)
	for _, c := range claims {
		sent := store.Settlement{Reply: c.ID, Outcome: store.Sent, At: r.clock()}
		must(r.t, r.store.Settle(r.t.Context(), "t", []store.Settlement{sent}))
	}
}

// erase erases all of some kinds that nothing hinders.
func (r *rig) erase(kinds ...store.Kind) {
	r.t.Helper()
	for _, kind := range kinds {
		got, err := r.store.Erase(r.t.Context(), kind,
			store.Erasure{Before: time.Now().AddDate(10, 0, 0), Actor: "bdc", At: r.clock()})
		must(r.t, err)
		if got.Count == 0 {
			r.t.Fatalf("no %s were erased", kind)
		}
	}
}

// An erased order is shown with what is left of it, and the same order in another mail is
// answered with its number.
func TestErasedOrder(t *testing.T) {
	r := newRig(t)
	_, receipt := r.receive(letter{subject: "Chère équipe", text: "De la part de M. Dupont"})
	number := receipt.Numbers[0]
	path := "/commandes/" + number
	r.send()
	claire := r.as("claire")
	claire.post(path+"/etat", "vu", "received", "etat", "verifiees").want(t, http.StatusSeeOther)
	claire.post(path+"/etat", "vu", "checked", "etat", "ouvertes", "mots", "vu avec Dupont").
		want(t, http.StatusSeeOther)
	r.erase(store.KindMessage, store.KindReply, store.KindOrder, store.KindEvent)

	page := claire.get(path).want(t, 200, number, "Collège Ada Lovelace", "3133091001018", "Maths 6e",
		"ont été effacées le 21 novembre 2026", "Texte effacé le", "Accusé de réception")
	for _, pair := range []string{
		"Nom du contact effacé", "E-mail de la librairie effacé", "Référence de commande effacé",
	} {
		if !strings.Contains(page.text(), pair) {
			t.Errorf("got no %q in\n%s", pair, page.text())
		}
	}
	list := claire.get("/commandes").want(t, 200, number, "effacé")
	journal := r.as("ada")
	for name, resp := range map[string]response{"order": page, "list": list, "audit": journal.get("/journal")} {
		for _, word := range []string{"Dupont", "dupont", "shop@test.local", "Chère équipe", "BdC.xlsx", "R-1"} {
			if strings.Contains(resp.body, word) {
				t.Errorf("%s: the page has %q", name, word)
			}
		}
	}
	claire.get("/recherche?q=dupont").want(t, 200, "Rien ne correspond")
	claire.get("/commandes/export/jsonl").want(t, 200, number)
	in, _ := r.receive(letter{subject: "La même"})
	if len(in.Orders) != 0 || len(in.Replies) != 1 || in.Replies[0].Kind != order.ReplyDuplicate ||
		in.Replies[0].Results[0].Number != number {
		t.Errorf("the same order again: got %d orders and the replies %+v, want the number %s",
			len(in.Orders), in.Replies, number)
	}
	// It can still be cancelled, and then ordered again.
	claire.post(path+"/etat", "vu", "opened", "etat", "annulees", "mots", "doublon").want(t, http.StatusSeeOther)
	if in, _ := r.receive(letter{subject: "Encore"}); len(in.Orders) != 1 {
		t.Errorf("after the cancellation: got %d orders, want one", len(in.Orders))
	}
}

// An erased case is shown with what is left of it, and nothing can be done in it any more.
func TestErasedCase(t *testing.T) {
	r := newRig(t)
	code := r.held()
	path := "/dossiers/" + code
	r.send()
	claire := r.as("claire")
	claire.post(path+"/noter", "revision", "1", "mots", "Sam rappelle demain").want(t, http.StatusSeeOther)
	claire.post(path+"/classer", "revision", "2", "mots", "réglé avec Sam").want(t, http.StatusSeeOther)
	r.erase(store.KindMessage, store.KindReply, store.KindCase)
	page := claire.get(path).want(t, 200, code, "ont été effacées le 21 novembre 2026", "Texte effacé le", "Classé")
	list := claire.get("/recherche?q="+code).want(t, http.StatusSeeOther)
	for name, resp := range map[string]response{"case": page, "search": list} {
		for _, word := range []string{"Sam", "ailleurs", "BdC.xlsx", "Rouvrir", "Noter pour"} {
			if strings.Contains(resp.body, word) {
				t.Errorf("%s: the page has %q", name, word)
			}
		}
	}
	claire.get("/recherche?q=ailleurs").want(t, 200, "Rien ne correspond")
	for _, act := range []string{"rouvrir", "noter", "corriger", "annuler", "lever", "classer"} {
		claire.post(path+"/"+act, "revision", "4", "mots", "x", "motif", "x", "point", "0").
			want(t, http.StatusGone, "Données effacées")
	}
	claire.get(path+"/reponse/ecrire").want(t, http.StatusGone, "Données effacées")
}

// A case that is opened again after its message was erased can be read, but its form can't
// be judged again: nobody knows any more who sent it.
func TestErasedMessageOfCase(t *testing.T) {
	r := newRig(t)
	code := r.held()
	path := "/dossiers/" + code
	r.send()
	claire := r.as("claire")
	claire.post(path+"/classer", "revision", "1", "mots", "").want(t, http.StatusSeeOther)
	r.erase(store.KindMessage)
	claire.post(path+"/rouvrir", "revision", "2").want(t, http.StatusSeeOther)
	claire.get(path).want(t, 200, "Texte effacé le")
	claire.post(path+"/corriger", "revision", "3", "case:0:etablissement_ville", "Autre").
		want(t, http.StatusGone, "Données effacées")
	claire.get(path+"/reponse/ecrire").want(t, http.StatusGone, "Données effacées")
}

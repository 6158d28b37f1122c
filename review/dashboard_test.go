package review_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/review"
	"bdc/store"
)

// healthy is the condition of a daemon without a fault.
func (r *rig) healthy(ctx context.Context) (review.Health, error) {
	st, err := r.store.Status(ctx)
	return review.Health{
		Inbox: ingest.State{Connected: true, LastCheck: r.clock()}, Free: 71 << 30, Size: 48 << 20,
		Store: st,
	}, err
}

func TestDashboard(t *testing.T) {
	r := newRig(t)
	ines := r.as("ines")
	empty := ines.get("/tableau-de-bord").want(t, 200,
		"Aujourd’hui, 21 novembre 2026 · saison 2026-2027, depuis le 1er avril 2026", "rien n’attend",
		"aucune réponse cette saison",
		"Annuaire Jamais importé", "Sauvegarde Jamais faite", "Rien sur cette période",
		"71 Go libres fichier de données : 48 Mo")
	if strings.Contains(empty.body, "<rect class=\"good\"") {
		t.Error("got a bar where nothing was counted")
	}

	code := r.held()
	r.wrong()
	r.receive(letter{form: map[string]string{order.FieldReference: "R-2", order.FieldUAI: "0990022L"}})
	r.receive(letter{form: map[string]string{order.FieldReference: "R-3"}})
	claims, err := r.store.Claim(t.Context(), store.Fence{Holder: "t"}, r.clock(), time.Minute, 9)
	must(t, err)
	var sent []store.Settlement
	for _, c := range claims {
		sent = append(sent, store.Settlement{Reply: c.ID, Outcome: store.Sent, At: r.clock().Add(40 * time.Second)})
	}
	must(t, r.store.Settle(t.Context(), "t", sent))
	r.as("claire").act(code, "reponse/accepter", "mots", "").want(t, 303)
	r.pass(26 * time.Hour)
	must(t, r.store.BackedUp(t.Context(), r.clock().Add(-time.Hour)))
	must(t, r.store.Swap(t.Context(), "annuaire", []byte("{}"),
		order.Import{Register: "annuaire", At: r.clock(), Entries: 59_000, SkippedN: 2}))
	page := r.as("ines").get("/tableau-de-bord").want(t, 200, "Aujourd’hui, 22 novembre 2026",
		"Commandes aujourd’hui 0 3 cette saison", "Acceptées sans intervention — 66 % cette saison",
		"Délai de réponse, médian — 39 s cette saison", "Messages reçus 0 4", "Bons de commande examinés 0 4",
		"acceptés aussitôt — 50 %", "renvoyés au libraire 0 1", "mis à décider 0 1", "décidées par l’équipe 0 1",
		"Annuaire 59 000 entrées importé le 22 novembre 2026", "2 lignes laissées de côté", "il y a 1 h",
		"En ordre relevée le",
		// what a screen reader says of the plots, and their numbers
		"Acceptés aussitôt : 2, Renvoyés au libraire : 1, À décider : 1. Le plus : 4, 21 novembre 2026.",
		"21 novembre 2026 2 1 1",
		"Sans intervention : 2, Décidées par l’équipe : 1.", "semaine du 16 novembre 2026 2 1",
		// errors
		"UAI", "Librairie d’essai compte 01002001")
	for _, want := range []string{
		`<svg role="img" aria-labelledby="jours-t jours-d" viewBox="0 0 300 100"`,
		`<rect class="good" x="281.2" y="50.00" width="7.6" height="50.00"/>`,
		`href="/a-traiter?etat=tous&amp;motif=uai.key"`, `href="/a-traiter?etat=tous&amp;q=01002001"`,
		`href="/tableau-de-bord" aria-current="page"`,
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(page.body, " style=") {
		t.Error("the page has a style attribute, which its policy refuses")
	}
}

// The dashboard shows what is wrong with the daemon.
func TestDashboardTroubles(t *testing.T) {
	r := newRig(t)
	since := r.clock().Add(-time.Hour)
	r.c.Health = func(context.Context) (review.Health, error) {
		return review.Health{
			Inbox: ingest.State{
				Error: "imap : refusé", Since: since, Backlog: 1_200, Unmoved: 1, LeftAlone: 2,
				MoveError: "quota",
			},
			Started: since, Sending: review.Sending{Error: "smtp : muet", Since: since, NextAttempt: r.clock()},
			SignIn: "le secret expire bientôt", Free: 100 << 20, Low: true,
			Store: store.Status{Unsent: 3, Failed: 1, BackedUp: r.clock().Add(-72 * time.Hour)},
		}, nil
	}
	ines := r.as("ines")
	ines.get("/tableau-de-bord").want(t, 200, "En panne depuis le 21 novembre 2026 à 9 h 00 : imap : refusé",
		"1 200 messages à examiner, 1 à déplacer, 2 impossibles à lire", "restent dans la boîte : quota",
		"En panne depuis le 21 novembre 2026 à 9 h 00 : smtp : muet. Prochain essai le 21 novembre 2026 à 10 h 00",
		"Programme en marche depuis le 21 novembre 2026 à 9 h 00", "3 réponses à envoyer, 1 jamais partie",
		"À surveiller le secret expire bientôt", "Presque plein 100 Mo libres", "Ancienne le 18 novembre 2026")
	r.c.Health = func(context.Context) (review.Health, error) {
		return review.Health{Store: store.Status{OutboxPause: store.Pause{At: since, Reason: "trop de courrier"}}}, nil
	}
	ines.get("/tableau-de-bord").want(t, 200, "Pas connectée",
		"Suspendu depuis le 21 novembre 2026 à 9 h 00 : trop de courrier")
}

// The season begins on the first of April, in France.
func TestDashboardSeason(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2027, 3, 31, 21, 59, 0, 0, time.UTC), "saison 2026-2027, depuis le 1er avril 2026"},
		{time.Date(2027, 3, 31, 22, 0, 0, 0, time.UTC), "saison 2027-2028, depuis le 1er avril 2027"},
		{time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC), "saison 2026-2027, depuis le 1er avril 2026"},
	} {
		r.pass(tt.at.Sub(r.clock()))
		r.as("ines").get("/tableau-de-bord").want(t, 200, tt.want)
	}
	r.pass(time.Date(2027, 3, 30, 12, 0, 0, 0, time.UTC).Sub(r.clock()))
	r.receive(letter{})
	r.pass(5 * 24 * time.Hour) // of the last thirty days, and of another season
	r.as("ines").get("/tableau-de-bord").want(t, 200, "Commandes aujourd’hui 0 0 cette saison", "30 mars 2027 1 0 0")
}

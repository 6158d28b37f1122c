package review_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"bdc/order"
)

func TestOrders(t *testing.T) {
	r := newRig(t)
	for i := range 120 {
		uai := fmt.Sprintf("%07d", 990100+i) // each for a school of its own
		uai += string("ABCDEFGHJKLMNPRSTUVWXYZ"[(990100+i)%23])
		r.receive(letter{form: map[string]string{order.FieldReference: fmt.Sprintf("R-%03d", i), order.FieldUAI: uai}})
	}
	ines := r.as("ines")
	first := ines.get("/commandes").want(t, 200, "CNS-2026-000120", "CNS-2026-000071", "à ouvrir sous 3 jours")
	if strings.Contains(first.body, "CNS-2026-000070") {
		t.Error("got more than 50 orders on a page")
	}
	next := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(first.body)
	if next == nil {
		t.Fatal("got no next page")
	}
	ines.get(strings.ReplaceAll(next[1], "&amp;", "&")).want(t, 200, "CNS-2026-000070", "CNS-2026-000021")
	ines.get("/commandes?q=r-007+lovelace").want(t, 200, "CNS-2026-000008")
	ines.get("/commandes?etat=ouvertes").want(t, 200, "Aucune commande ne correspond")
	ines.get("/commandes?du=2026-11-21&au=2026-11-21&q=r-001").want(t, 200, "CNS-2026-000002")
	ines.get("/commandes?du=2026-11-22").want(t, 200, "Aucune commande ne correspond")
	ines.get("/commandes?avant=rien").want(t, http.StatusSeeOther)

	export := ines.get("/commandes/export/jsonl?q=r-01")
	if got := strings.Fields(export.body); len(got) != 10 || got[0] != "CNS-2026-000020" {
		t.Errorf("export: got %v, want the ten orders found, the newest first", got)
	}
	if got := export.Header.Get("Content-Disposition"); got != `attachment; filename="commandes-2026-11-21.jsonl"` {
		t.Errorf("export: got %q", got)
	}
	ines.get("/recherche?q=valmorin").want(t, 200, "Commandes", "Toutes les commandes trouvées")
	ines.get("/recherche?q=3133+0910+01018").want(t, 200, "CNS-2026-000120")
	ines.get("/recherche?q=introuvable").want(t, 200, "Rien ne correspond")
	ines.get("/recherche?q=cns-2026-000001").want(t, 200) // not a number as given: found all the same
}

func TestOrderStatuses(t *testing.T) {
	r := newRig(t)
	_, receipt := r.receive(letter{form: map[string]string{order.FieldDate: "15/06/2026"}})
	path := "/commandes/" + receipt.Numbers[0]
	claire := r.as("claire")
	claire.get(path).want(t, 200, "Marquer vérifiée", "Annuler la commande…", "BdC.xlsx", "15 juin 2026")
	claire.post(path+"/etat", "vu", "received", "etat", "ouvertes").want(t, http.StatusConflict)
	claire.post(path+"/etat", "vu", "received", "etat", "verifiees").want(t, http.StatusSeeOther)
	claire.post(path+"/etat", "vu", "received", "etat", "verifiees").want(t, http.StatusConflict)
	claire.post(path+"/etat", "vu", "checked", "etat", "ouvertes").want(t, http.StatusSeeOther)
	claire.get(path).want(t, 200, "Ouverte", "Revenir à « vérifiée »", "claire : Vérifiée")
	claire.post(path+"/etat", "vu", "opened", "etat", "annulees").want(t, http.StatusUnprocessableEntity,
		"Il manque le motif")
	claire.post(path+"/etat", "vu", "opened", "etat", "annulees", "mots", "demande du libraire").want(t,
		http.StatusSeeOther)
	page := claire.get(path).want(t, 200, "Annulée", "demande du libraire")
	if strings.Contains(page.body, `name="etat"`) {
		t.Error("got a cancelled order that can become something else")
	}
	ines := r.as("ines").get(path)
	if strings.Contains(ines.body, "<form action=\"/commandes") {
		t.Error("got a reader who may act")
	}
}

func TestOpeningClock(t *testing.T) {
	r := newRig(t)
	r.receive(letter{})
	ines := r.as("ines")
	for _, tt := range []struct {
		passed time.Duration
		want   string
	}{
		{time.Hour, "à ouvrir sous 2 jours"},
		{60 * time.Hour, "à ouvrir sous 11 h"},
		{13 * time.Hour, "en retard de 2 h"},
	} {
		r.pass(tt.passed)
		if tt.passed > 12*time.Hour { // the session has ended
			ines = r.as("ines")
		}
		ines.get("/commandes").want(t, 200, tt.want)
	}
}

func TestDownload(t *testing.T) {
	r := newRig(t)
	in, receipt := r.receive(letter{file: "Bon « été » 2026.xlsx"})
	hash := string(in.Message.Parts[0].Hash)
	resp := r.as("ines").get("/commandes/" + receipt.Numbers[0] + "/pieces/" + hash)
	if got := order.Sum([]byte(resp.body)); string(got) != hash {
		t.Errorf("got the bytes of %s, want %s", got, hash)
	}
	got := resp.Header.Get("Content-Disposition")
	if !strings.HasPrefix(got, "attachment; filename*=utf-8''Bon%20%C2%AB") {
		t.Errorf("got disposition %q", got)
	}
	if got := resp.Header.Get("Content-Security-Policy"); !strings.HasSuffix(got, "sandbox") {
		t.Errorf("got policy %q, want a sandbox", got)
	}
}

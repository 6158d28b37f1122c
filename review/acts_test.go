package review_test

import (
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func TestCorrectAndAccept(t *testing.T) {
	r := newRig(t)
	code := r.wrong()
	claire := r.as("claire")
	claire.get("/dossiers/"+code).want(t, 200, "1 point à régler", "Prendre « 0990011Z »",
		"Pour accepter, réglez d’abord")
	claire.act(code, "reponse/accepter").want(t, http.StatusUnprocessableEntity, "Il reste des points à corriger")

	claire.act(code, "corriger", "case:0:uai", "0990011B", "prendre", "0:uai=0990011Z").want(t, http.StatusSeeOther)
	k := r.aCase(code)
	a := k.Attempts[0]
	if a.Verdict != order.Accepted || a.Order.UAI.String() != "0990011Z" || k.State != order.Waiting ||
		len(a.Corrections) != 1 {
		t.Fatalf("corrected: got %s, UAI %s, state %s, corrections %+v", a.Verdict, a.Order.UAI, k.State, a.Corrections)
	}
	claire.get("/dossiers/"+code).want(t, 200, "rien n’empêche la commande", "avant : 0990011B", "a corrigé le bon",
		"UAI (ex-RNE) : « 0990011Z »")

	claire.act(code, "reponse/accepter", "mots", "Merci, et bonne rentrée.").want(t, http.StatusSeeOther)
	k = r.aCase(code)
	if k.State != order.Closed || len(k.Orders) != 1 {
		t.Fatalf("accepted: got state %s and orders %v", k.State, k.Orders)
	}
	o, err := r.store.Order(t.Context(), k.Orders[0])
	must(t, err)
	if o.Status != order.Received || o.Verdict != order.Accepted || o.UAI.String() != "0990011Z" || o.Case != code ||
		len(o.Lines) != 1 || o.Message == nil {
		t.Errorf("got order %s", printed(o))
	}
	reply, err := r.store.Reply(t.Context(), k.Acts[len(k.Acts)-1].Reply)
	must(t, err)
	if reply.Kind != order.ReplyAck || reply.To != "shop@test.local" || reply.Personal != "Merci, et bonne rentrée." ||
		reply.InReplyTo == "" || reply.Results[0].Number != o.Number {
		t.Errorf("got reply %s", printed(reply.Reply))
	}
	want := []order.Change{{Field: order.FieldUAI, Before: "0990011B", After: "0990011Z", Staff: true}}
	if got := reply.Results[0].Changes; !slices.Equal(got, want) {
		t.Errorf("got the changes %+v, want %+v", got, want)
	}
	due, err := r.store.Due(t.Context())
	must(t, err)
	outbox := store.Fence{Holder: "x"}
	first, err := r.store.Claim(t.Context(), outbox, r.clock(), time.Minute, 9) // the report that the form got at first
	must(t, err)
	if len(first) != 1 || first[0].ID == reply.ID {
		t.Errorf("due now: got %+v, want the first answer alone", first)
	}
	if later, err := r.store.Claim(t.Context(), outbox, r.clock().Add(30*time.Second), time.Minute, 9); err != nil ||
		len(later) != 1 || later[0].ID != reply.ID {
		t.Errorf("due after the delay (next was %v): got %+v, %v; want reply %d", due, later, err, reply.ID)
	}
	if r.woken != 1 {
		t.Errorf("the outbox was woken %d times, want once", r.woken)
	}
}

func TestCorrectSeveralCells(t *testing.T) {
	r := newRig(t)
	in, _ := r.receive(letter{lines: []map[string]string{
		{order.ColumnEAN: "3133091001018", order.ColumnQuantity: "28"},
		{order.ColumnEAN: "3133091001019", order.ColumnQuantity: "une trentaine"},
	}})
	code := in.Cases[0].Code
	row := ""
	for _, f := range in.Cases[0].Attempts[0].Findings {
		if f.Field == order.ColumnQuantity {
			row = strings.TrimLeft(f.Cell, "ABCDEFGHIJ")
		}
	}
	claire := r.as("claire")
	claire.get("/dossiers/"+code+"?modifier="+row).want(t, 200, "2 points à régler")
	claire.act(code, "corriger",
		"case:"+row+":line_ean", "3133091002022", "case:"+row+":line_quantite", "30", "case:0:libraire_reference",
		"R-9",
		"case:0:etablissement_ville", "Valmorin", // as it was: no correction
		"case:0:inconnu", "x", "case:99999:line_ean", "x", "case:x:uai", "x", // no such cells
	).want(t, http.StatusSeeOther)
	k := r.aCase(code)
	a := k.Attempts[0]
	if len(a.Corrections) != 3 || a.Verdict != order.Accepted || a.Order.Lines[1].Quantity != 30 ||
		k.Reference != "R-9" {
		t.Errorf("got verdict %s, corrections %s, order %s", a.Verdict, printed(a.Corrections), printed(a.Order))
	}
	claire.act(code, "corriger", "case:0:libraire_reference", "R-9").want(t, http.StatusSeeOther)
	if again := r.aCase(code); again.Revision != k.Revision {
		t.Errorf("correcting nothing: got revision %d, want still %d", again.Revision, k.Revision)
	}
	// Emptying a required cell is a correction too.
	claire.act(code, "corriger", "case:0:etablissement_nom", "").want(t, http.StatusSeeOther)
	if a := r.aCase(code).Attempts[0]; a.Verdict != order.Rejected {
		t.Errorf("an emptied name: got verdict %s, want rejected", a.Verdict)
	}
}

func TestAcceptWhatWaits(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire := r.as("claire")
	claire.get("/dossiers/"+code+"/reponse/accepter").want(t, 200, "En acceptant, vous décidez de", "sam@ailleurs.test",
		"Vous pourrez annuler pendant 30 secondes")
	claire.post("/dossiers/"+code+"/reponse/accepter/apercu", "mots", "Bonne année,\nSam").want(t, 200, "Bonne année",
		"CNS-2026-……", "Maths 6e")
	claire.act(code, "reponse/accepter").want(t, http.StatusSeeOther)
	claire.get("/dossiers/"+code).want(t, 200, "La réponse part dans 30 s", "CNS-2026-000001", "a accepté la commande",
		"Rouvrir")
}

// If a colleague forwarded an order, the answer goes to its bookseller.
func TestAcceptWhatStaffSentOn(t *testing.T) {
	r := newRig(t)
	r.exam.StaffAddresses = []string{"paul@team.test"}
	in, _ := r.receive(letter{from: "Paul <paul@team.test>", subject: "TR: Commande"})
	code := in.Cases[0].Code
	claire := r.as("claire")
	page := claire.get("/dossiers/"+code+"/reponse/accepter").want(t, 200, "À : shop@test.local")
	if strings.Contains(page.body, "<strong>paul@team.test") {
		t.Error("got an answer to a colleague")
	}
	claire.act(code, "reponse/accepter").want(t, http.StatusSeeOther)
	claire.get("/dossiers/"+code).want(t, 200, "CNS-2026-000001", "a accepté la commande")

	in, _ = r.receive(letter{bare: true, from: "Paul <paul@team.test>", subject: "TR: Question"})
	claire.act(in.Cases[0].Code, "reponse/ecrire", "mots", "Voici.").want(t, http.StatusUnprocessableEntity,
		"Personne à qui répondre", "transféré par l’équipe")
}

func TestUndo(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire := r.as("claire")
	claire.act(code, "reponse/accepter").want(t, http.StatusSeeOther)
	claire.act(code, "annuler").want(t, http.StatusSeeOther)
	claire.get("/dossiers/"+code).want(t, 200, "À traiter", "(annulé)", "réponse retirée avant son départ", "Accepter…")
	o, err := r.store.Order(t.Context(), "CNS-2026-000001")
	must(t, err)
	if o.Status != order.Cancelled {
		t.Errorf("got the order %s, want it cancelled", o.Status)
	}
	// The same again is no duplicate, and gets a number of its own.
	claire.act(code, "reponse/accepter").want(t, http.StatusSeeOther)
	r.pass(time.Minute)
	if _, err := r.store.Claim(t.Context(), store.Fence{Holder: "x"}, r.clock(), time.Minute, 9); err != nil {
		t.Fatal(err)
	}
	claire.act(code, "annuler").want(t, http.StatusConflict, "Trop tard")
	if k := r.aCase(code); k.State != order.Closed || k.Orders[1] != "CNS-2026-000002" {
		t.Errorf("got state %s and orders %v, want it closed with a second", k.State, k.Orders)
	}
}

func TestSendBackRefuseAnswer(t *testing.T) {
	for _, tt := range []struct {
		path, words string
		kind        order.ReplyKind
		state       order.State
		says        string
	}{
		{"renvoyer", "", order.ReplyReport, order.SentBack, "a renvoyé le bon au libraire"},
		{"refuser", "Compte fermé.", order.ReplyRefused, order.Closed, "a refusé la commande"},
		{"ecrire", "Quel est votre compte ?", order.ReplyLetter, order.SentBack, "a répondu par e-mail"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			r := newRig(t)
			code := r.held()
			claire := r.as("claire")
			if tt.words != "" {
				claire.act(code, "reponse/"+tt.path).want(t, http.StatusUnprocessableEntity, "Écrivez quelques mots")
			}
			claire.act(code, "reponse/"+tt.path, "mots", tt.words).want(t, http.StatusSeeOther)
			k := r.aCase(code)
			if k.State != tt.state || len(k.Orders) != 0 {
				t.Errorf("got state %s and orders %v, want %s and none", k.State, k.Orders, tt.state)
			}
			reply, err := r.store.Reply(t.Context(), k.Acts[0].Reply)
			must(t, err)
			if reply.Kind != tt.kind || reply.Personal != tt.words || reply.To != "sam@ailleurs.test" ||
				reply.Results[0].Case != code || !strings.Contains(reply.MessageID, code) {
				t.Errorf("got reply %s", printed(reply.Reply))
			}
			claire.get("/dossiers/"+code).want(t, 200, tt.says)
		})
	}
}

func TestAnswerAMailWithoutForm(t *testing.T) {
	r := newRig(t)
	in, _ := r.receive(letter{bare: true, subject: "Conditions", text: "Quelles sont vos conditions ?"})
	code := in.Cases[0].Code
	claire := r.as("claire")
	page := claire.get("/dossiers/"+code).want(t, 200, "Quelles sont vos conditions", "Répondre par e-mail…")
	if strings.Contains(page.body, "/reponse/accepter") || strings.Contains(page.body, "/reponse/refuser") {
		t.Error("got an order to accept or refuse, where there is none")
	}
	claire.act(code, "reponse/accepter").want(t, http.StatusUnprocessableEntity)
	claire.act(code, "reponse/renvoyer").want(t, http.StatusUnprocessableEntity, "Aucun bon à renvoyer")
	claire.act(code, "corriger", "case:0:uai", "0990011Z").want(t, http.StatusUnprocessableEntity)
	claire.act(code, "reponse/ecrire", "mots", "Les voici.", "classer", "oui").want(t, http.StatusSeeOther)
	if k := r.aCase(code); k.State != order.Closed {
		t.Errorf("got state %s, want it closed as asked", k.State)
	}
}

func TestWaive(t *testing.T) {
	r := newRig(t)
	code := r.wrong()
	claire := r.as("claire")
	claire.act(code, "lever", "point", "0").want(t, http.StatusUnprocessableEntity, "Il manque le motif")
	claire.act(code, "lever", "point", "99", "motif", "x").want(t, http.StatusNotFound)
	claire.act(code, "lever", "point", "0", "motif", "vu avec le lycée").want(t, http.StatusSeeOther)
	claire.get("/dossiers/"+code).want(t, 200, "Levé par claire : « vu avec le lycée »", "rien n’empêche la commande",
		"Accepter…")
	claire.act(code, "reponse/accepter").want(t, http.StatusSeeOther)
	o, err := r.store.Order(t.Context(), r.aCase(code).Orders[0])
	must(t, err)
	if order.Judge(o.Findings) != order.Accepted {
		t.Errorf("got the order's findings %s, want none that was waived", printed(o.Findings))
	}
}

func TestHandNoteCloseReopen(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire := r.as("claire")
	claire.act(code, "confier", "a", "ines").want(t, http.StatusUnprocessableEntity, "Collègue inconnu")
	claire.act(code, "confier", "a", "paul").want(t, http.StatusSeeOther)
	claire.get("/a-traiter?qui=moi").want(t, 200, "Rien à traiter.")
	r.as("paul").get("/a-traiter?qui=moi").want(t, 200, code)
	claire.act(code, "noter", "mots", "à rappeler lundi").want(t, http.StatusSeeOther)
	claire.act(code, "noter", "mots", strings.Repeat("é", 4001)).want(t, http.StatusUnprocessableEntity,
		"Texte trop long")
	claire.act(code, "classer", "mots", "doublon").want(t, http.StatusSeeOther)
	page := claire.get("/dossiers/"+code).want(t, 200, "Classé", "à rappeler lundi", "doublon", "a confié le dossier",
		"paul")
	if strings.Contains(page.body, "Corriger et revérifier") {
		t.Error("got a closed case that can be corrected")
	}
	claire.act(code, "corriger", "case:0:uai", "0990022L").want(t, http.StatusUnprocessableEntity)
	claire.act(code, "reponse/accepter").want(t, http.StatusUnprocessableEntity, "Dossier classé")
	claire.act(code, "rouvrir").want(t, http.StatusSeeOther)
	if k := r.aCase(code); k.State != order.Waiting || k.Holder != "paul" {
		t.Errorf("got state %s of %q, want it waiting, still paul's", k.State, k.Holder)
	}
}

// Of two people who act on the same case, the second is told so, and does not lose what they wrote.
func TestConflict(t *testing.T) {
	r := newRig(t)
	code := r.held()
	claire, paul := r.as("claire"), r.as("paul")
	claire.act(code, "noter", "mots", "je m’en occupe").want(t, http.StatusSeeOther)
	for _, path := range []string{"reponse/refuser", "noter", "classer"} {
		paul.post("/dossiers/"+code+"/"+path, "revision", "1", "mots", "non merci").want(t, http.StatusConflict,
			"Quelqu’un d’autre a agi", "non merci")
	}
	if k := r.aCase(code); len(k.Acts) != 1 {
		t.Errorf("got acts %+v, want claire's alone", k.Acts)
	}
}

func TestAcceptWarnsOfTheSame(t *testing.T) {
	r := newRig(t)
	_, receipt := r.receive(letter{form: map[string]string{order.FieldReference: "R-7"}})
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>", form: map[string]string{order.FieldReference: "R-7"}})
	r.as("claire").get("/dossiers/"+in.Cases[0].Code+"/reponse/accepter").want(t, 200,
		"La même commande est déjà enregistrée", receipt.Numbers[0])
	in, _ = r.receive(letter{
		from: "Sam <sam@ailleurs.test>", form: map[string]string{order.FieldReference: "R-7"},
		lines: []map[string]string{{order.ColumnEAN: "3133091002022", order.ColumnQuantity: "3"}},
	})
	code := r.newest()
	if len(in.Cases) == 1 {
		code = in.Cases[0].Code
	}
	r.as("claire").get("/dossiers/"+code+"/reponse/accepter").want(t, 200, "Une autre commande porte la même référence",
		receipt.Numbers[0])
}

// newest is the code of the latest case.
func (r *rig) newest() string {
	r.t.Helper()
	rows, err := r.store.CaseRows(r.t.Context(), store.CaseFilter{Newest: true}, "", 1)
	must(r.t, err)
	return rows[0].Code
}

// A case with two forms shows both, and the differences between them.
func TestAttempts(t *testing.T) {
	r := newRig(t)
	code := r.wrong()
	in, _ := r.receive(letter{
		subject: "Re: " + code, form: map[string]string{order.FieldUAI: "0990022B", order.FieldTown: "Ailleurs"},
		lines: []map[string]string{{order.ColumnEAN: "3133091001018", order.ColumnQuantity: "30"}},
	})
	if len(in.Continued) != 1 {
		t.Fatalf("got %+v, want the case to go on", in)
	}
	ines := r.as("ines")
	ines.get("/dossiers/"+code).want(t, 200, "2 envois", "Ce qui a changé", "Valmorin → Ailleurs", "28 → 30",
		"0990022B")
	page := ines.get("/dossiers/"+code+"?essai=1").want(t, 200, "0990011B")
	if strings.Contains(page.body, "Corriger et revérifier") {
		t.Error("got an earlier attempt that can be corrected")
	}
}

// A form of very many lines is shown on small pages. The first shows the lines with findings.
func TestLongForm(t *testing.T) {
	r := newRig(t)
	var lines []map[string]string
	for i := range 1500 {
		line := map[string]string{
			order.ColumnEAN: "3133091001018", order.ColumnQuantity: "2",
			order.ColumnTitle: "Titre",
		}
		if i == 1400 {
			line[order.ColumnQuantity] = "beaucoup"
		}
		lines = append(lines, line)
	}
	in, _ := r.receive(letter{lines: lines})
	claire := r.as("claire")
	path := "/dossiers/" + in.Cases[0].Code
	short := claire.get(path).want(t, 200, "Lignes de commande à régler", "Voir toutes les lignes")
	if n := strings.Count(short.body, `title="Modifier la ligne`); n != 1 ||
		!strings.Contains(short.body, `value="beaucoup"`) {
		t.Errorf("got %d rows, want the one to correct", n)
	}
	// Every line is on one of the parts, and an act comes back to its part.
	n, next := 0, path+"?points=tous"
	for parts := 0; next != "" && parts < 50; parts++ {
		page := claire.get(next)
		n += strings.Count(page.body, `title="Modifier la ligne`)
		_, next, _ = strings.Cut(page.body, `Lignes `)
		before, _, more := strings.Cut(next, `#bon" rel="next">`)
		if next = ""; more {
			next = html.UnescapeString(before[strings.LastIndex(before, `"`)+1:])
		}
	}
	if n != 1500 {
		t.Errorf("all lines: got %d, want 1500", n)
	}
	back := claire.act(in.Cases[0].Code, "corriger", "case:0:libraire_nom", "Autre", "vue",
		"points=tous&lignes=100&modifier=entete&x=y").Header.Get("Location")
	if want := path + "?lignes=100&points=tous"; back != want {
		t.Errorf("got back to %q, want %q", back, want)
	}
}

// The preview of a report names the workbook that is attached to it.
func TestPreviewOfReport(t *testing.T) {
	r := newRig(t)
	code := r.wrong()
	r.as("claire").post("/dossiers/"+code+"/reponse/renvoyer/apercu", "mots", "Une lettre seulement.").
		want(t, 200, "Une lettre seulement.", "BdC-à corriger.xlsx", "0990011Z", "Gardez son objet tel quel")
}

// The school of a form is chosen from the directory.
func TestChooseSchool(t *testing.T) {
	r := newRig(t)
	code := r.wrong()
	claire := r.as("claire")
	claire.get("/dossiers/"+code).want(t, 200, "Chercher l’établissement…")
	// by the form's town
	claire.get("/dossiers/"+code+"/etablissement").want(t, 200, "Collège Ada Lovelace", "1 rue du Tilleul", "0990011Z",
		"Choisir")
	claire.get("/dossiers/"+code+"/etablissement?q=nulle+part").want(t, 200, "Aucun établissement ne correspond")
	claire.act(code, "corriger", "prendre", "0:uai=0990011Z").want(t, http.StatusSeeOther)
	if a := r.aCase(code).Attempts[0]; a.Verdict != order.Accepted || a.Order.UAI.String() != "0990011Z" {
		t.Errorf("got verdict %s and UAI %s, want the chosen one", a.Verdict, a.Order.UAI)
	}
	in, _ := r.receive(letter{bare: true, subject: "Bonjour", text: "Une question ?"})
	claire.get("/dossiers/"+in.Cases[0].Code+"/etablissement").want(t, http.StatusNotFound)
}

// The page on which an answer is written shows the bookseller's latest message.
func TestAnswerShowsTheMessage(t *testing.T) {
	r := newRig(t)
	code := r.wrong()
	r.pass(20 * order.RateLimitSpan)
	r.receive(letter{
		bare: true, subject: "Re: Commande [" + code + "]",
		text: "Bonjour,\nquel code UAI faut-il indiquer ?",
	})
	r.as("claire").get("/dossiers/"+code+"/reponse/ecrire").want(t, 200, "Le message",
		"quel code UAI faut-il indiquer ?")
}

// A request that is too large is refused as such, and not as a conflict with somebody else.
func TestEndlessTextIsToldAsSuch(t *testing.T) {
	r := newRig(t)
	code := r.held()
	r.as("claire").act(code, "noter", "mots", strings.Repeat("a", 1<<20)).want(t, http.StatusRequestEntityTooLarge,
		"Texte trop long")
}

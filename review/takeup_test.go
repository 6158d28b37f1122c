package review_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

// restored has the record restored, so that its unsent replies are doubtful and numbers go
// on above a million, and tells it of a reply that it does not know.
func (r *rig) restored() {
	r.t.Helper()
	ctx := r.t.Context()
	must(r.t, r.store.TakeOver(ctx, store.Takeover{CopiedAt: r.clock(), Actor: "bdc", At: r.clock()}))
	must(r.t, r.store.Listed(ctx, store.Listing{Actor: "bdc", At: r.clock(), Lost: []store.LostReply{{
		MessageID: "<lost@cns.test>", To: "shop@test.local", Subject: "[CNS-2026-000872] Re: Commande", Date: r.clock(),
		Told: []order.Told{{Kind: order.ReplyAck, Number: "CNS-2026-000872", Case: "D-7K2Q9F"}},
	}}}))
}

func acknowledged(number string) [][]order.Told {
	return [][]order.Told{{{Kind: order.ReplyAck, Number: number}}}
}

// takenUp makes a case of a letter that lay in a folder of the mailbox when the record was
// restored.
func (r *rig) takenUp(l letter) string {
	r.t.Helper()
	if l.lies == "" {
		l.lies = order.FolderProcessed
	}
	in, _ := r.receive(l)
	return in.Cases[0].Code
}

// TestTakeUpAsItWas records the order under the number that the bookseller has, and answers
// nobody.
func TestTakeUpAsItWas(t *testing.T) {
	r := newRig(t)
	r.restored()
	code := r.takenUp(letter{told: acknowledged("CNS-2026-000014")})
	claire := r.as("claire")
	claire.get("/dossiers/"+code).want(t, http.StatusOK, "À reprendre", "CNS-2026-000014", "accusé de réception",
		"Reprendre tel quel", "Traiter comme nouveau")
	claire.act(code, "reprendre", "numero", " cns-2026-000014 ").want(t, http.StatusSeeOther)
	c := r.aCase(code)
	if c.State != order.Closed || len(c.Orders) != 1 || c.Orders[0] != "CNS-2026-000014" {
		t.Errorf("got state %s and orders %v, want it closed, with the former number", c.State, c.Orders)
	}
	o, err := r.store.Order(t.Context(), "CNS-2026-000014")
	must(t, err)
	if o.Verdict != order.Accepted || len(o.Findings) != 0 || len(o.Lines) != 1 {
		t.Errorf("got %+v, want the order as it was read", o)
	}
	if st, err := r.store.Status(t.Context()); err != nil || st.Unsent != 0 {
		t.Errorf("got %d replies to send, %v, want none", st.Unsent, err)
	}
	claire.get("/dossiers/"+code).want(t, http.StatusOK, "telle qu’elle avait été confirmée")
	claire.act(code, "reprendre", "numero", "CNS-2026-000015").
		want(t, http.StatusUnprocessableEntity, "Rien à reprendre")
}

// TestTakeUpNumbers: a number that another order has, or that was never given, is refused.
func TestTakeUpNumbers(t *testing.T) {
	r := newRig(t)
	_, receipt := r.receive(letter{form: map[string]string{order.FieldReference: "R-0"}})
	r.restored()
	code := r.takenUp(letter{})
	claire := r.as("claire")
	for number, want := range map[string]string{
		receipt.Numbers[0]: "Ce numéro ne convient pas", "CNS-2026-1000001": "Ce numéro ne convient pas",
		"14": "Ce numéro ne convient pas", "": "Il manque le numéro",
	} {
		claire.act(code, "reprendre", "numero", number).want(t, http.StatusUnprocessableEntity, want)
	}
	if c := r.aCase(code); c.State != order.Waiting || len(c.Acts) != 0 {
		t.Errorf("got %+v, want the case as it was", c)
	}
}

// TestTakeUpOfARejectedForm: without a number, its case waits for the bookseller again.
func TestTakeUpOfARejectedForm(t *testing.T) {
	r := newRig(t)
	r.restored()
	code := r.takenUp(letter{lies: order.FolderRejected, form: map[string]string{order.FieldUAI: "0990011B"}})
	r.as("claire").act(code, "reprendre", "numero", "").want(t, http.StatusSeeOther)
	if c := r.aCase(code); c.State != order.SentBack || c.Reason == order.ReasonTakeUp {
		t.Errorf("got %s, %s, want it with the bookseller, for what is wrong", c.State, c.Reason)
	}
}

// TestTakeUpAsNew examines the message as one that came now.
func TestTakeUpAsNew(t *testing.T) {
	for _, tt := range []struct {
		name   string
		letter letter
		state  order.State
		orders int
		reply  order.ReplyKind
		reason order.Code
	}{
		{"a right form", letter{}, order.Closed, 1, order.ReplyAck, order.ReasonTakeUp},
		{
			"a wrong form",
			letter{form: map[string]string{order.FieldUAI: "0990011B"}},
			order.SentBack, 0,
			order.ReplyReport, "uai.key",
		},
		{
			"a form for a person",
			letter{from: "Sam <sam@ailleurs.test>"},
			order.Waiting, 0, order.ReplyHeld,
			"bookseller.sender.unregistered",
		},
		{"no form", letter{bare: true, text: "Bonjour, une question ?"}, order.Waiting, 0, "", "mail.question"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.restored()
			code := r.takenUp(tt.letter)
			r.as("claire").act(code, "nouveau").want(t, http.StatusSeeOther)
			c := r.aCase(code)
			if c.State != tt.state || len(c.Orders) != tt.orders || c.Reason != tt.reason {
				t.Errorf("got %s, orders %v, %s, want %s, %d of them, %s", c.State, c.Orders, c.Reason,
					tt.state, tt.orders, tt.reason)
			}
			if tt.orders > 0 && !strings.HasPrefix(c.Orders[0], "CNS-2026-1000001") {
				t.Errorf("got the number %s, want a new one", c.Orders[0])
			}
			answers, err := r.store.Answers(t.Context(), c.Message)
			must(t, err)
			var kind order.ReplyKind
			if len(answers) == 1 {
				kind = answers[0].Reply.Kind
			}
			if kind != tt.reply || len(answers) > 1 {
				t.Errorf("got replies %+v, want one of kind %q", answers, tt.reply)
			}
		})
	}
}

// TestDoubtfulReplies are listed, and each is sent or dropped by a person; what was answered
// since the copy is listed too.
func TestDoubtfulReplies(t *testing.T) {
	r := newRig(t)
	for _, reference := range []string{"R-1", "R-2"} {
		r.receive(letter{form: map[string]string{order.FieldReference: reference}, subject: "Commande " + reference})
	}
	r.restored()
	claire := r.as("claire")
	claire.get("/tableau-de-bord").want(t, http.StatusOK, "Reprise après une restauration")
	page := claire.get("/reprise").want(t, http.StatusOK, "Commande R-1", "Commande R-2", "CNS-2026-000001",
		"accusé de réception", "CNS-2026-000872", "Envoyer", "Ne pas envoyer")
	ids, err := r.store.Doubtful(t.Context(), 0, 9)
	must(t, err)
	if len(ids) != 2 {
		t.Fatalf("got %d doubtful replies, want 2: %s", len(ids), page.text())
	}
	send, drop := ids[0].Reply.ID, ids[1].Reply.ID
	for range 2 { // the second click, or a colleague's, changes nothing
		claire.post(path("/reprise/%d/envoyer", send)).want(t, http.StatusSeeOther)
		claire.post(path("/reprise/%d/abandonner", drop)).want(t, http.StatusSeeOther)
	}
	if left, err := r.store.Doubtful(t.Context(), 0, 9); err != nil || len(left) != 0 {
		t.Errorf("got %d doubtful replies, %v, want none", len(left), err)
	}
	claims, err := r.store.Claim(t.Context(), store.Fence{Holder: "bdc"}, r.clock().Add(time.Second), time.Minute, 9)
	must(t, err)
	if len(claims) != 1 || claims[0].ID != send {
		t.Errorf("got claims %+v, want the one that was sent", claims)
	}
	page = claire.get("/tableau-de-bord").want(t, http.StatusOK)
	if strings.Contains(page.text(), "Reprise après une restauration") {
		t.Error("the dashboard still speaks of it")
	}
}

func path(format string, id uint64) string { return fmt.Sprintf(format, id) }

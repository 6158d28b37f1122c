package review_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/review"
	"bdc/store"
)

// Every verb that the store or the daemon writes into the audit, as their source has it,
// has French words in the journal.
func TestJournalHasWords(t *testing.T) {
	verbs := []string{"intake.held", "intake.released", "outbox.held", "outbox.released"}
	for _, s := range []order.Status{order.Received, order.Checked, order.Opened, order.Cancelled} {
		verbs = append(verbs, "order."+string(s))
	}
	for _, o := range []store.Outcome{store.Sent, store.Later, store.Failed, store.Withdrawn, store.Dropped} {
		verbs = append(verbs, "reply."+string(o))
	}
	written := regexp.MustCompile(`(?:Verb\b|changeUser\()[^\n"]*"([a-z]+\.[a-z]+)"`)
	known := len(verbs)
	for _, folder := range []string{"../store/boltstore", "../cmd/bdc", "../cmd/bdc/*"} {
		files, err := filepath.Glob(folder + "/*.go")
		must(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			must(t, err)
			for _, found := range written.FindAllStringSubmatch(string(source), -1) {
				verbs = append(verbs, found[1])
			}
		}
	}
	if len(verbs)-known < 10 {
		t.Fatalf("got %d verbs in the source, want all", len(verbs)-known)
	}
	for _, verb := range verbs {
		if review.VerbWord(verb) == verb {
			t.Errorf("%s: got no words", verb)
		}
	}
}

// TestAutomaticAnswers: the history of a case shows the automatic replies and whether they were
// sent, and the page of an order shows its acknowledgement.
func TestAutomaticAnswers(t *testing.T) {
	r := newRig(t)
	claire := r.as("claire")
	held, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>", form: map[string]string{order.FieldReference: "R1"}})
	claire.get("/dossiers/"+held.Cases[0].Code).want(t, 200,
		"Le programme a répondu que le bon est à l’étude réponse prête à partir")
	wrong, receipt := r.receive(letter{form: map[string]string{order.FieldReference: "R2", order.FieldUAI: "0990011B"}})
	_, err := r.store.Claim(t.Context(), store.Fence{Holder: "x"}, r.clock(), time.Minute, 9)
	must(t, err)
	must(t, r.store.Settle(t.Context(), "x",
		[]store.Settlement{{Reply: receipt.Replies[0], Outcome: store.Failed, At: r.clock(), Words: "550 inconnu"}}))
	claire.get("/dossiers/"+wrong.Cases[0].Code).want(t, 200, "Le programme a renvoyé le bon, avec ce qu’il faut "+
		"corriger réponse refusée par le serveur du destinataire : 550 inconnu")
	bare, _ := r.receive(letter{bare: true, text: "Bonjour, quels sont vos délais ?"})
	page := claire.get("/dossiers/" + bare.Cases[0].Code)
	page.want(t, 200, "a écrit, sans bon de commande")
	if answered := len(bare.Replies) > 0; strings.Contains(page.body, "a répondu") != answered {
		t.Errorf("answered %t, and the page says otherwise", answered)
	}
	_, receipt = r.receive(letter{
		form:  map[string]string{order.FieldReference: "R3"},
		lines: []map[string]string{{order.ColumnEAN: "3133091001018", order.ColumnQuantity: "77"}},
	})
	claire.get("/commandes/"+receipt.Numbers[0]).want(t, 200,
		"Accusé de réception à shop@test.local réponse prête à partir")
}

// TestAcknowledgementOfLaterMessage: if a later message of the case got the order
// accepted, such as an OK, the order's acknowledgement is the answer to that message.
func TestAcknowledgementOfLaterMessage(t *testing.T) {
	r := newRig(t)
	in, _ := r.receive(letter{from: "Sam <sam@ailleurs.test>"})
	code := in.Cases[0].Code
	r.receive(letter{
		bare: true, from: "Sam <sam@ailleurs.test>", subject: "Re: Commande [" + code + "]",
		text: "Bonjour,\nnotre adresse a changé.",
	})
	k := r.aCase(code)
	o := *k.Attempts[0].Order
	o.Case, o.Message = code, &k.Attempts[0].Message
	receipt, err := r.store.Decide(t.Context(), store.Fence{}, order.Decision{
		Kind: order.ActAccept, Case: code, Revision: k.Revision, Actor: "paul", At: r.clock(), State: order.Closed,
		Order: &o,
		Reply: &order.Reply{
			Kind: order.ReplyAck, To: "sam@ailleurs.test", Message: k.Attempts[1].Message,
			Results: []order.Result{{Kind: order.ReplyAck, Order: 0}},
		},
	})
	must(t, err)
	r.as("claire").get("/commandes/"+receipt.Numbers[0]).want(t, 200, "Accusé de réception à sam@ailleurs.test")
}

package main

import (
	"path/filepath"
	"testing"

	"bdc/ingest/mailtest"
	"bdc/order"
	"bdc/sheet/form"
	"bdc/templates"
)

// The whole way: a wrong form in the mailbox, the marked workbook in the answer.
func TestServeReturnsTheMarkedWorkbook(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	config := writeConfig(t, s, "implicit")
	s.Deliver(s.User, orderMail("wrong", "BdC.xlsx", wrongWorkbook(t)))
	stop := startDaemon(t, config, false)
	awaitStatus(t, filepath.Join(filepath.Dir(config), "bdc.db"), "one message settled", settledMessages(1))
	s.Await(s.Peer, "INBOX", 1)
	stop()
	x, err := newExaminer(t.Context(), env{}, "")
	if err != nil {
		t.Fatal(err)
	}
	answer := x.Open(order.Mail{Raw: s.List(s.Peer, "INBOX")[0]})
	if len(answer.Forms) != 1 || answer.Forms[0].Part.Name != "BdC-à corriger.xlsx" || answer.Forms[0].Draft == nil ||
		answer.Forms[0].Draft.Case == "" {
		t.Fatalf("got parts %+v, want the marked workbook with its case", answer.Message.Parts)
	}
}

// wrongWorkbook is a form with a wrong UAI and without a town.
func wrongWorkbook(t *testing.T) []byte {
	t.Helper()
	definition, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	data, err := form.Fill(definition, map[string]string{
		order.FieldBookseller: "Librairie d’essai", order.FieldAccount: "01002001",
		order.FieldBookMail: "bookseller@test.local", order.FieldReference: "R-1",
		order.FieldUAI: "0990011A", order.FieldEstablishment: "Collège Ada Lovelace",
		order.FieldAddress: "1 rue du Tilleul", order.FieldPostcode: "99010",
	}, []map[string]string{{order.ColumnEAN: "3133091001018", order.ColumnQuantity: "28"}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

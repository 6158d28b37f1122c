package main

import (
	"testing"
	"time"

	"bdc/ingest"
	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// TestMailsAreOrders holds the mails to what both contenders are to make of
// them: each an order that is accepted as it is, and none like another.
func TestMailsAreOrders(t *testing.T) {
	mails, err := orderMails(3)
	if err != nil {
		t.Fatal(err)
	}
	big, err := bigMail(maxMail)
	if err != nil {
		t.Fatal(err)
	}
	if len(big) > maxMail || len(big) < maxMail-maxMail/100 {
		t.Errorf("the big mail has %d octets, want just under %d", len(big), maxMail)
	}
	form, err := templates.Form()
	if err != nil {
		t.Fatal(err)
	}
	examiner := ingest.Examiner{
		Form: form, Registry: func() validate.Registry { return &registry.Registry{} }, Any: true, Domain: "test.local",
		Sheet: sheet.DefaultLimits(), Mime: mime.DefaultLimits(),
	}
	seen := map[string]bool{}
	for i, raw := range append(mails, big) {
		x := examiner.Open(order.Mail{Raw: raw, Size: int64(len(raw)), Received: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)})
		if len(x.Forms) != 1 || x.Forms[0].Verdict != order.Accepted || len(x.Trouble) > 0 {
			t.Fatalf("mail %d comes to %d forms, trouble %v, want one accepted form: %+v", i, len(x.Forms), x.Trouble, x.Forms)
		}
		ord := x.Forms[0].Order
		if len(ord.Lines) != orderLines {
			t.Errorf("the order of mail %d has %d lines, want %d", i, len(ord.Lines), orderLines)
		}
		if identity := ord.Identity(); i < len(mails) && seen[identity] {
			t.Errorf("mail %d orders the same as another", i)
		} else {
			seen[identity] = true
		}
	}
}

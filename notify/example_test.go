package notify_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"time"

	"bdc/notify"
	"bdc/order"
	"bdc/store"
)

// composer stands for the one that cmd makes of templates and sheet.
type composer struct{}

func (composer) Compose(_ context.Context, r order.Reply) (notify.Letter, error) {
	return notify.Letter{Subject: "Re : " + r.Subject, Text: "Bonjour,\n\nvotre message est bien arrivé.\n"}, nil
}

func ExampleOutbox() {
	serve := func(ctx context.Context, replies store.Outbox) error {
		outbox := &notify.Outbox{
			Store:    replies,
			Composer: composer{},
			Sender: notify.SMTP{
				Host: "smtp.example.org", Port: 465, TLS: notify.TLSImplicit, Username: "orders",
				Password: "…",
			},
			From:     "CNS <orders@example.org>",
			Envelope: "bounces@example.org",
			Claimant: "bdc@host",
			Log:      slog.Default(),
		}
		return outbox.Run(ctx) // and outbox.Wake() whenever a reply was recorded
	}
	_ = serve
}

func ExampleRender() {
	r := order.Reply{
		To: "jean@example.com", Subject: "Commande n° 12", MessageID: "<D-7K2Q9F.1@example.org>",
		InReplyTo: "<12@example.com>",
	}
	letter, _ := composer{}.Compose(context.Background(), r)
	raw, err := notify.Render("CNS <orders@example.org>", r, letter, time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	m, _ := mail.ReadMessage(bytes.NewReader(raw))
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted"} {
		fmt.Printf("%s: %s\n", name, m.Header.Get(name))
	}
	// Output:
	// From: "CNS" <orders@example.org>
	// To: <jean@example.com>
	// Subject: =?UTF-8?q?Re_:_Commande_n=C2=B0_12?=
	// Date: Sat, 21 Nov 2026 12:00:00 +0100
	// Message-ID: <D-7K2Q9F.1@example.org>
	// In-Reply-To: <12@example.com>
	// Auto-Submitted: auto-replied
}

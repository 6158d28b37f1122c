package notify_test

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"time"

	"bdc/notify"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// composer writes the same letter for every reply. The daemon's own composer writes it
// by package templates.
type composer struct{}

func (composer) Compose(_ context.Context, r order.Reply) (notify.Letter, error) {
	return notify.Letter{Subject: "Re : " + r.Subject, Text: "Bonjour,\n\nvotre message est bien arrivé.\n"}, nil
}

// printer is a Sender that prints what it is to send. The daemon's own is notify.SMTP.
type printer struct{ sent chan struct{} }

func (p printer) Dial(context.Context) (notify.Conn, error) { return p, nil }

func (p printer) Send(_ context.Context, from, to string, raw []byte) error {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	fmt.Printf("from %s to %s, Message-ID %s\n", from, to, m.Header.Get("Message-ID"))
	close(p.sent)
	return nil
}

func (printer) Close() error { return nil }

func ExampleOutbox() {
	dir, err := os.MkdirTemp("", "bdc-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	replies, err := boltstore.Open(filepath.Join(dir, "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer replies.Close()
	sender := printer{sent: make(chan struct{})}
	outbox := notify.Outbox{
		Store:    replies,
		Composer: composer{},
		Sender:   sender,
		From:     "CNS <orders@example.org>",
		Envelope: "bounces@example.org",
		Fence:    store.Fence{Holder: "bdc@host"},
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- outbox.Run(ctx) }()

	// Somewhere else in the program a message and the reply to it are recorded.
	key := order.Key{Account: "orders@example.org", Folder: "INBOX", UIDValidity: 1, UID: 12}
	now := time.Now()
	recorded := replies.Record(ctx, store.Fence{}, []order.Intake{{
		Message: order.Message{Key: key, MessageID: "<12@example.com>", ReceivedAt: now},
		At:      now,
		Replies: []order.Reply{{
			Kind: order.ReplyAck, To: "jean@example.com", Subject: "Commande n° 12",
			MessageID: "<D-7K2Q9F.1@example.org>", Message: key, CreatedAt: now,
		}},
	}})
	fmt.Println("recorded:", recorded[0].Err)
	outbox.Wake()

	<-sender.sent
	stop()
	fmt.Println("ended:", <-ended)
	// Output:
	// recorded: <nil>
	// from bounces@example.org to jean@example.com, Message-ID <D-7K2Q9F.1@example.org>
	// ended: <nil>
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

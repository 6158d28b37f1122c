package mailbox_test

import (
	"context"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"bdc/ingest/mailbox"
	"bdc/order"
)

// One round: the messages in the folder are fetched and moved out of the way, and more
// are waited for. A daemon repeats it, and dials again after an error.
func ExampleDial() {
	server, stop, err := startMemory(imap.CapMove) // an IMAP server, with one message
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	received := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	if err := server.append(received, []byte("Subject: Commande\r\n\r\nBonjour\r\n")); err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	s, err := mailbox.Dial(ctx, mailbox.Config{
		Host: "127.0.0.1", Port: server.port, TLS: "none", // elsewhere: "implicit", usually on port 993
		Username: "user", Password: "secret",
		Folder: "INBOX", Since: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	keys, err := s.Pending(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	const limit = 25 << 20
	var done []order.Key
	admit := func(int64) error { return nil } // there is always room
	deliver := func(m order.Mail) error {
		fmt.Printf("message %d, received %s, %d octets\n", m.Key.UID, m.Received.Format(time.RFC3339), len(m.Raw))
		done = append(done, m.Key)
		return nil
	}
	if _, err := s.Fetch(ctx, keys, limit, 0, admit, deliver); err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Move(ctx, done, "Traitées"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("moved:", server.count("Traitées"))
	fmt.Println("waited:", s.Wait(ctx, time.Millisecond)) // a daemon waits some minutes
	// Output:
	// message 1, received 2026-11-21T09:30:00Z, 30 octets
	// moved: 1
	// waited: <nil>
}

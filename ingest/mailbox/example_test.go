package mailbox_test

import (
	"context"
	"fmt"
	"time"

	"bdc/ingest/mailbox"
	"bdc/order"
)

// The usual round: what is pending is fetched and moved out of the way, then
// more is waited for.
func ExampleDial() {
	round := func(ctx context.Context, s *mailbox.Session) error {
		keys, err := s.Pending(ctx)
		if err != nil {
			return err
		}
		var done []order.Key
		admit := func(int64) error { return nil }
		deliver := func(m order.Mail) error {
			fmt.Println(m.Key.UID, m.Received, len(m.Raw))
			done = append(done, m.Key)
			return nil
		}
		if err := s.Fetch(ctx, keys, 25<<20, admit, deliver); err != nil {
			return err
		}
		if err := s.Move(ctx, done, "Traitées"); err != nil {
			return err
		}
		return s.Wait(ctx, 5*time.Minute)
	}

	ctx := context.Background()
	s, err := mailbox.Dial(ctx, mailbox.Config{
		Host: "imap.example.org", Port: 993, TLS: "implicit",
		Username: "orders", Password: "secret",
		Folder: "INBOX", Since: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	for err == nil {
		err = round(ctx, s)
	}
	fmt.Println(err)
}

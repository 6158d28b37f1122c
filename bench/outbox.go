package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bdc/ingest/mailtest"
	"bdc/notify"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// recipients is the number of addresses that the replies go to. It matters because the
// outbox sends the replies to one address one after the other.
const recipients = 20

// delivery tells how fast an outbox sent its replies to Exim in one way.
type delivery struct {
	way  string    // how it used connections
	rate []float64 // replies a second in each round
}

// measureOutbox measures how fast an outbox sends replies to a real Exim, over TLS with
// AUTH, over four connections at a time. In each round it does so twice: once each
// connection carries many mails, once only one.
func measureOutbox(ctx context.Context, replies, rounds int) ([]delivery, error) {
	ways := []delivery{{way: "4 connections, used again"}, {way: "one connection a mail, 4 at a time"}}
	for i := range rounds {
		for way := range ways {
			rate, err := emptyOutbox(ctx, replies, way == 1)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(os.Stderr, "outbox, round %d: %s: %.1f replies/s\n", i+1, ways[way].way, rate)
			ways[way].rate = append(ways[way].rate, rate)
		}
	}
	return ways, nil
}

// emptyOutbox has an outbox with so many replies sent to a real Exim, and returns how many
// it sent in a second. With single it opens a connection for each mail.
func emptyOutbox(ctx context.Context, replies int, single bool) (rate float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	addressees := make([]string, recipients)
	for i := range addressees {
		addressees[i] = fmt.Sprintf("bookseller%d", i)
	}
	mail, err := mailtest.Open(mailtest.Options{Users: addressees})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, mail.Close()) }()
	s, err := boltstore.Open(filepath.Join(mail.Dir, "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for i := range replies {
		in := answered(mail.User, addressees[i%recipients], i)
		if err := s.Record(ctx, store.Fence{}, []order.Intake{in})[0].Err; err != nil {
			return 0, err
		}
	}
	var sender notify.Sender = notify.SMTP{
		Host: mail.Host, Port: mail.SMTPS, TLS: notify.TLSImplicit, RootCAs: mail.CA, Username: mail.User,
		Password: mail.Password,
	}
	if single {
		sender = singly{sender}
	}
	outbox := notify.Outbox{
		Store: s, Composer: acknowledger{}, Sender: sender, From: mail.User, Envelope: mail.User,
		Fence: store.Fence{Holder: "bench"},
	}
	took, err := sendAll(ctx, &outbox, &eximLog{path: filepath.Join(mail.Dir, "exim-mainlog")}, replies)
	if err != nil {
		return 0, err
	}
	status, err := s.Status(ctx)
	if err == nil && (status.Unsent > 0 || status.Failed > 0) {
		err = fmt.Errorf("%d replies are unsent and %d failed, though Exim took %d",
			status.Unsent, status.Failed, replies)
	}
	return float64(replies) / took.Seconds(), err
}

// sendAll runs an outbox until Exim has accepted so many replies, and returns how long
// that took.
func sendAll(ctx context.Context, outbox *notify.Outbox, log *eximLog, replies int) (time.Duration, error) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- outbox.Run(working) }()
	tick := time.NewTicker(inboxPoll)
	defer tick.Stop()
	for {
		accepted, _, err := log.count()
		if err != nil {
			return 0, err
		}
		if accepted >= replies {
			break
		}
		select {
		case <-tick.C:
		case err := <-ended:
			return 0, fmt.Errorf("it ended after %d of %d replies: %w", accepted, replies, err)
		case <-ctx.Done():
			return 0, fmt.Errorf("after %d of %d replies: %w", accepted, replies, ctx.Err())
		}
	}
	took := time.Since(began)
	stop()
	return took, <-ended
}

// answered is the record of the i-th message, with a reply to it.
func answered(account, bookseller string, i int) order.Intake {
	now := time.Now().UTC()
	key := order.Key{Account: account, Folder: "INBOX", UIDValidity: 1, UID: uint32(i + 1)}
	return order.Intake{
		Message: order.Message{Key: key, MessageID: fmt.Sprintf("<order.%d@%s>", i, mailtest.Domain), ReceivedAt: now},
		At:      now,
		Folder:  order.FolderProcessed,
		Replies: []order.Reply{{
			Kind: order.ReplyAck, To: bookseller + "@" + mailtest.Domain, Subject: fmt.Sprintf("Commande %d", i),
			MessageID: fmt.Sprintf("<reply.%d@%s>", i, mailtest.Domain), Message: key, CreatedAt: now,
		}},
	}
}

// acknowledger is a notify.Composer. Its letters are as long as the acknowledgement of an
// order of 30 lines.
type acknowledger struct{}

func (acknowledger) Compose(_ context.Context, r order.Reply) (notify.Letter, error) {
	const row = "<tr><td>12</td><td>Histoire-Géographie 5e, édition 1990, 9782090000313, 1 an, élève</td></tr>\n"
	return notify.Letter{
		Subject: r.Subject, Text: strings.Repeat("  12 × Histoire-Géographie 5e, édition 1990\n", orderLines),
		HTML: "<table>" + strings.Repeat(row, 3*orderLines) + "</table>",
	}, nil
}

// singly is a notify.Sender that opens a connection of the inner Sender for each mail.
type singly struct{ notify.Sender }

func (s singly) Dial(context.Context) (notify.Conn, error) { return single{s.Sender}, nil }

// single is what singly returns as a connection.
type single struct{ sender notify.Sender }

func (s single) Send(ctx context.Context, from, to string, mail []byte) error {
	c, err := s.sender.Dial(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.Send(ctx, from, to, mail), c.Close())
}

func (single) Close() error { return nil }

// printOutbox prints the median rate of each way, also as a multiple of the first way's.
func printOutbox(w io.Writer, ways []delivery) {
	if len(ways) == 0 {
		return
	}
	fmt.Fprintf(w, "\n**The outbox, into Exim**\n\n| | replies/s | |\n|---|---:|---:|\n")
	first := 0.0
	for i, d := range ways {
		rates := slices.Sorted(slices.Values(d.rate))
		rate := rates[len(rates)/2]
		if i == 0 {
			first = rate
		}
		fmt.Fprintf(w, "| %s | %.1f | %.2f× |\n", d.way, rate, rate/first)
	}
}

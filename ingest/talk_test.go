package ingest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// talk is a conversation with one bookseller, through a real store.
type talk struct {
	*testing.T
	store *boltstore.Store
	exam  *Examiner
	uid   uint32
	code  string // of its first case
	last  order.Reply
}

func newTalk(t *testing.T) *talk {
	t.Helper()
	s := newStore(t)
	return &talk{T: t, store: s, exam: trusting(t)}
}

// says is a mail of an address, with a text above our quoted report; in it, %s
// stands for the code of the case.
func says(uid uint32, from, header, text string, files ...attachment) order.Mail {
	m := mail(uid, "", files...)
	if strings.Contains(header, "Subject:") {
		m.Raw = bytes.Replace(m.Raw, []byte("Subject: Commande\r\n"), nil, 1)
	}
	m.Raw = append([]byte(header), bytes.Replace(m.Raw, []byte("Shop@test.local"), []byte(from), 1)...)
	quoted := text +
		"\n\nLe sam. 21 nov. 2026 à 11:00, CNS <orders@test.local> a écrit :\n> Répondez OK pour accepter cette " +
		"correction :\n"
	m.Raw = bytes.Replace(m.Raw, []byte("Content-Type: text/plain\r\n\r\nBonjour\r\n"),
		[]byte("Content-Type: text/plain; charset=utf-8\r\n\r\n"+strings.ReplaceAll(quoted, "\n", "\r\n")), 1)
	m.Received = at.Add(time.Duration(uid) * time.Hour)
	return m
}

// take takes a message in.
func (k *talk) take(m order.Mail) order.Intake {
	k.Helper()
	x := k.exam.Open(m)
	if err := k.exam.ResolveAgreement(k.Context(), x, k.store); err != nil {
		k.Fatal(err)
	}
	past, err := k.store.Past(k.Context(), x.Query)
	if err != nil {
		k.Fatal(err)
	}
	in := k.exam.Judge(x, past, m.Received)
	if err := k.store.Keep(k.Context(), x.Blobs); err != nil {
		k.Fatal(err)
	}
	receipt := k.store.Record(k.Context(), store.Fence{}, []order.Intake{in})[0]
	if receipt.Err != nil {
		k.Fatal(receipt.Err)
	}
	if len(in.Replies) > 0 {
		k.last = in.Replies[0]
	}
	if k.code == "" && len(in.Cases) > 0 {
		k.code = in.Cases[0].Code
	}
	return in
}

// send takes a message of the shop in; without a header of its own it answers
// our last mail.
func (k *talk) send(header, text string, files ...attachment) order.Intake {
	k.Helper()
	k.uid++
	if header == "" && k.last.MessageID != "" {
		header = "In-Reply-To: " + k.last.MessageID + "\r\n"
	}
	return k.take(says(k.uid, "Shop@test.local", proof+header, text, files...))
}

func (k *talk) file() order.Case {
	k.Helper()
	c, err := k.store.Case(k.Context(), k.code)
	if err != nil {
		k.Fatal(err)
	}
	return c
}

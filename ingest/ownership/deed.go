package ownership

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"bdc/ingest/mailbox"
	"bdc/store"
)

// The header fields of a deed.
const (
	headerRecord     = "X-Bdc-Record"     // the record's identity
	headerInbox      = "X-Bdc-Inbox"      // the folder that it owns
	headerGeneration = "X-Bdc-Generation" // number and nonce
	headerRestores   = "X-Bdc-Restores"   // the restore count
)

// Deed is a message of ours in the mailbox that says which record owns an inbox. It holds
// what is in its header, and nothing of the record.
type Deed struct {
	UID        uint32 // of the message
	Record     string // the identity of the record: 32 hex digits
	Inbox      string // the folder that the record owns, as the configuration names it
	Generation store.Generation
	Restores   uint64 // how often the record was restored or claimed when it wrote the deed
}

// words are what a person reads who opens a deed.
const words = `Ce message appartient à bdc, le programme qui traite les commandes reçues dans
cette boîte aux lettres. Il dit quel fichier de données la dessert, pour qu’aucun
autre ne réponde à sa place.

Merci de le laisser ici : bdc le remplace de lui-même toutes les heures.
`

// message returns the deed as a message from and to an address, written at a moment.
func (d Deed) message(address string, at time.Time) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%[1]s>\r\nDate: %s\r\n", address, at.UTC().Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Subject: %s\r\n", mime.QEncoding.Encode("utf-8", "bdc : message de service, à laisser ici"))
	fmt.Fprintf(&b, "Message-ID: <%s.%d@bdc.invalid>\r\n", d.Generation.Nonce, d.Generation.Number)
	fmt.Fprintf(&b, "%s: %s\r\n", headerRecord, d.Record)
	fmt.Fprintf(&b, "%s: %s\r\n", headerInbox, mime.QEncoding.Encode("utf-8", d.Inbox))
	fmt.Fprintf(&b, "%s: %d %s\r\n", headerGeneration, d.Generation.Number, d.Generation.Nonce)
	fmt.Fprintf(&b, "%s: %d\r\n", headerRestores, d.Restores)
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	body := quotedprintable.NewWriter(&b)
	_, _ = body.Write([]byte(strings.ReplaceAll(words, "\n", "\r\n"))) // into memory: it can't fail
	_ = body.Close()
	return b.Bytes()
}

// parse reads a message of the folder. It returns false for one that is no deed, such as a
// mail that somebody moved there.
func parse(k mailbox.Kept) (d Deed, ok bool) {
	m, err := mail.ReadMessage(io.MultiReader(bytes.NewReader(k.Raw), strings.NewReader("\r\n\r\n")))
	if err != nil {
		return Deed{}, false
	}
	d = Deed{UID: k.UID, Record: m.Header.Get(headerRecord)}
	if d.Inbox, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get(headerInbox)); err != nil {
		return Deed{}, false
	}
	number, nonce, _ := strings.Cut(m.Header.Get(headerGeneration), " ")
	if d.Generation.Number, err = strconv.ParseUint(number, 10, 63); err != nil || d.Generation.Number == 0 {
		return Deed{}, false
	}
	d.Generation.Nonce = nonce
	if d.Restores, err = strconv.ParseUint(m.Header.Get(headerRestores), 10, 32); err != nil {
		return Deed{}, false
	}
	return d, d.Inbox != "" && isHex(d.Record) && isHex(nonce)
}

// isHex reports whether s is 128 bits in hexadecimal.
func isHex(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 16
}

// deedsOf returns the deeds of an inbox among the messages of the folder.
func deedsOf(inbox string, kept []mailbox.Kept) (deeds []Deed) {
	for _, k := range kept {
		if d, ok := parse(k); ok && d.Inbox == inbox {
			deeds = append(deeds, d)
		}
	}
	return deeds
}

// current returns the deed that counts: that of the highest number, and of two with one
// number, which two records wrote at the same time, the one that the server took first. It
// returns the zero Deed if there is none.
func current(deeds []Deed) (c Deed) {
	for _, d := range deeds {
		switch was, is := c.Generation.Number, d.Generation.Number; {
		case is > was, is == was && d.UID < c.UID:
			c = d
		}
	}
	return c
}

// Named returns the deed that counts for an inbox, as its folder of deeds has it; the zero
// Deed if there is none. It changes nothing.
func Named(ctx context.Context, f Shelf, inbox string) (Deed, error) {
	kept, err := f.Read(ctx)
	return current(deedsOf(inbox, kept)), err
}

// standing says how the deed that counts and a record fit together.
type standing int

// The standings.
const (
	vacant   standing = iota // there is no deed
	ours                     // it is the record's committed generation
	intended                 // it is the generation that the record was about to raise
	behind                   // it is the record's, of a generation that this data file never wrote
	foreign                  // it is another record's
)

// compare returns how the deed that counts and a record fit together.
func compare(o store.Ownership, d Deed) standing {
	switch {
	case d.Generation.Number == 0:
		return vacant
	case d.Record != o.Record:
		return foreign
	case d.Generation == o.Intended:
		return intended
	case d.Generation == o.Committed:
		return ours
	}
	return behind
}

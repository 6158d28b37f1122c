package order

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Key identifies a message in a mailbox for ever: a server never gives a UID twice in
// one folder under one UIDVALIDITY (RFC 9051, 2.3.1.1). Where one does all the same, for
// instance because its files were put back to an earlier state, a later message is told from
// the first by Header.
type Key struct {
	Account     string `json:"account"` // which mailbox: its user and host
	Folder      string `json:"folder"`
	UIDValidity uint32 `json:"uidvalidity"`
	UID         uint32 `json:"uid"`
	Header      Hash   `json:"header,omitempty"` // of a message whose UID was another's before: its header's hash
}

// String is the key as one text. Sorted as texts, the keys of a folder are in the order
// in which the messages came into the folder.
func (k Key) String() string {
	text := fmt.Sprintf("%s\x00%s\x00%010d\x00%010d", k.Account, k.Folder, k.UIDValidity, k.UID)
	if k.Header != "" {
		text += "\x01" + string(k.Header)
	}
	return text
}

// Plain returns the key as the mailbox knows it, without Header.
func (k Key) Plain() Key {
	k.Header = ""
	return k
}

// Lost is a message that could not be fetched.
type Lost struct {
	Key      Key
	Received time.Time // when the server took it in, UTC; zero if it does not say
	Size     int64     // octets, as the server says; 0 if it does not
	Err      error     // why it could not be fetched

	// Perhaps says that it was one of several that were being fetched when the connection failed,
	// and that another of them may be at fault.
	Perhaps bool
}

// Mail is a message as fetched.
type Mail struct {
	Key      Key
	Received time.Time // when the server took it in
	Size     int64     // octets, as the server says
	Raw      []byte    // the whole message; only its header if TooLarge
	TooLarge bool      // it is larger than the limit, so only its header was fetched
}

// Hash is the SHA-256 of some bytes, in hex. It identifies a stored attachment.
type Hash string

// Sum returns the hash of b.
func Sum(b []byte) Hash {
	s := sha256.Sum256(b)
	return Hash(hex.EncodeToString(s[:]))
}

// Part is one file found in a message.
type Part struct {
	Name string `json:"name"` // cleaned: a base name without control characters
	Type string `json:"type"` // what its bytes say it is: "xlsx", "pdf", "xls"…
	Size int    `json:"size"` // octets
	Hash Hash   `json:"hash"` // of its bytes, which the store has under it
}

// Message is what the store keeps of a mail. The whole mail stays in the mailbox.
type Message struct {
	Key        Key       `json:"key"`
	MessageID  string    `json:"message_id"`
	From       string    `json:"from"` // the sender's address, lower case
	FromName   string    `json:"from_name"`
	ReplyTo    string    `json:"reply_to,omitempty"`
	Subject    string    `json:"subject"`
	Date       time.Time `json:"date"`        // of its Date header, UTC; zero where that can't be read
	ReceivedAt time.Time `json:"received_at"` // when the server took it in, UTC
	InReplyTo  string    `json:"in_reply_to,omitempty"`
	References []string  `json:"references,omitempty"`
	Text       string    `json:"text"` // the body as text, cut at 64 KiB
	Parts      []Part    `json:"parts"`
	Erased     *Erased   `json:"erased,omitempty"` // that its fields of people are gone; nil before

	// Header is the hash of the header fields by which the mail is known again in another
	// folder or mailbox (mime.HeaderHash); "" for messages recorded before there was such a
	// hash.
	Header Hash `json:"header,omitempty"`

	// Unfetched says that the server did not send the mail, though it is in the inbox: of all
	// other fields only those that a header has may be set.
	Unfetched bool `json:"unfetched,omitempty"`
}

// Content returns a hash that is the same for each delivery of one mail: of the sender,
// the Message-ID and the hash of each attachment. It is "" for a mail that has neither a
// Message-ID nor an attachment, since all such mails of one sender would have the same.
func (m *Message) Content() string {
	if m.MessageID == "" && len(m.Parts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(m.From + "\x1f" + m.MessageID)
	for _, p := range m.Parts {
		b.WriteString("\x1f" + string(p.Hash))
	}
	return string(Sum([]byte(b.String())))
}

// Folder says where a message is moved once it is recorded. The configuration names a
// folder of the mailbox for each.
type Folder string

// The folders.
const (
	FolderProcessed Folder = "processed" // it was ordered or answered, and nothing is left to be done
	FolderRejected  Folder = "rejected"  // one of its forms went back to the bookseller
	FolderAttention Folder = "attention" // a person has to look at it
)

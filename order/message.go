package order

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Key names a message for ever: IMAP promises that a UID is never given twice
// under one UIDVALIDITY (RFC 9051, 2.3.1.1).
type Key struct {
	Account     string `json:"account"` // the mailbox's user at its host
	Folder      string `json:"folder"`
	UIDValidity uint32 `json:"uidvalidity"`
	UID         uint32 `json:"uid"`
}

// String is the key in one line, sorted by age within a folder.
func (k Key) String() string {
	return fmt.Sprintf("%s\x00%s\x00%010d\x00%010d", k.Account, k.Folder, k.UIDValidity, k.UID)
}

// Mail is a message as fetched.
type Mail struct {
	Key      Key
	Received time.Time // when the server took it in
	Size     int64     // octets, as the server says
	Raw      []byte    // the whole message, or only its header when TooLarge
	TooLarge bool      // over the size limit: not fetched
}

// Hash names a stored attachment by the SHA-256 of its bytes, in hex.
type Hash string

// Sum is the hash of b.
func Sum(b []byte) Hash {
	s := sha256.Sum256(b)
	return Hash(hex.EncodeToString(s[:]))
}

// Part is one file found in a message.
type Part struct {
	Name string `json:"name"` // cleaned: a base name without control characters
	Type string `json:"type"` // what its bytes say it is: "xlsx", "pdf", "xls"…
	Size int    `json:"size"` // octets
	Hash Hash   `json:"hash"` // its bytes in the store
}

// Message is what is kept of a mail: the mailbox stays the archive of the rest.
type Message struct {
	Key        Key       `json:"key"`
	MessageID  string    `json:"message_id"`
	From       string    `json:"from"` // the sender's address, lower case
	FromName   string    `json:"from_name"`
	ReplyTo    string    `json:"reply_to,omitempty"`
	Subject    string    `json:"subject"`
	Date       time.Time `json:"date"`        // as the sender's header says, UTC; zero where unreadable
	ReceivedAt time.Time `json:"received_at"` // as the server says, UTC
	InReplyTo  string    `json:"in_reply_to,omitempty"`
	References []string  `json:"references,omitempty"`
	Text       string    `json:"text"` // the body as text, cut at 64 KiB
	Parts      []Part    `json:"parts"`
}

// Content is the same for two deliveries of the same mail: sender, Message-ID
// and the bytes of each attachment. It is "" for a mail without a Message-ID
// and without attachments, which nothing tells apart from another.
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

// Folder is where a message belongs once it is recorded. The configuration
// names the mailbox folder that each stands for.
type Folder string

// The folders.
const (
	FolderProcessed Folder = "processed" // nothing is left to be done about it: ordered, or answered
	FolderRejected  Folder = "rejected"  // a form of it went back to the bookseller
	FolderAttention Folder = "attention" // a person has to look at it
)

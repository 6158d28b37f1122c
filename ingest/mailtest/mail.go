package mailtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
)

// delivered counts the messages delivered by this process. The count is part of their
// file names: it makes them unique and keeps the order of delivery.
var delivered atomic.Uint64

// Deliver puts messages into the inbox of the user whose address is to. It writes them
// into the user's maildir, as a local delivery agent does, and does not need a running
// Dovecot: a thousand messages take a tenth of a second, and clients in IDLE are told.
// IMAP returns the same octets if the lines of a message end in CRLF.
func (in *Instance) Deliver(to string, raw ...[]byte) error {
	return in.DeliverAt(time.Now(), to, raw...)
}

// DeliverAt is Deliver with when as the time of arrival (INTERNALDATE).
func (in *Instance) DeliverAt(when time.Time, to string, raw ...[]byte) error {
	maildir := filepath.Join(in.Dir, "mail", to, "Maildir")
	if _, err := os.Stat(filepath.Join(maildir, "new")); err != nil {
		for _, dir := range []string{"cur", "new", "tmp"} {
			if err := os.MkdirAll(filepath.Join(maildir, dir), 0o700); err != nil {
				return err
			}
		}
		if err := in.own(filepath.Join(in.Dir, "mail", to)); err != nil {
			return err
		}
	}
	for _, message := range raw {
		name := fmt.Sprintf("%d.N%010d.mailtest", when.Unix(), delivered.Add(1))
		tmp := filepath.Join(maildir, "tmp", name)
		if err := os.WriteFile(tmp, message, 0o600); err != nil {
			return err
		}
		if err := errors.Join(
			in.own(tmp),
			os.Chtimes(tmp, when, when),
			os.Rename(tmp, filepath.Join(maildir, "new", name)),
		); err != nil {
			return err
		}
	}
	return nil
}

// List returns the messages in a user's folder, oldest first, as an IMAP client reads
// them. "/" separates the levels of the folder's name, whatever the server uses. For a
// folder that does not exist List returns no messages and no error. It changes no flag.
func (in *Instance) List(user, folder string) ([][]byte, error) {
	client, err := in.login(user)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	name := in.serverName(folder)
	if found, err := client.List("", name, nil).Collect(); err != nil || len(found) == 0 {
		return nil, err
	}
	selected, err := client.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || selected.NumMessages == 0 {
		return nil, err
	}
	all := imap.SeqSet{{Start: 1}} // 1:*
	found, err := client.Fetch(all, &imap.FetchOptions{
		BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	}).Collect()
	if err != nil {
		return nil, err
	}
	messages := make([][]byte, len(found))
	for i, m := range found {
		messages[i] = m.BodySection[0].Bytes
	}
	return messages, nil
}

// serverName returns a folder's name on the server, with the prefix and the separator of
// Options.Namespace.
func (in *Instance) serverName(folder string) string {
	prefix := in.options.Namespace
	if prefix == "" || folder == "INBOX" {
		return folder
	}
	return prefix + strings.ReplaceAll(folder, "/", prefix[len(prefix)-1:])
}

// Await waits until a user's folder holds at least n messages and returns all that it
// holds, as List does. After 30 s it gives up and returns an error.
func (in *Instance) Await(user, folder string, n int) ([][]byte, error) {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		messages, err := in.List(user, folder)
		if err != nil || len(messages) >= n {
			return messages, err
		}
		if time.Now().After(end) {
			return messages, fmt.Errorf("folder %q of %s holds %d messages, want %d", folder, user, len(messages), n)
		}
	}
}

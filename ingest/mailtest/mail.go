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

// delivered tells the files of deliveries apart, and keeps them in order.
var delivered atomic.Uint64

// Deliver puts messages into a user's inbox, now. It writes them into the
// maildir, as a local delivery agent does: a thousand take a tenth of a second,
// IDLE is told, and INTERNALDATE is the file's time. A message comes back as it
// is if its lines end in CRLF.
func (in *Instance) Deliver(to string, raw ...[]byte) error {
	return in.DeliverAt(time.Now(), to, raw...)
}

// DeliverAt is Deliver with another INTERNALDATE.
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

// List returns the messages in a user's folder, oldest first, as an IMAP client
// sees them; "/" separates folders whatever the server does. A folder that does
// not exist holds nothing. No flag is changed.
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

// serverName is a folder's name as Dovecot wants it.
func (in *Instance) serverName(folder string) string {
	prefix := in.options.Namespace
	if prefix == "" || folder == "INBOX" {
		return folder
	}
	return prefix + strings.ReplaceAll(folder, "/", prefix[len(prefix)-1:])
}

// Await is List once the folder holds at least n messages. It gives up after 30 s.
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

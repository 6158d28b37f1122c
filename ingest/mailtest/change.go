package mailtest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2/imapclient"
)

// passwords is Dovecot's list of users, all of one password.
func (in *Instance) passwords(password string) []byte {
	var list bytes.Buffer
	for _, u := range in.users {
		fmt.Fprintf(&list, "%s:{PLAIN}%s\n", u, password)
	}
	return list.Bytes()
}

// replace writes files of the folder, and hands them to the user of the servers.
func (in *Instance) replace(files map[string][]byte) error {
	for name, content := range files {
		path := filepath.Join(in.Dir, name)
		if err := errors.Join(
			os.WriteFile(path+".new", content, 0o600), in.own(path+".new"), os.Rename(path+".new", path),
		); err != nil {
			return err
		}
	}
	return nil
}

// restart ends Dovecot and starts it again.
func (in *Instance) restart() error {
	return errors.Join(in.StopDovecot(), in.StartDovecot())
}

// Configure adds settings to Dovecot's own, in place of those added before, and
// restarts it.
func (in *Instance) Configure(settings string) error {
	return errors.Join(in.replace(map[string][]byte{"further.conf": []byte(settings)}), in.restart())
}

// SetPassword makes Dovecot want another password of every user. Sessions that
// are open stay so.
func (in *Instance) SetPassword(password string) error {
	return errors.Join(in.replace(map[string][]byte{"users": in.passwords(password)}), in.restart())
}

// Recertify gives Dovecot another certificate, its own authority, and restarts
// it. It returns the certificate, PEM; CA and CAFile stay what they were.
func (in *Instance) Recertify() ([]byte, error) {
	certificate, key, err := selfSigned(in.Host)
	if err != nil {
		return nil, err
	}
	return certificate, errors.Join(in.replace(map[string][]byte{
		"dovecot-cert.pem": certificate, "dovecot-key.pem": key,
	}), in.restart())
}

// Renumber makes Dovecot give the messages of a user's inbox new UIDs under
// another UIDVALIDITY, as one does whose indexes are lost.
func (in *Instance) Renumber(user string) error {
	lost, err := filepath.Glob(filepath.Join(in.Dir, "mail", user, "Maildir", "dovecot*"))
	if err != nil {
		return err
	}
	for _, path := range lost {
		if strings.HasPrefix(filepath.Base(path), "dovecot-uidvalidity") {
			continue // remembers the last, so that the next differs
		}
		// Dovecot replaces some while we look.
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// DeleteFolder deletes a user's folder and what is in it.
func (in *Instance) DeleteFolder(user, folder string) error {
	client, err := in.login(user)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Delete(in.serverName(folder)).Wait()
}

// login returns a connection of a user.
func (in *Instance) login(user string) (*imapclient.Client, error) {
	client, err := imapclient.DialInsecure(net.JoinHostPort(in.Host, strconv.Itoa(in.IMAP)), nil)
	if err != nil {
		return nil, err
	}
	if err := client.Login(user, in.Password).Wait(); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

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

// passwords returns Dovecot's file of users, all with the same password.
func (in *Instance) passwords(password string) []byte {
	var list bytes.Buffer
	for _, u := range in.users {
		fmt.Fprintf(&list, "%s:{PLAIN}%s\n", u, password)
	}
	return list.Bytes()
}

// replace writes files in the instance's folder, by name, and gives them to the user
// that the servers run as.
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

// restart stops Dovecot and starts it again.
func (in *Instance) restart() error {
	return errors.Join(in.StopDovecot(), in.StartDovecot())
}

// Configure restarts Dovecot with further settings, in the syntax of dovecot.conf. They
// replace the settings of an earlier call of Configure.
func (in *Instance) Configure(settings string) error {
	return errors.Join(in.replace(map[string][]byte{"further.conf": []byte(settings)}), in.restart())
}

// SetPassword restarts Dovecot with another password for every user. The restart ends
// open sessions. The field Password keeps the old value, so List, Await and DeleteFolder
// fail until that one is set again.
func (in *Instance) SetPassword(password string) error {
	return errors.Join(in.replace(map[string][]byte{"users": in.passwords(password)}), in.restart())
}

// Recertify restarts Dovecot with a new self-signed certificate and returns that in PEM.
// CA and CAFile keep the old one, so clients that trust only those refuse the server.
func (in *Instance) Recertify() ([]byte, error) {
	certificate, key, err := selfSigned(in.Host)
	if err != nil {
		return nil, err
	}
	return certificate, errors.Join(in.replace(map[string][]byte{
		"dovecot-cert.pem": certificate, "dovecot-key.pem": key,
	}), in.restart())
}

// Renumber makes Dovecot number the messages of a user's inbox anew, under another
// UIDVALIDITY, as happens when a server loses its indexes.
func (in *Instance) Renumber(user string) error {
	lost, err := filepath.Glob(filepath.Join(in.Dir, "mail", user, "Maildir", "dovecot*"))
	if err != nil {
		return err
	}
	for _, path := range lost {
		if strings.HasPrefix(filepath.Base(path), "dovecot-uidvalidity") {
			continue // Dovecot remembers the last UIDVALIDITY in it, so that the new one differs
		}
		// A running Dovecot may have replaced the file since we listed it.
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// DeleteFolder deletes a user's folder with its messages. "/" separates the levels of
// its name, whatever the server uses.
func (in *Instance) DeleteFolder(user, folder string) error {
	client, err := in.login(user)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Delete(in.serverName(folder)).Wait()
}

// login returns an IMAP connection that is signed in as user. The caller closes it.
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

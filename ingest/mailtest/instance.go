package mailtest

import (
	"bytes"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// Domain is the domain of every address that the servers know.
const Domain = "test.local"

// host is the address that the servers listen on.
const host = "127.0.0.1"

// ErrMissing is wrapped by Open's error when Dovecot or Exim is not installed.
var ErrMissing = errors.New("server not installed")

//go:embed dovecot.conf.tmpl exim.conf.tmpl oauth2.conf.tmpl
var templates embed.FS

// withoutBoth is the list of capabilities that Dovecot 2.3 announces, without MOVE and
// UIDPLUS.
const withoutBoth = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT THREAD=REFERENCES MULTIAPPEND " +
	"UNSELECT CHILDREN NAMESPACE LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES " +
	"WITHIN CONTEXT=SEARCH LIST-STATUS LITERAL+"

// Options says which servers to start and how. The zero value asks for both servers,
// with the users Instance.User and Instance.Peer, and for a Dovecot that announces MOVE
// and UIDPLUS and separates the levels of folder names by "/".
type Options struct {
	NoExim    bool // don't start Exim
	NoMove    bool // Dovecot does not announce MOVE
	NoUIDPlus bool // Dovecot announces neither MOVE nor UIDPLUS
	// Namespace is the prefix of all folder names but INBOX. It ends in the character
	// that separates levels: "INBOX.".
	Namespace string
	// Users are the local parts of further users. Their password is Instance.Password.
	Users []string

	// TokenInfo makes Dovecot offer XOAUTH2 and OAUTHBEARER. It is the beginning of a
	// URL: Dovecot appends a token to it and asks there whether the token is valid. It
	// is if the answer is {"active":true,"username":…} (RFC 7662). With "" Dovecot
	// offers neither mechanism.
	TokenInfo string
}

// Instance is a running Dovecot and, unless Options.NoExim, a running Exim. Its methods
// may be called concurrently, except those that start, stop or restart a server.
type Instance struct {
	Host string // the address that all ports are on: 127.0.0.1

	// Dovecot's ports. IMAP offers STARTTLS, IMAPS is for implicit TLS.
	IMAP, IMAPS, LMTP int

	// Exim's ports. SMTP takes mail from anybody. Submission requires STARTTLS and AUTH.
	// SMTPS is for implicit TLS and requires AUTH.
	SMTP, Submission, SMTPS int

	// The certificate that both servers start with, as a PEM file and as a pool.
	CAFile string
	CA     *x509.CertPool

	User     string // orders@test.local
	Peer     string // bookseller@test.local
	Password string // of every user

	Dir string // the folder of all files; the logs in it are dovecot.log and exim-mainlog

	users                 []string // the addresses of all users
	owner                 *user.User
	uid, gid              int // of owner
	dovecotPath, eximPath string
	dovecot, exim         *process // nil while the server does not run
	options               Options
}

// Open starts the servers and returns when they accept connections, after at most 30 s
// for each. The error wraps ErrMissing when a server is not installed. The caller must
// close the instance.
func Open(o Options) (*Instance, error) {
	var err error
	// Another process may take one of the ports between our finding it free and the
	// server's listening on it. So we try again, with other ports.
	for range 3 {
		var in *Instance
		if in, err = open(o); err == nil || errors.Is(err, ErrMissing) {
			return in, err
		}
	}
	return nil, err
}

// open is Open with a single attempt.
func open(o Options) (_ *Instance, err error) {
	in := &Instance{
		Host: host, Password: "secret", options: o,
		User: "orders@" + Domain, Peer: "bookseller@" + Domain,
	}
	in.users = []string{in.User, in.Peer}
	for _, name := range o.Users {
		in.users = append(in.users, name+"@"+Domain)
	}
	if in.dovecotPath, err = look("dovecot"); err != nil {
		return nil, err
	}
	if !o.NoExim {
		if in.eximPath, err = look("exim4", "exim"); err != nil {
			return nil, err
		}
	}
	if err := freePorts(&in.IMAP, &in.IMAPS, &in.LMTP, &in.SMTP, &in.Submission, &in.SMTPS); err != nil {
		return nil, err
	}
	if in.Dir, err = os.MkdirTemp("", "bdcmail"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.Close())
		}
	}()
	if err := in.write(); err != nil {
		return nil, err
	}
	if err := in.StartDovecot(); err != nil {
		return nil, err
	}
	if o.NoExim {
		return in, nil
	}
	return in, in.StartExim()
}

// look returns the path of the first of the named programs that is installed. It also
// looks into the sbin folders, which an ordinary user's PATH seldom contains.
func look(names ...string) (string, error) {
	for _, name := range names {
		for _, path := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
			if found, err := exec.LookPath(path); err == nil {
				return found, nil
			}
		}
	}
	return "", fmt.Errorf("%w: %s", ErrMissing, names[0])
}

// freePorts sets each of ports to another free loopback port.
func freePorts(ports ...*int) error {
	for _, p := range ports {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return err
		}
		defer ln.Close() // all stay taken until the last is found, so no two are the same
		*p = ln.Addr().(*net.TCPAddr).Port
	}
	return nil
}

// write fills the instance's folder with certificates, users and configurations, and
// makes the user that the servers will run as its owner.
func (in *Instance) write() error {
	group, err := in.findOwner()
	if err != nil {
		return err
	}
	if err := os.Chmod(in.Dir, 0o755); err != nil {
		return err
	}
	for _, dir := range []string{"mail", "dovecot", "state", "spool"} {
		if err := os.Mkdir(filepath.Join(in.Dir, dir), 0o755); err != nil {
			return err
		}
	}
	certificate, key, err := selfSigned(in.Host)
	if err != nil {
		return err
	}
	in.CAFile = filepath.Join(in.Dir, "cert.pem")
	in.CA = x509.NewCertPool()
	in.CA.AppendCertsFromPEM(certificate)

	var eximUsers strings.Builder
	for _, u := range in.users {
		fmt.Fprintf(&eximUsers, "%s: %s\n", u, in.Password)
	}
	files, err := in.configurations(group)
	if err != nil {
		return err
	}
	maps.Copy(files, map[string][]byte{
		"cert.pem": certificate, "key.pem": key, "dovecot-cert.pem": certificate, "dovecot-key.pem": key,
		"users": in.passwords(in.Password), "passwords": []byte(eximUsers.String()),
	})
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(in.Dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return in.own(in.Dir)
}

// findOwner looks up the user that the servers will run as, which is nobody if we are
// root, and returns the name of its group.
func (in *Instance) findOwner() (group string, err error) {
	if os.Getuid() == 0 {
		in.owner, err = user.Lookup("nobody")
	} else {
		in.owner, err = user.Current()
	}
	if err != nil {
		return "", err
	}
	if in.uid, err = strconv.Atoi(in.owner.Uid); err != nil {
		return "", err
	}
	if in.gid, err = strconv.Atoi(in.owner.Gid); err != nil {
		return "", err
	}
	found, err := user.LookupGroupId(in.owner.Gid)
	if err != nil {
		return "", err
	}
	return found.Name, nil
}

// configurations returns the configuration files of both servers, by name.
func (in *Instance) configurations(group string) (map[string][]byte, error) {
	values := map[string]any{
		"Dir": in.Dir, "Name": filepath.Base(in.Dir), "Host": in.Host, "Domain": Domain,
		"Owner": in.owner.Username, "Group": group, "UID": in.uid, "GID": in.gid, "Exim": in.eximPath,
		"IMAP": in.IMAP, "IMAPS": in.IMAPS, "LMTP": in.LMTP,
		"SMTP": in.SMTP, "Submission": in.Submission, "SMTPS": in.SMTPS,
		"Namespace": in.options.Namespace, "Separator": "/", "Capability": "", "TokenInfo": in.options.TokenInfo,
	}
	if ns := in.options.Namespace; ns != "" {
		values["Separator"] = ns[len(ns)-1:]
	}
	switch {
	case in.options.NoUIDPlus:
		values["Capability"] = withoutBoth
	case in.options.NoMove:
		values["Capability"] = withoutBoth + " UIDPLUS"
	}
	all, err := template.ParseFS(templates, "*.tmpl")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range []string{"dovecot.conf", "exim.conf", "oauth2.conf"} {
		var file bytes.Buffer
		if err := all.ExecuteTemplate(&file, name+".tmpl", values); err != nil {
			return nil, err
		}
		files[name] = file.Bytes()
	}
	return files, nil
}

// own makes the servers' user the owner of a file, or of a folder and all below it. It
// does nothing unless we are root.
func (in *Instance) own(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return filepath.WalkDir(path, func(p string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(p, in.uid, in.gid)
	})
}

// Close kills the servers and removes the folder.
func (in *Instance) Close() error {
	err := errors.Join(in.KillExim(), in.KillDovecot())
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		// A killed process may still complete what it was writing.
		if removed := os.RemoveAll(in.Dir); removed == nil || time.Now().After(end) {
			return errors.Join(err, removed)
		}
	}
}

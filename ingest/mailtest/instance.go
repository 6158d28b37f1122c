package mailtest

import (
	"bytes"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
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

// Domain is that of every address of the servers.
const Domain = "test.local"

// host is the address that everything listens on.
const host = "127.0.0.1"

// ErrMissing says that Dovecot or Exim is not installed.
var ErrMissing = errors.New("server not installed")

//go:embed dovecot.conf.tmpl exim.conf.tmpl oauth2.conf.tmpl
var templates embed.FS

// withoutBoth is what Dovecot 2.3 announces, less MOVE and UIDPLUS.
const withoutBoth = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT THREAD=REFERENCES MULTIAPPEND " +
	"UNSELECT CHILDREN NAMESPACE LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES " +
	"WITHIN CONTEXT=SEARCH LIST-STATUS LITERAL+"

// Options says what an instance is to be. The zero value is a Dovecot with MOVE
// and folders separated by "/", an Exim, and the two users of Instance.
type Options struct {
	NoExim    bool
	NoMove    bool     // Dovecot does not announce MOVE
	NoUIDPlus bool     // nor UIDPLUS
	Namespace string   // the prefix of personal folders, ending in their separator: "INBOX."
	Users     []string // further local parts; every user's password is Password

	// TokenInfo is a URL that Dovecot asks, with a bearer token after it, whether
	// XOAUTH2 and OAUTHBEARER let somebody in: an answer {"active":true,"username":…}
	// does (RFC 7662). "": neither is offered.
	TokenInfo string
}

// Instance is a running Dovecot and, unless it was declined, a running Exim. Its
// methods may be called concurrently, but for those that start and end a server.
type Instance struct {
	Host                    string // an address: 127.0.0.1
	IMAP, IMAPS, LMTP       int    // Dovecot's ports; IMAP offers STARTTLS
	SMTP, Submission, SMTPS int    // Exim's; the second asks for STARTTLS and AUTH, the third for AUTH
	CAFile                  string // PEM
	CA                      *x509.CertPool
	User, Password, Peer    string // orders@test.local, its password and everybody's, bookseller@test.local
	Dir                     string // logs included: dovecot.log, exim-mainlog
	users                   []string
	owner                   *user.User
	uid, gid                int
	dovecotPath, eximPath   string
	dovecot, exim           *process
	options                 Options
}

// Open starts the servers and returns once they answer. The error wraps
// ErrMissing when one is not installed. The caller closes the instance.
func Open(o Options) (*Instance, error) {
	var err error
	// A port that was free a moment ago may be taken by the time that its server
	// asks for it: others are tried then.
	for range 3 {
		var in *Instance
		if in, err = open(o); err == nil || errors.Is(err, ErrMissing) {
			return in, err
		}
	}
	return nil, err
}

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

// look returns where the first of the named programs is; the sbin folders are
// seldom in an ordinary user's path.
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

// freePorts sets each to a different loopback port that is free.
func freePorts(ports ...*int) error {
	for _, p := range ports {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return err
		}
		defer ln.Close() // after the last, so that all differ
		*p = ln.Addr().(*net.TCPAddr).Port
	}
	return nil
}

// write fills the folder: certificates, users and configurations, all owned by
// the user that the servers will run as.
func (in *Instance) write() error {
	var err error
	if os.Getuid() == 0 {
		in.owner, err = user.Lookup("nobody")
	} else {
		in.owner, err = user.Current()
	}
	if err != nil {
		return err
	}
	if in.uid, err = strconv.Atoi(in.owner.Uid); err != nil {
		return err
	}
	if in.gid, err = strconv.Atoi(in.owner.Gid); err != nil {
		return err
	}
	group, err := user.LookupGroupId(in.owner.Gid)
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
	values := map[string]any{
		"Dir": in.Dir, "Name": filepath.Base(in.Dir), "Host": in.Host, "Domain": Domain,
		"Owner": in.owner.Username, "Group": group.Name, "UID": in.uid, "GID": in.gid, "Exim": in.eximPath,
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
		return err
	}
	var dovecotConf, eximConf, tokens bytes.Buffer
	if err := errors.Join(
		all.ExecuteTemplate(&dovecotConf, "dovecot.conf.tmpl", values),
		all.ExecuteTemplate(&tokens, "oauth2.conf.tmpl", values),
		all.ExecuteTemplate(&eximConf, "exim.conf.tmpl", values),
	); err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"cert.pem": certificate, "key.pem": key, "dovecot-cert.pem": certificate, "dovecot-key.pem": key,
		"users": in.passwords(in.Password), "passwords": []byte(eximUsers.String()),
		"dovecot.conf": dovecotConf.Bytes(), "exim.conf": eximConf.Bytes(), "oauth2.conf": tokens.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(in.Dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return in.own(in.Dir)
}

// own hands a file, or a folder and all below it, to the user of the servers.
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

// Close ends the servers, at once since their mail goes too, and removes the folder.
func (in *Instance) Close() error {
	err := errors.Join(in.KillExim(), in.KillDovecot())
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		// A killed process may still complete what it was writing.
		if removed := os.RemoveAll(in.Dir); removed == nil || time.Now().After(end) {
			return errors.Join(err, removed)
		}
	}
}

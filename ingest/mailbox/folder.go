package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/text/unicode/norm"
)

// naming tells how a server names the folders of the account (RFC 2342).
type naming struct {
	prefix    string // of every folder but the inbox: "INBOX." on servers that keep them below it, else ""
	delimiter string // between the levels of a name; "" if the server has no levels
}

// name translates the name of a folder as it is configured, with "/" between levels,
// into its name on the server.
func (n naming) name(folder string) string {
	folder = norm.NFC.String(folder)
	if strings.EqualFold(folder, "INBOX") {
		return "INBOX"
	}
	if n.delimiter != "" {
		folder = strings.ReplaceAll(folder, "/", n.delimiter)
	}
	if !strings.HasPrefix(folder, n.prefix) {
		folder = n.prefix + folder
	}
	return folder
}

// names asks the server for its naming of folders.
func (s *Session) names() (naming, error) {
	if s.caps.Has(imap.CapNamespace) {
		spaces, err := s.client.Namespace().Wait()
		if err != nil && !isRefusal(err) {
			return naming{}, fmt.Errorf("ask for namespaces: %w", err)
		}
		if err == nil && len(spaces.Personal) > 0 {
			return naming{spaces.Personal[0].Prefix, delimiter(spaces.Personal[0].Delim)}, nil
		}
	}
	// LIST with an empty pattern lists nothing but tells the delimiter (RFC 9051,
	// section 6.3.9).
	roots, err := s.client.List("", "", nil).Collect()
	if err != nil && !isRefusal(err) {
		return naming{}, fmt.Errorf("ask for the folder delimiter: %w", err)
	}
	if len(roots) == 0 {
		return naming{}, nil
	}
	return naming{delimiter: delimiter(roots[0].Delim)}, nil
}

func delimiter(r rune) string {
	if r == 0 {
		return ""
	}
	return string(r)
}

// find looks a configured folder up on the server. If it exists, find returns its
// exact name there, else the name under which to create it. Names are compared in
// Unicode's normal form NFC, because some mail programs create folders whose accents
// are separate characters. A folder whose name differs only in case is taken if there is none
// of the exact name: many servers would not make a second one.
func (s *Session) find(folder string) (name string, exists bool, err error) {
	name = s.naming.name(folder)
	exact := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '%'
		}
		return r
	}, name)
	for _, pattern := range []string{exact, s.naming.siblings(name)} {
		found, err := s.client.List("", pattern, nil).Collect()
		if err != nil && !isRefusal(err) {
			return "", false, fmt.Errorf("list folder %q: %w", name, err)
		}
		alike := ""
		for _, f := range found {
			switch listed := norm.NFC.String(f.Mailbox); {
			case slices.ContainsFunc(f.Attrs, unusable):
			case listed == name:
				return f.Mailbox, true, nil
			case alike == "" && strings.EqualFold(listed, name):
				alike = f.Mailbox
			}
		}
		if alike != "" {
			return alike, true, nil
		}
	}
	return name, false, nil
}

// siblings returns a pattern for LIST that matches all folders beside one.
func (n naming) siblings(name string) string {
	name = strings.TrimPrefix(name, n.prefix)
	if n.delimiter == "" {
		return n.prefix + "%"
	}
	return n.prefix + strings.Repeat("%"+n.delimiter, strings.Count(name, n.delimiter)) + "%"
}

// unusable reports whether an attribute says that the folder can hold no messages.
func unusable(a imap.MailboxAttr) bool {
	return a == imap.MailboxAttrNonExistent || a == imap.MailboxAttrNoSelect
}

// create makes a folder, and subscribes to it so that mail programs show it. A folder
// that exists already and a refused subscription are no errors.
func (s *Session) create(name string) error {
	err := s.client.Create(name, nil).Wait()
	if refusal := (*imap.Error)(nil); errors.As(err, &refusal) && refusal.Code == imap.ResponseCodeAlreadyExists {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("create folder %q: %w", name, err)
	}
	err = s.client.Subscribe(name).Wait()
	if refusal := (*imap.Error)(nil); errors.As(err, &refusal) {
		s.log.Warn("mail programs may not show a new folder", "folder", name, "err", err)
		err = nil
	}
	return err
}

// target returns the server's name of a folder to move messages to, and creates the
// folder if it is missing. The session remembers the name.
func (s *Session) target(folder string) (string, error) {
	if name, known := s.targets[folder]; known {
		return name, nil
	}
	name, exists, err := s.find(folder)
	if err == nil && !exists {
		err = s.create(name)
	}
	if err != nil {
		return "", err
	}
	s.targets[folder] = name
	return name, nil
}

// Prepare creates the given folders where they are missing, and subscribes to the new
// ones so that mail programs show them. In their names "/" separates levels, whatever
// the server uses. A name that differs only in how its accents are composed (Unicode
// NFC or NFD) is the same folder.
//
// If the server refuses to create a folder, Prepare returns an error and the session
// can still be used.
func (s *Session) Prepare(ctx context.Context, folders ...string) error {
	return s.do(ctx, "prepare folders", func() error {
		for _, folder := range folders {
			if _, err := s.target(folder); err != nil {
				return err
			}
		}
		return nil
	})
}

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

// naming is how a server names the account's own folders (RFC 2342).
type naming struct {
	prefix    string // "INBOX." on servers that keep everything below the inbox
	delimiter string // "" where folders have no levels
}

// name returns a folder's name on the server.
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

// names asks the server how it names folders.
func (s *Session) names() (naming, error) {
	if s.caps.Has(imap.CapNamespace) {
		spaces, err := s.client.Namespace().Wait()
		if err != nil {
			return naming{}, fmt.Errorf("ask for namespaces: %w", err)
		}
		if len(spaces.Personal) > 0 {
			return naming{spaces.Personal[0].Prefix, delimiter(spaces.Personal[0].Delim)}, nil
		}
	}
	// The empty pattern asks for the delimiter alone (RFC 9051, 6.3.9).
	roots, err := s.client.List("", "", nil).Collect()
	if err != nil {
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

// find returns the name of an existing folder that is the same in NFC, for some
// programs create folders with decomposed accents; where there is none, the name
// to create. Only names that resemble it are asked for: go-imap ends the
// connection over one that is not in UTF-7, whoever made it.
func (s *Session) find(folder string) (name string, exists bool, err error) {
	name = s.naming.name(folder)
	pattern := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '%'
		}
		return r
	}, name)
	found, err := s.client.List("", pattern, nil).Collect()
	if err != nil {
		return "", false, fmt.Errorf("list folder %q: %w", name, err)
	}
	for _, f := range found {
		if norm.NFC.String(f.Mailbox) == name && !slices.ContainsFunc(f.Attrs, unusable) {
			return f.Mailbox, true, nil
		}
	}
	return name, false, nil
}

// unusable reports whether a folder of that attribute holds no messages.
func unusable(a imap.MailboxAttr) bool {
	return a == imap.MailboxAttrNonExistent || a == imap.MailboxAttrNoSelect
}

// create makes a folder that mail programs show.
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

// target returns the server's name of a folder that messages are moved to, which
// exists from then on.
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

// Prepare creates those of the folders that do not exist, and subscribes to
// them. Names are compared in NFC, and "/" separates levels whatever the server
// uses.
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

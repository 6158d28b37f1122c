package notify

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wneessen/go-mail/smtp"
)

// The mechanisms that carry an access token: RFC 7628's, and Google's and
// Microsoft's from before it.
const (
	oauthBearer = "OAUTHBEARER"
	xoauth2     = "XOAUTH2"
)

// bearer signs in by an access token, as an smtp.Auth.
type bearer struct {
	user, token string
	host        string
	port        int

	mechanism string
}

func (b *bearer) Start(server *smtp.ServerInfo) (mechanism string, first []byte, err error) {
	for _, m := range []string{oauthBearer, xoauth2} {
		if slices.Contains(server.Auth, m) {
			b.mechanism = m
			return m, b.first(m), nil
		}
	}
	return "", nil, errors.New("the server accepts neither OAUTHBEARER nor XOAUTH2")
}

// first is what a mechanism sends.
func (b *bearer) first(mechanism string) []byte {
	if mechanism == xoauth2 {
		return fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", b.user, b.token)
	}
	return fmt.Appendf(nil, "n,a=%s,\x01host=%s\x01port=%d\x01auth=Bearer %s\x01\x01", b.user, b.host, b.port, b.token)
}

// Next answers the one challenge that there can be, why the token is refused, with
// what makes the server say so in its own words.
func (b *bearer) Next(_ []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case b.mechanism == oauthBearer:
		return []byte{1}, nil // RFC 7628, 3.2.3
	}
	return []byte{}, nil
}

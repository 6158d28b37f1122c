package notify

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wneessen/go-mail/smtp"
)

// The mechanisms that carry an access token: that of RFC 7628, and the older one of Google
// and Microsoft.
const (
	oauthBearer = "OAUTHBEARER"
	xoauth2     = "XOAUTH2"
)

// bearer is an smtp.Auth that signs in by an access token.
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

// first returns the first message that we send under a mechanism.
func (b *bearer) first(mechanism string) []byte {
	if mechanism == xoauth2 {
		return fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", b.user, b.token)
	}
	return fmt.Appendf(nil, "n,a=%s,\x01host=%s\x01port=%d\x01auth=Bearer %s\x01\x01", b.user, b.host, b.port, b.token)
}

// Next answers a challenge. There can be only one: it says why the token is refused. Our
// answer makes the server end the exchange with an SMTP answer, which has its words.
func (b *bearer) Next(_ []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case b.mechanism == oauthBearer:
		return []byte{1}, nil // RFC 7628, 3.2.3
	}
	return []byte{}, nil
}

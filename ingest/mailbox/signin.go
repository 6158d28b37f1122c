package mailbox

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// authenticate signs in by a token or a password. Its error wraps ErrAuth only if the
// server refuses the credentials: see judge.
func (s *Session) authenticate() error {
	if s.config.Tokens != nil {
		return s.present()
	}
	var err error
	caps := s.client.Caps()
	switch {
	case caps.Has(imap.AuthCap(sasl.Plain)):
		err = s.client.Authenticate(sasl.NewPlainClient("", s.config.Username, s.config.Password))
		// Some announce what they can't do; some refuse by it the password that LOGIN accepts.
		if no := (*imap.Error)(nil); errors.As(err, &no) && no.Code == "" && !caps.Has(imap.CapLoginDisabled) {
			err = s.client.Login(s.config.Username, s.config.Password).Wait()
		}
	case !caps.Has(imap.CapLoginDisabled):
		err = s.client.Login(s.config.Username, s.config.Password).Wait()
	default:
		return fmt.Errorf("%w: it accepts neither PLAIN nor LOGIN", ErrAuth)
	}
	return judge(err)
}

// present signs in by an access token. It reports a refused token to Config.Tokens.
func (s *Session) present() error {
	caps := s.client.Caps()
	b := bearer{token: s.token, user: s.config.Username, host: s.config.Host, port: s.config.Port}
	switch {
	case caps.Has(imap.AuthCap(sasl.OAuthBearer)):
		b.mechanism = sasl.OAuthBearer
	case caps.Has(imap.AuthCap(xoauth2)):
		b.mechanism = xoauth2
	default:
		return fmt.Errorf("%w: it accepts neither OAUTHBEARER nor XOAUTH2", ErrAuth)
	}
	err := judge(s.client.Authenticate(&b))
	if errors.Is(err, ErrAuth) {
		s.config.Tokens.Refused(s.token)
	}
	return err
}

// judge wraps ErrAuth around an answer that refuses the credentials. Other errors it
// returns as they are, among them the refusals of a server that can't check the
// credentials now, because its user database is away or too many sessions are open.
func judge(err error) error {
	if refusal := (*imap.Error)(nil); errors.As(err, &refusal) && refusal.Type == imap.StatusResponseTypeNo {
		switch refusal.Code {
		case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug:
		default:
			return fmt.Errorf("%w: %w", ErrAuth, err)
		}
	}
	return err
}

// xoauth2 is the mechanism for tokens that Google and Microsoft used before OAUTHBEARER
// was a standard: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
const xoauth2 = "XOAUTH2"

// bearer is the client side of the SASL mechanism OAUTHBEARER (RFC 7628) or XOAUTH2. It
// implements sasl.Client.
type bearer struct {
	mechanism, user, token string
	host                   string
	port                   int
}

// Start returns the mechanism and its first message, which carries the token.
func (b *bearer) Start() (mechanism string, first []byte, err error) {
	if b.mechanism == sasl.OAuthBearer {
		return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{
			Username: b.user, Token: b.token, Host: b.host, Port: b.port,
		}).Start()
	}
	return xoauth2, fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", b.user, b.token), nil
}

// Next is called when the server answers with a challenge, which in these mechanisms
// can only be the reason why it refuses the token. Next returns that reason as an error
// that wraps ErrAuth. By the protocol we would now have to send an empty line and be
// told NO; we drop the connection instead.
func (b *bearer) Next(challenge []byte) ([]byte, error) {
	var reason struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(challenge, &reason); err != nil || reason.Status == "" {
		return nil, fmt.Errorf("%w: it refuses the token", ErrAuth)
	}
	return nil, fmt.Errorf("%w: it refuses the token (%.40q)", ErrAuth, reason.Status)
}

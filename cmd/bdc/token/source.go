// Package token gets the OAuth 2.0 access tokens by which bdc signs in to the mail
// servers of Microsoft 365 and Google, and renews them in time.
//
// A token server may answer with a new refresh token and revoke the old one. The
// answer is therefore written to a file, and synced to the disk, before it is used.
// The daemon, a daemon that runs with --shadow and bdc doctor share that file, of mode
// 0600, and hold a lock on it while they renew, so that no two of them use the same refresh token. If
// the power fails between the answer and the write, the answer is lost, and the next
// start uses the old refresh token; Microsoft and Google both still take it then.
//
// An access token lasts about an hour, and is renewed after three quarters of its
// life. A renewal that fails is reported while the old token can still be used. The
// log also announces, 30 days ahead, when a refresh token expires, if the provider says
// so, and when the client secret does, if the configuration says so.
//
// No error and no line of the log has a secret in it.
package token

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/endpoints"
)

// The providers that a Config may name.
const (
	Microsoft = "microsoft"
	Google    = "google"
)

const (
	callTime = 20 * time.Second // for one answer of the token server
	spare    = time.Minute      // of its life that a token must have left to be given out
	ahead    = 30 * 24 * time.Hour
	retry    = time.Minute // between attempts to renew, doubling up to retryMax
	retryMax = 15 * time.Minute
)

// microsoftMail asks for whatever the application was granted for mail. With a
// refresh token nothing is asked for: its own grant applies.
const microsoftMail = "https://outlook.office365.com/.default"

// Config says how to get tokens: with a refresh token or, at Microsoft only, with the
// credentials of the application itself (client credentials, RFC 6749, 4.4).
type Config struct {
	Provider      string    // Microsoft or Google
	Tenant        string    // the id or domain of the directory; Microsoft only
	ClientID      string    // of the application registered with the provider
	ClientSecret  string    // may be empty for a public client of Microsoft's
	SecretExpires time.Time // when the client secret does; zero where it is not known
	RefreshToken  string    // "" for client credentials
	URL           string    // of the token server; "" for the provider's
	Path          string    // of the file that keeps what the token server answers
}

// Source gets access tokens and keeps them. Its methods may be called concurrently.
type Source struct {
	config Config
	seed   string
	client *http.Client
	log    *slog.Logger

	turn sync.Mutex // of whoever renews

	mu      sync.Mutex // never held while anybody is asked
	held    held
	refused string // by a mail server
	err     error  // of the last attempt to renew
	told    time.Time
}

// held is what the file holds.
type held struct {
	// Seed is a hash of the configuration that the rest was obtained by. When the
	// configuration has another refresh token, what is in the file is not used.
	Seed           string    `json:"seed"`
	Access         string    `json:"access_token"`
	Renewed        time.Time `json:"renewed"`
	Expires        time.Time `json:"expires"`
	Refresh        string    `json:"refresh_token,omitempty"`
	RefreshExpires time.Time `json:"refresh_expires,omitzero"`
}

// New returns a source. It reads no file and asks no server until the first Token or Run.
func New(c Config, log *slog.Logger) *Source {
	from := []string{c.Provider, c.Tenant, c.ClientID, c.RefreshToken, c.URL}
	seed := sha256.Sum256([]byte(strings.Join(from, "\x00")))
	return &Source{
		config: c, seed: hex.EncodeToString(seed[:]), log: log,
		// A token server that points elsewhere is not followed there with secrets.
		client: &http.Client{
			Timeout:       callTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Token returns an access token that is valid for at least a minute, and that was not
// passed to Refused. It asks the token server, for at most 20 seconds, only when it has
// no such token. Its error has no secret in it.
func (s *Source) Token(ctx context.Context) (string, error) {
	h, err := s.get(ctx, s.serves)
	return h.Access, err
}

// Refused reports that a mail server refused a token, so that Token does not return it
// again.
func (s *Source) Refused(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = token
}

// serves reports whether an access token can be given out.
func (s *Source) serves(h held) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return h.Access != "" && h.Access != s.refused && time.Until(h.Expires) > spare
}

// fresh reports whether an access token need not be renewed yet.
func (s *Source) fresh(h held) bool {
	return s.serves(h) && time.Until(h.renewal()) > 0
}

// get returns the token in memory if it is good enough, else the one that another
// process has left in the file, else what the token server answers.
func (s *Source) get(ctx context.Context, enough func(held) bool) (held, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	h := s.holding()
	if enough(h) {
		return h, nil
	}
	h, err := s.renew(ctx, enough)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.held, s.err = h, nil
	case ctx.Err() == nil: // to be stopped is no trouble
		s.err = err
	}
	return h, err
}

func (s *Source) holding() held {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

func (s *Source) renew(ctx context.Context, enough func(held) bool) (h held, err error) {
	unlock, err := lock(ctx, s.config.Path+".lock")
	if err != nil {
		return h, fmt.Errorf("lock the stored sign-in: %w", err)
	}
	defer unlock()
	if h, err = load(s.config.Path); err != nil {
		return h, fmt.Errorf("read the stored sign-in %s: %w", s.config.Path, err)
	}
	switch {
	case h.Seed != s.seed:
		h = held{Seed: s.seed, Refresh: s.config.RefreshToken}
	case enough(h):
		return h, nil
	}
	answer, err := s.ask(ctx, h.Refresh)
	if err != nil {
		return h, s.discreet(err, h)
	}
	h.take(answer, time.Now().UTC())
	if err := save(s.config.Path, h); err != nil {
		// The tokens serve all the same, until the next start.
		s.log.Error("the renewed sign-in could not be stored", "err", err)
	}
	return h, nil
}

// ask asks the token server for an access token, and for a new refresh token if it
// gives one.
func (s *Source) ask(ctx context.Context, refresh string) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, s.client)
	if refresh == "" {
		c := clientcredentials.Config{
			ClientID: s.config.ClientID, ClientSecret: s.config.ClientSecret, TokenURL: s.endpoint(),
			Scopes: []string{microsoftMail}, AuthStyle: oauth2.AuthStyleInParams,
		}
		return c.Token(ctx)
	}
	c := oauth2.Config{
		ClientID: s.config.ClientID, ClientSecret: s.config.ClientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: s.endpoint(), AuthStyle: oauth2.AuthStyleInParams},
	}
	return c.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
}

// renewal is when an access token is to be renewed.
func (h held) renewal() time.Time { return h.Renewed.Add(h.Expires.Sub(h.Renewed) * 3 / 4) }

func (s *Source) endpoint() string {
	switch {
	case s.config.URL != "":
		return s.config.URL
	case s.config.Provider == Google:
		return endpoints.Google.TokenURL
	}
	return endpoints.AzureAD(s.config.Tenant).TokenURL
}

// defaultLife is how long an access token is used where the server does not say.
const defaultLife = time.Hour

// take replaces the tokens by those of an answer.
func (h *held) take(answer *oauth2.Token, now time.Time) {
	h.Access, h.Renewed, h.Expires = answer.AccessToken, now, now.Add(defaultLife)
	if !answer.Expiry.IsZero() {
		h.Expires = answer.Expiry.UTC()
	}
	if answer.RefreshToken != "" {
		h.Refresh = answer.RefreshToken
	}
	// Google and Microsoft name the seconds that a refresh token lasts, however often
	// it is used, in this member.
	if left, ok := answer.Extra("refresh_token_expires_in").(float64); ok && left > 0 {
		h.RefreshExpires = now.Add(time.Duration(left) * time.Second)
	}
}

// maxWords is the most octets of a token server's words that an error repeats.
const maxWords = 300

// discreet returns an error that says what ask's error says, without any secret.
func (s *Source) discreet(err error, h held) error {
	words, hint := err.Error(), ""
	if refusal, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		words = fmt.Sprintf("it answers %d %s %s", refusal.Response.StatusCode, refusal.ErrorCode,
			refusal.ErrorDescription)
		switch refusal.ErrorCode { // RFC 6749, 5.2
		case "invalid_grant":
			hint = "; sign in again, and put the new refresh token into the configuration"
		case "invalid_client", "unauthorized_client":
			hint = "; the client's id or secret is wrong, or the secret has expired"
		}
	}
	for _, secret := range []string{
		s.config.ClientSecret, url.QueryEscape(s.config.ClientSecret),
		s.config.RefreshToken, h.Refresh, h.Access,
	} {
		if secret != "" {
			words = strings.ReplaceAll(words, secret, "[…]")
		}
	}
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	return fmt.Errorf("the token server: %s%s", strings.ToValidUTF8(words[:min(len(words), maxWords)], ""), hint)
}

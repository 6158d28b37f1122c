package daemon

import (
	"log/slog"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/token"
)

// NewTokens returns the source of the access tokens by which we sign in, or nil if the
// configuration has passwords. Refresh tokens are kept in one file beside the data file,
// also by a daemon in shadow, so that no two daemons use the same refresh token.
func NewTokens(c config.Config, log *slog.Logger) *token.Source {
	o := c.OAuth2
	if o.Provider == "" {
		return nil
	}
	return token.New(token.Config{
		Provider: o.Provider, Tenant: o.Tenant, ClientID: o.ClientID, ClientSecret: o.ClientSecret,
		SecretExpires: o.SecretExpires,
		RefreshToken:  o.RefreshToken, URL: o.TokenURL, Path: c.Data + ".tokens",
	}, log)
}

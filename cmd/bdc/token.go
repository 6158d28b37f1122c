package main

import (
	"log/slog"

	"bdc/cmd/bdc/config"
	"bdc/cmd/bdc/token"
)

// newTokens is the source of the access tokens that a configuration signs in by,
// or nil where it does so by password. What they come from is stored beside the
// data file, in shadow too: a refresh token is not spent twice.
func newTokens(c config.Config, log *slog.Logger) *token.Source {
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

package config

import (
	"net/url"
	"time"

	"bdc/cmd/bdc/token"
)

// OAuth2 is how to sign in to both mail servers at Microsoft 365 or Google.
type OAuth2 struct {
	Tenant              string `toml:"tenant"` // of Microsoft: the directory's id or domain
	ClientID            string `toml:"client_id"`
	ClientSecret        string `toml:"client_secret"` // Load reads it from the file where that is given
	ClientSecretFile    string `toml:"client_secret_file"`
	ClientSecretExpires string `toml:"client_secret_expires"` // a day, such as "2027-11-21"
	RefreshToken        string `toml:"refresh_token"`         // Load reads it from the file where that is given
	RefreshTokenFile    string `toml:"refresh_token_file"`
	TokenURL            string `toml:"token_url"` // of the token server; "" for the provider's

	// Provider is token.Microsoft or token.Google, or "" if we sign in to both servers
	// by password.
	Provider string `toml:"-"`
	// SecretExpires is the day of ClientSecretExpires; zero where it is not known.
	SecretExpires time.Time `toml:"-"`
}

// oauth2 finds what is wrong with the section, and reads the secrets from their files.
// Where both servers take a password, the section is not used and not checked.
func (f *faults) oauth2(c *Config) {
	o := &c.OAuth2
	f.secret("oauth2.client_secret", &o.ClientSecret, o.ClientSecretFile)
	f.secret("oauth2.refresh_token", &o.RefreshToken, o.RefreshTokenFile)
	if known := f.provider(c); !known || o.Provider == "" {
		return
	}
	f.grant(o)
	if o.TokenURL != "" {
		u, err := url.Parse(o.TokenURL)
		if err != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			f.add("oauth2.token_url", "must begin with https://")
		}
	}
	if o.ClientSecretExpires != "" {
		var err error
		if o.SecretExpires, err = time.Parse(time.DateOnly, o.ClientSecretExpires); err != nil {
			f.add("oauth2.client_secret_expires", `must be a day such as "2027-11-21"`)
		}
	}
}

// provider finds the one provider that the servers name. It returns false for a provider
// that we do not know: what else is missing depends on the provider.
func (f *faults) provider(c *Config) (known bool) {
	o := &c.OAuth2
	for _, s := range []struct {
		section string
		server  Server
	}{{"mailbox", c.Mailbox.Server}, {"smtp", c.SMTP.Server}} {
		switch provider := s.server.OAuth2; {
		case provider == "":
			continue
		case provider != token.Microsoft && provider != token.Google:
			f.add(s.section+".oauth2", `must be "microsoft" or "google"`)
			return false
		case s.server.Username == "":
			f.add(s.section+".username", "is missing: the mailbox that oauth2 signs in to")
		case o.Provider != "" && o.Provider != provider:
			f.add(s.section+".oauth2", "must be the same as mailbox.oauth2")
		}
		o.Provider = s.server.OAuth2
	}
	return true
}

// grant finds what the provider asks for and the section lacks. Google gives access for a
// refresh token only, and asks for a client secret besides. Microsoft takes either one.
func (f *faults) grant(o *OAuth2) {
	if o.ClientID == "" {
		f.add("oauth2.client_id", "is missing")
	}
	switch {
	case o.Provider == token.Google && o.RefreshToken == "":
		f.add("oauth2.refresh_token", "is missing (or refresh_token_file)")
	case o.ClientSecret == "" && (o.Provider == token.Google || o.RefreshToken == ""):
		f.add("oauth2.client_secret", "is missing (or client_secret_file)")
	}
	if o.Provider == token.Microsoft && o.Tenant == "" && o.TokenURL == "" {
		f.add("oauth2.tenant", "is missing: the directory's id or domain")
	}
}

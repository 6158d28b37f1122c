package config

import (
	"crypto/x509"
	"errors"
	"os"
	"strings"
)

// Server is what it takes to reach a mail server and to sign in.
type Server struct {
	Host         string `toml:"host"`
	Port         int    `toml:"port"` // Load sets the usual one for TLS where none is given
	TLS          string `toml:"tls"`  // "implicit", "starttls", or "none" to this machine only
	CAFile       string `toml:"ca_file"`
	Username     string `toml:"username"`
	Password     string `toml:"password"` // Load reads it from PasswordFile where that is given
	PasswordFile string `toml:"password_file"`
	OAuth2       string `toml:"oauth2"` // the provider of access tokens; "" to sign in by password
}

// Roots returns the certificate authorities of the CAFile, or nil for those of the
// system. The file is read at each call, so that a renewed one is used from the next
// connection on. If it cannot be read any more, the pool is empty, so that no server is
// trusted.
func (s Server) Roots() *x509.CertPool {
	if s.CAFile == "" {
		return nil
	}
	pool, err := certificates(s.CAFile)
	if err != nil { // gone since Load read it
		return x509.NewCertPool()
	}
	return pool
}

// server finds what is wrong with the keys of a mail server. ports has the usual port for
// each value of tls; it is used where the configuration gives none.
func (f *faults) server(section string, s *Server, ports map[string]int) {
	f.reach(section, s, ports)
	f.signIn(section, s)
}

// reach finds what is wrong with the address of a server and the way to connect to it.
func (f *faults) reach(section string, s *Server, ports map[string]int) {
	if s.Host == "" {
		f.add(section+".host", "is missing")
	}
	port, ok := ports[s.TLS]
	switch {
	case !ok:
		f.add(section+".tls", `must be "implicit", "starttls" or "none"`)
	case s.TLS == "none" && s.Host != "" && !loopback(s.Host):
		f.add(section+".tls", `"none" sends the password in the clear: it is only for this machine (localhost)`)
	}
	if s.Port == 0 {
		s.Port = port
	}
	if s.Port < 0 || s.Port > 65535 {
		f.add(section+".port", "must be between 1 and 65535")
	}
	if s.CAFile != "" {
		if _, err := certificates(s.CAFile); err != nil {
			f.add(section+".ca_file", err.Error())
		}
	}
}

// signIn finds what is wrong with the credentials for a server, and reads the password
// from its file.
func (f *faults) signIn(section string, s *Server) {
	f.secret(section+".password", &s.Password, s.PasswordFile)
	switch {
	case s.OAuth2 != "" && s.Password+s.PasswordFile != "":
		f.add(section+".password", "oauth2 is there too: keep one of them")
	case s.OAuth2 == "" && s.Username != "" && s.Password == "" && s.PasswordFile == "":
		f.add(section+".password", "is missing (or password_file, or oauth2)")
	}
	if strings.ContainsAny(s.Username, "\x00\x01\r\n") {
		f.add(section+".username", "must not hold control characters")
	}
}

// certificates reads a file of PEM certificates.
func certificates(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("holds no PEM certificate")
	}
	return pool, nil
}

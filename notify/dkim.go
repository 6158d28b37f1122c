package notify

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// DKIM signs mails for a domain (RFC 6376, RFC 8463). It is safe for concurrent
// use.
type DKIM struct {
	options dkim.SignOptions
}

// probe is the shortest mail that can be signed.
const probe = "From: a@example.org\r\n\r\n"

// rsaLeast is the least length of a signer's key, in bits (RFC 8301, 3.2).
const rsaLeast = 2048

// signed are the header fields that a signature covers. A field that is named once more
// often than we write it cannot be added by others without breaking the signature (RFC
// 6376, 8.15).
var signed = []string{
	"From", "From", "To", "To", "Subject", "Subject", "Date", "Date", "Message-ID", "In-Reply-To", "References",
	"Auto-Submitted", "MIME-Version", "Content-Type", "Content-Type",
}

// NewDKIM makes a signer from a private key in PEM: RSA of 2048 bits or more, or Ed25519.
// Receiving servers look for its public key in DNS, under selector._domainkey.domain.
func NewDKIM(domain, selector string, key []byte) (*DKIM, error) {
	signer, err := privateKey(key)
	if err != nil {
		return nil, err
	}
	d := &DKIM{dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: signer, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	}}
	_, err = d.sign([]byte(probe))
	return d, err
}

// Check verifies that receiving servers will accept our signatures: it signs a mail and
// verifies the signature by the public key in DNS. lookup returns the TXT records of a
// name, as net.LookupTXT does.
func (d *DKIM) Check(lookup func(name string) ([]string, error)) error {
	mail, err := d.sign([]byte(probe))
	if err != nil {
		return err
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(mail), &dkim.VerifyOptions{LookupTXT: lookup})
	if err == nil {
		err = found[0].Err
	}
	if err != nil {
		return fmt.Errorf("%s._domainkey.%s: %w", d.options.Selector, d.options.Domain, err)
	}
	return nil
}

func privateKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("holds no PEM key")
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("holds a %q, not a private key without a passphrase", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("holds no usable key: %w", err)
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return key, nil
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < rsaLeast {
			return nil, fmt.Errorf("holds an RSA key of %d bits; it needs %d", bits, rsaLeast)
		}
		return key, nil
	}
	return nil, fmt.Errorf("holds a key of type %T; it must be RSA or Ed25519", key)
}

// sign returns a mail with a signature before it.
func (d *DKIM) sign(mail []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(mail) + 1<<10)
	if err := dkim.Sign(&b, bytes.NewReader(mail), &d.options); err != nil {
		return nil, fmt.Errorf("sign by DKIM: %w", err)
	}
	return b.Bytes(), nil
}

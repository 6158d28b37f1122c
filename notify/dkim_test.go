package notify

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// keyOf is a private key as a file holds it, and its public half as DNS does.
func keyOf(t testing.TB, key crypto.Signer) (file []byte, record string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	kind, public := "ed25519", []byte(nil)
	switch k := key.Public().(type) {
	case ed25519.PublicKey:
		public = k
	case *rsa.PublicKey:
		kind = "rsa"
		if public, err = x509.MarshalPKIXPublicKey(k); err != nil {
			t.Fatal(err)
		}
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		fmt.Sprintf("v=DKIM1; k=%s; p=%s", kind, base64.StdEncoding.EncodeToString(public))
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func edKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// verify returns what a receiving server makes of a mail's signatures.
func verify(t *testing.T, mail []byte, record string) error {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(mail),
		&dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "bdc._domainkey.example.org" {
				t.Errorf("looked for %s", name)
			}
			return []string{record}, nil
		}})
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].Domain != "example.org" {
		t.Fatalf("got %d signatures, want one by example.org", len(found))
	}
	return found[0].Err
}

// A mail is signed once, when it is sealed: the second attempt sends the same
// bytes, and they verify.
func TestDKIM(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey(t, 2048), "Ed25519": edKey(t)} {
		t.Run(name, func(t *testing.T) {
			file, record := keyOf(t, key)
			signer, err := NewDKIM("example.org", "bdc", file)
			if err != nil {
				t.Fatal(err)
			}
			_, other := keyOf(t, edKey(t))
			for published, want := range map[string]bool{record: true, "v=DKIM1; p=": false, other: false} {
				lookup := func(string) ([]string, error) { return []string{published}, nil }
				if err := signer.Check(lookup); (err == nil) != want {
					t.Errorf("DNS has %.40q: got %v", published, err)
				}
			}
			var mails [][]byte
			synctest.Test(t, func(t *testing.T) {
				s := newShelf()
				s.add(time.Now(), "b@example.com")
				o := newOutbox(s, &mailer{send: func(_ context.Context, _ string, n int, mail []byte) error {
					mails = append(mails, bytes.Clone(mail))
					if n == 1 {
						return errBusy
					}
					return nil
				}})
				o.DKIM = signer
				stop := start(t, o)
				after(10 * time.Minute)
				stop()
				wantOutcomes(t, s, 1, 0, 0)
			})
			if len(mails) != 2 || !bytes.Equal(mails[0], mails[1]) {
				t.Fatalf("got %d attempts, want two of the same bytes", len(mails))
			}
			if err := verify(t, mails[0], record); err != nil {
				t.Errorf("the signature does not verify: %v", err)
			}
			for text := range bytes.SplitSeq(mails[0], []byte("\r\n")) {
				if len(text) > 998 {
					t.Errorf("a line has %d octets", len(text))
				}
			}
			for change, mail := range map[string][]byte{
				"another subject": bytes.Replace(mails[0], []byte("Subject: "), []byte("Subject: x"), 1),
				"a second sender": bytes.Replace(mails[0], []byte("From: "), []byte("From: x@example.net\r\nFrom: "),
					1),
				"another body": append(bytes.Clone(mails[0]), "x\r\n"...),
			} {
				if err := verify(t, mail, record); err == nil {
					t.Errorf("%s: the signature verifies all the same", change)
				}
			}
		})
	}
}

func TestDKIMRefusesKeys(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	elliptical, _ := keyOf(t, curve)
	short, _ := keyOf(t, rsaKey(t, 1024))
	good, _ := keyOf(t, edKey(t))
	for name, test := range map[string]struct {
		key              []byte
		domain, selector string
		want             string
	}{
		"nothing": {nil, "example.org", "bdc", "no PEM key"},
		"a certificate": {
			pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), "example.org",
			"bdc", "CERTIFICATE",
		},
		"a broken key": {
			pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}), "example.org",
			"bdc", "no usable key",
		},
		"another kind":     {elliptical, "example.org", "bdc", "must be RSA or Ed25519"},
		"a short one":      {short, "example.org", "bdc", "1024 bits"},
		"without domain":   {good, "", "bdc", "no domain"},
		"without selector": {good, "example.org", "", "no selector"},
	} {
		if _, err := NewDKIM(test.domain, test.selector, test.key); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
}

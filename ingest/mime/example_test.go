package mime_test

import (
	"fmt"
	"strings"

	"bdc/ingest/mime"
)

func ExampleRead() {
	raw := strings.ReplaceAll(`From: Librairie du Port <commandes@librairie.example>
Subject: =?utf-8?Q?Commande_lyc=C3=A9e?=
Content-Type: multipart/mixed; boundary=b

--b

Bonjour, voici notre commande.
--b
Content-Type: application/octet-stream; name*=iso-8859-1''lyc%E9e.xlsx
Content-Transfer-Encoding: base64

UEsDBA==
--b--
`, "\n", "\r\n")

	m, err := mime.Read([]byte(raw), mime.DefaultLimits())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.From, "-", m.Subject)
	fmt.Println(m.Text)
	for _, f := range m.Files {
		fmt.Printf("%s: %q\n", f.Name, f.Data)
	}
	// Output:
	// commandes@librairie.example - Commande lycée
	// Bonjour, voici notre commande.
	// lycée.xlsx: "PK\x03\x04"
}

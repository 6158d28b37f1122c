package mime_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"

	"bdc/ingest/mime"
)

// workbook returns bytes that begin like an xlsx file and hold every value.
func workbook(size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	copy(b, "PK\x03\x04")
	return b
}

// fold encodes b in base64 lines of 76 digits.
func fold(b []byte) string {
	digits := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(digits) > 76 {
		out.WriteString(digits[:76] + "\r\n")
		digits = digits[76:]
	}
	out.WriteString(digits + "\r\n")
	return out.String()
}

// ordinary is what a bookseller sends: two sentences, twice, and a workbook.
func ordinary(xlsx []byte) []byte {
	return fmt.Appendf(nil, strings.ReplaceAll(`Return-Path: <commandes@librairie-exemple.fr>
Received: from smtp.example.net (smtp.example.net [192.0.2.7])
	by mx.example.org with ESMTPS id 4A1B2C3D
	for <numeriquelibraires@example.org>; Mon, 5 Jun 2026 10:12:33 +0200
Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=librairie-exemple.fr;
	dkim=pass header.d=librairie-exemple.fr; dmarc=pass
From: =?utf-8?Q?Librairie_de_l=27=C3=89cole?= <commandes@librairie-exemple.fr>
To: numeriquelibraires@example.org
Subject: =?utf-8?B?Q29tbWFuZGUgbHljw6ll?=
Date: Mon, 5 Jun 2026 10:12:30 +0200
Message-ID: <abc.123@librairie-exemple.fr>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="----=_NextPart_000"

--%[1]s
Content-Type: multipart/alternative; boundary="----=_NextPart_001"

--%[2]s
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

Bonjour,

Veuillez trouver ci-joint notre commande pour le lyc=E9e.

--%[2]s
Content-Type: text/html; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

<html><body><p>Bonjour,</p><p>Veuillez trouver ci-joint notre commande pour=
 le lyc=E9e.</p></body></html>

--%[2]s--

--%[1]s
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;
	name="BdC_Interforum_Librairie_CNS.xlsx"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="BdC_Interforum_Librairie_CNS.xlsx"

%[3]s
--%[1]s--
`, "\n", "\r\n"), "----=_NextPart_000", "----=_NextPart_001", fold(xlsx))
}

func BenchmarkRead(b *testing.B) {
	raw := ordinary(workbook(15 << 10))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if m, err := mime.Read(raw, mime.DefaultLimits()); err != nil || len(m.Files) != 1 {
			b.Fatalf("got %v, %v; want one file", m, err)
		}
	}
}

// BenchmarkGoMessage reads the same parts with go-message, as a pace to keep.
func BenchmarkGoMessage(b *testing.B) {
	raw := ordinary(workbook(15 << 10))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		files, err := filesByGoMessage(raw)
		if err != nil || files != 1 {
			b.Fatalf("got %d files, %v; want one", files, err)
		}
	}
}

func filesByGoMessage(raw []byte) (files int, err error) {
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	err = e.Walk(func(_ []int, e *message.Entity, err error) error {
		if err != nil || e.MultipartReader() != nil {
			return err
		}
		b, err := io.ReadAll(e.Body)
		if _, params, _ := e.Header.ContentDisposition(); params["filename"] != "" && bytes.HasPrefix(b, []byte("PK")) {
			files++
		}
		return err
	})
	return files, errors.Join(err)
}

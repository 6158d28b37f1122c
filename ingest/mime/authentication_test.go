package mime_test

import (
	"strings"
	"testing"

	"bdc/ingest/mime"
)

// TestDMARC believes the receiving server, and nobody who writes in its name.
func TestDMARC(t *testing.T) {
	const genuine = "Authentication-Results: mx.cns.example; dmarc=pass header.from=librairie.example\r\n"
	tests := []struct{ name, header, server, want string }{
		{"genuine", genuine, "mx.cns.example", "pass"},
		{"in other letters", strings.ToUpper(genuine), "MX.cns.Example", "pass"},
		{"folded", "Authentication-Results: mx.cns.example;\r\n" +
			"\tspf=pass smtp.mailfrom=x@librairie.example;\r\n dkim=fail;\r\n dmarc=pass\r\n " +
			"header.from=librairie.example\r\n", "mx.cns.example", "pass"},
		{"with a version and comments", "Authentication-Results: mx.cns.example (our server) 1; dmarc (RFC 7489) = " +
			"(yes) pass (p=REJECT; dis=NONE) header.from=librairie.example\r\n", "mx.cns.example", "pass"},
		{"name in quotes", "Authentication-Results: \"mx.cns.example\"; dmarc=pass\r\n", "mx.cns.example", "pass"},
		{"result in a version", "Authentication-Results: mx.cns.example; dmarc/1=pass\r\n", "mx.cns.example", "pass"},
		{
			"a result with a reason", "Authentication-Results: mx.cns.example; dmarc=fail reason=\"no; " +
				"dmarc=pass\"\r\n",
			"mx.cns.example", "fail",
		},
		{
			"no policy", "Authentication-Results: mx.cns.example; dmarc=none header.from=librairie.example\r\n",
			"mx.cns.example", "none",
		},
		{"without DMARC", "Authentication-Results: mx.cns.example; spf=pass; dkim=pass\r\n", "mx.cns.example", ""},
		{"nothing done", "Authentication-Results: mx.cns.example; none\r\n", "mx.cns.example", ""},
		{"no server configured", genuine, "", ""},

		{"absent", "", "mx.cns.example", ""},
		{"forged by another name", "Authentication-Results: mx.evil.example; dmarc=pass\r\n", "mx.cns.example", ""},
		{
			"forged by a longer name", "Authentication-Results: mx.cns.example.evil.example; dmarc=pass\r\n",
			"mx.cns.example", "",
		},
		{
			"forged without a name", "Authentication-Results: dmarc=pass header.from=librairie.example\r\n",
			"mx.cns.example", "",
		},
		{"forged below", "Authentication-Results: mx.cns.example; dmarc=fail\r\n" + genuine, "mx.cns.example", "fail"},
		{
			"forged below one that says nothing", "Authentication-Results: mx.cns.example; spf=fail\r\n" + genuine,
			"mx.cns.example", "",
		},
		{
			"forged below another's", "Authentication-Results: mx.other.example; dmarc=fail\r\n" + genuine,
			"mx.cns.example", "",
		},
		{"forged above", genuine + "Authentication-Results: mx.cns.example; dmarc=fail\r\n", "mx.cns.example", "fail"},
		{"forged above in another name", "Authentication-Results: mx.evil.example; dmarc=pass\r\n" +
			"Authentication-Results: mx.cns.example; dmarc=fail\r\n", "mx.cns.example", ""},
		{
			"in a comment", "Authentication-Results: mx.evil.example (mx.cns.example; dmarc=pass); dmarc=pass\r\n",
			"mx.cns.example", "",
		},
		{"behind a comment", "Authentication-Results: (a\\)) mx.evil.example (; dmarc=pass\r\n", "mx.evil.example", ""},
		{"name in a comment", "Authentication-Results: (mx.cns.example;) dmarc=pass\r\n", "mx.cns.example", ""},
		{"result in a comment", "Authentication-Results: mx.cns.example; dmarc=fail (dmarc=pass; (nested) " +
			"dmarc=pass)\r\n", "mx.cns.example", "fail"},
		{
			"result in a string", "Authentication-Results: mx.cns.example; spf=\"x; dmarc=pass\"\r\n", "mx.cns.example",
			"",
		},
		{"string never closed", "Authentication-Results: \"mx.cns.example; dmarc=pass\r\n", "mx.cns.example", ""},
		{
			"two results in one", "Authentication-Results: mx.cns.example; dmarc=pass; dmarc=fail\r\n",
			"mx.cns.example",
			"fail",
		},
		{
			"about another domain", "Authentication-Results: mx.cns.example; dmarc=pass header.from=evil.example\r\n",
			"mx.cns.example", "fail",
		},
		{
			"about another domain, with spaces", "Authentication-Results: mx.cns.example; dmarc=pass header . from = " +
				"evil.example\r\n", "mx.cns.example", "fail",
		},
		{
			"about another domain, with a space", "Authentication-Results: mx.cns.example; dmarc=pass header. from" +
				"=evil.example\r\n", "mx.cns.example", "fail",
		},
		{
			"about another domain, with a comment", "Authentication-Results: mx.cns.example; dmarc=pass header(a)." +
				"\r\n\tfrom\t=evil.example\r\n", "mx.cns.example", "fail",
		},
		{
			"about this domain, with spaces",
			"Authentication-Results: mx.cns.example; dmarc / 1 = pass header . from = " +
				"librairie.example\r\n", "mx.cns.example", "pass",
		},
		{
			"folded forgery within another field", "X-Note: a\r\n Authentication-Results: mx.cns.example; " +
				"dmarc=pass\r\n",
			"mx.cns.example", "",
		},
		{"a later version", "Authentication-Results: mx.cns.example 2; dmarc=pass\r\n", "mx.cns.example", ""},
		{"two names", "Authentication-Results: mx.cns.example mx.evil.example; dmarc=pass\r\n", "mx.cns.example", ""},
		{"an ARC chain's", "ARC-Authentication-Results: i=1; mx.cns.example; dmarc=pass\r\n", "mx.cns.example", ""},
		{"in the body", "X: y\r\n\r\n" + genuine, "mx.cns.example", ""},

		{
			"unnamed", "Authentication-Results: spf=pass (sender IP is 192.0.2.1)\r\n " +
				"smtp.mailfrom=librairie.example; " +
				"dmarc=pass action=none\r\n header.from=librairie.example;compauth=pass reason=100\r\n",
			mime.UnnamedTopmost, "pass",
		},
		{"unnamed, not topmost", genuine + "Authentication-Results: dmarc=pass\r\n", mime.UnnamedTopmost, ""},
		{"unnamed, and forged below", "Authentication-Results: spf=fail; dmarc=fail\r\n" +
			"Authentication-Results: dmarc=pass\r\n", mime.UnnamedTopmost, "fail"},
		{"named where no name is wanted", genuine, mime.UnnamedTopmost, ""},
	}
	for from, want := range map[string]string{
		"achats@librairie.example, compta@LIBRAIRIE.example":          "pass",
		"\"x@evil.example\" <achats@librairie.example>":               "pass",
		"achats@librairie.example, x@evil.example":                    "",
		"achats@librairie.example, <x@y.example> <z@evil.example>":    "",
		"achats@librairie.example\r\nFrom: x@librairie.example":       "",
		"x@evil.example junk\r\nFrom: achats@librairie.example":       "",
		"\r\nFrom: achats@librairie.example":                          "pass",
		"x@evil.example junk, achats@librairie.example":               "",
		"x@evil.example: achats@librairie.example;":                   "",
		"x@evil.example <achats@librairie.example>":                   "",
		"<achats@librairie.example> x@evil.example":                   "",
		"'achats@librairie.example' <achats@librairie.example>":       "pass",
		"Librairie @ Paris <achats@librairie.example>":                "pass",
		"Dupont, Jean <achats@librairie.example>":                     "pass",
		strings.Repeat("a@librairie.example, ", 1000) + "x@y.example": "",
	} {
		m := read(t, "Authentication-Results: mx.cns.example; dmarc=pass\r\nFrom: "+from+"\r\n\r\ntext")
		if got := m.DMARC("mx.cns.example"); got != want {
			t.Errorf("got %q from %.60q, want %q", got, from, want)
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := read(t, test.header+"From: Libraire <achats@librairie.example>\r\nSubject: x\r\n\r\ntext")
			if test.name == "in the body" {
				m.From = "achats@librairie.example"
			}
			if got := m.DMARC(test.server); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

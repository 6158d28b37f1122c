package mime

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzHTML: whatever stands in an attribute or a comment is no text, whatever tags
// mean takes a limited room, and a tag of any length is a tag.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"5 > 3", "<b>OK</b>", "--> OK", "<script>OK</script>", "<blockquote type=cite>a<br>b</blockquote>",
		"<style></styl<template>", "&lt;b&gt;&#x", "<a ' \"", "<!-- <![CDATA[ ]]> <?x ?>",
		"<noscript><p>OK</noscript>", "<plaintext></plaintext>", "\x00<\x00b>", "<s>a</s", "</br></p>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // htmlText is given UTF-8
		}
		const limit = 1000
		quoted := strings.ReplaceAll(s, `"`, "")
		for _, page := range []string{
			`<p>OK</p><img alt="` + quoted + `">`,
			`<img alt="` + quoted + `" title="` + strings.Repeat("x", longTag) + `"><p>OK</p>`,
			`OK<!--` + strings.NewReplacer("-", "", ">", "").Replace(s) + `-->`,
		} {
			if got := htmlText(page, limit); got != "OK" {
				t.Errorf("got %q from %q, want OK", got, page)
			}
		}
		text := htmlText(s, limit)
		if !utf8.ValidString(text) {
			t.Errorf("got %q from %q, which is no UTF-8", text, s)
		}
		if most := 8*len(s) + 8; len(text) > most { // a <p> is two line ends, each with five marks of quotes at most
			t.Errorf("got %d bytes from %d, want %d at most", len(text), len(s), most)
		}
		if long := htmlText(`<i title="`+strings.Repeat("x", longTag)+`">`+s, limit); long != text {
			t.Errorf("got %q behind a long tag, want %q", long, text)
		}
	})
}

package mime

import (
	"strings"
	"testing"
)

// Where the HTML of a mail has a postscript that the plain text lacks, the HTML is its text.
func TestHTMLThatSaysMore(t *testing.T) {
	mail := func(page string) string {
		return "From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n" +
			"--b\nContent-Type: text/plain; charset=utf-8\n\nVoici la commande, voir http://a.example/x\n" +
			"--b\nContent-Type: text/html; charset=utf-8\n\n" + page + "\n--b--\n"
	}
	for page, want := range map[string]string{
		"<p>Voici la <b>commande</b>, voir <a href=x>http://a.example/x</a></p>" +
			"<p>PS : sans la ligne 3</p>": "PS : sans la ligne 3",
		"<p>Voici la <b>commande</b>, voir ici</p>": "http://a.example/x",
	} {
		m, err := Read([]byte(mail(page)), Limits{Depth: 5, Parts: 20, TextBytes: 1 << 10, Forwarded: 2})
		if err != nil || !strings.Contains(m.Text, want) {
			t.Errorf("%s: got %q, %v, want %q in it", page, m.Text, err, want)
		}
	}
}

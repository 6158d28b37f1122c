package demo

import (
	"strings"
	"time"

	"bdc/ingest/mime"
)

// Agree takes a reply of the daemon, as the bytes of its mail, and returns the answer of
// its bookseller. Only one of the sample booksellers answers: the one whose form has a wrong
// check letter answers OK to the reply that offers to correct it. For every other reply ok
// is false.
func Agree(reply []byte) (answer Sample, ok bool) {
	m, err := mime.Read(reply, mime.DefaultLimits())
	address := strings.TrimSuffix(quai[strings.IndexByte(quai, '<')+1:], ">")
	if err != nil || len(m.To) != 1 || m.To[0] != address || !strings.Contains(m.Text, "Répondez OK") {
		return Sample{}, false
	}
	b := builder{at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), n: 100}
	text := "Bonjour,\r\n\r\nOK, merci !\r\n\r\nBien cordialement\r\n\r\nLibrairie du Quai\r\n2 quai de la Forge\r\n" +
		"99030 Port-Clairvaux\r\n\r\n" +
		"Le sam. 21 nov. 2026 à 09:00, CNS <" + User + "> a écrit :\r\n> " +
		strings.ReplaceAll(m.Text, "\n", "\r\n> ") + "\r\n"
	raw := append([]byte("In-Reply-To: "+m.MessageID+"\r\n"), b.message(quai, "RE: "+m.Subject, text)...)
	return Sample{"« OK » aux corrections proposées", raw}, true
}

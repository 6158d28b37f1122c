package mime

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"bdc/order"
)

//go:embed programs.toml
var programsTOML string

// programWords are the lists of programs.toml, which says what each is.
type programWords struct {
	Absence         []string `toml:"absence"`
	Receipt         []string `toml:"receipt"`
	Late            []string `toml:"late"`
	Bounce          []string `toml:"bounce"`
	DaemonNames     []string `toml:"daemon_names"`
	UnreadNames     []string `toml:"unread_names"`
	UnreadAddresses []string `toml:"unread_addresses"`
}

// programs are the embedded lists, read at their first use.
var programs = sync.OnceValue(func() *programWords {
	words := &programWords{}
	if _, err := toml.Decode(programsTOML, words); err != nil {
		panic("programs.toml: " + err.Error()) // a test reads it
	}
	return words
})

// isSubject reports whether a subject, as foldSubject returns it, begins like those
// that programs write.
func isSubject(subject string) bool {
	return isBounceSubject(subject) || isWarning(subject) || isAbsence(subject) || isReceipt(subject)
}

// isAbsence reports whether a subject says that somebody is away.
func isAbsence(subject string) bool { return beginsWith(subject, programs().Absence) }

// isReceipt reports whether a subject says that a mail was read, or came to its
// mailbox.
func isReceipt(subject string) bool { return beginsWith(subject, programs().Receipt) }

// isWarning reports whether a subject says that a mail is late, and not lost.
func isWarning(subject string) bool { return beginsWith(subject, programs().Late) }

// isBounceSubject reports whether a subject says that a mail was not delivered.
func isBounceSubject(subject string) bool { return beginsWith(subject, programs().Bounce) }

func beginsWith(s string, beginnings []string) bool {
	return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(s, b) })
}

// foldSubject returns a subject, or an author's name, as the lists have them: folded,
// without a bracket or stars in front and the space of French before a colon.
func foldSubject(subject string) string {
	return strings.ReplaceAll(strings.TrimLeft(order.Fold(subject), " [(*"), " :", ":")
}

package templates

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"bdc/order"
)

//go:embed mailwords.toml
var mailWordsTOML string

// MailWords are the lists of French words by which a bookseller's mail is understood. They
// come from mailwords.toml, which says with what each list is compared.
type MailWords struct {
	// A mail that is made of these alone, with a signature below, says OK to a report.
	Yes          Phrases `toml:"yes"`           // words that agree: "d'accord"; one is required
	What         Phrases `toml:"what"`          // what is agreed to, and by whom: "pour moi"
	Thanks       Phrases `toml:"thanks"`        // "merci beaucoup"
	Hello        Phrases `toml:"hello"`         // greetings: "bonjour"
	Bye          Phrases `toml:"bye"`           // words of leave: "cordialement"
	Formula      Phrases `toml:"formula"`       // how a closing formula begins: "veuillez agréer"
	FormulaWords Phrases `toml:"formula_words"` // the words that may follow in such a formula

	// By these, the lines below an OK are known as a signature, or as more than one.
	Remark       Phrases `toml:"remark"`        // words that say more than a signature does: "mais"
	Numbers      Phrases `toml:"numbers"`       // numbers in letters: alone on a line they are a quantity
	Telephone    Phrases `toml:"telephone"`     // what begins a line with a telephone number
	Device       Phrases `toml:"device"`        // what mail programs write below a mail
	DeviceBefore Phrases `toml:"device_before"` // the same, before the name of a device
	Footer       Phrases `toml:"footer"`        // footers that say nothing, although they have words of Remark
	FooterBefore Phrases `toml:"footer_before"` // the same, before the names of Networks
	Networks     Phrases `toml:"networks"`      // social networks
	OwnSite      Phrases `toml:"own_site"`      // what may stand in the place of the first network

	// What a mail without a form asks for.
	Account Phrases `toml:"account"` // before "compte": an account is asked for
	Cancel  Phrases `toml:"cancel"`  // an order is to be cancelled
	Change  Phrases `toml:"change"`  // an order is to be changed
	Ask     Phrases `toml:"ask"`     // a question is asked
	Order   Phrases `toml:"order"`   // the mail is about an order

	// By these, the text of an earlier mail is known, and the subject of an answer.
	Attribution   Phrases `toml:"attribution"`    // how the line above a quoted mail begins: "Le 20/11/2026…"
	Wrote         Phrases `toml:"wrote"`          // how that line ends: "a écrit"
	Hearsay       Phrases `toml:"hearsay"`        // words that before "a écrit" show that a person wrote the line
	Separator     Phrases `toml:"separator"`      // a line above a forwarded or answered mail
	FromLine      Phrases `toml:"from_line"`      // the quoted header's line of the sender
	OtherLine     Phrases `toml:"other_line"`     // its lines of the date and the recipients
	SubjectLine   Phrases `toml:"subject_line"`   // its line of the subject
	ForwardPrefix Phrases `toml:"forward_prefix"` // what programs put before the subject of a forwarded mail
	ReplyPrefix   Phrases `toml:"reply_prefix"`   // what programs put before the subject of an answer

	Place   Phrases `toml:"place"`   // in a line of a signature: who or where its writer is
	Version Phrases `toml:"version"` // in the name of a file: it is a version of another

	// The labels of what a mail says when it asks for an account.
	NameLabel    Phrases `toml:"name_label"`
	AccountLabel Phrases `toml:"account_label"` // before an Interforum account number
	AddressLabel Phrases `toml:"address_label"`

	// Tags are what our answers put in front of a subject, in brackets, by kind of reply.
	Tags map[order.ReplyKind]string `toml:"tags"`
}

// Phrases are the entries of a list, in the notation that mailwords.toml explains.
type Phrases []string

// anyEnding is the * of the notation that stands for letters.
var anyEnding = regexp.MustCompile(`([\pL'])\*`)

// Expression returns a regular expression that matches whatever one of the entries
// matches. It is one group without a number, and has no groups with numbers.
func (p Phrases) Expression() string {
	s := strings.ReplaceAll(strings.Join(p, "|"), "(", "(?:")
	return "(?:" + anyEnding.ReplaceAllString(s, `$1\pL*`) + ")"
}

// LoadMailWords returns the embedded lists, read at the first call. They are the same
// for all callers, and not to be changed.
func LoadMailWords() *MailWords { return mailWords() }

// mailWords panics where the embedded file is wrong: a test rules it out.
var mailWords = sync.OnceValue(func() *MailWords {
	words, err := parseMailWords(mailWordsTOML)
	if err != nil {
		panic(err)
	}
	return words
})

func parseMailWords(text string) (*MailWords, error) {
	words := &MailWords{}
	meta, err := toml.Decode(text, words)
	if err != nil {
		return nil, fmt.Errorf("list of words of mails: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("list of words of mails: unknown key %s", extra[0])
	}
	return words, nil
}

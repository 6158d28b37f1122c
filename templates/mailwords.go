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

// MailWords are the words by which a bookseller's mail is understood, from
// mailwords.toml, which says of each list what it is for and what it is compared with.
type MailWords struct {
	// An OK.
	Yes          Phrases `toml:"yes"`
	What         Phrases `toml:"what"`
	Thanks       Phrases `toml:"thanks"`
	Hello        Phrases `toml:"hello"`
	Bye          Phrases `toml:"bye"`
	Formula      Phrases `toml:"formula"`
	FormulaWords Phrases `toml:"formula_words"`

	// What stands below it.
	Remark       Phrases `toml:"remark"`
	Numbers      Phrases `toml:"numbers"`
	Telephone    Phrases `toml:"telephone"`
	Device       Phrases `toml:"device"`
	DeviceBefore Phrases `toml:"device_before"`
	Footer       Phrases `toml:"footer"`
	FooterBefore Phrases `toml:"footer_before"`
	Networks     Phrases `toml:"networks"`
	OwnSite      Phrases `toml:"own_site"`

	// What a mail asks for.
	Account Phrases `toml:"account"`
	Cancel  Phrases `toml:"cancel"`
	Change  Phrases `toml:"change"`
	Ask     Phrases `toml:"ask"`
	Order   Phrases `toml:"order"`

	// What quotes another mail.
	Attribution   Phrases `toml:"attribution"`
	Wrote         Phrases `toml:"wrote"`
	Hearsay       Phrases `toml:"hearsay"`
	Separator     Phrases `toml:"separator"`
	FromLine      Phrases `toml:"from_line"`
	OtherLine     Phrases `toml:"other_line"`
	SubjectLine   Phrases `toml:"subject_line"`
	ForwardPrefix Phrases `toml:"forward_prefix"`
	ReplyPrefix   Phrases `toml:"reply_prefix"`

	// Labels of what an account is asked for with.
	NameLabel    Phrases `toml:"name_label"`
	AccountLabel Phrases `toml:"account_label"`
	AddressLabel Phrases `toml:"address_label"`

	// What our answers put in front of a subject, by kind of reply.
	Tags map[order.ReplyKind]string `toml:"tags"`
}

// Phrases are the entries of a list, in the notation that mailwords.toml explains.
type Phrases []string

// anyEnding is the * of the notation that stands for letters.
var anyEnding = regexp.MustCompile(`([\pL'])\*`)

// Expression returns a regular expression, in a group of its own, that matches what
// any of the entries does.
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

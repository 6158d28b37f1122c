package ingest

import (
	"regexp"
	"sync"

	"bdc/templates"
)

// expressions find the French words of templates.MailWords in mails.
type expressions struct {
	// In one line of a mail that may say OK: the first four after plain, the others folded.
	yes, bye *regexp.Regexp // anywhere in it, and at its end
	courtesy *regexp.Regexp // all of a line that agrees, greets, thanks and takes leave
	greeting *regexp.Regexp // at its beginning
	remark   *regexp.Regexp // anywhere in a line of a signature: it may say something
	number   *regexp.Regexp // all of a line that is a quantity
	device   *regexp.Regexp // all of a line that a program put there
	footer   *regexp.Regexp // all of a line that many have below their signature, and remark would doubt
	address  *regexp.Regexp // a line with an address, or a telephone number

	place         *regexp.Regexp // in a line of a signature, folded: who or where its writer is
	version       *regexp.Regexp // anywhere in the name of a file, folded: it is a version of another
	forwarded     *regexp.Regexp // the beginning of a subject as typed: "Tr :"
	subjectPrefix *regexp.Regexp // the same, or "Re :", as it is to be taken off

	// In a letter, folded.
	account, cancel, change, ask, order *regexp.Regexp

	// In lines as typed, with plain spaces.
	attribution          *regexp.Regexp // the line above a quoted history, which programs wrap over up to three
	hearsay              *regexp.Regexp // what a person says, and no program: "le lycée m'a écrit :"
	separator            *regexp.Regexp // all of the line between a text and what is forwarded or answered in it
	from, other, subject *regexp.Regexp // the beginnings of lines of a header that is quoted

	// In a letter as typed: what follows a label is taken as it is.
	librairie, accountNumber, postal *regexp.Regexp
}

// words returns the expressions. It compiles them at the first call, because most
// processes of this program read no mail.
var words = sync.OnceValue(func() *expressions {
	w := templates.LoadMailWords()
	yes, hello := w.Yes.Expression(), w.Hello.Expression()
	bye := "(?:" + w.Bye.Expression() + "|" + w.Formula.Expression() + "(?: " + w.FormulaWords.Expression() + ")*)"
	courtesy := "(?:" + yes + "|" + w.What.Expression() + "|" + w.Thanks.Expression() + "|" + hello + "|" + bye + ")"
	networks := w.Networks.Expression()
	line := func(begin string) *regexp.Regexp { return regexp.MustCompile(`(?i)^\s*\*{0,2}` + begin + `\s*:`) }
	return &expressions{
		yes:      regexp.MustCompile(`(?:^| )` + yes + `(?: |$)`),
		bye:      regexp.MustCompile(`(?:^| )` + bye + `$`),
		courtesy: regexp.MustCompile(`^(?:` + courtesy + `(?: |$))+$`),
		greeting: regexp.MustCompile(`^` + hello + `(?: ` + hello + `)*(?: |$)`),
		remark:   regexp.MustCompile(`(?:^|[^\pL])` + w.Remark.Expression() + `(?:[^\pL]|$)`),
		number:   regexp.MustCompile(`^(?:[0-9]{1,6}|` + w.Numbers.Expression() + `)$`),
		device: regexp.MustCompile(`^(?:` + w.DeviceBefore.Expression() + ` [\pL0-9 .'-]{2,40}|` +
			w.Device.Expression() + `)` +
			`(?: ?<https?://\S+>)?$`),
		footer: regexp.MustCompile(`^(?:` + w.FooterBefore.Expression() + ` (?:` + networks + `|` +
			w.OwnSite.Expression() + `)` +
			`(?:[ ,/|&:]+(?:et )?(?:` + networks + `|(?:https?://|www\.)\S+))*|` + w.Footer.Expression() + `)[.! ]*$`),
		address: regexp.MustCompile(`@|www\.|https?:|^` + w.Telephone.Expression() + `(?:[^\pL]|$)`),
		place: regexp.MustCompile(`(?:^|[^\pL])` + w.Place.Expression() +
			`(?:[^\pL]|$)|^[0-9]{5} [\pL -]+$|^[+0][0-9 .()-]{8,20}$`),
		version:   regexp.MustCompile(`(?:^|[^\pL0-9])` + w.Version.Expression() + `(?:[^\pL0-9]|$)`),
		forwarded: regexp.MustCompile(`(?i)^\s*` + w.ForwardPrefix.Expression() + `\s*:`),

		subjectPrefix: regexp.MustCompile(`(?i)^\s*(?:` + w.ForwardPrefix.Expression() + `|` +
			w.ReplyPrefix.Expression() +
			`)\.?(?:\[\d+\])?\s*:\s*`),

		account: regexp.MustCompile(`\b` + w.Account.Expression() + `\b[^.?!\n]{0,60}\bcomptes?\b`),
		cancel:  regexp.MustCompile(`\b` + w.Cancel.Expression()),
		change:  regexp.MustCompile(`\b` + w.Change.Expression()),
		ask:     regexp.MustCompile(`\?|\b` + w.Ask.Expression() + `\b`),
		order:   regexp.MustCompile(`\b` + w.Order.Expression() + `\b`),

		attribution: regexp.MustCompile(`(?is)^\s*` + w.Attribution.Expression() + `\s.{4,300}?` +
			w.Wrote.Expression() + `[^\n]{0,40}:\s*$`),
		hearsay: regexp.MustCompile(`(?i)\b` + w.Hearsay.Expression() + `a écrit`),
		separator: regexp.MustCompile(`(?i)^\s*(?:-{2,}|_{2,}|\*{2,})?\s*` + w.Separator.Expression() +
			`\s*:?\s*(?:-{2,}|_{2,}|\*{2,})?\s*$`),
		from:    line(w.FromLine.Expression()),
		other:   line(w.OtherLine.Expression() + `(?: le)?`),
		subject: line(w.SubjectLine.Expression()),

		librairie: regexp.MustCompile(`(?im)^[\s*•–-]*` + w.NameLabel.Expression() + `\s*:[ \t]*(\S[^\n]{1,159})$`),
		accountNumber: regexp.MustCompile(`(?i)` + w.AccountLabel.Expression() +
			`[^\n:]{0,40}?[\s:°]+([0-9][0-9 .]{4,14}[0-9])\b`),
		postal: regexp.MustCompile(`(?im)^[\s*•–-]*` + w.AddressLabel.Expression() +
			`\s*:[ \t]*\n?([^\n]{3,200}(?:\n[^\n:]{0,100}\b[0-9]{5}\b[^\n:]{0,80})?)`),
	}
})

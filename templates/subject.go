package templates

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"bdc/order"
)

// maxSubject bounds a subject, in characters. It folds into a few header lines.
const maxSubject = 200

// otherTag is what somebody else put in front of a subject, in brackets.
var otherTag = regexp.MustCompile(`^\[[^\[\]]+\]`)

// ourTag finds what an earlier answer of ours put in front of a subject, with our Re:.
var ourTag = sync.OnceValue(func() *regexp.Regexp {
	begins := []string{`CNS-\d`}
	for kind, words := range LoadMailWords().Tags {
		words = strings.ReplaceAll(regexp.QuoteMeta(words), "’", ".") // some programs send ' for it
		if kind == order.ReplyLetter {
			words += " D-" // a bookseller's own [Dossier …] stays
		}
		begins = append(begins, words)
	}
	return regexp.MustCompile(`(?i)\[\s*(?:` + strings.Join(begins, "|") + `)[^\[\]]*\](?:\s*Re:)?`)
})

// replyPrefix finds what mail programs put in front of an answer, again and again.
var replyPrefix = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^` + LoadMailWords().ReplyPrefix.Expression() + `\.?(?:\[\d+\])?\s*:\s*`)
})

// subjectOf is the bookseller's subject, answered once, behind what became of
// the forms: « [À corriger D-7K2Q9F] Re: Commande du lycée Turgot ». A subject that a mail
// program would make a link of is not repeated.
func subjectOf(subject string, results []order.Result) string {
	const maxCodes = 3 // per kind: the mail itself lists them all
	var tags []string
	// What asks most of the bookseller comes first.
	for _, kind := range []order.ReplyKind{
		order.ReplyReport, order.ReplyUnreadable, order.ReplyNoForm,
		order.ReplyRefused, order.ReplyHeld, order.ReplyLetter, order.ReplyDuplicate, order.ReplyAck,
	} {
		var codes []string
		found := false
		for _, r := range results {
			if r.Kind != kind {
				continue
			}
			found = true
			code := r.Case
			if kind == order.ReplyAck || kind == order.ReplyDuplicate {
				code = r.Number
			}
			if code = clean(code, 20); code != "" && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
		if !found {
			continue
		}
		if len(codes) > maxCodes {
			codes = append(codes[:maxCodes], "…")
		}
		// An order's number says by itself that it is recorded: no words stand before it.
		if tag := strings.TrimSpace(LoadMailWords().Tags[kind] + " " + strings.Join(codes, ", ")); tag != "" {
			tags = append(tags, "["+tag+"]")
		}
	}

	// Ten times what is kept leaves room for the tags of many answers.
	subject = clean(subject, 10*maxSubject)
	for before := ""; before != subject; {
		before = subject
		subject = clean(ourTag().ReplaceAllString(subject, " "), 10*maxSubject)
		subject = replyPrefix().ReplaceAllString(subject, "")
		// A gateway puts « [EXTERNE] » in front each time.
		if tag := otherTag.FindString(subject); tag != "" {
			rest := replyPrefix().ReplaceAllString(strings.TrimLeft(subject[len(tag):], " "), "")
			if strings.HasPrefix(rest, tag) {
				subject = rest
			}
		}
	}
	if subject == "" || !isInert(subject) {
		subject = "Votre bon de commande"
	}
	tags = append(tags, "Re: "+subject)
	return clean(strings.Join(tags, " "), maxSubject)
}

package ingest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"bdc/order"
)

// In a line of a mail, doubt finds three dots, two dots and sad faces, and smiley finds
// happy faces and thumbs up.
var (
	doubt  = regexp.MustCompile(`…|\.\.|:'?-?\(`)
	smiley = regexp.MustCompile(`(?:^|\s)[:;]-?\)|👍(?:[\x{1F3FB}-\x{1F3FF}])?|🙂|😊`)
)

// Limits of a text that says OK.
const (
	maxAssent    = 2 << 10 // octets of all of it
	maxSignature = 8       // lines of the signature
	maxLine      = 100     // characters of a line of the signature
)

// saysOK reports whether a mail without forms says OK and nothing else: it is not
// forwarded, has no attachments but logos, and its sender wrote an OK above the
// quoted mail.
func (x *Exam) saysOK() bool {
	m := &x.Message
	return x.hasOnlyLogos() && !words().forwarded.MatchString(m.Subject) && assents(x.ownText) && !annotated(m.Text)
}

// assents reports whether a text says OK and nothing that could mean anything else:
// it consists of phrases that agree, greet, thank or say goodbye, perhaps followed by
// a signature.
func assents(own string) bool {
	if len(own) > maxAssent {
		return false
	}
	said, signed := false, 0 // whether OK was said, and how many lines of a signature there were
	leave := false           // goodbye was said, or a rule drawn: a signature may follow
	for _, line := range strings.Split(own, "\n") {
		line = strings.TrimSpace(line)
		folded := strings.TrimSpace(strings.Join(strings.Fields(order.Fold(line)), " "))
		switch {
		case folded == "" || words().device.MatchString(folded):
		case signed > 0 || said && !phrases(line):
			if isRule(folded) {
				leave = true
				continue
			}
			if signed++; signed > maxSignature || !signature(line, folded, leave || signed > 1) {
				return false
			}
		case isRule(folded) || !phrases(line):
			return false
		default:
			p := plain(line)
			said = said || words().yes.MatchString(p)
			leave = leave || said && words().bye.MatchString(p)
		}
	}
	return said
}

// isRule reports whether a line is a rule, such as the "-- " above a signature.
func isRule(s string) bool { return strings.Trim(s, "-_=*") == "" }

// plain returns a line folded, without the punctuation that does not change what it
// says. Question marks and digits stay, and three dots or a sad face become a question
// mark: no phrase of an OK has any of these.
func plain(line string) string {
	line = strings.NewReplacer("–", " ", "—", " ").Replace(line) // order.Fold would make hyphens of these
	line = smiley.ReplaceAllString(doubt.ReplaceAllString(order.Fold(line), "?"), " ")
	line = strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,;:!«»\"“”*_()", r) {
			return ' '
		}
		return r
	}, line)
	return strings.Trim(strings.Join(strings.Fields(line), " "), "- ")
}

// phrases reports whether a line consists of known phrases, perhaps after a greeting
// with somebody's name.
func phrases(line string) bool {
	p := plain(line)
	if words().courtesy.MatchString(p) {
		return true
	}
	hello, rest, _ := strings.Cut(line, ",")
	if h := plain(hello); words().greeting.MatchString(h) && isName(strings.Fields(hello), 4) {
		r := plain(rest)
		return r == "" || words().courtesy.MatchString(r)
	}
	return false
}

// isName reports whether words could be somebody's name, perhaps after a greeting:
// there are at most so many, each begins with a capital or is a particle such as "de",
// and none has a meaning that could change what an OK says.
func isName(name []string, most int) bool {
	if len(name) == 0 || len(name) > most {
		return false
	}
	for _, w := range name {
		w = strings.Trim(w, ".,;:!*_()–—-")
		first := []rune(w + " ")[0]
		if !unicode.IsUpper(first) && !slices.Contains([]string{"", "de", "du", "la", "le", "des", "d'", "et"}, w) ||
			strings.ContainsAny(w, "?0123456789") || words().remark.MatchString(order.Fold(w)) {
			return false
		}
	}
	return true
}

// signature reports whether a line could be part of a signature; folded is the same
// line, folded. If goodbye was not said yet (left is false), only a name can begin a
// signature.
func signature(line, folded string, left bool) bool {
	if left && words().footer.MatchString(folded) {
		return true
	}
	if len([]rune(line)) > maxLine || strings.ContainsAny(line, "?!…") || words().remark.MatchString(folded) ||
		words().yes.MatchString(folded) || words().number.MatchString(folded) {
		return false
	}
	if isName(strings.Fields(line), 5) {
		return !isInfinitive(folded)
	}
	return left && (words().address.MatchString(folded) || words().place.MatchString(folded))
}

// isInfinitive reports whether a line is one word that could tell us to do something, such as
// "Reporter". First names such as "Olivier" look alike: then a person reads the mail.
func isInfinitive(folded string) bool {
	return !strings.Contains(folded, " ") && (strings.HasSuffix(folded, "er") || strings.HasSuffix(folded, "ez"))
}

// hasOnlyLogos reports whether all files of a mail are small pictures, as signatures
// contain them.
func (x *Exam) hasOnlyLogos() bool {
	return !slices.ContainsFunc(x.Message.Parts, func(p order.Part) bool { return !isLogo(p) })
}

// isLogo reports whether a file is a small picture.
func isLogo(p order.Part) bool {
	const maxLogo = 100 << 10 // octets
	return p.Size <= maxLogo && slices.Contains([]string{"png", "jpeg", "gif"}, p.Type)
}

// otherFiles returns the files of a mail that are neither forms nor logos, nor zip files.
func (x *Exam) otherFiles() []order.Part {
	return slices.DeleteFunc(slices.Clone(x.Message.Parts), func(p order.Part) bool {
		return isLogo(p) || p.Type == "zip" ||
			slices.ContainsFunc(x.Forms, func(f Examined) bool { return f.Part.Hash == p.Hash })
	})
}

package ingest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"bdc/order"
)

var (
	doubt  = regexp.MustCompile(`…|\.\.|:'?-?\(`)
	smiley = regexp.MustCompile(`(?:^|\s)[:;]-?\)|👍(?:[\x{1F3FB}-\x{1F3FF}])?|🙂|😊`)
)

// maxSignature is how many lines may follow an OK, and maxLine how long they may
// be, in characters; maxAssent bounds it all, in octets.
const (
	maxAssent    = 2 << 10
	maxSignature = 8
	maxLine      = 100
)

// assents reports whether a sender's own text says OK, and nothing that anybody
// could mean anything else by: phrases that agree, greet, thank and take leave, then
// perhaps a signature.
func assents(own string) bool {
	if len(own) > maxAssent {
		return false
	}
	said, signed := false, 0
	leave := false // has been taken: a signature may follow
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

// isRule tells a line of dashes, such as the "-- " above a signature.
func isRule(s string) bool { return strings.Trim(s, "-_=*") == "" }

// plain is a line without case, accents, and punctuation that means nothing. A
// question mark stays, three dots and a sad face become one, and quantities stay: no
// phrase has them.
func plain(line string) string {
	line = strings.NewReplacer("–", " ", "—", " ").Replace(line) // no hyphens, as they would become
	line = smiley.ReplaceAllString(doubt.ReplaceAllString(order.Fold(line), "?"), " ")
	line = strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,;:!«»\"“”*_()", r) {
			return ' '
		}
		return r
	}, line)
	return strings.Trim(strings.Join(strings.Fields(line), " "), "- ")
}

// phrases reports whether a line is made of known phrases, behind a greeting that
// may name somebody.
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

// isName reports whether up to so many words could be somebody's: each with a
// capital, and none that says anything. The first may be a greeting.
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

// signature reports whether a line could be one of a signature. Before leave was
// taken, only a name begins one.
func signature(line, folded string, left bool) bool {
	if left && words().footer.MatchString(folded) {
		return true
	}
	if len([]rune(line)) > maxLine || strings.ContainsAny(line, "?!…") || words().remark.MatchString(folded) ||
		words().yes.MatchString(folded) || words().number.MatchString(folded) {
		return false
	}
	first := []rune(line)[0]
	return left && (!unicode.IsLower(first) || words().address.MatchString(folded)) || isName(strings.Fields(line), 5)
}

// onlyLogos reports whether a mail came with no file but what signatures have in
// them: small pictures.
func (x *Exam) onlyLogos() bool {
	const maxLogo = 100 << 10
	return !slices.ContainsFunc(x.Message.Parts, func(p order.Part) bool {
		return p.Size > maxLogo || !slices.Contains([]string{"png", "jpeg", "gif"}, p.Type)
	})
}

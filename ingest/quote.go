package ingest

import (
	"regexp"
	"strings"
	"unicode"

	"bdc/ingest/mime"
)

// maxOwn is the most octets of a sender's own text that a case keeps. The stored
// message still has the whole text.
const maxOwn = 8 << 10

// moment finds a year, a time of day or an address, at least one of which programs put
// into the line above a quoted mail.
var moment = regexp.MustCompile(`\b20[0-9]{2}\b|\b[0-9]{1,2}[:h][0-9]{2}\b|@`)

// ownText returns what the sender of a message wrote: the text without the mails that
// are quoted below it, above it or between its lines, and without a message that is
// forwarded in it. It is cut after 8 KiB.
func ownText(text string) string {
	own, _ := parted(text)
	return mime.Cut(own, maxOwn)
}

// parted returns all that the sender of a message wrote, and all the rest
// of the text: the mails that are quoted or forwarded in it.
func parted(text string) (own, history string) {
	typed := strings.Split(text, "\n")
	lines := strings.Split(plainSpaces(text), "\n")
	var mine, others []string
	for i := 0; i < len(lines); i++ {
		if words().separator.MatchString(lines[i]) || isHeaderBlock(lines[i:]) {
			others = append(others, typed[i:]...)
			break
		}
		if n := attributed(lines[i:]); n > 0 {
			quoted := isQuoted(next(lines[i+n:]))
			if !quoted && moment.MatchString(strings.Join(lines[i:i+n], " ")) {
				others = append(others, typed[i:]...)
				break // a quote without ">" marks, as HTML mail has: all that follows is quoted
			}
			if quoted {
				i += n - 1
				continue
			}
		}
		if !isQuoted(lines[i]) {
			mine = append(mine, typed[i])
		} else {
			others = append(others, strings.TrimLeft(lines[i], "> "))
		}
	}
	s := strings.TrimRight(strings.TrimSpace(strings.Join(mine, "\n")), "_- \n")
	return s, strings.TrimSpace(strings.Join(others, "\n"))
}

// annotated reports whether a sender may have answered single lines of a quoted mail,
// so that what he means depends on where he wrote it. That is so if own lines follow a
// quote and more of the quote follows those, or if quoted lines stand below own lines
// with neither the attribution nor the header that programs put above a quote.
func annotated(text string) bool {
	lines := strings.Split(plainSpaces(text), "\n")
	var wrote, announced, quoted, below bool
	for i := 0; i < len(lines); i++ {
		n := attributed(lines[i:])
		switch {
		case strings.TrimSpace(lines[i]) == "":
		case isQuoted(lines[i]):
			if below || wrote && !announced && !quoted && !headed(lines[i:]) {
				return true
			}
			quoted = true
		case n > 0 && isQuoted(next(lines[i+n:])):
			announced = true
			i += n - 1
		case n > 0, words().separator.MatchString(lines[i]), isHeaderBlock(lines[i:]):
			return false // ownText ends here
		default:
			wrote, below = true, quoted
		}
	}
	return false
}

// headed reports whether a quote begins with the header of the quoted mail, within its
// first three lines.
func headed(lines []string) bool {
	unmarked := make([]string, min(12, len(lines)))
	for i := range unmarked {
		unmarked[i] = strings.TrimLeft(lines[i], "> \t")
	}
	for i := range min(3, len(unmarked)) {
		if isHeaderBlock(unmarked[i:]) {
			return true
		}
	}
	return false
}

// plainSpaces replaces every white space but \n by a plain space: French programs put
// a no-break space before a colon.
func plainSpaces(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
}

// attributed returns how many of the first lines are one attribution ("Le 3 mai 2026,
// Anne Roy a écrit :"), which programs wrap over up to three lines; 0 if there is none.
func attributed(lines []string) int {
	for n := 1; n <= min(3, len(lines)); n++ {
		if isQuoted(lines[n-1]) || strings.TrimSpace(lines[n-1]) == "" {
			return 0
		}
		if s := strings.Join(lines[:n], "\n"); words().attribution.MatchString(s) {
			if words().hearsay.MatchString(s) {
				return 0
			}
			return n
		}
	}
	return 0
}

// isHeaderBlock reports whether lines begin with the header ("De : …", "Envoyé : …",
// "Objet : …") that Outlook puts above a quoted message.
func isHeaderBlock(lines []string) bool {
	if !words().from.MatchString(lines[0]) {
		return false
	}
	others, subject := 0, false
	for _, line := range lines[1:min(8, len(lines))] {
		if words().other.MatchString(line) {
			others++
		}
		subject = subject || words().subject.MatchString(line)
	}
	return others > 0 && subject
}

func isQuoted(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), ">") }

// next returns the first line that is not blank, or "".
func next(lines []string) string {
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			return line
		}
	}
	return ""
}

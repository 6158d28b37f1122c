package templates

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"bdc/order"
)

// scheme finds the beginning of a URL.
var scheme = regexp.MustCompile(`(?i)([a-z])://`)

// hostName finds what could be a host's name: labels with dots between. A label may have
// combining marks, emoji and the joiners between these.
var hostName = regexp.MustCompile(`[\pL\pN\pM\p{So}\x{200d}_-]+(?:\.[\pL\pN\pM\p{So}\x{200d}_-]+)+`)

// word finds what stands between spaces.
var word = regexp.MustCompile(`\S+`)

// fileEnding finds the ending of a file's name, which no mail program takes for a host's.
var fileEnding = regexp.MustCompile(`(?i)\.(xlsx|xlsm|xlsb|xls|xltx|ods|csv|pdf|docx?|txt|eml|numbers)$`)

// inert returns a stranger's text so that no mail program makes a link of it: « www[.]evil[.]fr »,
// « http[:]//… », « a@evil[.]fr ». A reply goes to whoever a mail names as its sender, so nobody
// may have us send a link of his. Only names under a top-level domain that exists can become
// links: « St.Exupéry » and the names of files stay as they are. What is invisible goes first:
// once it is gone, what it stood between could be a name.
func inert(s string) string {
	if !strings.ContainsAny(s, ".:。．｡") { // the ideographic full stops separate labels too (RFC 3490, 3.1)
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || steers(r) {
			return -1
		}
		return r
	}, s)
	s = strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(s)
	ending := fileEnding.FindString(s)
	s = strings.TrimSuffix(s, ending)
	s = scheme.ReplaceAllString(s, "${1}[:]//")
	return hostName.ReplaceAllStringFunc(s, func(name string) string {
		if !mayBeHost(name) {
			return name
		}
		return strings.ReplaceAll(name, ".", "[.]")
	}) + ending
}

// mayBeHost reports whether a name begins with www, or has a label after the first that is a
// top-level domain.
func mayBeHost(name string) bool {
	labels := strings.Split(strings.ToLower(name), ".")
	if labels[0] == "www" {
		return true
	}
	return slices.ContainsFunc(labels[1:], func(label string) bool {
		ascii, err := idna.ToASCII(label)
		if err != nil {
			return true
		}
		_, icann := publicsuffix.PublicSuffix("_." + ascii) // of some domains the list has only « *.mm »
		return icann
	})
}

// isInert reports whether no mail program makes a link of a text.
func isInert(s string) bool { return inert(s) == s }

// inertBut is inert, but leaves an address as it is: that of the reply's recipient, to whom a link
// to himself is none of a stranger's.
func inertBut(own, s string) string {
	if own == "" || !strings.Contains(strings.ToLower(s), strings.ToLower(own)) {
		return inert(s)
	}
	return word.ReplaceAllStringFunc(s, func(w string) string {
		if strings.EqualFold(strings.Trim(w, "<>()«»\"',;:.!?"), own) {
			return w
		}
		return inert(w)
	})
}

// inertResult is a result in which no mail program finds a link, but the address of the reply's
// recipient.
func inertResult(r order.Result, own string) order.Result {
	inert := func(s string) string { return inertBut(own, s) }

	for _, s := range []*string{&r.Part, &r.Sheet, &r.Bookstore, &r.Reference, &r.School} {
		*s = inert(*s)
	}
	r.Lines = slices.Clone(r.Lines)
	for i := range r.Lines {
		l := &r.Lines[i]
		l.Title, l.Offer, l.Duration, l.Licence = inert(l.Title), inert(l.Offer), inert(l.Duration), inert(l.Licence)
	}
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Sheet, f.Cell, f.Value, f.Proposal = inert(f.Sheet), inert(f.Cell), inert(f.Value), inert(f.Proposal)
		f.Args = maps.Clone(f.Args)
		for name, arg := range f.Args {
			f.Args[name] = inert(arg)
		}
	}
	r.Changes = slices.Clone(r.Changes)
	for i := range r.Changes {
		c := &r.Changes[i]
		c.Line, c.Before, c.After = inert(c.Line), inert(c.Before), inert(c.After)
	}
	return r
}

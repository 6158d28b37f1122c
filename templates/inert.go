package templates

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"bdc/order"
)

// scheme finds the beginning of a URL.
var scheme = regexp.MustCompile(`(?i)([a-z])://`)

// hostName finds what could be a host's name: labels with dots between.
var hostName = regexp.MustCompile(`[\pL\pN_-]+(?:\.[\pL\pN_-]+)+`)

// fileEnding finds the ending of a file's name, which no mail program takes for a host's.
var fileEnding = regexp.MustCompile(`(?i)\.(xlsx|xlsm|xlsb|xls|xltx|ods|csv|pdf|docx?|txt|eml|numbers)$`)

// inert returns a stranger's text so that no mail program makes a link of it: « www[.]evil[.]fr »,
// « http[:]//… », « a@evil[.]fr ». A reply goes to whoever a mail names as its sender, so nobody
// may have us send a link of his. Only names under a top-level domain that exists can become
// links: « St.Exupéry » and the names of files stay as they are.
func inert(s string) string {
	if !strings.ContainsAny(s, ".:。．｡") { // the ideographic full stops separate labels too (RFC 3490, 3.1)
		return s
	}
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

// inertResult is a result in which no mail program finds a link.
func inertResult(r order.Result) order.Result {
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

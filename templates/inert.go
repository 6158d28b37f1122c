package templates

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"bdc/order"
)

// linkPart finds where mail programs begin to see a link: a scheme, and a dot between what
// could be two labels of a host's name.
var linkPart = regexp.MustCompile(`(?i)([a-z])://|([\pL\pN_-])\.([\pL]{2}[\pL\pN-]*|xn--[\pL\pN-]+)`)

// fileEnding finds the ending of a file's name, which no mail program takes for a host's.
var fileEnding = regexp.MustCompile(`(?i)\.(xlsx|xlsm|xlsb|xls|xltx|ods|csv|pdf|docx?|txt|eml|numbers)$`)

// inert returns a stranger's text so that no mail program makes a link of it: « www[.]evil[.]fr »,
// « http[:]//… », « a@evil[.]fr ». A reply goes to whoever a mail names as its sender, so nobody
// may have us send a link of his. The names of files stay as they are.
func inert(s string) string {
	if !strings.ContainsAny(s, ".:。．｡") { // the ideographic full stops separate labels too (RFC 3490, 3.1)
		return s
	}
	s = strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(s)
	ending := fileEnding.FindString(s)
	s = strings.TrimSuffix(s, ending)
	for before := ""; before != s; { // matches that overlap: a.bc.de
		before = s
		s = linkPart.ReplaceAllStringFunc(s, func(part string) string {
			if strings.HasSuffix(part, "://") {
				return strings.Replace(part, "://", "[:]//", 1)
			}
			return strings.Replace(part, ".", "[.]", 1)
		})
	}
	return s + ending
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

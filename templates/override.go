package templates

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"log/slog"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"bdc/order"
)

// maxSource bounds a file of words, in octets: the largest of ours has 7,000.
const maxSource = 256 << 10

// Replies are the files of the embedded words, to be changed by whoever puts their
// own in their place.
func Replies() fs.FS {
	sub, _ := fs.Sub(repliesFS, "replies") // a constant, and a valid path
	return sub
}

// NewRendererFrom is NewRenderer with the files of a folder in the place of the
// embedded ones of the same name. They are tried together on Samples. The error
// joins all that is wrong, each with its file where one is wrong by itself: a name
// that no reply has, a template that can't be read or executed, HTML that would
// load or run something, and words that leave out what the reply is for, such as
// the number of the order.
//
// What no sample reaches may still fail on a reply. That one is written in the
// embedded words, and log is told: a bookseller is answered whatever the words.
//
// HTML is escaped by its context whoever wrote it. Files whose names begin with a
// dot are none of it.
func NewRendererFrom(form *order.Form, folder fs.FS, log *slog.Logger) (*Renderer, error) {
	over, faults := overriding(folder)
	together := try(form, over, ".txt", ".html")
	if len(together) > 0 {
		for _, name := range sortedNames(over) {
			for _, fault := range try(form, map[string]string{name: over[name]}, path.Ext(name)) {
				faults = append(faults, errors.New(name+": "+strings.TrimPrefix(fault.Error(), name+":")))
			}
		}
	}
	if len(faults) == 0 {
		for _, fault := range together {
			faults = append(faults, fmt.Errorf("the files together: %w", fault))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	r, err := newRenderer(form, over)
	if err != nil {
		return nil, err
	}
	if r.embedded, err = NewRenderer(form); err != nil {
		return nil, err
	}
	r.log = log
	return r, nil
}

func sortedNames(files map[string]string) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// loads finds what would make a mail program fetch or run something.
var loads = regexp.MustCompile(`(?i)<\s*(?:img|script|iframe|object|embed|link|video|audio|form|base)\b|` +
	`\burl\s*\(|@import\b|\sbackground\s*=`)

// overriding reads the files of a folder, and returns what is wrong with those
// that it leaves out.
func overriding(folder fs.FS) (over map[string]string, faults []error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, []error{err}
	}
	ours, err := fs.ReadDir(repliesFS, "replies")
	if err != nil {
		return nil, []error{err}
	}
	over = map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") { // editors and file managers leave such
			continue
		}
		if !slices.ContainsFunc(ours, func(o fs.DirEntry) bool { return o.Name() == name }) {
			var names []string
			for _, o := range ours {
				names = append(names, o.Name())
			}
			faults = append(faults,
				fmt.Errorf("%s: no file of words has that name: they are %s", name, strings.Join(names, ", ")))
			continue
		}
		source, err := fs.ReadFile(folder, name)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		case len(source) > maxSource:
			faults = append(faults, fmt.Errorf("%s: has %d octets, over the limit of %d", name, len(source), maxSource))
		case !utf8.Valid(source):
			faults = append(faults, fmt.Errorf("%s: is not in UTF-8", name))
		case path.Ext(name) == ".html" && loads.Match(source):
			faults = append(faults,
				fmt.Errorf("%s: %q would load or run something in the reader’s mail program", name, loads.Find(source)))
		default:
			source = bytes.TrimPrefix(source, []byte("\ufeff"))
			over[name] = strings.ReplaceAll(string(source), "\r\n", "\n")
		}
	}
	return over, faults
}

// try executes the words on every sample and on replies of which little is known,
// and returns what is wrong with those of the extensions, each thing once.
func try(form *order.Form, over map[string]string, extensions ...string) []error {
	r, err := newRenderer(form, over)
	if err != nil {
		return []error{plainer(err)}
	}
	var faults []error
	told := map[string]bool{}
	add := func(what string, err error) {
		if !told[what] {
			faults = append(faults, err)
		}
		told[what] = true
	}
	for _, s := range Samples() {
		s.Options.OpeningHours = 72
		bare := order.Reply{Kind: s.Reply.Kind}
		if _, _, _, err := r.Render(bare, Options{}); err != nil {
			add(plainer(err).Error(), plainer(err))
			continue
		}
		_, text, page, err := r.Render(s.Reply, s.Options)
		if err != nil {
			add(plainer(err).Error(), plainer(err))
			continue
		}
		said := map[string]string{".txt": flat(text), ".html": flat(shownText(page))}
		for _, e := range essentials(form, s.Reply) {
			for _, extension := range extensions {
				if !strings.Contains(said[extension], flat(e.value)) {
					add(e.what, fmt.Errorf("leaves out %s (reply %s)", e.what, s.Name))
				}
			}
		}
	}
	return faults
}

// plainer takes from an error of the renderer what it says of itself.
func plainer(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return errors.New(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "html/template:"), "template: "))
}

// essential is what a reply must say, whatever its words.
type essential struct{ what, value string }

// essentials are what a reply is for. Its subject is not a matter of words.
func essentials(form *order.Form, r order.Reply) []essential {
	var list []essential
	listed := map[essential]bool{}
	add := func(what, value string) {
		if e := (essential{what, value}); value != "" && !listed[e] {
			list, listed[e] = append(list, e), true
		}
	}
	for _, line := range strings.Split(r.Personal, "\n") {
		add("what our people wrote", line)
	}
	for _, result := range r.Results {
		add("the number of the order", result.Number)
		if result.Kind != order.ReplyLetter { // which is about no form: its subject has the code
			add("the code of the case", result.Case)
		}
		add("the bookseller’s reference", result.Reference)
		add("the school", result.School)
		if !result.First.IsZero() {
			add("when the first order was received", frenchTime(result.First.In(order.Paris)))
		}
		total := order.Cents(0)
		for _, l := range result.Lines {
			add("the article of a line", cmp.Or(l.EAN.String(), l.Offer))
			if price := l.Price(); price != nil {
				total += *price * order.Cents(l.Quantity)
			}
		}
		if total > 0 {
			add("the total", total.String())
		}
		for _, f := range result.Findings {
			if f.Severity != order.Error {
				continue
			}
			words := Explain(form, f)
			add("the cell of a point to correct", f.Cell)
			add("what is wrong", words.Wrong)
			add("how to correct it", words.Fix)
			add("what is proposed", words.Proposal)
		}
	}
	return list
}

var (
	head = regexp.MustCompile(`(?is)^.*</head\s*>`)
	tags = regexp.MustCompile(`(?s)<[^>]*>`)
)

// shownText is what a reader sees of a page, roughly.
func shownText(page string) string {
	return html.UnescapeString(tags.ReplaceAllString(head.ReplaceAllString(page, ""), ""))
}

// flat makes all white space the same.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

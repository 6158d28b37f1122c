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

// maxSource is how large a file of a folder may be, in octets. The largest embedded file
// has some 7,000.
const maxSource = 256 << 10

// Replies returns the embedded templates of the replies. Somebody who wants other words
// copies these files to a folder, changes them, and gives the folder to NewRendererFrom.
func Replies() fs.FS {
	sub, _ := fs.Sub(repliesFS, "replies") // a constant, and a valid path
	return sub
}

// NewRendererFrom is like NewRenderer, but takes the templates in folder in place of the
// embedded ones of the same names. It ignores files whose names begin with a dot.
//
// It tries the templates out on all of Samples, and returns an error if a file of folder
//   - has a name that no embedded file has,
//   - can't be read, parsed or executed,
//   - would make a mail program load or run something, or
//   - leaves out something that the reply exists to say, such as the order's number.
//
// The error joins all faults (errors.Join). It names the file of each fault, unless the
// fault arises only from several files together.
//
// Samples can't show every fault. If a template fails on a real reply, Render writes that
// reply with the embedded templates, so that the bookseller gets an answer in any case,
// and logs the error to log.
//
// In the HTML of these templates too, html/template escapes every value.
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

// sortedNames returns the names of files in alphabetical order.
func sortedNames(files map[string]string) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// loads matches HTML and CSS that would make a mail program fetch or run something.
var loads = regexp.MustCompile(`(?i)<\s*(?:img|script|iframe|object|embed|link|video|audio|form|base)\b|` +
	`\burl\s*\(|@import\b|\sbackground\s*=`)

// overriding reads the files of a folder, by name. It leaves out every file that can't be
// used, and returns a fault for each of those.
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
		if strings.HasPrefix(name, ".") { // left behind by editors and file managers
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

// try executes the templates, with those of over in place of the embedded ones, for every
// sample and for an empty reply of the same kind. It returns the faults that it finds,
// each only once. It looks for essentials that are left out only in the texts of the given
// extensions (".txt", ".html").
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

// plainer removes from an error of the renderer the words by which our code and package
// template introduce it, so that it begins with the name of the file.
func plainer(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return errors.New(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "html/template:"), "template: "))
}

// essential is something that a reply must say in any words.
type essential struct {
	what  string // the name of it, for the error
	value string // the text that must be found in the reply
}

// essentials returns what the body of a reply must say. The subject is made without
// templates, so it can't leave anything out.
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
		if result.Kind != order.ReplyLetter { // a letter is about no form; its subject has the code
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

// shownText returns roughly the text that a reader sees of an HTML page: what is left
// without the head and the tags.
func shownText(page string) string {
	return html.UnescapeString(tags.ReplaceAllString(head.ReplaceAllString(page, ""), ""))
}

// flat replaces every run of white space by one space.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

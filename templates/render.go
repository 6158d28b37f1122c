package templates

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"path"
	"strings"
	texttemplate "text/template"

	"bdc/order"
)

//go:embed replies
var repliesFS embed.FS

// ErrNoReply is wrapped by Render's error for a reply that answers nothing.
var ErrNoReply = errors.New("no answer is made of this kind")

// textWidth is the longest line of a plain text answer, in characters, as RFC
// 3676, 4.2 recommends. What a bookseller typed is never broken to keep to it.
const textWidth = 78

// Options are what replies mention that the configuration decides.
type Options struct {
	OpeningHours int    // within which a service is opened; 0: no promise is mentioned
	FormName     string // file name of the blank form that goes with the answer; "" when none does

	// Enclosures are the workbooks that go with the answer, by the index of the
	// result that each is about. Several results of one file share its workbook.
	Enclosures map[int]Enclosure
}

// Enclosure is a workbook that goes with a reply.
type Enclosure struct {
	Name string // of the file
	Own  bool   // the sender's own; else the current form, filled with what was read
}

// Renderer writes the replies to booksellers. It is safe for concurrent use.
type Renderer struct {
	form *order.Form
	text *texttemplate.Template
	html *htmltemplate.Template

	embedded *Renderer // writes what words of a folder fail at; nil where there are none
	log      *slog.Logger
}

// NewRenderer parses the templates of the replies. It fails only when one of
// them is wrong, which a test rules out for those that are embedded.
func NewRenderer(form *order.Form) (*Renderer, error) { return newRenderer(form, nil) }

// newRenderer parses the templates, those of over in the place of the embedded
// ones of the same name.
func newRenderer(form *order.Form, over map[string]string) (*Renderer, error) {
	r := &Renderer{
		form: form,
		text: texttemplate.New("replies").Funcs(texttemplate.FuncMap{"s": plural, "wrap": wrapped}),
		html: htmltemplate.New("replies").Funcs(htmltemplate.FuncMap{"s": plural}),
	}
	files, err := repliesFS.ReadDir("replies")
	if err != nil {
		return nil, fmt.Errorf("reply templates: %w", err)
	}
	for _, file := range files {
		source, err := repliesFS.ReadFile(path.Join("replies", file.Name()))
		if err != nil {
			return nil, fmt.Errorf("reply templates: %w", err)
		}
		words, ok := over[file.Name()]
		if !ok {
			words = string(source)
		}
		words = noBreak.Replace(words)
		if path.Ext(file.Name()) == ".html" {
			_, err = r.html.New(file.Name()).Parse(words)
		} else {
			_, err = r.text.New(file.Name()).Parse(words)
		}
		if err != nil {
			return nil, fmt.Errorf("reply templates: %w", err)
		}
	}
	return r, nil
}

// Render writes a reply: its subject, its plain text and its HTML, which say the
// same. Nothing that a bookseller typed can add a line to the subject or markup
// to the HTML, and all of it is cut to a length that a mail bears. The error
// wraps ErrNoReply when the reply, or one of its results, is of no kind that is
// answered.
func (r *Renderer) Render(reply order.Reply, o Options) (subject, text, html string, err error) {
	m, err := newMail(r.form, reply, o)
	if err != nil {
		return "", "", "", err
	}
	text, html, err = r.execute(m)
	if err != nil && r.embedded != nil {
		r.log.Error("answered in the embedded words, since those of the folder fail", "reply", reply.ID, "err", err)
		text, html, err = r.embedded.execute(m)
	}
	if err != nil {
		return "", "", "", fmt.Errorf("write reply %d: %w", reply.ID, err)
	}
	return m.Subject, text, html, nil
}

// execute writes the text and the HTML, which say the same: both or none.
func (r *Renderer) execute(m mail) (text, html string, err error) {
	// A line of an order takes some 100 octets of text and 400 of HTML.
	n := 0
	for _, s := range m.Sections {
		n += len(s.Lines)
	}
	var t, h strings.Builder
	t.Grow(4<<10 + 100*n)
	h.Grow(8<<10 + 400*n)
	if err := r.text.ExecuteTemplate(&t, "mail.txt", m); err != nil {
		return "", "", err
	}
	if err := r.html.ExecuteTemplate(&h, "mail.html", m); err != nil {
		return "", "", err
	}
	return tidy(t.String()), h.String(), nil
}

// plural is the ending of a French noun or participle that n things take.
func plural(n int) string {
	if n > 1 {
		return "s"
	}
	return ""
}

// tidy leaves one empty line where the parts of a plain text answer left more,
// and no space at the end of a line.
func tidy(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	empty := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if line != "" {
			empty = 0
		} else if empty++; empty > 1 {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// wrapped joins its parts and wraps them for a plain text answer, at a place
// that is indented already.
func wrapped(indent int, parts ...string) string {
	return wrap(textWidth, indent, strings.Join(parts, ""))
}

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

// ErrNoReply is wrapped by the error of Renderer.Render and StaffRenderer.Render for a
// reply of a kind that the renderer has no templates for.
var ErrNoReply = errors.New("no answer is made of this kind")

// Options are what a reply mentions besides what order.Reply holds.
type Options struct {
	// OpeningHours is the number of hours after an order within which we promise to open
	// the ordered service. With 0, replies make no such promise.
	OpeningHours int
	// FormName is the file name of the blank form that is attached; "" if none is.
	FormName string

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

	// embedded writes the replies on which the templates of a folder fail. It is nil
	// unless NewRendererFrom made the renderer.
	embedded *Renderer
	log      *slog.Logger // nil unless NewRendererFrom made the renderer
}

// NewRenderer returns a renderer that uses the embedded templates. form is the definition
// of the order form, as Form returns it; it gives the names of fields.
func NewRenderer(form *order.Form) (*Renderer, error) { return newRenderer(form, nil) }

// newRenderer parses the embedded templates. over holds sources by file name, which
// take the place of the embedded files of the same names.
func newRenderer(form *order.Form, over map[string]string) (*Renderer, error) {
	r := &Renderer{
		form: form,
		text: texttemplate.New("replies").Funcs(texttemplate.FuncMap{"s": plural, "wrap": wrapped, "nokind": noKind}),
		html: htmltemplate.New("replies").Funcs(htmltemplate.FuncMap{"s": plural, "nokind": noKind}),
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

// noKind is the function that mail.txt and mail.html call for a section whose kind they do
// not name. Its error ends the template, so that nobody gets the words of another kind.
func noKind(kind order.ReplyKind) (string, error) {
	return "", fmt.Errorf("kind %q: %w", kind, ErrNoReply)
}

// Render writes a reply to a bookseller: its subject, its body as plain text, and the same
// body as HTML. Nothing that a bookseller typed can add a line to the subject or markup to
// the HTML, and each typed value is cut to a fixed length. The error wraps ErrNoReply if
// the reply, or one of its results, is of a kind that gets no answer.
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

// execute returns the body as plain text and as HTML. If one of them fails, it returns
// neither.
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

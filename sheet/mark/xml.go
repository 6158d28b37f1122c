package mark

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

type tagKind uint8

const (
	tagStart tagKind = iota
	tagEnd
	tagText
)

// tag is a piece of an XML text that stands at text[from:to].
type tag struct {
	kind     tagKind
	from, to int
	depth    int    // of its element; the root's is 1
	prefix   string // of the element's name, with its colon; or ""
	name     string // the local name
	parent   string // the local name of the element around
	attrs    []xml.Attr
	empty    bool // <c/>: the start tag is all of the element, and its end stands at the same place
	text     string
}

// attr is an attribute without a prefix, or "".
func (t tag) attr(name string) string {
	for _, a := range t.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// prefixed is the attribute of that local name with any prefix, or "".
func (t tag) prefixed(name string) string {
	for _, a := range t.attrs {
		if a.Name.Space != "" && a.Name.Space != "xmlns" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// namespace is what the element's prefix stands for, if the element itself says
// so, as the root of a part does.
func (t tag) namespace() string {
	for _, a := range t.attrs {
		if t.prefix == "" && a.Name.Space == "" && a.Name.Local == "xmlns" ||
			t.prefix != "" && a.Name.Space == "xmlns" && a.Name.Local+":" == t.prefix {
			return a.Value
		}
	}
	return ""
}

// errWalked ends a walk early, without an error.
var errWalked = errors.New("enough")

// walk calls visit for each tag and each text of an XML document in UTF-8.
func walk(text []byte, visit func(tag) error) error { return walkAs(true, text, visit) }

// walkAs walks what need not be well-formed, if strict is false: VML is HTML here
// and there.
func walkAs(strict bool, text []byte, visit func(tag) error) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = strict
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8
	w := walker{strict: strict, text: text}
	for {
		from := int(d.InputOffset())
		raw, err := d.RawToken()
		if err == io.EOF {
			if strict && len(w.open) > 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		t := tag{from: from, to: int(d.InputOffset())}
		if ok, err := w.read(&t, raw); err != nil {
			return err
		} else if !ok {
			continue
		}
		if err := visit(t); err != nil {
			if errors.Is(err, errWalked) {
				return nil
			}
			return err
		}
	}
}

// walker knows which elements are open.
type walker struct {
	strict bool
	text   []byte
	open   []string // by their local names
}

// read makes a tag of a token. It says false for what is of no interest, such as a
// comment.
func (w *walker) read(t *tag, raw xml.Token) (bool, error) {
	switch raw := raw.(type) {
	case xml.StartElement:
		t.name, t.attrs = raw.Name.Local, raw.Attr
		if raw.Name.Space != "" {
			t.prefix = raw.Name.Space + ":"
		}
		t.parent = w.innermost()
		w.open = append(w.open, t.name)
		t.depth, t.empty = len(w.open), w.text[t.to-2] == '/'
		return true, nil
	case xml.EndElement:
		return w.end(t, raw.Name.Local)
	case xml.CharData:
		if len(w.open) == 0 {
			return false, nil
		}
		t.kind, t.depth, t.text, t.parent = tagText, len(w.open), string(raw), w.innermost()
		return true, nil
	case xml.Directive:
		return false, malformed("a document type")
	}
	return false, nil
}

// end makes an end tag of the name, and closes the element.
func (w *walker) end(t *tag, name string) (bool, error) {
	t.kind, t.name = tagEnd, name
	if w.strict && w.innermost() != name {
		return false, malformed("</%s> closes nothing", name)
	}
	if !slices.Contains(w.open, name) {
		return false, nil
	}
	for w.innermost() != name { // unclosed, as <br> is
		w.open = w.open[:len(w.open)-1]
	}
	t.depth = len(w.open)
	t.empty = t.from == t.to
	w.open = w.open[:len(w.open)-1]
	t.parent = w.innermost()
	return true, nil
}

// innermost is the element that was opened last and is not closed, or "".
func (w *walker) innermost() string {
	if len(w.open) == 0 {
		return ""
	}
	return w.open[len(w.open)-1]
}

// edit puts new bytes in the place of text[from:to].
type edit struct {
	from, to int
	text     string
}

// splice applies edits that don't overlap. Those at the same place keep their
// order.
func splice(text []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	grown := len(text)
	for _, e := range edits {
		grown += len(e.text)
	}
	out := make([]byte, 0, grown)
	at := 0
	for _, e := range edits {
		out = append(out, text[at:e.from]...)
		out = append(out, e.text...)
		at = e.to
	}
	return append(out, text[at:]...)
}

// atEnd is the edit that puts xml at the end of an element, given its start and
// end tags.
func atEnd(text []byte, start, end tag, xml string) edit {
	if start.empty {
		return filled(text, start, xml)
	}
	return edit{end.from, end.from, xml}
}

// filled is the edit that gives an empty element, <c/>, content.
func filled(text []byte, t tag, xml string) edit {
	head := bytes.TrimRight(text[t.from:t.to], "/> \t\r\n")
	return edit{t.from, t.to, fmt.Sprintf("%s>%s</%s%s>", head, xml, t.prefix, t.name)}
}

// insertLast puts elements at the end of the first one at a depth.
func insertLast(text []byte, depth int, xml string) ([]byte, error) {
	var start tag
	var edits []edit
	err := walk(text, func(t tag) error {
		switch {
		case t.depth != depth:
		case t.kind == tagStart:
			start = t
		case t.kind == tagEnd:
			edits = append(edits, atEnd(text, start, t, prefixed(xml, start.prefix)))
			return errWalked
		}
		return nil
	})
	if err == nil && edits == nil {
		err = io.ErrUnexpectedEOF
	}
	return splice(text, edits), err
}

// prefixed gives every tag of some XML a prefix. A < that is none is escaped.
func prefixed(xml, prefix string) string {
	return strings.NewReplacer("</", "</"+prefix, "<", "<"+prefix).Replace(xml)
}

// withAttrs is a start tag with attributes set, or taken away for "": pairs of a
// name and a value.
func withAttrs(start string, pairs ...string) string {
	for ; len(pairs) > 1; pairs = pairs[2:] {
		from, to := findAttr(start, pairs[0])
		set := ""
		if pairs[1] != "" {
			set = fmt.Sprintf(` %s="%s"`, pairs[0], xmlAttr(pairs[1]))
		}
		start = start[:from] + set + start[to:]
	}
	return start
}

// findAttr is where an attribute stands in a well-formed start tag, with the
// space before it; if it isn't there, where it may be put.
func findAttr(start, name string) (from, to int) {
	i := strings.IndexAny(start, " \t\r\n/>")
	put := i
	for {
		from = i
		for isSpace(start[i]) {
			i++
		}
		equals := strings.IndexByte(start[i:], '=')
		if start[i] == '/' || start[i] == '>' || equals < 0 {
			return put, put
		}
		key := strings.TrimSpace(start[i : i+equals])
		i += equals + 1
		for isSpace(start[i]) {
			i++
		}
		i += 2 + strings.IndexByte(start[i+1:], start[i])
		if key == name {
			return from, i
		}
	}
}

// xmlAttr escapes the value of an attribute.
func xmlAttr(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes every write; what XML can't hold becomes U+FFFD
	return b.String()
}

var errXML = errors.New("malformed XML")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errXML, fmt.Sprintf(format, args...))
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

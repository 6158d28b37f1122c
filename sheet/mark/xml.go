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

// tag is a start tag, an end tag or a piece of text, at text[from:to] of an XML document.
type tag struct {
	kind     tagKind
	from, to int
	depth    int    // of its element; the root's is 1
	prefix   string // of the element's name, with its colon; or ""
	name     string // the local name
	parent   string // the local name of the element around it
	attrs    []xml.Attr
	empty    bool // the element is an empty one, <c/>; its end tag has from and to at its end
	text     string
}

// attr is the value of an attribute without a prefix, or "".
func (t tag) attr(name string) string {
	for _, a := range t.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// prefixed is the value of the attribute that has that local name and any prefix, or "".
func (t tag) prefixed(name string) string {
	for _, a := range t.attrs {
		if a.Name.Space != "" && a.Name.Space != "xmlns" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// namespace is the namespace of the element, or "" if it is declared further up. The root of
// a part declares it.
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

// walkAs is walk. If strict is false, the text need not be well-formed: the VML that
// programs write has HTML in places.
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

// read turns a token of the decoder into a tag. It says false for what is not visited, such
// as a comment.
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

// end turns an end tag into a tag, and closes the element. If the walk is not strict, it says
// false for one that closes nothing.
func (w *walker) end(t *tag, name string) (bool, error) {
	t.kind, t.name = tagEnd, name
	if w.strict && w.innermost() != name {
		return false, malformed("</%s> closes nothing", name)
	}
	if !slices.Contains(w.open, name) {
		return false, nil
	}
	for w.innermost() != name { // an element without an end tag, as <br> is
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

// edit replaces text[from:to].
type edit struct {
	from, to int
	text     string
}

// splice applies edits, which must not overlap. Those at the same place are applied in
// their order.
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

// atEnd is the edit that adds xml at the end of an element's content. The element is given by
// its start and its end tag.
func atEnd(text []byte, start, end tag, xml string) edit {
	if start.empty {
		return filled(text, start, xml)
	}
	return edit{end.from, end.from, xml}
}

// filled is the edit that gives content to an empty element, <c/>.
func filled(text []byte, t tag, xml string) edit {
	head := bytes.TrimRight(text[t.from:t.to], "/> \t\r\n")
	return edit{t.from, t.to, fmt.Sprintf("%s>%s</%s%s>", head, xml, t.prefix, t.name)}
}

// insertLast adds elements at the end of the first element of a depth.
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

// prefixed gives a namespace prefix, with its colon, to every tag of some XML.
func prefixed(xml, prefix string) string {
	return strings.NewReplacer("</", "</"+prefix, "<", "<"+prefix).Replace(xml)
}

// withAttrs is a start tag with attributes set to other values, given as pairs of a name and
// a value. An attribute is removed if its value is "".
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

// findAttr is where an attribute stands in a well-formed start tag, with the space before it.
// If the tag does not have it, from and to are where it may be added.
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

package grid

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// Bounds of a well-formed part, far beyond what any spreadsheet program writes.
const (
	windowSize = 16 << 10 // bytes of a part in memory at a time
	maxTag     = 1 << 20  // bytes of one tag, comment or processing instruction
	maxDepth   = 100      // elements within each other
)

var errXML = errors.New("malformed XML")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errXML, fmt.Sprintf(format, args...))
}

// token is what the scanner stands on.
type token uint8

const (
	tokenEnd   token = iota // of an element: scanner.name and scanner.depth are the element's
	tokenStart              // of an element: name, depth and attrs are set
	tokenText               // a piece of character data, decoded: text. One text may come in several pieces
	tokenEOF                // the part is over, and was well-formed
)

// frame is an open element; its name is a range of scanner.names.
type frame struct{ start, local, end int }

// scanner reads a part of the package as XML. It is strict where it matters for
// trusting what was read: a part that is cut short, that is not balanced, that
// has a document type, an unknown entity or a second root is an error.
// Namespace prefixes are dropped, not resolved: a reader here looks at an
// element's place in the tree and its local name, which tells apart all that
// SpreadsheetML writers produce, and is the same for strict OOXML.
//
// The slices it hands out are valid until the next call of next. A scanner may
// be started again for another part.
type scanner struct {
	r      io.Reader
	window []byte // its unread rest is window[pos:end]
	pos    int
	end    int
	eof    bool

	names  []byte // of the open elements, one after the other
	open   []frame
	empty  bool // the element just started is also at its end: <c/>
	closed bool // the element just ended is still in open
	root   bool // the root element has been seen
	cdata  bool // within a CDATA section
	mute   bool // character data outside of CDATA sections is checked, and not handed out

	depth int    // of the element that the token belongs to; the root's is 1
	name  []byte // its local name
	attrs []attr
	text  []byte
	char  [utf8.UTFMax]byte
}

// scanners keeps those of past workbooks, for their windows.
var scanners = sync.Pool{New: func() any { return &scanner{window: make([]byte, windowSize)} }}

// free lets another part use the scanner, unless a hostile part has swollen it.
func (s *scanner) free() {
	s.r = nil
	if len(s.window) == windowSize {
		scanners.Put(s)
	}
}

// start begins a part. Its charset is taken from its byte order mark or its
// XML declaration.
func (s *scanner) start(r io.Reader) error {
	*s = scanner{r: r, window: s.window, names: s.names[:0], open: s.open[:0], attrs: s.attrs[:0]}
	for !s.eof && s.end < 256 {
		if err := s.fill(); err != nil {
			return err
		}
	}
	decoded, skip, err := decode(s.window[:s.end], r)
	if err != nil {
		return err
	}
	s.pos = skip
	if decoded != nil {
		s.r, s.pos, s.end, s.eof = decoded, 0, 0, false
	}
	return nil
}

// fill reads more of the part behind the unread rest.
func (s *scanner) fill() error {
	if s.pos > 0 {
		copy(s.window, s.window[s.pos:s.end])
		s.end -= s.pos
		s.pos = 0
	}
	if s.end == len(s.window) {
		if s.end >= maxTag {
			return malformed("a tag of more than %d bytes", maxTag)
		}
		s.window = append(s.window, make([]byte, len(s.window))...)
	}
	n, err := s.r.Read(s.window[s.end:])
	s.end += n
	if err == io.EOF {
		s.eof = true
		return nil
	}
	return err
}

// need makes at least n bytes available, or says that the part is cut short.
func (s *scanner) need(n int) error {
	for s.end-s.pos < n {
		if s.eof {
			return io.ErrUnexpectedEOF
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
	return nil
}

// next moves to the next token. After an error or tokenEOF it must not be
// called again.
func (s *scanner) next() (token, error) {
	if s.closed {
		top := s.open[len(s.open)-1]
		s.names = s.names[:top.start]
		s.open = s.open[:len(s.open)-1]
		s.closed = false
	}
	if s.empty {
		s.empty = false
		return s.leave(), nil
	}
	for {
		if s.cdata {
			return s.inCDATA()
		}
		if s.pos == s.end {
			if s.eof {
				if len(s.open) > 0 || !s.root {
					return 0, io.ErrUnexpectedEOF
				}
				return tokenEOF, nil
			}
			if err := s.fill(); err != nil {
				return 0, err
			}
			continue
		}
		if s.window[s.pos] != '<' {
			ok, err := s.characters()
			if err != nil {
				return 0, err
			}
			if ok && !s.mute {
				return tokenText, nil
			}
			continue
		}
		if err := s.need(2); err != nil {
			return 0, err
		}
		switch s.window[s.pos+1] {
		case '/':
			return s.endTag()
		case '?':
			if err := s.skipPast("?>"); err != nil {
				return 0, err
			}
		case '!':
			if err := s.declaration(); err != nil {
				return 0, err
			}
		default:
			return s.startTag()
		}
	}
}

// leave ends the innermost element; its name stays readable until next.
func (s *scanner) leave() token {
	top := s.open[len(s.open)-1]
	s.depth = len(s.open)
	s.name = s.names[top.local:top.end]
	s.closed = true
	return tokenEnd
}

// parent is the local name of the element around the one just started.
func (s *scanner) parent() []byte {
	if len(s.open) < 2 {
		return nil
	}
	f := s.open[len(s.open)-2]
	return s.names[f.local:f.end]
}

// characters reads one run of text, or one entity. It says false for space
// outside of the root element, where nothing else may stand.
func (s *scanner) characters() (bool, error) {
	if s.window[s.pos] == '&' {
		if err := s.entity(); err != nil {
			return false, err
		}
	} else {
		rest := s.window[s.pos:s.end]
		if i := bytes.IndexByte(rest, '<'); i >= 0 {
			rest = rest[:i]
		}
		if i := bytes.IndexByte(rest, '&'); i >= 0 {
			rest = rest[:i]
		}
		s.text = rest
		s.pos += len(rest)
	}
	if len(s.open) > 0 {
		return true, nil
	}
	if len(bytes.TrimSpace(s.text)) > 0 {
		return false, malformed("text outside of the root element")
	}
	return false, nil
}

// entity decodes the one that stands next into text.
func (s *scanner) entity() error {
	for {
		i := bytes.IndexByte(s.window[s.pos:s.end], ';')
		switch {
		case i > maxEntity, i < 0 && s.end-s.pos > maxEntity:
			return malformed("an entity without an end")
		case i >= 0:
			r, err := entityRune(s.window[s.pos+1 : s.pos+i])
			if err != nil {
				return err
			}
			s.text = utf8.AppendRune(s.char[:0], r)
			s.pos += i + 1
			return nil
		}
		if err := s.need(s.end - s.pos + 1); err != nil {
			return err
		}
	}
}

// skipPast skips a construct that ends with end.
func (s *scanner) skipPast(end string) error {
	for {
		if i := bytes.Index(s.window[s.pos:s.end], []byte(end)); i >= 0 {
			s.pos += i + len(end)
			return nil
		}
		if err := s.need(s.end - s.pos + 1); err != nil {
			return err
		}
	}
}

// declaration skips a comment and enters a CDATA section. Anything else that
// begins with <! is a document type, which can define entities without end.
func (s *scanner) declaration() error {
	const comment, cdata = "<!--", "<![CDATA["
	if err := s.need(len(comment)); err != nil {
		return err
	}
	if bytes.HasPrefix(s.window[s.pos:s.end], []byte(comment)) {
		s.pos += len(comment)
		return s.skipPast("-->")
	}
	if err := s.need(len(cdata)); err != nil {
		return err
	}
	if !bytes.HasPrefix(s.window[s.pos:s.end], []byte(cdata)) {
		return malformed("a document type")
	}
	if len(s.open) == 0 {
		return malformed("text outside of the root element")
	}
	s.pos += len(cdata)
	s.cdata = true
	return nil
}

// inCDATA returns the text of a CDATA section, up to its end or, keeping back
// what may be the beginning of the end, of the window.
func (s *scanner) inCDATA() (token, error) {
	const end = "]]>"
	for {
		rest := s.window[s.pos:s.end]
		if i := bytes.Index(rest, []byte(end)); i >= 0 {
			s.text = rest[:i]
			s.pos += i + len(end)
			s.cdata = false
			return tokenText, nil
		}
		if len(rest) >= len(end) {
			s.text = rest[:len(rest)-len(end)+1]
			s.pos += len(s.text)
			return tokenText, nil
		}
		if err := s.need(len(rest) + 1); err != nil {
			return 0, err
		}
	}
}

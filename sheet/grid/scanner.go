package grid

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// Limits of the scanner. The last two are far beyond what any spreadsheet program writes.
const (
	windowSize = 16 << 10 // bytes of a part in memory at a time
	maxTag     = 1 << 20  // bytes of one tag, comment or processing instruction
	maxDepth   = 100      // elements within each other
)

var errXML = errors.New("malformed XML")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errXML, fmt.Sprintf(format, args...))
}

// token is the kind of the token that the scanner has read last.
type token uint8

const (
	tokenEnd   token = iota // an end tag: scanner.name and scanner.depth are those of its element
	tokenStart              // a start tag: scanner.name, scanner.depth and scanner.attrs are set
	tokenText               // text, decoded, in scanner.text; one text may be several tokens
	tokenEOF                // the end of the part, which was well-formed
)

// frame is an open element. Its name is scanner.names[start:end], its local name begins at local.
type frame struct{ start, local, end int }

// scanner reads the XML of a part. It returns an error for anything that puts what was read
// in doubt: a part that is cut short, tags that do not match, a document type, an unknown
// entity, a second root element.
//
// Namespace prefixes are ignored. The place of an element in the tree and its local name are
// enough to tell apart the elements of a workbook, and they are the same in strict and
// transitional workbooks.
//
// The slices name, attrs and text are valid until the next call of next. A scanner may be
// started again for another part.
type scanner struct {
	r      io.Reader
	window []byte // window[pos:end] was read from r, but is not scanned yet
	pos    int
	end    int
	eof    bool // r is at its end

	names  []byte // the names of the open elements, one after the other
	open   []frame
	empty  bool // the start tag just read is that of an empty element, <c/>
	closed bool // the element whose end tag was just read is still in open
	root   bool // the root element has begun
	cdata  bool // within a CDATA section
	mute   bool // next returns no tokens for text outside of CDATA sections; it is only checked

	depth int    // the depth of the element that the token belongs to; the root's is 1
	name  []byte // the local name of that element
	attrs []attr
	text  []byte
	char  [utf8.UTFMax]byte // holds text if it is an entity
}

// scanners keeps scanners for further parts, since their windows are large.
var scanners = sync.Pool{New: func() any { return &scanner{window: make([]byte, windowSize)} }}

// free gives the scanner back, for use with another part. A scanner whose window has grown for
// an unusually long tag is not kept.
func (s *scanner) free() {
	s.r = nil
	if len(s.window) == windowSize {
		scanners.Put(s)
	}
}

// start begins to read a part. Its byte order mark or its XML declaration says in which charset
// it is.
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

// fill reads more of the part into the window. A window that is full is made larger.
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

// need makes sure that at least n bytes stand in the window. If the part ends before, it is cut
// short, and need returns an error.
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

// leave ends the innermost element. It stays in open until the next call of next, so that its
// name is still there.
func (s *scanner) leave() token {
	top := s.open[len(s.open)-1]
	s.depth = len(s.open)
	s.name = s.names[top.local:top.end]
	s.closed = true
	return tokenEnd
}

// parent is the local name of the element around the one that has just begun.
func (s *scanner) parent() []byte {
	if len(s.open) < 2 {
		return nil
	}
	f := s.open[len(s.open)-2]
	return s.names[f.local:f.end]
}

// characters reads text up to the next tag or entity, or reads one entity. It says false for
// spaces outside of the root element, where no other text may stand.
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

// entity decodes the entity that stands next into s.text.
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

// skipPast passes over everything up to and including end.
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

// declaration reads what begins with <!. It skips a comment, or enters a CDATA section. Anything
// else is a document type, which is an error: it could define entities that grow without end.
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

// inCDATA reads text of a CDATA section, up to the end of the section or of the window. In the
// latter case it leaves the last two bytes, which may be the beginning of "]]>".
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

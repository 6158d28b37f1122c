// Package wire reads what an IMAP server says, as servers really say it, and shares one
// connection between our own commands and go-imap.
//
// A response is read as lines and literals before anything in it is interpreted, so that
// nothing in one response can hide the next: what makes no sense is passed over, and never
// an error or a panic. An error of this package means that the connection has failed or
// that the server exceeds a limit: then the connection can only be closed.
//
// Limits: a line has at most 64 KiB, but for the numbers of SEARCH, which are kept as
// numbers, at most 1,048,576 of them. What is not asked for has at most 16 MiB for each
// command, and a literal of which a part is kept at most 256 MiB. Lists nest at most 32 deep; a
// response with deeper ones is passed over.
package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	maxLine    = 64 << 10 // octets of one line, and of a literal that nobody asked to keep
	maxNumbers = 1 << 20  // numbers in one SEARCH response
	maxIdle    = 16 << 20 // octets for one command, without the literals that are kept
	maxLiteral = 1 << 28  // octets of a literal of which a part is kept
)

// ErrLimit is wrapped by the error when a server says more than the limits allow.
var ErrLimit = errors.New("the mail server says more than it may")

// Response is one response of a server.
type Response struct {
	Tag  string // the command's tag, "*" or "+"; "" for a line that is none of these
	Name string // in upper case: OK, NO, BAD, FETCH, LIST…
	Num  uint32 // the number before the name, as in "* 5 EXISTS"

	// Code and Args are those of a status response, such as "UIDVALIDITY" and "7"; Text is
	// what follows them, or what follows "+". Code is in upper case.
	Code, Args, Text string

	Items   []Item   // of data: FETCH, LIST, STATUS, NAMESPACE, CAPABILITY…
	Whole   bool     // all lists in Items are closed
	Numbers []uint32 // of SEARCH, without zeros
}

// Status reports whether the response is OK, NO, BAD, BYE or PREAUTH.
func (r *Response) Status() bool { return isStatus(r.Name) }

func isStatus(name string) bool {
	switch name {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return true
	}
	return false
}

// Keep says how many octets of a literal of that size to keep. name is the name of the
// item that the literal belongs to, in upper case, such as BODY[]; said is what the line says
// before it.
type Keep func(said, name string, size int64) (int64, error)

// reader reads responses.
type reader struct {
	br    *bufio.Reader
	spent atomic.Int64 // octets of the present command, without kept literals
}

// segment is a line of a response, without its end, and the literal that follows it.
type segment struct {
	text    []byte
	literal []byte // as much as was kept
	size    int64  // as announced; -1 if no literal follows
}

// next reads one response. keep may be nil.
func (r *reader) next(keep Keep) (*Response, error) {
	if search, err := r.beginsSearch(); err != nil {
		return nil, err
	} else if search {
		resp := &Response{Tag: "*", Name: "SEARCH"}
		if err = r.spend(len(searchHead)); err == nil {
			resp.Numbers, err = r.numbers()
		}
		return resp, err
	}
	line, err := r.line()
	if err != nil {
		return nil, err
	}
	resp, rest := head(line)
	if resp.Tag != "*" || resp.Status() || resp.Name == "" {
		return resp, nil
	}
	if resp.Name == "SEARCH" {
		some := reader{br: bufio.NewReader(strings.NewReader(string(rest) + "\n"))}
		resp.Numbers, err = some.numbers()
		return resp, err
	}
	segments := []segment{}
	for {
		s := segment{text: rest, size: literalSize(rest)}
		if s.size < 0 {
			segments = append(segments, s)
			break
		}
		s.text = rest[:bytes.LastIndexByte(rest, '{')]
		if s.literal, err = r.literal(keep, s.text, s.size); err != nil {
			return nil, err
		}
		segments = append(segments, s)
		if rest, err = r.line(); err != nil {
			return nil, err
		}
		if len(segments) > maxLine {
			return nil, fmt.Errorf("%w: %d literals in one response", ErrLimit, len(segments))
		}
	}
	resp.Items, resp.Whole = parse(segments)
	return resp, nil
}

// searchHead is how a response begins whose line may be longer than others.
const searchHead = "* SEARCH "

// beginsSearch reads searchHead if it is what comes next. It never waits for more than the
// line that comes next has.
func (r *reader) beginsSearch() (bool, error) {
	for i := range len(searchHead) {
		begin, err := r.br.Peek(i + 1)
		if err != nil {
			if i > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return false, err
		}
		if !strings.EqualFold(string(begin), searchHead[:i+1]) {
			return false, nil
		}
	}
	_, err := r.br.Discard(len(searchHead))
	return true, err
}

// line reads a line, without its end.
func (r *reader) line() (line []byte, err error) {
	for {
		part, err := r.br.ReadSlice('\n')
		if err := r.spend(len(part)); err != nil {
			return nil, err
		}
		line = append(line, part...)
		if err == nil {
			return bytes.TrimRight(line, "\r\n"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if len(line) > maxLine {
			return nil, fmt.Errorf("%w: a line of more than %d octets", ErrLimit, maxLine)
		}
	}
}

func (r *reader) spend(n int) error {
	if r.spent.Add(int64(n)) > maxIdle {
		return fmt.Errorf("%w: more than %d octets that nobody asked for", ErrLimit, maxIdle)
	}
	return nil
}

// numbers reads the numbers up to the end of a line. What is no number is passed over, and
// so is all that follows a parenthesis.
func (r *reader) numbers() (numbers []uint32, err error) {
	n, digits, other := uint64(0), 0, false
	end := func() error {
		if digits > 0 && !other && n > 0 && n <= 1<<32-1 {
			if len(numbers) == maxNumbers {
				return fmt.Errorf("%w: more than %d numbers", ErrLimit, maxNumbers)
			}
			numbers = append(numbers, uint32(n))
		}
		n, digits, other = 0, 0, false
		return nil
	}
	take := func(c byte) error {
		switch {
		case c == ' ' || c == '\r' || c == '\t' || c == ',':
			return end()
		case c >= '0' && c <= '9':
			if digits++; digits > 10 {
				other = true
			}
			n = n*10 + uint64(c-'0')
		default:
			other = true
		}
		return nil
	}
	aside := false
	for {
		c, err := r.br.ReadByte()
		if err != nil {
			return nil, err
		}
		if err := r.spend(1); err != nil {
			return nil, err
		}
		switch {
		case c == '\n':
			return numbers, end()
		case c == '(':
			aside = true
		case !aside:
			if err := take(c); err != nil {
				return nil, err
			}
		}
	}
}

// literal reads a literal, and keeps as much as keep says. A short one is kept whole even if
// keep does not want it: it may stand where a string is due.
func (r *reader) literal(keep Keep, said []byte, size int64) (kept []byte, err error) {
	want, name := int64(0), itemName(said)
	if keep != nil {
		if want, err = keep(string(said), name, size); err != nil {
			return nil, err
		}
		want = min(want, size)
	}
	if size > maxLiteral {
		return nil, fmt.Errorf("%w: %d octets of %s", ErrLimit, size, name)
	}
	if want == 0 {
		if want = min(size, maxLine); size > want {
			want = 0
		}
		if err := r.spend(int(min(size, maxIdle+1))); err != nil {
			return nil, err
		}
	}
	kept = make([]byte, want)
	if _, err := io.ReadFull(r.br, kept); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, unexpected(err))
	}
	if _, err := io.CopyN(io.Discard, r.br, size-want); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, unexpected(err))
	}
	return kept, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// literalSize returns the size in "{5}" or "{5+}" at the end of a line, or -1.
func literalSize(line []byte) int64 {
	if len(line) == 0 || line[len(line)-1] != '}' {
		return -1
	}
	open := bytes.LastIndexByte(line, '{')
	if open < 0 {
		return -1
	}
	digits := bytes.TrimSuffix(line[open+1:len(line)-1], []byte("+"))
	n, err := strconv.ParseInt(string(digits), 10, 62)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// itemName returns the name of the item whose value follows text.
func itemName(text []byte) string {
	text = bytes.TrimRight(text, " ~")
	depth := 0
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; {
		case c == ']':
			depth++
		case c == '[':
			depth--
		case depth <= 0 && (c == ' ' || c == '(' || c == ')'):
			return strings.ToUpper(string(text[i+1:]))
		}
	}
	return strings.ToUpper(string(text))
}

// head splits what stands before the data off a response's first line.
func head(line []byte) (resp *Response, rest []byte) {
	text := string(line)
	resp = &Response{}
	if strings.HasPrefix(text, "[") { // a response code alone, as some say within MOVE
		text = "* OK " + text
	}
	switch {
	case strings.HasPrefix(text, "+"): // also without a space after it
		resp.Tag, resp.Text = "+", strings.TrimSpace(text[1:])
		return resp, nil
	case text != "" && strings.Trim(text, "0123456789 ") == "": // SEARCH goes on in another line
		resp.Tag, resp.Name = "*", "SEARCH"
		return resp, line
	}
	tag, after, ok := strings.Cut(text, " ")
	if !ok {
		return resp, nil
	}
	resp.Tag = tag
	name, after := word(after)
	if n, err := strconv.ParseUint(name, 10, 64); err == nil && tag == "*" {
		resp.Num = uint32(min(n, 1<<32-1))
		name, after = word(after)
	}
	resp.Name = strings.ToUpper(name)
	if !resp.Status() {
		return resp, []byte(after)
	}
	resp.Text = strings.TrimSpace(after)
	if strings.HasPrefix(resp.Text, "[") {
		code, text, _ := strings.Cut(resp.Text[1:], "]")
		if strings.Contains(code, "(") { // a flag may have a bracket in its name
			if end := strings.Index(resp.Text, ")]"); end > 0 {
				code, text = resp.Text[1:end+1], resp.Text[end+2:]
			}
		}
		code, args := word(code)
		resp.Code, resp.Args, resp.Text = strings.ToUpper(code), strings.TrimSpace(args), strings.TrimSpace(text)
	}
	return resp, nil
}

// word returns the first word of a text, and what follows it.
func word(text string) (first, rest string) {
	first, rest, _ = strings.Cut(strings.TrimLeft(text, " \t"), " ")
	return first, rest
}

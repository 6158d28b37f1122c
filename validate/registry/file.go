package registry

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"bdc/order"
)

// FileError says why a whole file was refused, so that nothing of it was imported. Its
// text is in French, for the person who imports the file.
type FileError struct {
	File   string
	Line   int // 0 where the reason is not about one line
	Reason string
}

func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("« %s », ligne %d : %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("« %s » : %s", e.File, e.Reason)
}

// Bounds of a file. The whole national directory is 100 MB and 70,000 rows.
const (
	maxBytes   = 512 << 20 // unzipped
	maxRecord  = 1 << 20   // bytes of one row, line ends within its quotes included
	maxRows    = 500_000
	maxColumns = 1000
)

// source reads a file. It counts and hashes the bytes that it returns, and fails when
// its context ends.
type source struct {
	ctx      context.Context
	r        io.Reader
	done     int64
	sum      hash.Hash
	progress func(done int64) // or nil
	err      error            // of r or ctx; io.EOF is none
}

func newSource(ctx context.Context, r io.Reader, progress func(done int64)) *source {
	return &source{ctx: ctx, r: r, sum: sha256.New(), progress: progress}
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	s.done += int64(n)
	if s.progress != nil && n > 0 {
		s.progress(s.done)
	}
	if err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *source) hash() order.Hash { return order.Hash(hex.EncodeToString(s.sum.Sum(nil))) }

// unwrap decompresses a file whose first bytes are those of gzip, and tells from the
// first bytes of the content what kind of file it is: "xlsx", "xml" or "csv". The error
// is a *FileError, which names the kind where the file is of another.
func unwrap(r io.Reader, file string) (b *bufio.Reader, kind string, err error) {
	b = bufio.NewReader(r)
	if magic, _ := b.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, "", &FileError{File: file, Reason: reasonGzip}
		}
		b = bufio.NewReader(z)
	}
	head, err := b.Peek(512)
	if len(head) == 0 && errors.Is(err, io.EOF) {
		return nil, "", &FileError{File: file, Reason: "le fichier est vide."}
	}
	if reason := refusal(head); reason != "" {
		return nil, "", &FileError{File: file, Reason: reason}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return b, "xlsx", nil
	case bytes.HasPrefix(visible(head), []byte("<")):
		return b, "xml", nil
	default:
		return b, "csv", nil
	}
}

const (
	reasonGzip = "l’archive .gz est abîmée ou incomplète."
	saveAsCSV  = " : enregistrez-le au format CSV UTF-8 (« Fichier », « Enregistrer sous »), puis importez ce " +
		"fichier-là."
)

// visible returns head without its byte order mark and leading white space.
func visible(head []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bom)), " \t\r\n")
}

// refusal returns the reason in French why a file that begins like this cannot be
// imported, or "".
func refusal(head []byte) string {
	begins := func(tag string) bool {
		text := visible(head)
		return len(text) >= len(tag) && strings.EqualFold(string(text[:len(tag)]), tag)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "c’est un classeur Excel ancien ou protégé, que l’import ne lit pas" + saveAsCSV
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "c’est du texte UTF-16 (« texte Unicode »), que l’import ne lit pas" + saveAsCSV
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "c’est un PDF : l’import attend un fichier CSV, XLSX ou XML."
	case begins("<!doctype html"), begins("<html"):
		return "c’est une page web : l’import attend un fichier CSV, XLSX ou XML."
	default:
		return ""
	}
}

// guard reads a CSV text for a csv.Reader. It fails with a *FileError at what the
// csv.Reader would not refuse, or only after it has filled the memory: a NUL byte, an
// endless row, a file that is too large.
type guard struct {
	r      io.Reader
	file   string
	limit  int64 // bytes in all
	line   int   // the line of the next byte
	start  int   // the line on which the current record began
	record int   // the bytes of the current record so far
	total  int64
	quoted bool
	err    error
}

func (g *guard) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(p)
	if g.total += int64(n); g.total > g.limit {
		g.refuse(0, fmt.Sprintf("plus de %d Mo une fois décompressé.", g.limit>>20))
	}
	for _, c := range p[:n] {
		g.record++
		switch c {
		case 0:
			g.refuse(g.line, "un octet nul : ce n’est pas du texte.")
		case '"':
			g.quoted = !g.quoted
		case '\n':
			g.line++
			if !g.quoted {
				g.record, g.start = 0, g.line
			}
		}
		if g.record > maxRecord {
			g.refuse(g.start, fmt.Sprintf("une ligne de plus de %d Mo. Un guillemet ouvert n’est-il jamais refermé ?",
				maxRecord>>20))
		}
		if g.err != nil {
			return 0, g.err
		}
	}
	return n, err
}

func (g *guard) refuse(line int, reason string) {
	g.err = &FileError{File: g.file, Line: line, Reason: reason}
}

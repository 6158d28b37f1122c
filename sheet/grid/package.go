package grid

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strings"
)

const (
	zipRecord = "PK\x01\x02" // begins an entry of the directory
	zipEnd    = "PK\x05\x06" // begins the record at the directory's end
	zipTail   = 22 + 65_535  // bytes at the file's end in which that record begins
)

// Package is an opened workbook file: a zip whose files are called parts. The methods take
// the name of a part as PartName returns it.
//
// All bytes that its methods inflate count together against the limits. A Package must not
// be used by several goroutines at once.
type Package struct {
	data     []byte
	files    []*zip.File
	parts    map[string]*zip.File
	inflated int64 // the bytes inflated so far, from all parts
	lim      Limits
	watch    Watch
}

// Open reads the directory of a zip. Its error is a *Refusal. The Package keeps data, which
// must not change as long as the Package is used.
func Open(data []byte, lim Limits) (*Package, error) {
	p := &Package{data: data, lim: lim, watch: lim.Watch()}
	// Entries are counted before archive/zip allocates some 300 bytes for each of them. The
	// entries of a zip that is stored within this one count, too.
	if n := bytes.Count(data, []byte(zipRecord)); n > lim.Entries {
		return nil, Exceeded("entries", int64(lim.Entries), int64(n))
	}
	if !bytes.Contains(data[max(0, len(data)-zipTail):], []byte(zipEnd)) {
		return nil, &Refusal{Code: "form.unreadable.truncated"}
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged("zip directory: %v", err)
	}
	p.files = z.File
	p.parts = make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		name := PartName(f.Name)
		if twin := p.parts[name]; twin != nil &&
			(twin.CRC32 != f.CRC32 || twin.UncompressedSize64 != f.UncompressedSize64) {
			return nil, damaged("part %s is there twice, with different contents", name)
		}
		p.parts[name] = f
	}
	return p, nil
}

// PartName turns the name of a file in the zip into the name of the part: in lower case, with
// slashes for backslashes and without a slash in front. Programs spell names differently.
func PartName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// Resolve returns the name of the part that a relationship points to. The base is the part
// that has the relationship; the target is the relationship's attribute Target, which may be
// relative to the base.
func Resolve(base, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(target, "/") {
		return PartName(path.Clean(target))
	}
	return PartName(path.Join(path.Dir(base), target))
}

// RelationsOf returns the name of the part in which the relationships of a part are listed.
// For "" it is the part with the relationships of the package as a whole.
func RelationsOf(part string) string {
	folder, file := path.Split(part)
	return folder + "_rels/" + file + ".rels"
}

// Files returns the files of the zip, in their order. Use them only to copy files into another
// zip with zip.Writer.Copy, which does not inflate them. To read a part, use Text or Scan,
// which check the limits.
func (p *Package) Files() []*zip.File { return p.files }

// File returns the file of a part, or nil if there is no such part. If the zip has two files
// for the part, their contents are the same, and File returns the last one.
func (p *Package) File(part string) *zip.File { return p.parts[part] }

// Has says whether the package has a part.
func (p *Package) Has(part string) bool { return p.parts[part] != nil }

// read scans a part and calls visit for each token. It stops at the first error. The error is
// always a *Refusal. If read returns nil, the part is complete and its checksum is right.
func (p *Package) read(part string, visit func(*scanner, token) error) error {
	f := p.parts[part]
	if f == nil {
		return inPart(part, damaged("the part is missing"))
	}
	const encryptedFlag = 1 // APPNOTE.TXT, 4.4.4
	if f.Flags&encryptedFlag != 0 {
		return &Refusal{Code: "form.unreadable.encrypted"}
	}
	from, err := f.DataOffset()
	to := uint64(from) + f.CompressedSize64
	if err != nil || to < f.CompressedSize64 || to > uint64(len(p.data)) {
		return inPart(part, damaged("zip entry out of bounds"))
	}
	m := &meter{part: f, pack: p}
	switch body := p.data[from:to]; f.Method {
	case zip.Store:
		m.r = bytes.NewReader(body)
	case zip.Deflate:
		i := inflate(body)
		defer i.free()
		m.r = i
	default:
		return inPart(part, damaged("compression method %d", f.Method))
	}
	if err := scan(m, visit); err != nil {
		return inPart(part, err)
	}
	return nil
}

func scan(r io.Reader, visit func(*scanner, token) error) error {
	s := scanners.Get().(*scanner)
	defer s.free()
	if err := s.start(r); err != nil {
		return err
	}
	for {
		tok, err := s.next()
		if err != nil {
			return err
		}
		if tok == tokenEOF {
			return nil
		}
		if err := visit(s, tok); err != nil {
			return err
		}
	}
}

// meter reads a part, and counts the inflated bytes against the limits. At the end of the part
// it checks the size and the checksum that the zip's directory states. The readers of
// archive/zip are slower, and do not check a checksum of zero.
type meter struct {
	r    io.Reader
	part *zip.File
	pack *Package
	size uint64
	sum  uint32 // CRC-32 so far
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	p := m.pack
	p.inflated += int64(n)
	if p.inflated > p.lim.Unzipped {
		return n, Exceeded("unzipped", p.lim.Unzipped, p.inflated)
	}
	if size := int64(len(p.data)); p.inflated > p.lim.Ratio*size {
		return n, Exceeded("ratio", p.lim.Ratio, (p.inflated+size-1)/size)
	}
	if late := p.watch.Overdue(); late != nil {
		return n, late
	}
	m.size += uint64(n)
	m.sum = crc32.Update(m.sum, crc32.IEEETable, b[:n])
	if err == io.EOF {
		switch {
		case m.size != m.part.UncompressedSize64:
			return n, damaged("%d bytes inflated, %d announced", m.size, m.part.UncompressedSize64)
		case m.sum != m.part.CRC32:
			return n, zip.ErrChecksum
		}
	}
	return n, err
}

// Text returns a whole part. It is in UTF-8 without a byte order mark, whatever its charset in
// the file. The error names the part.
func (p *Package) Text(part string) ([]byte, error) {
	f := p.parts[part]
	if f == nil {
		return nil, fmt.Errorf("no part %s", part)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", part, err)
	}
	text, err := io.ReadAll(&meter{r: r, part: f, pack: p})
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("part %s: %w", part, err)
	}
	if text, err = inUTF8(text); err != nil {
		return nil, fmt.Errorf("part %s: %w", part, err)
	}
	return text, nil
}

// inUTF8 is the text of a part in UTF-8, without a byte order mark. If it was in another
// charset, its XML declaration is replaced by one that says UTF-8.
func inUTF8(text []byte) ([]byte, error) {
	head := text[:min(len(text), 256)]
	decoded, skip, err := decode(head, bytes.NewReader(text[len(head):]))
	if err != nil || decoded == nil {
		return text[skip:], err
	}
	if text, err = io.ReadAll(decoded); err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if i := bytes.Index(text, []byte("?>")); i > 0 && bytes.HasPrefix(text, []byte("<?xml")) {
		text = text[i+len("?>"):]
	}
	const declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	return append([]byte(declaration), text...), nil
}

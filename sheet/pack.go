package sheet

import (
	"archive/zip"
	"bytes"
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

// pack is a workbook's package: the zip, its parts by name, and the account of
// what has been inflated. It is used by one goroutine.
type pack struct {
	data     []byte
	parts    map[string]*zip.File
	inflated int64 // so far, of all parts
	lim      Limits
	watch
}

// openPack reads the zip's directory. Part names are compared in lower case and
// with slashes, since writers differ in both.
func openPack(data []byte, lim Limits) (*pack, error) {
	p := &pack{data: data, lim: lim, watch: lim.watch()}
	// Counted before archive/zip makes a value of some 300 bytes for each.
	// Those of a zip stored within this one are counted too.
	if n := bytes.Count(data, []byte(zipRecord)); n > lim.Entries {
		return nil, exceeded("entries", int64(lim.Entries), int64(n))
	}
	if !bytes.Contains(data[max(0, len(data)-zipTail):], []byte(zipEnd)) {
		return nil, &refusal{code: "form.unreadable.truncated"}
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged("zip directory: %v", err)
	}
	p.parts = make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		name := partName(f.Name)
		if twin := p.parts[name]; twin != nil && (twin.CRC32 != f.CRC32 || twin.UncompressedSize64 != f.UncompressedSize64) {
			return nil, damaged("part %s is there twice, with different contents", name)
		}
		p.parts[name] = f
	}
	return p, nil
}

func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// resolve is the part that a relationship of the part base points to.
func resolve(base, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(target, "/") {
		return partName(path.Clean(target))
	}
	return partName(path.Join(path.Dir(base), target))
}

// has says whether there is such a part.
func (p *pack) has(part string) bool { return p.parts[part] != nil }

// read scans a part with visit, which is called for each token until it fails
// or the part is over. What went wrong is always a refusal. The part's checksum
// has been verified when read returns nil.
func (p *pack) read(part string, visit func(*scanner, token) error) error {
	f := p.parts[part]
	if f == nil {
		return inPart(part, damaged("the part is missing"))
	}
	const encryptedFlag = 1 // APPNOTE.TXT, 4.4.4
	if f.Flags&encryptedFlag != 0 {
		return &refusal{code: "form.unreadable.encrypted"}
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

// meter reads a part and counts what is inflated against the limits. At the
// part's end it holds it against the checksum in the zip's directory: archive/zip
// would do so too, but for a checksum of zero, and through slower readers.
type meter struct {
	r    io.Reader
	part *zip.File
	pack *pack
	size uint64
	sum  uint32 // CRC-32 so far
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	p := m.pack
	p.inflated += int64(n)
	if p.inflated > p.lim.Unzipped {
		return n, exceeded("unzipped", p.lim.Unzipped, p.inflated)
	}
	if size := int64(len(p.data)); p.inflated > p.lim.Ratio*size {
		return n, exceeded("ratio", p.lim.Ratio, (p.inflated+size-1)/size)
	}
	if late := p.overdue(); late != nil {
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

package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// scan reads the pages of a data file by itself, so that Check finds all that a damaged file
// still has. bbolt panics at the first page that is not what it should be, or follows it
// into nowhere. A scan believes nothing that it has not verified, and goes on behind what it
// can't read.
//
// It reads what bbolt's documentation calls pages (internal/common/page.go): a head of 16
// octets (the page's number, its kind, how many elements it has, how many pages follow it
// as a part of it), then the elements, then keys and values. It must be used within the
// transaction that it was made for, during which no page of it is used again.
type scan struct {
	file  io.ReaderAt
	size  int    // octets of a page
	end   uint64 // the first number that no page has
	trees map[string]tree
	read  func(pages int) // is told of pages that were read
}

// tree is one bucket, as the root says where it is.
type tree struct {
	root     uint64 // its page; 0 for a small bucket, which is inline
	sequence uint64
	inline   []byte
}

// hole is a part of a bucket that can't be read: the keys from one on and before another.
type hole struct {
	from, to []byte // nil: from the first key, to the last
	err      error
}

// The parts of a page and of its elements.
const (
	pageHead    = 16
	elementHead = 16
	kindBranch  = 1
	kindLeaf    = 2
	bucketEntry = 1 // flag of a leaf's element that is a bucket
	deepest     = 32
	longest     = 1 << 14 // pages that are part of another: a message has far fewer
)

// errHead ends WriteTo after the first page.
var errHead = errors.New("the first page is all that was wanted")

// head keeps the first page that is written to it.
type head struct{ page []byte }

func (h *head) Write(b []byte) (int, error) {
	h.page = bytes.Clone(b)
	return 0, errHead
}

// newScan finds the buckets of a transaction. The error says that not even these can be
// read; holes says which part of their list can't be.
func newScan(tx *bolt.Tx, file io.ReaderAt, read func(pages int)) (s *scan, holes []hole, err error) {
	var first head
	if _, err := tx.WriteTo(&first); len(first.page) < pageHead+64 {
		return nil, nil, fmt.Errorf("first page: %w", err)
	}
	meta := first.page[pageHead:] // magic, version, page size, flags, root bucket, free list, end
	s = &scan{
		file: file, size: int(binary.NativeEndian.Uint32(meta[8:])), end: binary.NativeEndian.Uint64(meta[40:]),
		trees: map[string]tree{}, read: read,
	}
	root := tree{root: binary.NativeEndian.Uint64(meta[16:])}
	holes = s.walk(root, func(name, value []byte, isBucket bool) {
		if !isBucket || len(value) < 16 {
			holes = append(holes, hole{from: name, to: name, err: errors.New("it is no bucket")})
			return
		}
		t := tree{root: binary.NativeEndian.Uint64(value), sequence: binary.NativeEndian.Uint64(value[8:])}
		if t.root == 0 {
			t.inline = value[16:]
		}
		s.trees[string(name)] = t
	})
	return s, holes, nil
}

// walk calls visit with each entry of a bucket that can be read, by rising key, and returns
// what can't be. visit may keep what it gets.
func (s *scan) walk(t tree, visit func(key, value []byte, isBucket bool)) []hole {
	return s.walkTo(t, nil, visit)
}

// get returns the value of a key, and whether what may have it can be read.
func (s *scan) get(t tree, key []byte) (value []byte, known bool) {
	holes := s.walkTo(t, key, func(k, v []byte, _ bool) {
		if bytes.Equal(k, key) {
			value = v
		}
	})
	for _, h := range holes {
		if value == nil && inside(key, h.from, h.to) {
			return nil, false
		}
	}
	return value, true
}

// some returns the first entries after a key, up to a limit of 1 or more, and whether there
// are none among them that can't be read.
func (s *scan) some(t tree, after []byte, limit int) (keys, values [][]byte, whole bool) {
	w := walker{scan: s, after: after, left: limit, seen: map[uint64]bool{}, visit: func(key, value []byte, _ bool) {
		keys, values = append(keys, key), append(values, value)
	}}
	w.tree(t)
	return keys, values, len(w.holes) == 0
}

// walkTo is walk; if only is not nil, through the pages that may have this key.
func (s *scan) walkTo(t tree, only []byte, visit func(key, value []byte, isBucket bool)) []hole {
	w := walker{scan: s, only: only, visit: visit, seen: map[uint64]bool{}}
	w.tree(t)
	return w.holes
}

// walker is one walk through a tree.
type walker struct {
	*scan
	only  []byte // if not nil, pages that can't have this key are passed over
	after []byte // and so are those that have no key after this one
	left  int    // how many entries are still to be visited; 0 for all
	done  bool   // left has come to its end
	visit func(key, value []byte, isBucket bool)
	seen  map[uint64]bool
	holes []hole
}

func (w *walker) lose(from, to []byte, format string, args ...any) {
	w.holes = append(w.holes, hole{from, to, fmt.Errorf(format, args...)})
}

func (w *walker) tree(t tree) {
	if t.root == 0 {
		w.elements(t.inline, nil, nil, 0)
	} else {
		w.page(t.root, nil, nil, 0)
	}
}

// page reads a page, of which the page above it says that its keys are from one on and
// before another.
func (w *walker) page(id uint64, from, to []byte, depth int) {
	if id < 2 || id >= w.end || w.seen[id] || depth > deepest {
		w.lose(from, to, "page %d: it can't be a page of this bucket", id)
		return
	}
	w.seen[id] = true
	page := make([]byte, w.size)
	if _, err := w.file.ReadAt(page, int64(id)*int64(w.size)); err != nil {
		w.lose(from, to, "page %d: %w", id, err)
		return
	}
	more := uint64(binary.NativeEndian.Uint32(page[12:]))
	if at := binary.NativeEndian.Uint64(page); at != id || more > longest || id+more >= w.end {
		w.lose(from, to, "page %d: it says that it is page %d, with %d pages more", id, at, more)
		return
	}
	if more > 0 {
		page = append(page, make([]byte, int(more)*w.size)...)
		if _, err := w.file.ReadAt(page[w.size:], int64(id+1)*int64(w.size)); err != nil {
			w.lose(from, to, "page %d: %w", id+1, err)
			return
		}
	}
	if w.read != nil {
		w.read(1 + int(more))
	}
	w.elements(page, from, to, depth)
}

// elements reads what is in a page.
func (w *walker) elements(page []byte, from, to []byte, depth int) {
	if len(page) < pageHead {
		w.lose(from, to, "a bucket has %d octets", len(page))
		return
	}
	id := binary.NativeEndian.Uint64(page)
	kind, n := binary.NativeEndian.Uint16(page[8:]), int(binary.NativeEndian.Uint16(page[10:]))
	switch {
	case kind != kindBranch && kind != kindLeaf:
		w.lose(from, to, "page %d: it is of no known kind (%d)", id, kind)
	case pageHead+n*elementHead > len(page):
		w.lose(from, to, "page %d: it can't have %d elements", id, n)
	case kind == kindLeaf:
		w.leaf(page, id, n, from, to)
	default:
		w.branch(page, id, n, from, to, depth)
	}
}

// leaf visits the entries of a page. Those whose place makes no sense are a hole.
func (w *walker) leaf(page []byte, id uint64, n int, from, to []byte) {
	last, lost := from, false // the least key that may come next
	for i := range n {
		e := page[pageHead+i*elementHead:]
		flags := binary.NativeEndian.Uint32(e)
		pos, keyLen, valueLen := field(e, 4), field(e, 8), field(e, 12)
		at := pageHead + i*elementHead + pos
		fits := at+keyLen+valueLen <= len(page) && keyLen > 0 && flags <= bucketEntry
		var key []byte
		if fits {
			key = page[at : at+keyLen : at+keyLen]
			fits = inside(key, last, to)
		}
		if !fits {
			lost = true
			continue
		}
		if lost {
			w.lose(last, key, "page %d: some of its entries can't be read", id)
			lost = false
		}
		last = slices.Concat(key, []byte{0})
		if w.done || bytes.Compare(key, w.after) <= 0 {
			continue
		}
		if w.left > 0 {
			w.left--
			w.done = w.left == 0
		}
		w.visit(key, page[at+keyLen:at+keyLen+valueLen:at+keyLen+valueLen], flags == bucketEntry)
	}
	if lost {
		w.lose(last, to, "page %d: some of its entries can't be read", id)
	}
}

// branch reads the pages below a page. Each of its elements has the first key below it.
func (w *walker) branch(page []byte, id uint64, n int, from, to []byte, depth int) {
	type below struct {
		key []byte
		id  uint64
	}
	var list []below
	sound := n > 0
	last := from
	for i := range n {
		e := page[pageHead+i*elementHead:]
		pos, keyLen := field(e, 0), field(e, 4)
		at := pageHead + i*elementHead + pos
		if at+keyLen > len(page) || keyLen == 0 {
			sound = false
			continue
		}
		key := page[at : at+keyLen : at+keyLen]
		if !inside(key, last, to) && i > 0 {
			sound = false
			continue
		}
		last = key
		list = append(list, below{key, binary.NativeEndian.Uint64(e[8:])})
	}
	if !sound {
		w.lose(from, to, "page %d: some of its entries can't be read", id)
	}
	for i, b := range list {
		lower, upper := b.key, to
		if i == 0 {
			lower = from // keys may have been put before the first since
		}
		if i+1 < len(list) {
			upper = list[i+1].key
		}
		if w.done {
			return
		}
		if (w.only == nil || inside(w.only, lower, upper)) && (upper == nil || bytes.Compare(upper, w.after) > 0) {
			w.page(b.id, lower, upper, depth+1)
		}
	}
}

// field reads a length or a place, which has four octets.
func field(b []byte, at int) int { return int(binary.NativeEndian.Uint32(b[at:])) }

// inside reports whether a key is from one on and before another.
func inside(key, from, to []byte) bool {
	return bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
}

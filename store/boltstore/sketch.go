package boltstore

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A sketch says what may be found in a block of rows, so that a search skips blocks in which
// it cannot find anything. A rare word is found among 100,000 rows in one or two
// milliseconds; to look at each row takes forty. A sketch has the earliest and the latest
// moment of the rows (eight bytes each, seconds), and a Bloom filter of their tags, of the
// runs of characters in their texts, and of the runs of digits in their EANs. It may say
// that something is in the block that is not there, but never the opposite.
type sketch []byte

const (
	blockRows  = 32     // rows of a block, which have successive sequence numbers
	filterBits = 32_000 // orders of 30 lines set a seventh of these; two fifths if each line has an offer
	momentsEnd = 16     // the offset of the filter in a sketch
	sketchSize = momentsEnd + filterBits/8
)

// The lengths of the runs of characters that the filter has. By runs, a part of a word is
// found too. Short runs suffice for letters. Digits are frequent in rows, so that only long
// runs of digits are rare enough to rule out a block.
const (
	leastRun = 2
	shortRun = 3
	longRun  = 5
)

// The seeds make the same characters set other bits in a text than in an EAN.
const (
	seedText uint64 = iota + 1
	seedEAN
)

func newSketch() sketch {
	s := make(sketch, sketchSize)
	binary.BigEndian.PutUint64(s, math.MaxUint64)
	return s
}

// add adds a row to the sketch.
func (s sketch) add(p packed) {
	at := uint64(p.at.Unix())
	binary.BigEndian.PutUint64(s, min(at, binary.BigEndian.Uint64(s)))
	binary.BigEndian.PutUint64(s[8:], max(at, binary.BigEndian.Uint64(s[8:])))
	filter := s[momentsEnd:]
	set := func(bit uint16) { filter[bit>>3] |= 1 << (bit & 7) }
	for tag := range bytes.SplitSeq(p.tags, []byte(tagMark)) {
		for _, bit := range tagBits(tag) {
			set(bit)
		}
	}
	runs(p.text, leastRun, seedText, set)
	runs(p.text, shortRun, seedText, set)
	runs(p.text, longRun, seedText, set)
	runs(p.eans, longRun, seedEAN, set)
}

// runs calls f with the bit of each run of n bytes, at most seven, that are neither
// spaces nor control characters.
func runs(text []byte, n int, seed uint64, f func(bit uint16)) {
	mask := uint64(1)<<(8*n) - 1
	var run uint64
	length := 0
	for _, b := range text {
		if b <= ' ' {
			length = 0
			continue
		}
		run = (run<<8 | uint64(b)) & mask
		if length++; length >= n {
			f(spread(run | seed<<56))
		}
	}
}

// spread maps a run to the number of its bit by multiplicative hashing (Knuth, The Art of
// Computer Programming, vol. 3, 6.4).
func spread(n uint64) uint16 { return uint16((n * 0x9e3779b97f4a7c15 >> 32) * filterBits >> 32) }

// tagBits returns the bits of a tag. There are three, because one bit would rule out too
// few blocks, and a tag, which is only looked for as a whole, has no runs.
func tagBits(tag []byte) (list [3]uint16) {
	sum := uint64(14695981039346656037) // FNV-1a
	for _, b := range tag {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	for i := range list {
		list[i] = spread(bits.RotateLeft64(sum, 21*i))
	}
	return list
}

func (s sketch) has(list []uint16) bool {
	filter := s[momentsEnd:]
	for _, bit := range list {
		if filter[bit>>3]&(1<<(bit&7)) == 0 {
			return false
		}
	}
	return true
}

// within reports whether a row of the block may have a moment from from on and before
// until. A zero moment is no bound.
func (s sketch) within(from, until time.Time) bool {
	return (until.IsZero() || binary.BigEndian.Uint64(s) < uint64(max(until.Unix(), 0))+1) &&
		(from.IsZero() || binary.BigEndian.Uint64(s[8:]) >= uint64(max(from.Unix(), 0)))
}

// bitsOf returns the bits that a text sets wherever in a longer text it stands.
func bitsOf(text []byte, seed uint64, lengths ...int) (list []uint16) {
	for _, n := range lengths {
		runs(text, n, seed, func(bit uint16) { list = append(list, bit) })
	}
	return list
}

// listed has the names of the buckets of a kind of rows: orders or cases.
type listed struct{ rows, tags, sketches string }

func orderList() listed { return listed{bucketOrderRows, bucketOrderTags, bucketOrderSketches} }
func caseList() listed  { return listed{bucketCaseRows, bucketCaseTags, bucketCaseSketches} }

// blockOf is the key of the sketch of a row: the least key of its block.
func blockOf(key []byte) []byte {
	block := bytes.Clone(key)
	block[len(block)-1] &^= blockRows - 1
	return block
}

// endOf returns a key that sorts after all keys of a block and before those of the next.
func endOf(block []byte) []byte {
	end := append(bytes.Clone(block), 0)
	end[len(block)-1] |= blockRows - 1
	return end
}

// sameBlock reports whether the row of a key belongs to a block.
func sameBlock(key, block []byte) bool {
	last := len(block) - 1
	return len(key) == len(block) && bytes.Equal(key[:last], block[:last]) && key[last]&^(blockRows-1) == block[last]
}

// draw brings a block's sketch up to date with a row that was stored. It adds a fresh row
// to the sketch; if the row replaced another, it makes the sketch anew from all rows.
func (l listed) draw(tx *bolt.Tx, key, row []byte, fresh bool) error {
	sketches, block := bucket(tx, l.sketches), blockOf(key)
	if old := sketches.Get(block); fresh && len(old) == sketchSize {
		s := sketch(slices.Clone(old))
		p, _ := unpack(row)
		s.add(p)
		return sketches.Put(block, s)
	}
	return l.redraw(tx, block)
}

// redraw makes a block's sketch from all its rows.
func (l listed) redraw(tx *bolt.Tx, block []byte) error {
	s := newSketch()
	c := bucket(tx, l.rows).Cursor()
	for k, v := c.Seek(block); sameBlock(k, block); k, v = c.Next() {
		p, _ := unpack(v)
		s.add(p)
	}
	return bucket(tx, l.sketches).Put(block, s)
}

// drawAll makes the sketches of all blocks.
func (l listed) drawAll(tx *bolt.Tx) error {
	c := bucket(tx, l.rows).Cursor()
	for k, _ := c.First(); k != nil; {
		block := blockOf(k)
		if err := l.redraw(tx, block); err != nil {
			return err
		}
		k, _ = c.Seek(endOf(block))
	}
	return nil
}

package boltstore

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"

	"bdc/store"
)

// The copy mark says whether Backup wrote the file. A copy that somebody opens as if it
// were the record would give the record's next numbers to other orders, so that it must
// say of itself that it is a copy.
//
// The mark is 16 random bytes, drawn when the file is made, and one byte, '0' in the
// record and '1' in a copy. Backup writes a copy from one read transaction, which cannot
// have other content than the record itself. So it changes the mark in the stream, where
// it knows it by its random bytes. It needs to know nothing about the pages of the file.
// Where pages that are no longer used have the mark too, it changes them too, to no
// effect.
const (
	copyMarkSize = 17
	notCopied    = '0'
	copied       = '1'
)

// identitySize is how many bytes the identity of a record has.
const identitySize = 16

// newIdentity draws the identity of a record: 32 hex digits.
func newIdentity() []byte {
	var b [identitySize]byte
	rand.Read(b[:])
	return hex.AppendEncode(nil, b[:])
}

// newCopyMark draws the copy mark of a file that is no copy.
func newCopyMark() []byte {
	mark := make([]byte, copyMarkSize)
	rand.Read(mark[:copyMarkSize-1])
	mark[copyMarkSize-1] = notCopied
	return mark
}

// copyMark reads the copy mark.
func copyMark(tx *bolt.Tx) ([]byte, error) {
	mark := bytes.Clone(bucket(tx, bucketMeta).Get([]byte(keyCopyMark)))
	if len(mark) != copyMarkSize {
		return nil, fmt.Errorf("%w: the file does not say whether it is a copy", store.ErrDamaged)
	}
	return mark, nil
}

// isCopy reports whether Backup wrote the file, and nobody has made a record of it since.
func isCopy(tx *bolt.Tx) (bool, error) {
	mark, err := copyMark(tx)
	return err == nil && mark[copyMarkSize-1] != notCopied, err
}

// marker passes on what is written to it, but wherever the random bytes of the copy mark
// are, it sets the byte after them to copied.
type marker struct {
	w      io.Writer
	random []byte // of the mark
	buf    []byte // what was written and not passed on yet: the mark may begin in it
	marked int    // how many marks it has changed
}

func (m *marker) Write(b []byte) (int, error) {
	m.buf = append(m.buf, b...)
	done := 0 // up to here, buf has no mark but those that were changed
	for {
		i := bytes.Index(m.buf[done:], m.random)
		if i < 0 || done+i+copyMarkSize > len(m.buf) {
			break
		}
		done += i + copyMarkSize
		m.buf[done-1] = copied
		m.marked++
	}
	ready := max(done, len(m.buf)-copyMarkSize+1)
	if _, err := m.w.Write(m.buf[:ready]); err != nil {
		return 0, err
	}
	m.buf = append(m.buf[:0], m.buf[ready:]...)
	return len(b), nil
}

// flush passes on the rest. The error says if the mark was nowhere.
func (m *marker) flush() error {
	if m.marked == 0 {
		return fmt.Errorf("%w: found no place to say that this is a copy", store.ErrDamaged)
	}
	_, err := m.w.Write(m.buf)
	return err
}

package boltstore

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"bdc/store"
)

// pieceSize is the most octets of a large value that are stored under one key. bbolt keeps
// up to four values in a page, however large they are, and writes the last page anew when a
// value is added. Without pieces, a large attachment would be written four times.
const pieceSize = 64 << 10

// extent says where a large value is: in how many pieces, and under which successive
// sequence numbers of its bucket. The zero extent means that there is no value. An empty
// value has one piece.
type extent struct {
	First  uint64 `json:"first"`
	Pieces uint64 `json:"pieces"`
}

// add stores a large value under its bucket's next sequence numbers. Since keys only rise,
// pages can be filled completely: nothing is inserted between their keys later.
func add(b *bolt.Bucket, value []byte) (e extent, err error) {
	b.FillPercent = 1
	for first := true; first || len(value) > 0; first = false {
		seq, err := b.NextSequence()
		if err != nil {
			return extent{}, err
		}
		piece := value[:min(len(value), pieceSize)]
		value = value[len(piece):]
		if err := b.Put(seqKey(seq), piece); err != nil {
			return extent{}, err
		}
		if first {
			e.First = seq
		}
		e.Pieces++
	}
	return e, nil
}

// read copies a large value out.
func (e extent) read(b *bolt.Bucket) ([]byte, error) {
	value := []byte{}
	c := b.Cursor()
	k, piece := c.Seek(seqKey(e.First))
	for i := range e.Pieces {
		if k == nil || seqOf(k) != e.First+i {
			return nil, fmt.Errorf("%w: piece %d is missing", store.ErrDamaged, e.First+i)
		}
		value = append(value, piece...)
		k, piece = c.Next()
	}
	return value, nil
}

// remove deletes a large value.
func (e extent) remove(b *bolt.Bucket) error {
	for i := range e.Pieces {
		if err := b.Delete(seqKey(e.First + i)); err != nil {
			return err
		}
	}
	return nil
}

package boltstore

import (
	"bytes"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Rows of one account, or of one school, are few among many: an index finds them
// without looking through all. Its keys are the tag as the row has it, NUL, and
// the row's key.

// indexed are the tags of a row that the index has; none of no row.
func indexed(row []byte) (tags [][]byte) {
	p, _ := unpack(row)
	for tag := range bytes.SplitSeq(p.tags, []byte(tagMark)) {
		for _, name := range []string{tagAccount, tagSchool} {
			if len(tag) > len(name) && bytes.HasPrefix(tag, []byte(name)) {
				tags = append(tags, bytes.Clone(tag))
			}
		}
	}
	return tags
}

// Names of the tags that are indexed.
const (
	tagAccount = "account:"
	tagSchool  = "uai:"
)

func tagKey(tag, key []byte) []byte { return slices.Concat(tag, []byte{0}, key) }

// putRow stores a row, and brings its index up to date.
func putRow(tx *bolt.Tx, rows, index string, key, row []byte) error {
	b := bucket(tx, rows)
	before, after := indexed(b.Get(key)), indexed(row)
	if err := b.Put(key, row); err != nil {
		return err
	}
	b = bucket(tx, index)
	for _, tag := range before {
		if !slices.ContainsFunc(after, func(t []byte) bool { return bytes.Equal(t, tag) }) {
			if err := b.Delete(tagKey(tag, key)); err != nil {
				return err
			}
		}
	}
	for _, tag := range after {
		if !slices.ContainsFunc(before, func(t []byte) bool { return bytes.Equal(t, tag) }) {
			if err := b.Put(tagKey(tag, key), []byte{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowsOf walks rows in one direction, beyond a key, nil for the first: those of a
// tag, or all for none.
type rowsOf struct {
	rows, index string
	tag         []byte
	beyond      []byte
	least       []byte // no key below it, of all rows; nil for none
	down        bool
}

// walk calls visit with each row until it returns false.
func (r rowsOf) walk(tx *bolt.Tx, visit func(row []byte) bool) {
	rows := bucket(tx, r.rows)
	c, prefix, beyond := rows.Cursor(), []byte(nil), r.beyond
	if r.tag != nil {
		c, prefix = bucket(tx, r.index).Cursor(), tagKey(r.tag, nil)
		beyond = slices.Concat(prefix, r.beyond)
		if r.down && r.beyond == nil {
			beyond[len(beyond)-1]++ // past the last
		}
	}
	step := c.Next
	if r.down {
		step = c.Prev
	}
	for k, v := start(c, beyond, r.down); k != nil && bytes.HasPrefix(k, prefix); k, v = step() {
		if bytes.Compare(k, r.least) < 0 {
			return
		}
		if r.tag != nil {
			v = rows.Get(k[len(prefix):])
		}
		if !visit(v) {
			return
		}
	}
}

// narrowest is the tag that the fewest rows have, of those asked for: an indexed
// one, or nil.
func narrowest(account, uai string) []byte {
	switch {
	case uai != "":
		return []byte(fold(tagSchool + uai))
	case account != "":
		return []byte(fold(tagAccount + account))
	}
	return nil
}

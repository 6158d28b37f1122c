package boltstore

import (
	"bytes"
	"slices"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
)

// Rows of one account, or of one school, are few among many: an index finds them
// without looking through all. Its keys are the tag as the row has it, NUL, and
// the row's key.

// indexed returns the tags of a row that are indexed; none if row is nil.
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

// put stores a row, and brings its index and its block's sketch up to date.
func (l listed) put(tx *bolt.Tx, key, row []byte) error {
	fresh := bucket(tx, l.rows).Get(key) == nil
	if err := l.replace(tx, key, row); err != nil {
		return err
	}
	return l.draw(tx, key, row, fresh)
}

// replace stores a row and brings its index up to date, but not its block's sketch.
func (l listed) replace(tx *bolt.Tx, key, row []byte) error {
	b := bucket(tx, l.rows)
	before, after := indexed(b.Get(key)), indexed(row)
	if err := b.Put(key, row); err != nil {
		return err
	}
	b = bucket(tx, l.tags)
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

// tagged calls visit with each row that has a tag, in the order of start, until visit
// returns false.
func (l listed) tagged(tx *bolt.Tx, tag, beyond []byte, down bool, visit func(key, row []byte) bool) {
	rows, c, prefix := bucket(tx, l.rows), bucket(tx, l.tags).Cursor(), tagKey(tag, nil)
	from := slices.Concat(prefix, beyond)
	if down && beyond == nil {
		from[len(from)-1]++ // past the last
	}
	step := stepper(c, down)
	for k, _ := start(c, from, down); bytes.HasPrefix(k, prefix); k, _ = step() {
		if key := k[len(prefix):]; !visit(key, rows.Get(key)) {
			return
		}
	}
}

// all calls visit with each row, in the order of start, until visit returns false. It skips
// the blocks for whose sketch may returns false.
func (l listed) all(tx *bolt.Tx, may func(sketch) bool, beyond []byte, down bool, visit func(key, row []byte) bool) {
	rows, sketches := bucket(tx, l.rows).Cursor(), bucket(tx, l.sketches).Cursor()
	step, next := stepper(rows, down), stepper(sketches, down)
	k, v := start(rows, beyond, down)
	if k == nil {
		return
	}
	for block, s := sketches.Seek(blockOf(k)); block != nil; block, s = next() {
		if !may(s) {
			continue
		}
		switch {
		case sameBlock(k, block): // the first, or the one after the block before
		case down:
			k, v = start(rows, endOf(block), true)
		default:
			k, v = rows.Seek(block)
		}
		for ; k != nil && sameBlock(k, block); k, v = step() {
			if !visit(k, v) {
				return
			}
		}
	}
}

// stepper returns the method by which a cursor moves to the next key, down or up.
func stepper(c *bolt.Cursor, down bool) func() (k, v []byte) {
	if down {
		return c.Prev
	}
	return c.Next
}

// narrowest returns the indexed tag by which to look for rows: that of the UAI, which fewer
// rows have, or else that of the account. It returns nil if neither is given.
func narrowest(account, uai string) []byte {
	switch {
	case uai != "":
		return []byte(order.Fold(tagSchool + uai))
	case account != "":
		return []byte(order.Fold(tagAccount + account))
	}
	return nil
}

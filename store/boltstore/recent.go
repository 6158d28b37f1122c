package boltstore

import (
	"bytes"
	"math"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
)

// saveRecent makes an order found by its school, if it has one.
func saveRecent(tx *bolt.Tx, key []byte, o *order.Order, at time.Time) error {
	if o.UAI.IsZero() {
		return nil
	}
	recent := order.Recent{Number: o.Number, At: at, Account: o.Account, Lines: o.Gists()}
	return save(bucket(tx, bucketSchools), schoolKey(o.UAI, key), recent)
}

// near returns the latest orders for a school since a moment, the last first;
// none for the zero UAI.
func near(tx *bolt.Tx, school order.UAI, since time.Time) (list []order.Recent, err error) {
	if school.IsZero() {
		return nil, nil
	}
	prefix := schoolKey(school, nil)
	b := bucket(tx, bucketSchools)
	c := b.Cursor()
	k, _ := c.Seek(schoolKey(school, orderKey(math.MaxInt32, math.MaxUint64)))
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	for ; bytes.HasPrefix(k, prefix) && len(list) < order.NearMost; k, _ = c.Prev() {
		var r order.Recent
		if _, err := load(b, k, &r); err != nil {
			return nil, err
		}
		if r.At.Before(since) {
			break
		}
		list = append(list, r)
	}
	return list, nil
}

func sameRecent(a, b order.Recent) bool {
	return a.Number == b.Number && a.At.Equal(b.At) && a.Account == b.Account && slices.Equal(a.Lines, b.Lines)
}

package boltstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// upgrade makes a file of the present format of one of an earlier format, or of a new
// file, whose format is 0. All buckets are there already. For 100,000 orders it takes some
// fifteen seconds.
func upgrade(tx *bolt.Tx, from uint64) error {
	if from == 1 {
		if err := toSecond(tx); err != nil {
			return err
		}
	}
	if from == 1 || from == 2 {
		if err := toThird(tx); err != nil {
			return err
		}
	}
	meta := bucket(tx, bucketMeta)
	if err := meta.Put([]byte(keyIdentity), newIdentity()); err != nil {
		return err
	}
	return meta.Put([]byte(keyCopyMark), newCopyMark())
}

// toSecond counts the intakes, and finds the replies by what they answer. Format 2 had its
// sketches too, which toThird draws.
func toSecond(tx *bolt.Tx) error {
	intakes := bucket(tx, bucketIntakes)
	if err := intakes.SetSequence(uint64(count(intakes, nil))); err != nil {
		return err
	}
	return forEach(tx, bucketReplies, func(id []byte, r struct { // of an order.Reply
		Message order.Key `json:"message"`
	},
	) error {
		return answer(tx, r.Message, seqOf(id))
	})
}

// toThird counts the orders, makes the messages found by their Message-IDs, since nobody
// knows the hashes of their headers, makes all rows and sketches anew, and lets the index by
// identity name the last order of each instead of the first.
func toThird(tx *bolt.Tx) error {
	orders := bucket(tx, bucketOrders)
	if err := orders.SetSequence(uint64(count(orders, nil))); err != nil {
		return err
	}
	err := forEach(tx, bucketMessages, func(key []byte, m struct { // of an order.Message
		MessageID string `json:"message_id"`
	},
	) error {
		return putHeader(tx, store.HeaderID{MessageID: m.MessageID}, key)
	})
	if err != nil {
		return err
	}
	err = forEach(tx, bucketOrders, func(key []byte, o order.Order) error {
		if o.Status != order.Cancelled {
			if err := bucket(tx, bucketIdentities).Put([]byte(o.Identity()), []byte(o.Number)); err != nil {
				return err
			}
		}
		row, err := orderRow(&o)
		if err != nil {
			return err
		}
		return orderList().refold(tx, key, row)
	})
	if err != nil {
		return err
	}
	err = forEach(tx, bucketCases, func(key []byte, c order.Case) error {
		row, err := caseRow(&c)
		if err != nil {
			return err
		}
		return caseList().refold(tx, key, row)
	})
	if err != nil {
		return err
	}
	return errors.Join(orderList().drawAll(tx), caseList().drawAll(tx))
}

// refold replaces a row that is not what it would be today. Most rows are: only few texts
// have a character that was folded otherwise.
func (l listed) refold(tx *bolt.Tx, key, row []byte) error {
	if bytes.Equal(bucket(tx, l.rows).Get(key), row) {
		return nil
	}
	return l.replace(tx, key, row)
}

// forEach calls f for each value of a bucket, decoded, until f returns an error. f must not
// write into that bucket.
func forEach[T any](tx *bolt.Tx, name string, f func(key []byte, value T) error) error {
	return bucket(tx, name).ForEach(func(key, data []byte) error {
		var value T
		if err := json.Unmarshal(data, &value); err != nil {
			return fmt.Errorf("%w: %s %q: %w", store.ErrDamaged, name, key, err)
		}
		return f(key, value)
	})
}

// keepFormer writes a copy of the file as it is beside it, and returns the copy's path:
// bdc.db.format2 for a bdc.db of format 2, or with -2, -3… after that where such a file is
// there already. The copy has its name only once it is safe on the disk.
func keepFormer(db *bolt.DB, path string, version uint64) (kept string, err error) {
	name := fmt.Sprintf("%s.format%d", path, version)
	partial := name + ".partial" // nobody else writes it: we have the file's lock
	file, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	err = db.View(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(file)
		return err
	})
	if err := errors.Join(err, file.Chmod(0o600), file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(partial))
	}
	kept = name
	for n := 2; ; n++ {
		if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", err
		}
		kept = fmt.Sprintf("%s-%d", name, n)
	}
	if err := os.Rename(partial, kept); err != nil {
		return "", err
	}
	return kept, syncDir(filepath.Dir(path))
}

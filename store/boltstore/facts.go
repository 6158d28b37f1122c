package boltstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// Facts say which data file it is, and how much is in it.
type Facts struct {
	Format   uint64    `json:"format"`                  // the version of its layout; Format is that of a new file
	Record   string    `json:"record,omitempty"`        // the record's identity; "" in files of format 1 and 2
	Copy     bool      `json:"copy,omitempty"`          // Backup wrote it, and nobody made a record of it since
	Size     int64     `json:"size"`                    // octets
	Written  time.Time `json:"written"`                 // when the file was last written, UTC
	Begun    time.Time `json:"begun,omitzero"`          // the moment of the audit's first line; zero for none
	BackedUp time.Time `json:"last_backup_at,omitzero"` // when the last backup was safe; zero: never
	Messages int       `json:"messages"`                // recorded, ever
	Orders   int       `json:"orders"`                  // numbered, ever
	Waiting  int       `json:"cases_waiting"`           // cases that wait for staff
}

// Format is the version of the layout that this program writes.
const Format = format

// Facts returns the facts of the data file. It may be called where the file is open to be
// read only, also on a file of an earlier format. The error wraps store.ErrDamaged if the
// file lacks a part.
func (s *Store) Facts(ctx context.Context) (f Facts, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) (err error) {
		if f.Format, err = formatOf(tx, s.file); err != nil {
			return err
		}
		info, err := s.file.Stat()
		if err != nil {
			return err
		}
		f.Size, f.Written = info.Size(), info.ModTime().UTC()
		if f.Format >= 3 {
			f.Record = string(bucket(tx, bucketMeta).Get([]byte(keyIdentity)))
			if f.Copy, err = isCopy(tx); err != nil {
				return err
			}
		}
		if _, line := bucket(tx, bucketAudit).Cursor().First(); line != nil {
			var first order.Event
			if err := json.Unmarshal(line, &first); err != nil {
				return fmt.Errorf("%w: %w", store.ErrDamaged, err)
			}
			f.Begun = first.At
		}
		f.Orders, f.Messages = int(bucket(tx, bucketOrders).Sequence()), int(bucket(tx, bucketIntakes).Sequence())
		if f.Format < 3 { // where they were not counted
			f.Orders, f.Messages = count(bucket(tx, bucketOrders), nil), count(bucket(tx, bucketIntakes), nil)
		}
		f.Waiting = count(bucket(tx, bucketCaseStates), stateKey(order.Waiting, 0))
		_, err = load(bucket(tx, bucketMeta), []byte(keyBackup), &f.BackedUp)
		return err
	})
	if err != nil {
		return Facts{}, fmt.Errorf("facts: %w", err)
	}
	return f, nil
}

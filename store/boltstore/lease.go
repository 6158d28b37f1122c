package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/store"
)

// lease is who has a lease, since which opening of the file.
type lease struct {
	Holder  string    `json:"holder"`
	Epoch   uint64    `json:"epoch"`
	Until   time.Time `json:"until"`
	Opening string    `json:"opening"` // Store.opening of the holder
}

// leaseMemory is how long a lease is kept once its time is over. Daemons that were killed
// leave theirs behind.
const leaseMemory = 24 * time.Hour

func leaseKey(name string) []byte { return []byte(prefixLease + name) }

// Lease takes or renews a lease. Only one process has the file open at a time. So a lease
// from an earlier opening of the file belongs to a program that is gone, and can be taken
// at once.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (uint64, error) {
	var l lease
	err := s.update(ctx, func(tx *bolt.Tx) error {
		b := bucket(tx, bucketMeta)
		l = lease{}
		if _, err := load(b, leaseKey(name), &l); err != nil {
			return err
		}
		now := s.clock().UTC()
		switch here := l.Opening == s.opening; {
		case here && l.Holder == holder: // renewed
		case here && now.Before(l.Until):
			return fmt.Errorf("%w: %s", store.ErrLeased, l.Holder)
		default:
			if err := forgetLeases(tx, now.Add(-leaseMemory)); err != nil {
				return err
			}
			last := seqOf(b.Get([]byte(keyEpoch)))
			l = lease{Holder: holder, Epoch: last + 1, Opening: s.opening}
			if err := b.Put([]byte(keyEpoch), seqKey(l.Epoch)); err != nil {
				return err
			}
		}
		l.Until = now.Add(ttl)
		return save(b, leaseKey(name), l)
	})
	if err != nil {
		return 0, fmt.Errorf("lease %q: %w", name, err)
	}
	return l.Epoch, nil
}

// forgetLeases deletes the leases whose time was over before a moment.
func forgetLeases(tx *bolt.Tx, before time.Time) error {
	old, err := leases(tx)
	if err != nil {
		return err
	}
	for _, l := range old {
		if l.Until.Before(before) {
			if err := bucket(tx, bucketMeta).Delete(leaseKey(l.Lease)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Unlease gives a lease back.
func (s *Store) Unlease(ctx context.Context, f store.Fence) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		var l lease
		found, err := load(bucket(tx, bucketMeta), leaseKey(f.Lease), &l)
		switch {
		case err != nil:
			return err
		case !found || !l.allows(f):
			return errNothing
		}
		return bucket(tx, bucketMeta).Delete(leaseKey(f.Lease))
	})
	if err != nil {
		return fmt.Errorf("give lease %q back: %w", f.Lease, err)
	}
	return nil
}

// Leases lists the leases by name.
func (s *Store) Leases(ctx context.Context) (all []store.LeaseState, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		all, err = leases(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("leases: %w", err)
	}
	return all, nil
}

func leases(tx *bolt.Tx) (all []store.LeaseState, err error) {
	c := bucket(tx, bucketMeta).Cursor()
	for k, v := c.Seek([]byte(prefixLease)); bytes.HasPrefix(k, []byte(prefixLease)); k, v = c.Next() {
		var l lease
		if err := json.Unmarshal(v, &l); err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		name := string(bytes.TrimPrefix(k, []byte(prefixLease)))
		all = append(all, store.LeaseState{
			Fence: store.Fence{Lease: name, Holder: l.Holder, Epoch: l.Epoch}, Until: l.Until,
		})
	}
	return all, nil
}

// allows reports whether a fence of the lease's name is good.
func (l *lease) allows(f store.Fence) bool { return l.Holder == f.Holder && l.Epoch == f.Epoch }

// fenced returns an error that wraps store.ErrFenced if the fence is not good. It is called
// in the transaction of what the fence allows, before anything is written.
func fenced(tx *bolt.Tx, f store.Fence) error {
	if f.Lease == "" {
		return nil
	}
	var l lease
	found, err := load(bucket(tx, bucketMeta), leaseKey(f.Lease), &l)
	switch {
	case err != nil:
		return err
	case !found || !l.allows(f):
		return fmt.Errorf("%w: %s at epoch %d", store.ErrFenced, f.Lease, f.Epoch)
	}
	return nil
}

// Pulse reads the counter of the audit, the pauses, the doubt and the registers' revisions.
func (s *Store) Pulse(ctx context.Context) (p store.Pulse, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		p = store.Pulse{Registers: map[string]uint64{}, Audit: bucket(tx, bucketAudit).Sequence()}
		if p.Pauses, err = pauses(tx); err != nil {
			return err
		}
		if p.Doubt, err = doubtOf(tx); err != nil {
			return err
		}
		return bucket(tx, bucketRegisters).ForEach(func(name, data []byte) error {
			var r struct { // of a register
				Import struct {
					Revision uint64 `json:"revision"`
				} `json:"import"`
			}
			if err := json.Unmarshal(data, &r); err != nil {
				return fmt.Errorf("%w: %w", store.ErrDamaged, err)
			}
			p.Registers[string(name)] = r.Import.Revision
			return nil
		})
	})
	if err != nil {
		return store.Pulse{}, fmt.Errorf("pulse: %w", err)
	}
	return p, nil
}

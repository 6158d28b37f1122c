package boltstore

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// Glance is what a data file tells of itself before it is opened: what a restore needs. Facts that its format does not
// have yet, or that can't be read, are zero.
type Glance struct {
	Format   uint64    // the version of its layout
	Record   string    // the record's identity: 32 hex digits; "" before format 3
	Copy     bool      // Backup wrote it, and nobody has taken it over since
	Restores uint64    // as store.Ownership has it
	Messages int       // recorded, ever
	Orders   int       // that are in it
	LastYear int       // the latest year in which an order got a number; 0 for none
	LastRank uint64    // the last number of that year
	Changed  time.Time // when its last line of the audit was written, UTC; zero for none
}

// Peek reads the facts of a data file that no other process has open. Unlike Open, it
// changes nothing: it neither makes a file, nor brings one up to date, nor ends leases.
//
// The error wraps fs.ErrNotExist if there is no file, and otherwise the same errors as that
// of Open. Of a file of a later format, it returns those facts that it found all the same.
func Peek(path string) (f Glance, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var file *os.File
	defer func() {
		if r := recover(); r != nil { // a page that is not what it should be, or not there
			err = errors.Join(fmt.Errorf("read %s: %w: %v", path, store.ErrDamaged, r), file.Close())
		}
	}()
	info, err := os.Stat(path)
	if err != nil {
		return f, err
	}
	if !info.Mode().IsRegular() {
		return f, fmt.Errorf("read %s: %w: it is no file", path, store.ErrDamaged)
	}
	if info.Size() == 0 {
		return f, fmt.Errorf("read %s: %w: it has 0 bytes", path, store.ErrDamaged)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		ReadOnly: true, Timeout: time.Second,
		OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
			file, err = os.OpenFile(name, flag, mode)
			return file, err
		},
	})
	if err != nil {
		return f, fmt.Errorf("read %s: %w", path, openError(err))
	}
	err = db.View(func(tx *bolt.Tx) error {
		version, err := formatOf(tx, file)
		if err == nil && version == 0 {
			err = fmt.Errorf("%w: there is nothing in it", store.ErrDamaged)
		}
		if err == nil || errors.Is(err, store.ErrFormat) {
			f.read(tx)
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("read %s: %w", path, err)
	}
	return f, errors.Join(err, db.Close())
}

// read fills in the facts. The file may be of a later format, so nothing is taken for
// granted.
func (f *Glance) read(tx *bolt.Tx) {
	if meta := tx.Bucket([]byte(bucketMeta)); meta != nil {
		f.Format, _ = parseSeq(meta.Get([]byte(keyFormat)))
		f.Record = string(meta.Get([]byte(keyIdentity)))
		f.Copy, _ = isCopy(tx)
		o, _ := loadOwnership(tx)
		f.Restores = o.Restores
	}
	if b := tx.Bucket([]byte(bucketIntakes)); b != nil {
		f.Messages = int(b.Sequence())
	}
	if b := tx.Bucket([]byte(bucketOrders)); b != nil {
		f.Orders = b.Stats().KeyN
	}
	if b := tx.Bucket([]byte(bucketYears)); b != nil {
		if year, rank := b.Cursor().Last(); len(year) == 4 {
			f.LastYear, f.LastRank = int(binary.BigEndian.Uint32(year)), seqOf(rank)
		}
	}
	if b := tx.Bucket([]byte(bucketAudit)); b != nil {
		var last order.Event
		if _, line := b.Cursor().Last(); line != nil && json.Unmarshal(line, &last) == nil {
			f.Changed = last.At
		}
	}
}

package boltstore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// format is the version of the file's layout. A change that an older program
// would misread raises it.
//
//	2  sketches of the rows, replies found by what they answer, the intakes counted
//	   by their bucket's sequence
//	3  the record's identity, the copy mark, messages found by their header, rows
//	   folded by order.Fold, the orders counted by their bucket's sequence
const format = 3

// The buckets, all at the root. docs/store-format.md says what is in each.
const (
	bucketMeta         = "meta"
	bucketIntakes      = "intakes"
	bucketMessages     = "messages"
	bucketContents     = "contents"
	bucketMarks        = "flights"
	bucketOrders       = "orders"
	bucketYears        = "years"
	bucketIdentities   = "identities"
	bucketReferences   = "references"
	bucketSchools      = "schools"
	bucketCases        = "cases"
	bucketCaseCodes    = "case_codes"
	bucketCaseStates   = "case_states"
	bucketCaseThreads  = "case_threads"
	bucketReplies      = "replies"
	bucketOutbox       = "outbox"
	bucketOutboxDue    = "outbox_due"
	bucketOutboxFailed = "outbox_failed"
	bucketReplyIDs     = "reply_ids"
	bucketRateLimits   = "lanes"
	bucketMails        = "mails"
	bucketBlobs        = "blobs"
	bucketBlobHashes   = "blob_hashes"
	bucketRegisters    = "registers"
	bucketRegisterData = "register_data"
	bucketAudit        = "audit"
	bucketOrderRows    = "order_rows"
	bucketCaseRows     = "case_rows"
	bucketOrderTags    = "order_tags"
	bucketCaseTags     = "case_tags"
	bucketUsers        = "users"
	bucketSessions     = "sessions"
	bucketDays         = "days"

	bucketOrderSketches = "order_sketches"
	bucketCaseSketches  = "case_sketches"
	bucketAnswers       = "answers"

	bucketHeaders        = "headers"
	bucketUnfiled        = "unfiled"
	bucketOutboxDoubtful = "outbox_doubtful"
)

// bucketsOf returns the names of the buckets that a file of a format has.
func bucketsOf(version uint64) []string {
	names := []string{
		bucketMeta, bucketIntakes, bucketMessages, bucketContents, bucketMarks,
		bucketOrders, bucketYears, bucketIdentities, bucketReferences, bucketSchools,
		bucketCases, bucketCaseCodes, bucketCaseStates, bucketCaseThreads,
		bucketReplies, bucketOutbox, bucketOutboxDue, bucketOutboxFailed, bucketReplyIDs, bucketRateLimits, bucketMails,
		bucketBlobs, bucketBlobHashes, bucketRegisters, bucketRegisterData, bucketAudit,
		bucketOrderRows, bucketCaseRows, bucketOrderTags, bucketCaseTags, bucketUsers, bucketSessions, bucketDays,
	}
	if version >= 2 {
		names = append(names, bucketOrderSketches, bucketCaseSketches, bucketAnswers)
	}
	if version >= 3 {
		names = append(names, bucketHeaders, bucketUnfiled, bucketOutboxDoubtful)
	}
	return names
}

// The keys of bucketMeta.
const (
	keyFormat      = "format"    // the format's version
	keyOutboxPause = "hold"      // JSON store.Pause, while the outbox is paused
	keyBackup      = "backup"    // when the last copy was safe
	keyEpoch       = "epoch"     // the last epoch that a lease was given
	keyIdentity    = "identity"  // of the record: 32 hex digits
	keyOwnership   = "ownership" // JSON ownership
	keyCopyMark    = "copy"      // whether Backup wrote the file: see copyMark

	prefixNotice   = "notice."     // before the name of a store.Notice
	prefixLease    = "lease."      // before the name of a lease
	keyIntakePause = "intake_hold" // JSON store.Pause, while the intake is paused
)

// prepare makes the buckets of a fresh file, and refuses a file that is cut short, another
// program's, or of a later format. A file of an earlier format it brings up to date, but
// first it keeps a copy of the file as it was beside it.
func prepare(db *bolt.DB, file *os.File, fresh bool, log *slog.Logger) error {
	var version uint64
	err := db.View(func(tx *bolt.Tx) (err error) {
		version, err = formatOf(tx, file)
		return err
	})
	if err != nil || version == format {
		return err
	}
	if version == 0 && !fresh {
		return fmt.Errorf("%w: there is nothing in it", store.ErrDamaged)
	}
	if version != 0 {
		kept, err := keepFormer(db, file.Name(), version)
		if err != nil {
			return fmt.Errorf("keep a copy of the file as it was: %w", err)
		}
		log.Warn("the data file has an earlier format: it is brought up to date, and a copy is kept",
			"format", version, "copy", kept)
	}
	return db.Update(func(tx *bolt.Tx) error {
		for _, name := range bucketsOf(format) {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		if err := upgrade(tx, version); err != nil {
			return err
		}
		return bucket(tx, bucketMeta).Put([]byte(keyFormat), seqKey(format))
	})
}

// formatOf returns the version of the file's format, 0 for a new file. The error wraps
// store.ErrDamaged or store.ErrFormat where the file is not to be used.
func formatOf(tx *bolt.Tx, file *os.File) (version uint64, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() < tx.Size() {
		return 0, fmt.Errorf("%w: it has %d of its %d bytes", store.ErrDamaged, info.Size(), tx.Size())
	}
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil {
		if first, _ := tx.Cursor().First(); first != nil {
			return 0, fmt.Errorf("%w: it is another program's", store.ErrDamaged)
		}
		return 0, nil
	}
	version, ok := parseSeq(meta.Get([]byte(keyFormat)))
	switch {
	case !ok || version == 0:
		return 0, fmt.Errorf("%w: it does not say which format it has", store.ErrDamaged)
	case version > format:
		return 0, fmt.Errorf("%w: %d, and this program knows %d", store.ErrFormat, version, format)
	}
	for _, name := range bucketsOf(version) {
		if tx.Bucket([]byte(name)) == nil {
			return 0, fmt.Errorf("%w: bucket %q is missing", store.ErrDamaged, name)
		}
	}
	return version, nil
}

// readable refuses a file that is another program's, or of a later format. It lets damage
// pass, which Verify is to find.
func readable(db *bolt.DB, file *os.File) error {
	return db.View(func(tx *bolt.Tx) error {
		s, lost, err := newScan(tx, file, nil)
		if err != nil {
			return err
		}
		meta, ok := s.trees[bucketMeta]
		if !ok && len(lost) == 0 {
			return fmt.Errorf("%w: it is another program's", store.ErrDamaged)
		}
		if value, _ := s.get(meta, []byte(keyFormat)); seqOf(value) > format {
			return fmt.Errorf("%w: %d, and this program knows %d", store.ErrFormat, seqOf(value), format)
		}
		return nil
	})
}

func bucket(tx *bolt.Tx, name string) *bolt.Bucket { return tx.Bucket([]byte(name)) }

// seqKey is the key of a sequence number: eight bytes, so that they sort.
func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// parseSeq reads what seqKey wrote.
func parseSeq(b []byte) (n uint64, ok bool) {
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

// seqOf reads a sequence number. If b is none, which Check reports as a fault of the file,
// it returns 0, under which nothing is stored.
func seqOf(b []byte) uint64 {
	n, _ := parseSeq(b)
	return n
}

// dueKey sorts replies by the moment from which they may be claimed, to the nanosecond, and
// then by age. Moments before 1970, such as the zero time, count as 1970.
func dueKey(due time.Time, id uint64) []byte {
	key := seqKey(uint64(max(due.UnixNano(), 0)))
	return binary.BigEndian.AppendUint64(key, id)
}

func dueOf(key []byte) (due time.Time, id uint64) {
	return time.Unix(0, int64(seqOf(key[:8]))).UTC(), seqOf(key[8:])
}

// stateKey sorts cases by state, then by age.
func stateKey(state order.State, seq uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(string(state)+"\x00"), seq)
}

// codeKey is the same for a case code in any letter case.
func codeKey(code string) []byte { return []byte(strings.ToUpper(code)) }

// referenceKey makes a key of fixed length from a text that a stranger wrote, however long
// it is.
func referenceKey(reference string) []byte {
	sum := sha256.Sum256([]byte(reference))
	return sum[:]
}

func yearKey(year int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(year)) }

// orderKey sorts orders by number, even if a year has more than a million.
func orderKey(year int, rank uint64) []byte {
	return binary.BigEndian.AppendUint64(yearKey(year), rank)
}

// schoolKey sorts the orders for a school by number.
func schoolKey(uai order.UAI, orderKey []byte) []byte {
	return append([]byte(uai.String()+"\x00"), orderKey...)
}

// parseNumber returns the key of an order number, and whether it is one.
func parseNumber(number string) (key []byte, ok bool) {
	var year int
	var rank uint64
	if _, err := fmt.Sscanf(number, "CNS-%d-%d", &year, &rank); err != nil {
		return nil, false
	}
	return orderKey(year, rank), order.Number(year, rank) == number
}

// save stores a value as JSON.
func save(b *bolt.Bucket, key []byte, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, data)
}

// load reads what save stored. It returns false, and leaves the value as it is,
// when there is nothing under the key.
func load(b *bolt.Bucket, key []byte, value any) (bool, error) {
	data := b.Get(key)
	if data == nil {
		return false, nil
	}
	if err := json.Unmarshal(data, value); err != nil {
		return true, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return true, nil
}

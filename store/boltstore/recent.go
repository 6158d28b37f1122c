package boltstore

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
)

// The sizes of what the index of orders by school has for each order: its moment, how many
// lines it has, and a digest of each line. The order.Recent as JSON follows. To tell that
// an order is not nearly the same as a form, the digests suffice.
const (
	momentSize = 8 // Unix nanoseconds, big endian
	countSize  = 2 // of the digests, big endian
	digestSize = 8 // FNV-1a, 64 bits, of a line of Order.Gists; they are sorted
)

// saveRecent adds an order to the index by school, unless it has no UAI.
func saveRecent(tx *bolt.Tx, key []byte, o *order.Order, at time.Time) error {
	if o.UAI.IsZero() {
		return nil
	}
	recent := order.Recent{Number: o.Number, At: at, Account: o.Account, Lines: o.Gists()}
	whole, err := json.Marshal(recent)
	if err != nil {
		return err
	}
	lines := digests(recent.Lines)
	value := binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano()))
	value = binary.BigEndian.AppendUint16(value, uint16(len(lines)/digestSize))
	value = append(append(value, lines...), whole...)
	return bucket(tx, bucketSchools).Put(schoolKey(o.UAI, key), value)
}

// digests are those of an order's lines, sorted, one after the other.
func digests(lines []string) []byte {
	sums := make([]uint64, min(len(lines), math.MaxUint16))
	for i := range sums {
		h := fnv.New64a()
		_, _ = h.Write([]byte(lines[i])) // never fails
		sums[i] = h.Sum64()
	}
	slices.Sort(sums)
	b := make([]byte, 0, len(sums)*digestSize)
	for _, s := range sums {
		b = binary.BigEndian.AppendUint64(b, s)
	}
	return b
}

// common counts the digests that two lists share.
func common(a, b []byte) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch bytes.Compare(a[:digestSize], b[:digestSize]) {
		case -1:
			a = a[digestSize:]
		case 1:
			b = b[digestSize:]
		default:
			n, a, b = n+1, a[digestSize:], b[digestSize:]
		}
	}
	return n
}

// near looks at the latest orders for a form's school, and returns those that are nearly the
// same and not older than since, and the one that has the number, the latest first. For the zero UAI it returns none.
func near(tx *bolt.Tx, form order.QueryForm, number string, since time.Time) (list []order.Recent, err error) {
	if form.School.IsZero() {
		return nil, nil
	}
	prefix, lines := schoolKey(form.School, nil), digests(form.Lines)
	var numbered []byte
	if number != "" {
		numbered, _ = parseNumber(number)
	}
	c := bucket(tx, bucketSchools).Cursor()
	beyond, _ := c.Seek(schoolKey(form.School, orderKey(math.MaxInt32, math.MaxUint64)))
	k, v := c.Prev()
	if beyond == nil {
		k, v = c.Last()
	}
	for seen := 0; bytes.HasPrefix(k, prefix) && seen < order.NearMost; k, v = c.Prev() {
		moment, others, whole, ok := cutRecent(v)
		if !ok {
			return nil, fmt.Errorf("order %x of %s: cut short", k[len(prefix):], form.School)
		}
		old := moment.Before(since)
		if old && numbered == nil {
			break
		}
		seen++
		same := !old && order.Share(common(lines, others), len(lines)/digestSize, len(others)/digestSize)
		if !same && (numbered == nil || !bytes.HasSuffix(k, numbered)) {
			continue
		}
		var r order.Recent
		if err := json.Unmarshal(whole, &r); err != nil {
			return nil, fmt.Errorf("order %x of %s: %w", k[len(prefix):], form.School, err)
		}
		list = append(list, r)
	}
	return list, nil
}

// cutRecent takes a value of the bucket apart.
func cutRecent(value []byte) (moment time.Time, lines, whole []byte, ok bool) {
	if len(value) < momentSize+countSize {
		return time.Time{}, nil, nil, false
	}
	moment = time.Unix(0, int64(binary.BigEndian.Uint64(value)))
	size := int(binary.BigEndian.Uint16(value[momentSize:])) * digestSize
	rest := value[momentSize+countSize:]
	if len(rest) < size {
		return time.Time{}, nil, nil, false
	}
	return moment, rest[:size], rest[size:], true
}

func sameRecent(a, b order.Recent) bool {
	return a.Number == b.Number && a.At.Equal(b.At) && a.Account == b.Account && slices.Equal(a.Lines, b.Lines)
}

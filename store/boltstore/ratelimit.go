package boltstore

import (
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
)

// turn returns the moment at which the next reply under a rate limit may leave: due, or
// later if the limit requires that. It notes that the reply leaves then. The name "" is no
// limit.
func turn(tx *bolt.Tx, limit string, due time.Time) (time.Time, error) {
	if limit == "" {
		return due, nil
	}
	var turns []time.Time // of the last replies, at most as many as may leave together
	if _, err := load(bucket(tx, bucketRateLimits), []byte(limit), &turns); err != nil {
		return time.Time{}, err
	}
	if len(turns) == order.RateLimitMost {
		if next := turns[0].Add(order.RateLimitSpan); next.After(due) {
			due = next
		}
		turns = turns[1:]
	}
	return due, save(bucket(tx, bucketRateLimits), []byte(limit), append(turns, due))
}

// messageIDKey makes a key of fixed length from a Message-ID that a mail names, however long
// it is.
func messageIDKey(id string) []byte { return referenceKey(id) }

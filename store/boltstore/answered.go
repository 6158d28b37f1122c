package boltstore

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// answered finds the reply that a bounce is about: the first of ours among its Message-IDs,
// else the one that it describes.
func answered(tx *bolt.Tx, q order.Query) (order.Answered, error) {
	for _, id := range q.OriginalIDs {
		if key := bucket(tx, bucketReplyIDs).Get(messageIDKey(id)); key != nil {
			r, err := claimed(tx, seqOf(key), dispatch{}, nil)
			if err != nil {
				return order.Answered{}, err
			}
			return about(tx, r.Reply)
		}
	}
	return returned(tx, q.Returned)
}

// about says what a reply is about.
func about(tx *bolt.Tx, r order.Reply) (a order.Answered, err error) {
	a.Reply, a.To = r.ID, r.To
	for _, result := range r.Results {
		a.Number = cmp.Or(a.Number, result.Number)
		if result.Case == "" || a.Thread.Case != "" {
			continue
		}
		switch c, _, err := findCase(tx, result.Case); {
		case err == nil && c.Erased == nil:
			a.Thread = threadOf(c)
		case err == nil:
		case !errors.Is(err, store.ErrNotFound):
			return order.Answered{}, err
		}
	}
	return a, nil
}

// returned finds the latest reply that tells one of the recipients of one of the cases or
// orders. It looks at the replies to the messages that these come from.
func returned(tx *bolt.Tx, like order.Returned) (order.Answered, error) {
	if len(like.To) == 0 {
		return order.Answered{}, nil
	}
	var messages []order.Key
	add := func(key order.Key) {
		if !slices.Contains(messages, key) {
			messages = append(messages, key)
		}
	}
	for _, code := range like.Cases {
		c, _, err := findCase(tx, code)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return order.Answered{}, err
		}
		add(c.Message)
		for i := range c.Attempts {
			add(c.Attempts[i].Message)
		}
	}
	for _, number := range like.Numbers {
		o, _, err := findOrder(tx, number)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return order.Answered{}, err
		}
		if err == nil && o.Message != nil {
			add(*o.Message)
		}
	}
	var latest order.Reply
	for _, key := range messages {
		prefix := answerKey(key, 0)
		prefix = prefix[:len(prefix)-8]
		c := bucket(tx, bucketAnswers).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			r, err := claimed(tx, seqOf(k[len(prefix):]), dispatch{}, nil)
			if err != nil {
				return order.Answered{}, err
			}
			tells := slices.ContainsFunc(r.Results, func(result order.Result) bool {
				return slices.Contains(like.Cases, result.Case) || slices.Contains(like.Numbers, result.Number)
			})
			if tells && r.ID > latest.ID && slices.Contains(like.To, strings.ToLower(r.To)) {
				latest = r.Reply
			}
		}
	}
	if latest.ID == 0 {
		return order.Answered{}, nil
	}
	return about(tx, latest)
}

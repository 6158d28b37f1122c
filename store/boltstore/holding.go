package boltstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// held is where the things of a kind are, in the order in which Holdings looks at them.
type held struct {
	kind   store.Kind
	bucket string
	name   func(key []byte) string // by which people and other methods know the thing
}

func holders() []held {
	number := func(key []byte) string { return fmt.Sprint(seqOf(key)) }
	text := func(key []byte) string { return string(key) }
	return []held{
		{store.KindMessage, bucketMessages, text},
		{store.KindReply, bucketReplies, number},
		{store.KindCase, bucketCases, number},
		{store.KindOrder, bucketOrders, func(key []byte) string {
			return order.Number(int(seqOf(append(make([]byte, 4), key[:4]...))), seqOf(key[4:]))
		}},
		{store.KindEvent, bucketAudit, number},
		{store.KindNotice, bucketMeta, text},
		{store.KindUser, bucketUsers, text},
		{store.KindSession, bucketSessions, func([]byte) string { return "" }}, // its key is as good as its cookie
		{store.KindImport, bucketRegisters, text},
	}
}

// Holdings looks through the buckets one after the other. The page's place is the kind, and
// the key of the last value that was looked at.
func (s *Store) Holdings(ctx context.Context, address, after string) (page store.Holdings, err error) {
	kind, place, _ := strings.Cut(after, "/")
	from, err := hex.DecodeString(place)
	if err != nil {
		return page, fmt.Errorf("holdings after %q: %w", after, err)
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		page, err = holdings(tx, address, store.Kind(kind), from)
		return err
	})
	if err != nil {
		return store.Holdings{}, fmt.Errorf("holdings after %q: %w", after, err)
	}
	return page, nil
}

func holdings(tx *bolt.Tx, address string, kind store.Kind, from []byte) (page store.Holdings, err error) {
	var k *kept // drawn up once something is found
	looked, size := 0, 0
	for _, h := range holders() {
		if kind != "" && h.kind != kind {
			continue
		}
		kind = ""
		c := bucket(tx, h.bucket).Cursor()
		key, value := c.Seek(from)
		if key != nil && bytes.Equal(key, from) {
			key, value = c.Next()
		}
		from = nil
		for ; key != nil; key, value = c.Next() {
			looked++
			holding, ok, err := h.holding(tx, key, value, address, &k)
			if err != nil {
				return page, fmt.Errorf("%s %q: %w", h.kind, key, err)
			}
			if ok {
				page.List, size = append(page.List, holding), size+len(holding.Value)
			}
			if looked >= mostSifted || len(page.List) >= mostErased || size >= mostHeld {
				page.Next = string(h.kind) + "/" + hex.EncodeToString(key)
				return page, nil
			}
		}
	}
	return page, nil
}

// holding makes a holding of a value; ok is false if the value does not name the address.
func (h held) holding(tx *bolt.Tx, key, value []byte, address string, k **kept) (of store.Holding, ok bool, err error) {
	of = store.Holding{Kind: h.kind, Name: h.name(key), Value: bytes.Clone(value)}
	switch h.kind {
	case store.KindSession:
		return sessionHeld(tx, of, address)
	case store.KindImport: // its extent is nobody's business
		var r register
		if err := decode(value, &r); err != nil {
			return of, false, err
		}
		of.Hindrance = store.Elsewhere
		of.Value, err = json.Marshal(append([]order.Import{r.Import}, r.Before...))
		return of, order.NamesInJSON(of.Value, address), err
	}
	if !order.NamesInJSON(value, address) {
		return of, false, nil
	}
	if h.kind == store.KindUser {
		of.Hindrance = store.Console
		var u order.User
		if err := decode(value, &u); err != nil {
			return of, false, err
		}
		u.Password = ""
		of.Value, err = json.Marshal(u)
		return of, true, err
	}
	if h.kind == store.KindCase {
		var c struct { // of an order.Case
			Code string `json:"code"`
		}
		if err := decode(value, &c); err != nil {
			return of, false, err
		}
		of.Name = c.Code
	}
	if isErased(value) {
		of.Hindrance = store.Remaining
		return of, true, nil
	}
	if *k == nil {
		*k = newKept()
		everybody := store.Erasure{Address: address}
		if err := errors.Join((*k).addCases(tx), (*k).addReplies(tx), (*k).addOrders(tx, everybody)); err != nil {
			return of, false, err
		}
	}
	of.Hindrance, err = erasings()[h.kind].hindered(tx, key, value, *k)
	return of, true, err
}

// sessionHeld is a session of a user who names the address.
func sessionHeld(tx *bolt.Tx, of store.Holding, address string) (store.Holding, bool, error) {
	var e order.Session
	if err := decode(of.Value, &e); err != nil {
		return of, false, err
	}
	if !order.NamesInJSON(bucket(tx, bucketUsers).Get([]byte(e.User)), address) {
		return of, false, nil
	}
	e.ID = ""
	value, err := json.Marshal(e)
	of.Hindrance, of.Value = store.Console, value
	return of, true, err
}

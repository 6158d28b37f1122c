package boltstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// kept is what may not be erased yet, and why: open cases, unsettled replies, orders with
// which something is left to do, and all that belongs to these.
type kept struct {
	messages map[string]store.Hindrance // by Key.String
	cases    map[string]store.Hindrance // by code
	orders   map[string]store.Hindrance // by number
	files    map[order.Hash]bool
}

func newKept() *kept {
	return &kept{
		map[string]store.Hindrance{},
		map[string]store.Hindrance{},
		map[string]store.Hindrance{},
		map[order.Hash]bool{},
	}
}

// addCases adds the open cases, with their messages, files and orders.
func (k *kept) addCases(tx *bolt.Tx) error {
	for _, state := range []order.State{order.Waiting, order.SentBack} {
		prefix := stateKey(state, 0)
		prefix = prefix[:len(prefix)-8]
		cursor := bucket(tx, bucketCaseStates).Cursor()
		for key, _ := cursor.Seek(prefix); key != nil && bytes.HasPrefix(key, prefix); key, _ = cursor.Next() {
			var c order.Case
			if _, err := load(bucket(tx, bucketCases), key[len(prefix):], &c); err != nil {
				return err
			}
			k.cases[c.Code], k.messages[c.Message.String()] = store.OpenCase, store.OpenCase
			for _, number := range c.Orders {
				k.orders[number] = store.OpenCase
			}
			for _, a := range c.Attempts {
				k.messages[a.Message.String()] = store.OpenCase
				k.files[a.Workbook] = true
				for _, p := range a.Parts {
					k.files[p.Hash] = true
				}
			}
		}
	}
	return nil
}

// addReplies adds what unsettled replies are about.
func (k *kept) addReplies(tx *bolt.Tx) error {
	var unsettled []uint64
	c := bucket(tx, bucketOutboxDue).Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		_, id := dueOf(key)
		unsettled = append(unsettled, id)
	}
	c = bucket(tx, bucketOutboxDoubtful).Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		unsettled = append(unsettled, seqOf(key))
	}
	for _, id := range unsettled {
		var r order.Reply
		if _, err := load(bucket(tx, bucketReplies), seqKey(id), &r); err != nil {
			return err
		}
		if r.Message != (order.Key{}) {
			k.messages[r.Message.String()] = store.Unsent
		}
		for _, result := range r.Results {
			k.cases[result.Case], k.orders[result.Number] = store.Unsent, store.Unsent
			k.files[result.Workbook] = true
		}
	}
	delete(k.cases, "")
	delete(k.orders, "")
	return nil
}

// addOrders adds the orders that are neither opened nor cancelled, and what belongs to
// them. Unless the erasure is by address, younger ones do not matter. It finds them by the
// sketches and tags of the rows.
func (k *kept) addOrders(tx *bolt.Tx, e store.Erasure) (err error) {
	for _, status := range []order.Status{order.Received, order.Checked} {
		want := search{}.tag("status:", string(status))
		may := func(s sketch) bool {
			return want.may(s) && (e.Address != "" || s.within(time.Time{}, e.Before))
		}
		orderList().all(tx, may, nil, false, func(key, value []byte) bool {
			p, _ := unpack(value)
			if !want.finds(p) || e.Address == "" && !p.at.Before(e.Before) {
				return true
			}
			err = k.addOrder(bucket(tx, bucketOrders).Get(key))
			return err == nil
		})
	}
	return err
}

func (k *kept) addOrder(value []byte) error {
	var o struct { // of an order.Order
		Number   string     `json:"number"`
		Message  *order.Key `json:"message"`
		Case     string     `json:"case"`
		Workbook order.Hash `json:"workbook"`
	}
	if err := json.Unmarshal(value, &o); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	k.orders[o.Number], k.files[o.Workbook] = store.Unopened, true
	if o.Message != nil {
		k.messages[o.Message.String()] = store.Unopened
	}
	if o.Case != "" {
		k.cases[o.Case] = store.Unopened
	}
	return nil
}

// addFiles adds the files of the messages that are kept.
func (k *kept) addFiles(tx *bolt.Tx) error {
	for key := range k.messages {
		var m struct { // of an order.Message
			Parts []order.Part `json:"parts"`
		}
		if _, err := load(bucket(tx, bucketMessages), []byte(key), &m); err != nil {
			return err
		}
		for _, p := range m.Parts {
			k.files[p.Hash] = true
		}
	}
	return nil
}

package boltstore

import (
	"strings"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// lose writes the lines of the audit that tell of lost replies.
func lose(tx *bolt.Tx, l store.Listing) error {
	for _, r := range l.Lost {
		told := r.Told
		if len(told) == 0 {
			told = []order.Told{{Kind: order.ReplyLetter}}
		}
		for _, t := range told {
			words := []string{string(t.Kind), r.To}
			if !r.Date.IsZero() {
				words = append(words, r.Date.In(order.Paris).Format("2006-01-02 15:04"))
			}
			err := audit(tx, order.Event{
				At: l.At, Actor: l.Actor, Verb: store.VerbLost, Order: t.Number, Case: t.Case,
				Detail: strings.Join(append(words, r.Subject), ", "),
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

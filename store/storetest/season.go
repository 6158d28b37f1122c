package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bdc/order"
	"bdc/store"
)

// Season fills a store with orders, for tests and benchmarks of a full store. Each order is
// a copy of model, with another school and reference, one of 311 accounts and, except in
// its first line, other EANs out of 30,000. The moments of the orders are spread evenly
// between from and until. Every fifth order has a case. Of ten cases one waits for staff,
// one was sent back, and eight are closed.
func Season(ctx context.Context, s store.Store, orders int, model order.Order, from, until time.Time) error {
	const commit = 500
	states := []order.State{
		order.Waiting, order.SentBack, order.Closed, order.Closed, order.Closed, order.Closed,
		order.Closed, order.Closed, order.Closed, order.Closed,
	}
	titles, err := eans(30_000)
	if err != nil {
		return err
	}
	batch := make([]order.Intake, 0, commit)
	for i := range orders {
		at := from.Add(until.Sub(from) / time.Duration(orders) * time.Duration(i))
		o := model
		o.Account, o.Status, o.Reference, o.UAI, o.ReceivedAt = fmt.Sprintf("01%06d", i%311), order.Received,
			fmt.Sprint("R-", i), order.UAI{}, at
		o.Establishment, o.Town = fmt.Sprintf("École %d", i), fmt.Sprintf("Ville %d", i%977)
		o.Fields = map[string]string{
			order.FieldBookseller: fmt.Sprintf("Librairie %d", i%311),
			order.FieldAddress:    fmt.Sprint(i, " rue de l’Église"),
		}
		o.Lines = slices.Clone(model.Lines)
		for j := 1; j < len(o.Lines); j++ {
			o.Lines[j].EAN = titles[(i*len(o.Lines)+j)*7919%len(titles)]
		}
		key := order.Key{Account: "orders", Folder: "INBOX", UIDValidity: 2, UID: uint32(i + 1)}
		in := order.Intake{
			Message: order.Message{Key: key, From: "shop@test.local", Subject: "Commande"}, At: at,
			Folder: order.FolderProcessed, Past: order.NoPast(0),
		}
		if i%5 == 0 {
			a := order.Attempt{At: at, Message: key, Verdict: order.Held, Order: &o, Findings: model.Findings}
			in.Cases = []order.Case{{
				Code: fmt.Sprintf("D-B%05d", i/5), State: states[i/5%10], Reason: "uai.unknown", OpenedAt: at,
				UpdatedAt: at,
				Message:   key, From: "shop@test.local", Attempts: []order.Attempt{a},
			}}
		}
		in.Orders = []order.Order{o}
		if batch = append(batch, in); len(batch) < commit && i < orders-1 {
			continue
		}
		for _, receipt := range s.Record(ctx, store.Fence{}, batch) {
			if receipt.Err != nil {
				return receipt.Err
			}
		}
		batch = batch[:0]
	}
	return nil
}

// eans makes the EANs of n titles.
func eans(n int) ([]order.EAN, error) {
	list := make([]order.EAN, n)
	for i := range list {
		var err error
		for check := range 10 {
			if list[i], err = order.ParseEAN(fmt.Sprintf("978209%06d%d", 100_000+i*13, check)); err == nil {
				break
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

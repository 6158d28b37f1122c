package boltstore_test

import (
	"fmt"
	"time"

	"bdc/order"
)

func noon() time.Time { return time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC) }

func key(uid uint32) order.Key {
	return order.Key{Account: "commandes", Folder: "INBOX", UIDValidity: 7, UID: uid}
}

// intake is of a mail with one order under a reference of its own, acknowledged.
func intake(uid uint32) order.Intake {
	m := order.Message{
		Key:        key(uid),
		MessageID:  fmt.Sprintf("<%d@librairie.example>", uid),
		From:       "contact@librairie.example",
		Subject:    "Commande",
		ReceivedAt: noon(),
		Text:       "Bonjour, veuillez trouver notre commande.",
	}
	var ean order.EAN
	var uai order.UAI
	if ean.UnmarshalText([]byte("3133091234560")) != nil || uai.UnmarshalText([]byte("0750647W")) != nil {
		panic("the fixture's codes are wrong")
	}
	o := order.Order{
		Status: order.Received, Verdict: order.Accepted, ReceivedAt: noon(), MessageID: m.MessageID,
		From: m.From, Account: "01234567", Reference: fmt.Sprint("R", uid), UAI: uai,
		Establishment: "Lycée d’Exemple", Postcode: "75004", Town: "Paris",
		Fields: map[string]string{order.FieldReference: fmt.Sprint("R", uid)},
		Lines:  []order.Line{{EAN: ean, Quantity: 30, Title: "Maths 2de", Duration: "1 an", Sheet: "BdC", Row: 20}},
	}
	return order.Intake{
		Message: m,
		At:      noon(),
		Folder:  order.FolderProcessed,
		Outcome: "accepted",
		Query: order.Query{
			Content: m.Content(),
			Forms:   []order.QueryForm{{Identity: o.Identity(), Reference: o.ReferenceKey()}},
		},
		Past:   order.NoPast(1),
		Orders: []order.Order{o},
		Replies: []order.Reply{{
			Kind: order.ReplyAck, To: m.From, MessageID: fmt.Sprintf("<ack-%d@cns.example>", uid), Message: m.Key,
			Results: []order.Result{{Kind: order.ReplyAck, Order: 0, Lines: o.Lines}},
		}},
	}
}

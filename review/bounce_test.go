package review_test

import (
	"fmt"
	"net/http"
	"testing"

	"bdc/order"
	"bdc/store"
)

// If an answer from the console bounces, its case waits for a decision again, whatever
// its state was.
func TestBounceOfAnAnswer(t *testing.T) {
	for path, kind := range map[string]order.ReplyKind{
		"accepter": order.ReplyAck, "renvoyer": order.ReplyReport, "refuser": order.ReplyRefused,
		"ecrire": order.ReplyLetter,
	} {
		t.Run(path, func(t *testing.T) {
			r := newRig(t)
			code := r.held()
			r.as("claire").act(code, "reponse/"+path, "mots", "Bonjour.").want(t, http.StatusSeeOther)
			acts := r.aCase(code).Acts
			reply, err := r.store.Reply(t.Context(), acts[len(acts)-1].Reply)
			must(t, err)
			if reply.Kind != kind {
				t.Fatalf("got a reply of kind %s, want %s", reply.Kind, kind)
			}
			r.uid++
			raw := fmt.Appendf(nil, "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\n"+
				"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"+
				"--b\r\nContent-Type: message/delivery-status\r\n\r\n"+
				"Reporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\n"+
				"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %s\r\n--b--\r\n", reply.MessageID)
			x := r.exam.Open(order.Mail{
				Key:      order.Key{Account: "orders", Folder: "INBOX", UIDValidity: 1, UID: r.uid},
				Received: r.clock(), Size: int64(len(raw)), Raw: raw,
			})
			past, err := r.store.Past(t.Context(), x.Query)
			must(t, err)
			in := r.exam.Judge(x, past, r.clock())
			must(t, r.store.Record(t.Context(), store.Fence{}, []order.Intake{in})[0].Err)
			if len(in.Continued) != 1 || in.Continued[0].Case != code || len(in.Replies) != 0 {
				t.Fatalf("got %s, want it to go on with case %s, unanswered", printed(in), code)
			}
			if k := r.aCase(code); k.State != order.Waiting || k.Reason != "mail.bounced" {
				t.Errorf("got the case %s because of %s, want it waiting because of mail.bounced", k.State, k.Reason)
			}
		})
	}
}

package ingest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
)

// TestInboxBacklog: a mailbox of 50,000 messages, all recorded and none moved, is
// looked up and moved in sets, within little memory.
func TestInboxBacklog(t *testing.T) {
	const backlog = 50_000
	box := newBox()
	for uid := range uint32(backlog) {
		box.mails[uid+1] = order.Mail{Key: order.Key{Account: "a", Folder: "INBOX", UIDValidity: 1, UID: uid + 1}}
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, box)
		known := &knowing{Store: r.store}
		r.Inbox.Store = known
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r.run(t, time.Minute)
		runtime.ReadMemStats(&after)
		if known.most > seenSize || len(box.mails) != 0 {
			t.Errorf("looked up %d messages at once and left %d, want at most %d and 0", known.most, len(box.mails),
				seenSize)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 96<<20 {
			t.Errorf("allocated %d MiB in all, want at most 96", used>>20)
		}
	})
}

// TestInboxFirstDay takes in a backlog of which nothing is known: 2,000 messages, or
// with BDC_TEST_SOAK=1 50,000. What is in memory does not grow with it.
func TestInboxFirstDay(t *testing.T) {
	backlog := uint32(2000)
	if os.Getenv("BDC_TEST_SOAK") != "" {
		backlog = 50_000
	}
	box := newBox()
	for uid := range backlog {
		m := letter("Question", "Quand ?")
		m.Key.UID = uid + 1
		m.Raw = bytes.Replace(m.Raw, []byte("<1@"), fmt.Appendf(nil, "<%d@", uid+1), 1)
		box.mails[uid+1] = m
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, box)
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		most := uint64(0)
		r.Recorded = func(in order.Intake, _ store.Receipt) {
			if in.Message.Key.UID%1000 == 0 {
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse)
			}
		}
		r.run(t, time.Minute)
		status, err := r.store.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if status.Messages != int(backlog) || status.Waiting != int(backlog) ||
			len(box.folders["attention"]) != int(backlog) || len(box.mails) != 0 {
			t.Errorf("got %+v and %d messages moved, want %d of each", status, len(box.folders["attention"]), backlog)
		}
		if grown := int64(most) - int64(before.HeapInuse); grown > 100<<20 {
			t.Errorf("the heap has grown by %d MiB, want at most 100", grown>>20)
		}
	})
}

// knowing is a store in which every message is recorded.
type knowing struct {
	Store
	most int
}

func (k *knowing) Seen(_ context.Context, keys []order.Key) (map[order.Key]store.Seen, error) {
	k.most = max(k.most, len(keys))
	seen := make(map[order.Key]store.Seen, len(keys))
	for _, key := range keys {
		seen[key] = store.Seen{Folder: order.FolderProcessed}
	}
	return seen, nil
}

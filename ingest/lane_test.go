package ingest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/order"
	"bdc/store"
)

// from is a question of somebody's.
func from(uid uint32, sender string) order.Mail {
	m := letter("Question", "Quand ?")
	m.Key.UID = uid
	m.Raw = bytes.Replace(m.Raw, []byte("<1@"), fmt.Appendf(nil, "<%d@", uid), 1)
	m.Raw = append(fmt.Appendf(nil, "From: <%s>\r\n", sender),
		bytes.Replace(m.Raw, []byte("From:"), []byte("X-From:"), 1)...)
	return m
}

// Messages that take long hold up no other sender's, neither those that are there nor those
// that come later; the later ones of their own senders wait for them. They take turns.
func TestSlowMessagesHoldUpNobody(t *testing.T) {
	box := newBox()
	for uid := range uint32(12) { // of two senders
		box.mails[uid+1] = from(uid+1, fmt.Sprintf("slow%d@test.local", uid/6))
	}
	box.mails[13] = from(13, "slow0@test.local") // takes no time by itself
	box.mails[14] = from(14, "other@test.local")
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, box)
		turn, began := make(chan struct{}), make(chan uint32, 100)
		r.open = func(m order.Mail, tired func() bool) *Exam {
			if uid := m.Key.UID; uid <= 12 || uid == 16 {
				if time.Sleep(quickTime + time.Millisecond); tired() {
					return nil
				}
				began <- uid
				for waiting := true; waiting; {
					select {
					case <-turn:
						waiting = false
					case <-time.After(100 * time.Millisecond):
						if tired() {
							return nil
						}
					}
				}
			}
			return r.Examiner.Open(m)
		}
		var got []uint32
		recorded := make(chan uint32, 100)
		r.Recorded = func(in order.Intake, _ store.Receipt) { recorded <- in.Message.Key.UID }
		drain := func() {
			for len(recorded) > 0 {
				got = append(got, <-recorded)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		time.Sleep(30 * time.Second)
		if drain(); !slices.Equal(got, []uint32{14}) {
			t.Fatalf("while those that take long are examined: got %v recorded, want the other's", got)
		}
		if len(began) > 2 {
			t.Errorf("got %d that take long examined at a time, want one for each worker", len(began))
		}
		box.mu.Lock()
		box.mails[15] = from(15, "other@test.local")
		box.mu.Unlock()
		time.Sleep(5 * time.Second)
		if drain(); !slices.Equal(got, []uint32{14, 15}) {
			t.Fatalf("a message that comes later: got %v recorded, want it too", got)
		}
		for range 12 {
			turn <- struct{}{}
		}
		time.Sleep(time.Minute)
		drain()
		var first, second []uint32
		for _, uid := range got {
			switch {
			case uid <= 6 || uid == 13:
				first = append(first, uid)
			case uid <= 12:
				second = append(second, uid)
			}
		}
		if !slices.Equal(first, []uint32{1, 2, 3, 4, 5, 6, 13}) ||
			!slices.Equal(second, []uint32{7, 8, 9, 10, 11, 12}) {
			t.Errorf("got %v and %v recorded, want each sender's in their order", first, second)
		}
		if at := slices.Index(got, 7); at > slices.Index(got, 3) {
			t.Errorf("got the order %v, want the senders to take turns", got)
		}
		box.mu.Lock()
		left := len(box.mails)
		box.mails[16] = from(16, "slow0@test.local")
		box.mu.Unlock()
		if left != 0 {
			t.Errorf("got %d messages left in the folder, want all moved", left)
		}
		time.Sleep(time.Minute)
		stop() // what is examined then stays in the mailbox
		stopped := time.Now()
		if err := <-ended; err != nil || time.Since(stopped) > 2*time.Second {
			t.Errorf("Run: got %v after %v, want it to end soon", err, time.Since(stopped))
		}
		if drain(); len(got) != 15 || len(box.mails) != 1 {
			t.Errorf("got %v recorded and %d left, want what was broken off left", got, len(box.mails))
		}
		marked, err := r.store.Recover(t.Context(), store.Fence{})
		if err != nil || len(marked) != 0 {
			t.Errorf("got %v marked and error %v, want none", marked, err)
		}
	})
}

// A sender's messages are recorded in the order in which they came, though two are examined
// at a time and the first takes longer.
func TestSendersKeepTheirOrder(t *testing.T) {
	box := newBox()
	for uid := range uint32(40) {
		box.mails[uid+1] = from(uid+1, "shop@test.local")
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, box)
		r.open = func(m order.Mail, _ func() bool) *Exam {
			if m.Key.UID%3 == 1 {
				time.Sleep(quickTime / 2)
			}
			return r.Examiner.Open(m)
		}
		var got []uint32
		r.Recorded = func(in order.Intake, _ store.Receipt) { got = append(got, in.Message.Key.UID) }
		r.run(t, time.Minute)
		if len(got) != 40 || !slices.IsSorted(got) {
			t.Errorf("got %v, want them all in their order", got)
		}
	})
}

// What is no longer in the folder leaves the lane, but for what is in hand; one of a UID that
// was used again stays.
func TestLaneKeepsWhatIsThere(t *testing.T) {
	l := newLane(1)
	at := func(uid uint32, sender string) waiting {
		return waiting{key: order.Key{Folder: "INBOX", UIDValidity: 7, UID: uid}, sender: sender}
	}
	again := at(5, "c")
	again.key.Header = order.Sum([]byte("a header"))
	for _, w := range []waiting{at(1, "a"), at(2, "a"), at(3, "b"), at(4, "b"), again} {
		l.join(w, true)
	}
	inHand, _ := l.next()
	l.keep([]order.Key{at(4, "").key, at(5, "").key})
	if l.size() != 3 || !l.has(inHand) || l.has(at(2, "").key) || l.has(at(3, "").key) {
		t.Errorf("got %d messages, those known are %v", l.size(), l.known)
	}
	l.leave(inHand)
	for _, want := range []order.Key{at(4, "").key, again.key} {
		if k, ok := l.next(); !ok || k != want {
			t.Errorf("got %v, %t in hand, want %v", k, ok, want)
		}
		l.leave(want)
	}
	if _, ok := l.next(); ok || l.size() != 0 {
		t.Errorf("got another message, want none")
	}
}

// A message of the lane that can't be fetched any more is tried like any other of that kind: it
// becomes a case, is left alone longer and longer, and keeps up nobody.
func TestSlowMessageThatIsLost(t *testing.T) {
	box := newBox()
	for uid := range uint32(3) {
		box.mails[uid+1] = from(uid+1, fmt.Sprintf("slow%d@test.local", uid/2))
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, box)
		r.open = func(m order.Mail, tired func() bool) *Exam {
			if time.Sleep(quickTime + time.Millisecond); tired() {
				box.mu.Lock()
				box.losing = 1
				box.mu.Unlock()
				return nil
			}
			return r.Examiner.Open(m)
		}
		alarms := 0
		r.Alarm = func() { alarms++ }
		r.run(t, time.Hour)
		if status, err := r.store.Status(t.Context()); err != nil || status.Messages != 3 || len(box.mails) != 1 {
			t.Errorf("got %+v (%v) and %d messages left, want the others recorded and one left", status, err,
				len(box.mails))
		}
		if alarms != 1 || r.State().LeftAlone != 1 {
			t.Errorf("got %d alarms and %+v, want one message left alone", alarms, r.State())
		}
		if box.dials > 12 {
			t.Errorf("dialled %d times, want no more than a message that can't be fetched costs", box.dials)
		}
	})
}

// While messages that take long come without end, a message over which the connection fails is
// tried again all the same.
func TestLaneStarvesNobody(t *testing.T) {
	box := newBox(from(1, "slow@test.local"), from(2, "lost@test.local"))
	box.losing = 2
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, box)
		next := uint32(2)
		r.open = func(m order.Mail, tired func() bool) *Exam {
			for range 8 {
				if time.Sleep(quickTime + time.Millisecond); tired() {
					return nil
				}
			}
			box.mu.Lock()
			defer box.mu.Unlock()
			next++
			box.mails[next] = from(next, "slow@test.local")
			return r.Examiner.Open(m)
		}
		began, told := time.Now(), time.Duration(0)
		r.Alarm = func() { told = time.Since(began) }
		r.run(t, time.Minute)
		if told == 0 || told > 25*time.Second {
			t.Errorf("staff were told after %v, want soon after the third loss", told)
		}
		if next < 10 {
			t.Errorf("got %d messages that take long, want them to go on", next-2)
		}
	})
}

// What takes long is not recorded any more once the intake is paused, and goes on afterwards.
func TestLaneIsPaused(t *testing.T) {
	box := newBox(from(1, "slow@test.local"), from(2, "slow@test.local"))
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, box)
		pause := sync.OnceFunc(func() {
			if err := r.store.PauseIntake(t.Context(),
				store.Pause{At: time.Now().UTC(), Actor: "claire", Reason: "essai"}); err != nil {
				t.Error(err)
			}
		})
		r.open = func(m order.Mail, tired func() bool) *Exam {
			for range 8 {
				if time.Sleep(quickTime + time.Millisecond); tired() {
					return nil
				}
			}
			pause()
			return r.Examiner.Open(m)
		}
		recorded := func() int {
			status, err := r.store.Status(t.Context())
			if err != nil {
				t.Error(err)
			}
			return status.Messages
		}
		go func() {
			time.Sleep(time.Hour)
			if got := recorded(); got != 0 {
				t.Errorf("while paused: got %d messages recorded, want none", got)
			}
			if err := r.store.ResumeIntake(t.Context(), "paul", time.Now().UTC()); err != nil {
				t.Error(err)
			}
		}()
		r.run(t, 2*time.Hour)
		if got := recorded(); got != 2 || len(box.mails) != 0 {
			t.Errorf("afterwards: got %d messages recorded and %d left, want all", got, len(box.mails))
		}
	})
}

package storetest

import (
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func rateLimitTests() []test {
	return []test{{"a rate limit", testRateLimit}}
}

// limited records n acknowledgements at a moment, under a rate limit, from a first message.
func (r *rig) limited(limit string, first uint32, n int, at time.Time) (ids []uint64) {
	r.t.Helper()
	for i := range n {
		in := letter(first + uint32(i))
		in.At = at
		in.Replies = []order.Reply{{
			Kind: order.ReplyHeld, To: in.Message.From, Message: in.Message.Key,
			RateLimit: limit,
		}}
		ids = append(ids, r.record(in).Replies...)
	}
	return ids
}

// sendAll sends all that is due, and returns their ids.
func (r *rig) sendAll(now time.Time) []uint64 {
	r.t.Helper()
	ids := r.claimedIDs("a", now, 1000)
	for _, id := range ids {
		r.settle("a", store.Settlement{Reply: id, Outcome: store.Sent, At: now})
	}
	return ids
}

func testRateLimit(t *testing.T, r *rig) {
	const most, hour = order.RateLimitMost, order.RateLimitSpan
	first := r.limited("a", 1, 2*most+5, noon())
	other := r.limited("b", 100, 1, noon())
	none := r.limited("", 200, most+1, noon())
	wantEqual(t, "at once", r.sendAll(noon()), slices.Concat(first[:most], other, none))
	r.die()
	wantEqual(t, "within the hour", r.sendAll(after(hour-1)), []uint64(nil))
	wantEqual(t, "due", r.due(), after(hour))
	wantEqual(t, "after an hour", r.sendAll(after(hour)), first[most:2*most])
	late := r.limited("a", 300, 1, after(hour+time.Minute))
	wantEqual(t, "within the second", r.sendAll(after(2*hour-1)), []uint64(nil))
	wantEqual(t, "after the second", r.sendAll(after(2*hour)), slices.Concat(first[2*most:], late))
	later := r.limited("a", 301, 1, after(10*hour))
	wantEqual(t, "much later", r.sendAll(after(10*hour)), later)
}

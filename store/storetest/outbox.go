package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func outboxTests() []test {
	return []test{
		{"oldest first, when due", testClaimOrder},
		{"nothing due", testNothingDue},
		{"one claimant at a time", testClaimants},
		{"a lease ends", testLeaseEnds},
		{"a late claimant settles what nobody took over", testLateSettle},
		{"the first bytes stay", testSealOnce},
		{"only the claimant seals", testSealClaim},
		{"only the claimant settles", testSettleClaim},
		{"later", testLater},
		{"sent", testSent},
		{"failed", testFailed},
		{"given up, and sent again", testRetry},
		{"due", testDue},
		{"a copy of what was sent is yet to be made", testUnfiled},
		{"a reply that is not there", testNoReply},
	}
}

const lease = 5 * time.Minute

func after(d time.Duration) time.Time { return noon().Add(d) }

// intended records n acknowledgements, a minute apart, and returns their ids.
func (r *rig) intended(n int) []uint64 {
	r.t.Helper()
	var ids []uint64
	for i := range n {
		in := forms(uint32(i+1), fmt.Sprint("A", i))
		in.At = after(time.Duration(i) * time.Minute)
		ids = append(ids, r.record(in).Replies...)
	}
	return ids
}

func (r *rig) claim(claimant string, now time.Time, max int) []store.Claimed {
	r.t.Helper()
	claims, err := r.Claim(r.t.Context(), store.Fence{Holder: claimant}, now, lease, max)
	if err != nil {
		r.t.Fatalf("claim: %v", err)
	}
	return claims
}

// claimedIDs claims, and returns the ids.
func (r *rig) claimedIDs(claimant string, now time.Time, max int) []uint64 {
	r.t.Helper()
	var ids []uint64
	for _, c := range r.claim(claimant, now, max) {
		ids = append(ids, c.ID)
	}
	return ids
}

func (r *rig) seal(claimant string, mails ...store.Sealed) {
	r.t.Helper()
	if err := r.Seal(r.t.Context(), claimant, mails); err != nil {
		r.t.Fatalf("seal: %v", err)
	}
}

func (r *rig) settle(claimant string, settlements ...store.Settlement) {
	r.t.Helper()
	if err := r.Settle(r.t.Context(), claimant, settlements); err != nil {
		r.t.Fatalf("settle: %v", err)
	}
}

func (r *rig) mail(id uint64) string {
	r.t.Helper()
	c, err := r.Reply(r.t.Context(), id)
	if err != nil {
		r.t.Fatalf("reply: %v", err)
	}
	return string(c.Mail)
}

func (r *rig) due() time.Time {
	r.t.Helper()
	due, err := r.Due(r.t.Context())
	if err != nil {
		r.t.Fatalf("due: %v", err)
	}
	return due
}

func testClaimOrder(t *testing.T, r *rig) {
	ids := r.intended(5)
	wantEqual(t, "before the third", r.claimedIDs("a", after(2*time.Minute-1), 9), ids[:2])
	wantEqual(t, "at most two", r.claimedIDs("a", after(4*time.Minute), 2), ids[2:4])
	wantEqual(t, "the rest", r.claimedIDs("b", after(4*time.Minute), 2), ids[4:])
}

func testNothingDue(t *testing.T, r *rig) {
	wantEqual(t, "of an empty outbox", r.claimedIDs("a", noon(), 9), []uint64(nil))
	r.intended(1)
	wantEqual(t, "before its time", r.claimedIDs("a", after(-1), 9), []uint64(nil))
	wantEqual(t, "at most none", r.claimedIDs("a", noon(), 0), []uint64(nil))
	wantEqual(t, "at its time", len(r.claimedIDs("a", noon(), 9)), 1)
}

func testClaimants(t *testing.T, r *rig) {
	const n = 40
	r.intended(n)
	var mu sync.Mutex
	claimant := make(map[uint64]string)
	var wg sync.WaitGroup
	for i := range 8 {
		name := fmt.Sprint("sender ", i)
		wg.Go(func() {
			for range n {
				claims, err := r.Claim(t.Context(), store.Fence{Holder: name}, after(time.Hour), lease, 3)
				if err != nil {
					t.Errorf("claim: %v", err)
				}
				mu.Lock()
				for _, c := range claims {
					if claimant[c.ID] != "" {
						t.Errorf("reply %d was claimed by %s and by %s", c.ID, claimant[c.ID], name)
					}
					claimant[c.ID] = name
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	wantEqual(t, "claimed", len(claimant), n)
}

func testLeaseEnds(t *testing.T, r *rig) {
	id := r.intended(1)[0]
	first := r.claim("a", noon(), 1)
	wantEqual(t, "first attempt", first[0].Attempt, 1)
	r.seal("a", store.Sealed{Reply: id, Mail: []byte("bytes")})
	wantEqual(t, "while the lease runs", r.claimedIDs("b", after(lease-1), 1), []uint64(nil))
	wantEqual(t, "by the claimant itself", r.claimedIDs("a", after(lease-1), 1), []uint64(nil))
	second := r.claim("b", after(lease), 1)
	if len(second) != 1 {
		t.Fatalf("when the lease ends: got %d claims, want 1", len(second))
	}
	if second[0].Attempt < first[0].Attempt {
		t.Errorf("taken over: got attempt %d, want at least %d", second[0].Attempt, first[0].Attempt)
	}
	wantEqual(t, "mail", string(second[0].Mail), "bytes")
	wantEqual(t, "reply", second[0].Reply, first[0].Reply)

	sent := store.Settlement{Reply: id, Outcome: store.Sent, At: after(lease + 1)}
	wantError(t, "settled by the first", r.Settle(t.Context(), "a", []store.Settlement{sent}), store.ErrClaim)
	wantError(t, "sealed by the first", r.Seal(t.Context(), "a", []store.Sealed{{Reply: id, Mail: []byte("x")}}),
		store.ErrClaim)
	r.settle("b", sent)
}

func testLateSettle(t *testing.T, r *rig) {
	id := r.intended(1)[0]
	r.claim("a", noon(), 1)
	r.settle("a", store.Settlement{Reply: id, Outcome: store.Sent, At: after(2 * lease)})
	wantEqual(t, "unsent", r.status().Unsent, 0)
}

func testSealOnce(t *testing.T, r *rig) {
	id := r.intended(1)[0]
	r.claim("a", noon(), 1)
	first := []byte("first bytes")
	r.seal("a", store.Sealed{Reply: id, Mail: first})
	clear(first)
	r.seal("a", store.Sealed{Reply: id, Mail: []byte("second")})
	wantEqual(t, "sealed twice", r.mail(id), "first bytes")
	taken := r.claim("b", after(lease), 1)
	wantEqual(t, "taken over", string(taken[0].Mail), "first bytes")
	clear(taken[0].Mail)
	r.seal("b", store.Sealed{Reply: id, Mail: []byte("third")})
	wantEqual(t, "sealed after a takeover", r.mail(id), "first bytes")
	r.settle("b", store.Settlement{Reply: id, Outcome: store.Sent, At: after(lease)})
	r.die()
	wantEqual(t, "sent", r.mail(id), "first bytes")
}

func testSealClaim(t *testing.T, r *rig) {
	ids := r.intended(4)
	r.claim("a", after(time.Minute), 2)
	r.claim("b", after(2*time.Minute), 1)
	large := bytes.Repeat([]byte("octets"), 20000)
	err := r.Seal(t.Context(), "a", []store.Sealed{
		{Reply: ids[0], Mail: []byte("0")},
		{Reply: ids[2], Mail: []byte("2")},
		{Reply: ids[3], Mail: []byte("3")},
		{Reply: 999, Mail: []byte("999")},
		{Reply: ids[1], Mail: large},
	})
	wantError(t, "seal", err, store.ErrClaim)
	wantEqual(t, "refused", len(parts(err)), 3)
	for i, want := range []string{"0", string(large), "", ""} {
		if got := r.mail(ids[i]); got != want {
			t.Errorf("reply %d: got a mail of %d bytes, want %d", i, len(got), len(want))
		}
	}
}

// parts are the errors that an error joins.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

func testSettleClaim(t *testing.T, r *rig) {
	ids := r.intended(4)
	r.claim("a", after(time.Minute), 2)
	r.claim("b", after(2*time.Minute), 1)
	var settlements []store.Settlement
	for i, id := range append(ids, 999) {
		c := aCase(fmt.Sprintf("D-22222%d", i), key(1))
		settlements = append(settlements,
			store.Settlement{Reply: id, Outcome: store.Failed, At: after(time.Hour), Case: &c})
	}
	events := len(r.audited(0))
	err := r.Settle(t.Context(), "a", settlements)
	wantError(t, "settle", err, store.ErrClaim)
	wantEqual(t, "refused", len(parts(err)), 3)
	wantEqual(t, "status", r.status(), store.Status{Messages: 4, Orders: 4, Unsent: 2, Failed: 2, Waiting: 2})
	wantEqual(t, "audit lines", len(r.audited(0))-events, 4)

	err = r.Settle(t.Context(), "a", settlements[:1])
	wantError(t, "settled again", err, store.ErrClaim)
	wantEqual(t, "audit lines, settled again", len(r.audited(0))-events, 4)
	if err := r.Settle(t.Context(), "a", nil); err != nil {
		t.Errorf("nothing to settle: %v", err)
	}
}

func testLater(t *testing.T, r *rig) {
	ids := r.intended(2)
	r.claim("a", noon(), 1)
	r.settle("a", store.Settlement{
		Reply: ids[0], Outcome: store.Later, At: noon(), Next: after(time.Hour),
		Words: "421 busy",
	})
	r.die()
	wantEqual(t, "before its next attempt", r.claimedIDs("a", after(time.Hour-1), 9), ids[1:])
	next := r.claim("b", after(time.Hour), 9)
	if len(next) != 1 || next[0].ID != ids[0] {
		t.Fatalf("got %v, want the reply that is due again", next)
	}
	wantEqual(t, "attempt", next[0].Attempt, 2)
	wantEqual(t, "status", r.status(), store.Status{Messages: 2, Orders: 2, Unsent: 2})
	r.settle("b", store.Settlement{
		Reply: ids[0], Outcome: store.Later, At: after(time.Hour), Next: after(2 * time.Hour), Untried: true,
	})
	r.die()
	next = r.claim("a", after(2*time.Hour), 9)
	i := slices.IndexFunc(next, func(c store.Claimed) bool { return c.ID == ids[0] })
	if i < 0 || next[i].Attempt != 2 {
		t.Errorf("got %+v, want the reply once more, with no attempt counted for what was none", next)
	}
}

func testSent(t *testing.T, r *rig) {
	ids := r.intended(2)
	r.claim("a", after(time.Minute), 2)
	r.seal("a", store.Sealed{Reply: ids[0], Mail: []byte("bytes")})
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Sent, At: noon(), Words: "250 ok"})
	r.die()
	wantEqual(t, "claimed ever after", r.claimedIDs("b", after(1000*time.Hour), 9), ids[1:])
	wantEqual(t, "status", r.status(), store.Status{Messages: 2, Orders: 2, Unsent: 1})
	wantEqual(t, "mail", r.mail(ids[0]), "bytes")
	wantError(t, "sealed after it was sent",
		r.Seal(t.Context(), "a", []store.Sealed{{Reply: ids[0], Mail: []byte("x")}}), store.ErrClaim)
}

func testFailed(t *testing.T, r *rig) {
	ids := r.intended(2)
	r.claim("a", after(time.Minute), 2)
	c := aCase("D-7K2Q9F", key(1))
	r.settle("a",
		store.Settlement{Reply: ids[0], Outcome: store.Failed, At: after(time.Hour), Words: "550 unknown", Case: &c},
		store.Settlement{Reply: ids[1], Outcome: store.Failed, At: after(time.Hour)})
	r.die()
	wantEqual(t, "claimed ever after", r.claimedIDs("b", after(1000*time.Hour), 9), []uint64(nil))
	wantEqual(t, "status", r.status(), store.Status{Messages: 2, Orders: 2, Failed: 2, Waiting: 1})
	got, err := r.Case(t.Context(), "D-7K2Q9F")
	if err != nil {
		t.Fatal(err)
	}
	c.Revision, c.OpenedAt, c.UpdatedAt = 1, after(time.Hour), after(time.Hour)
	wantEqual(t, "case", got, c)
}

// A reply that was given up leaves after all, with the bytes that it had and all its
// attempts anew. Its case is closed, but for one that a person has worked on.
func testRetry(t *testing.T, r *rig) {
	ids := r.intended(3)
	r.claim("a", after(2*time.Minute), 3)
	r.seal("a", store.Sealed{Reply: ids[0], Mail: []byte("bytes")})
	wantError(t, "not given up", r.Retry(t.Context(), ids[0], "claire", noon()), store.ErrRevision)
	wantError(t, "not there", r.Retry(t.Context(), 999, "claire", noon()), store.ErrNotFound)
	plain, held := aCase("D-7K2Q9F", key(1)), aCase("D-7K2Q9G", key(2))
	for i, c := range []*order.Case{&plain, &held, nil} {
		r.settle("a", store.Settlement{
			Reply: ids[i], Outcome: store.Failed, At: after(time.Hour), Words: "554", Case: c,
		})
	}
	holder := "paul"
	r.decide(order.Decision{
		Case: held.Code, Revision: 1, At: after(time.Hour), Actor: "paul", Holder: &holder, State: order.Waiting,
	})
	var given []uint64
	list, err := r.GivenUp(t.Context(), ids[0], 1)
	r.must(err)
	for _, a := range list {
		given = append(given, a.Reply.ID)
		wantEqual(t, "words", a.Words, "554")
	}
	wantEqual(t, "given up, after the first", given, ids[1:2])

	for _, id := range ids {
		r.must(r.Retry(t.Context(), id, "claire", after(2*time.Hour)))
		wantError(t, "again", r.Retry(t.Context(), id, "claire", noon()), store.ErrRevision)
	}
	r.die()
	list, err = r.GivenUp(t.Context(), 0, 9)
	wantEqual(t, "still given up", len(list), 0)
	r.must(err)
	wantEqual(t, "status", r.status(), store.Status{Messages: 3, Orders: 3, Unsent: 3, Waiting: 1})
	for code, want := range map[string]order.State{plain.Code: order.Closed, held.Code: order.Waiting} {
		c, err := r.Case(t.Context(), code)
		r.must(err)
		wantEqual(t, code, c.State, want)
	}
	wantEqual(t, "before its time", r.claimedIDs("b", after(2*time.Hour-1), 9), []uint64(nil))
	claims := r.claim("b", after(2*time.Hour), 9)
	wantEqual(t, "claimed", len(claims), 3)
	wantEqual(t, "attempt", claims[0].Attempt, 1)
	wantEqual(t, "bytes", string(claims[0].Mail), "bytes")
	again := aCase("D-7K2Q9H", key(1))
	r.settle("b", store.Settlement{Reply: ids[0], Outcome: store.Failed, At: after(3 * time.Hour), Case: &again})
	wantEqual(t, "given up again", r.status().Failed, 1)
}

func testDue(t *testing.T, r *rig) {
	wantEqual(t, "of an empty outbox", r.due(), time.Time{})
	ids := r.intended(2)
	wantEqual(t, "unclaimed", r.due(), noon())
	r.claim("a", noon(), 1)
	wantEqual(t, "the first claimed", r.due(), after(time.Minute))
	r.claim("a", after(time.Minute), 1)
	wantEqual(t, "both claimed", r.due(), after(lease))
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Later, At: noon(), Next: after(time.Hour)})
	wantEqual(t, "the first later", r.due(), after(time.Minute+lease))
	r.settle("a", store.Settlement{Reply: ids[1], Outcome: store.Sent, At: noon()})
	wantEqual(t, "the second sent", r.due(), after(time.Hour))
	r.claim("a", after(time.Hour), 1)
	r.settle("a", store.Settlement{Reply: ids[0], Outcome: store.Failed, At: noon()})
	wantEqual(t, "both settled", r.due(), time.Time{})
}

func testNoReply(t *testing.T, r *rig) {
	r.intended(1)
	_, err := r.Reply(t.Context(), 999)
	wantError(t, "reply", err, store.ErrNotFound)
	_, err = r.Reply(t.Context(), 0)
	wantError(t, "reply 0", err, store.ErrNotFound)
}

// unfiled returns the first replies of which a copy is yet to be made, and how many there are.
func (r *rig) unfiled(limit int) string {
	r.t.Helper()
	ids, total, err := r.Unfiled(r.t.Context(), limit)
	if err != nil {
		r.t.Fatalf("unfiled: %v", err)
	}
	return fmt.Sprint(ids, total)
}

func testUnfiled(t *testing.T, r *rig) {
	ids := r.intended(4)
	r.claim("a", after(time.Hour), 4)
	wantEqual(t, "before any is sent", r.unfiled(9), "[] 0")
	r.settle("a",
		store.Settlement{Reply: ids[0], Outcome: store.Sent, At: after(0), Unfiled: true},
		store.Settlement{Reply: ids[1], Outcome: store.Sent, At: after(0)},
		store.Settlement{Reply: ids[2], Outcome: store.Later, At: after(0), Next: after(time.Hour), Unfiled: true},
		store.Settlement{Reply: ids[3], Outcome: store.Sent, At: after(0), Unfiled: true})
	r.die()
	wantEqual(t, "those sent that ask for it", r.unfiled(9), fmt.Sprint([]uint64{ids[0], ids[3]}, 2))
	wantEqual(t, "at most one", r.unfiled(1), fmt.Sprint([]uint64{ids[0]}, 2))
	for range 2 { // the second changes nothing
		if err := r.Filed(t.Context(), []uint64{ids[0], ids[1], 4711}); err != nil {
			t.Fatalf("filed: %v", err)
		}
		r.die()
		wantEqual(t, "after one copy", r.unfiled(9), fmt.Sprint([]uint64{ids[3]}, 1))
	}
}

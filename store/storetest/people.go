package storetest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func peopleTests() []test {
	return []test{
		{"users", testUsers},
		{"sessions", testSessions},
		{"a new password", testPassword},
		{"refusals and the audit's filter", testEvents},
	}
}

func testUsers(t *testing.T, r *rig) {
	_, err := r.User(t.Context(), "claire")
	wantError(t, "nobody", err, store.ErrNotFound)
	claire := order.User{
		Name: "claire", FullName: "Claire Morel", Role: order.Sales, Password: "$argon2id$…",
		CreatedAt: noon(),
	}
	bruno := order.User{Name: "bruno", Role: order.Reading, CreatedAt: noon()}
	for _, u := range []order.User{claire, bruno} {
		if err := r.SaveUser(t.Context(), u, "bdc", noon()); err != nil {
			t.Fatal(err)
		}
	}
	claire.Role = order.Admin
	if err := r.SaveUser(t.Context(), claire, "bruno", noon()); err != nil {
		t.Fatal(err)
	}
	r.die()
	got, err := r.User(t.Context(), "claire")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "user", got, claire)
	all, err := r.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "users", all, []order.User{bruno, claire})
}

func testSessions(t *testing.T, r *rig) {
	claire := order.User{Name: "claire", Role: order.Sales, CreatedAt: noon()}
	session := func(id order.Hash, begins time.Duration) order.Session {
		return order.Session{ID: id, User: "claire", At: after(begins), Until: after(begins + time.Hour)}
	}
	wantError(t, "enter as nobody", r.Enter(t.Context(), session("1", 0)), store.ErrNotFound)
	if err := r.SaveUser(t.Context(), claire, "bdc", noon()); err != nil {
		t.Fatal(err)
	}
	for _, e := range []order.Session{session("1", 0), session("2", 30*time.Minute)} {
		if err := r.Enter(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	r.die()
	e, u, err := r.Session(t.Context(), "1", after(time.Hour-1))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "session", e, session("1", 0))
	wantEqual(t, "user", u, claire)
	_, _, err = r.Session(t.Context(), "1", after(time.Hour))
	wantError(t, "ended", err, store.ErrNotFound)
	_, _, err = r.Session(t.Context(), "3", noon())
	wantError(t, "unknown", err, store.ErrNotFound)

	for range 2 { // leaving again is no error
		if err := r.Leave(t.Context(), "2", noon()); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = r.Session(t.Context(), "2", after(40*time.Minute))
	wantError(t, "left", err, store.ErrNotFound)

	if err := r.Enter(t.Context(), session("3", 2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, _, err = r.Session(t.Context(), "1", noon())
	wantError(t, "ended, and forgotten by the next", err, store.ErrNotFound)
	if err := r.SaveUser(t.Context(), claire, "bdc", noon()); err != nil {
		t.Fatal(err)
	}
	_, _, err = r.Session(t.Context(), "3", after(2*time.Hour))
	wantError(t, "the user saved again, perhaps with another password", err, store.ErrNotFound)
	claire.Closed = true
	if err := r.SaveUser(t.Context(), claire, "bdc", noon()); err != nil {
		t.Fatal(err)
	}
	wantError(t, "enter, closed", r.Enter(t.Context(), session("4", 0)), store.ErrNotFound)
}

func testPassword(t *testing.T, r *rig) {
	claire := order.User{Name: "claire", Role: order.Sales, Password: "old", CreatedAt: noon()}
	paul := order.User{Name: "paul", Role: order.Sales, Password: "old", CreatedAt: noon()}
	for _, u := range []order.User{claire, paul} {
		if err := r.SaveUser(t.Context(), u, "bdc", noon()); err != nil {
			t.Fatal(err)
		}
	}
	for id, user := range map[order.Hash]string{"here": "claire", "there": "claire", "paul's": "paul"} {
		if err := r.Enter(t.Context(),
			order.Session{ID: id, User: user, At: noon(), Until: after(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	change := store.Password{User: "claire", Was: "old", Now: "new", Keep: "here", At: after(time.Minute)}
	if err := r.SetPassword(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	wantError(t, "against an older one", r.SetPassword(t.Context(), change), store.ErrRevision)
	wantError(t, "of nobody", r.SetPassword(t.Context(), store.Password{User: "zoé", At: noon()}), store.ErrNotFound)
	r.die()
	claire.Password = "new"
	got, err := r.User(t.Context(), "claire")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "user", got, claire)
	for _, id := range []order.Hash{"here", "paul's"} {
		if _, _, err := r.Session(t.Context(), id, after(time.Minute)); err != nil {
			t.Errorf("session %s: %v, want it to go on", id, err)
		}
	}
	_, _, err = r.Session(t.Context(), "there", after(time.Minute))
	wantError(t, "the user's other session", err, store.ErrNotFound)
}

// testEvents walks the audit downwards, whole and filtered.
func testEvents(t *testing.T, r *rig) {
	r.record(forms(1, "R-1"))
	for i := range 3 {
		if err := r.Refuse(t.Context(),
			store.Refusal{User: "claire", From: "192.0.2.1", At: after(time.Duration(i) * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Refuse(t.Context(), store.Refusal{From: "192.0.2.2", At: after(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	r.die()
	all := r.audited(0)
	slices.Reverse(all)
	wantEqual(t, "the last", all[0].Detail+" "+all[0].Verb+" "+all[0].Actor, "192.0.2.2 user.refused ")
	number := ""
	for _, e := range all {
		number = cmp.Or(number, e.Order)
	}
	for _, tt := range []struct {
		name   string
		filter store.EventFilter
	}{
		{"all", store.EventFilter{}},
		{"by actor", store.EventFilter{Actor: "claire"}},
		{"by verb", store.EventFilter{Verb: "user.refused"}},
		{"by a verb's beginning", store.EventFilter{Verb: "order."}},
		{"by order", store.EventFilter{Order: number}},
		{"by nothing's case", store.EventFilter{Case: "D-ZZZZZZ"}},
		{"by all of it", store.EventFilter{Actor: "claire", Verb: "user."}},
	} {
		var want, got []order.Event
		for _, e := range all {
			if tt.filter.Chooses(e) {
				want = append(want, e)
			}
		}
		for below, pages := uint64(0), 0; pages == 0 || below != 0; pages++ {
			events, next, err := r.Events(t.Context(), tt.filter, below, 2)
			if err != nil || len(events) > 2 || pages > len(all) {
				t.Fatalf("%s: page %d has %d events, error %v", tt.name, pages, len(events), err)
			}
			got, below = append(got, events...), next
		}
		wantEqual(t, tt.name, got, want)
		if len(want) == 0 && tt.filter.Case == "" {
			t.Errorf("%s: the test finds nothing", tt.name)
		}
	}
}

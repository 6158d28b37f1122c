package storetest

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func peopleTests() []test {
	return []test{
		{"users", testUsers},
		{"a name that is taken", testTakenName},
		{"changes of a user", testUserChanges},
		{"the last administrator", testLastAdmin},
		{"another name", testRename},
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
	r.addUsers(claire, bruno)
	claire.Revision, bruno.Revision = 1, 1
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

// addUsers adds users who must be taken.
func (r *rig) addUsers(users ...order.User) {
	r.t.Helper()
	for _, u := range users {
		if err := r.AddUser(r.t.Context(), u, "bdc", noon()); err != nil {
			r.t.Fatal(err)
		}
	}
}

// user returns a user who must be there.
func (r *rig) user(name string) order.User {
	r.t.Helper()
	u, err := r.User(r.t.Context(), name)
	if err != nil {
		r.t.Fatal(err)
	}
	return u
}

// change is a change of a user as the user is now.
func (r *rig) change(name string) store.UserChange {
	r.t.Helper()
	return store.UserChange{User: name, Revision: r.user(name).Revision, Actor: "ada", At: after(time.Minute)}
}

// enter records a session that must be taken.
func (r *rig) enter(id order.Hash, user string) {
	r.t.Helper()
	e := order.Session{ID: id, User: user, At: noon(), Until: after(time.Hour)}
	if err := r.Enter(r.t.Context(), e); err != nil {
		r.t.Fatal(err)
	}
}

// wantSession wants a session to go on for a user or, if that is "", to have ended.
func (r *rig) wantSession(id order.Hash, user string) {
	r.t.Helper()
	_, u, err := r.Session(r.t.Context(), id, after(time.Minute))
	if user == "" {
		wantError(r.t, "session "+string(id), err, store.ErrNotFound)
	} else if err != nil || u.Name != user {
		r.t.Errorf("session %s: got user %q and error %v, want %q", id, u.Name, err, user)
	}
}

// wantLast wants the last line of the audit to be this one.
func (r *rig) wantLast(verb, detail string) {
	r.t.Helper()
	events := r.audited(0)
	last := events[len(events)-1]
	wantEqual(r.t, "audit", last,
		order.Event{Seq: last.Seq, At: after(time.Minute), Actor: "ada", Verb: verb, Detail: detail})
}

// testTakenName: nobody gets the name of another, whether open, closed or renamed.
func testTakenName(t *testing.T, r *rig) {
	claire := order.User{Name: "claire", Role: order.Sales, Password: "hash", CreatedAt: noon()}
	paul := order.User{Name: "paul", Role: order.Sales, CreatedAt: noon()}
	r.addUsers(claire, paul)
	r.enter("1", "claire")
	other := order.User{Name: "claire", Role: order.Admin, Password: "another", CreatedAt: noon()}
	taken := func(what string) {
		t.Helper()
		wantError(t, what, r.AddUser(t.Context(), other, "bdc", noon()), store.ErrExists)
		wantError(t, what+", by renaming", r.Rename(t.Context(), r.change("paul"), "claire", ""), store.ErrExists)
	}
	taken("open")
	r.die()
	r.wantSession("1", "claire")
	wantEqual(t, "password", r.user("claire").Password, "hash")
	if err := r.CloseUser(t.Context(), r.change("claire")); err != nil {
		t.Fatal(err)
	}
	taken("closed")
	if err := r.Rename(t.Context(), r.change("claire"), "claire.morel", ""); err != nil {
		t.Fatal(err)
	}
	taken("renamed")
	_, err := r.User(t.Context(), "claire")
	wantError(t, "the old name", err, store.ErrNotFound)
}

// testUserChanges: each change is made once, from the revision that was seen.
func testUserChanges(t *testing.T, r *rig) {
	ctx := t.Context()
	r.addUsers(order.User{Name: "ada", Role: order.Admin, CreatedAt: noon()},
		order.User{Name: "zoe", Role: order.Reading, Password: "old", CreatedAt: noon()})
	want := r.user("zoe")
	for _, tt := range []struct {
		name         string
		change       func(c store.UserChange) error
		verb, detail string
		expect       func(u *order.User)
		ends         bool // the user's sessions
	}{
		{
			"a role", func(c store.UserChange) error { return r.SetRole(ctx, c, order.Sales) },
			"user.ranked", "zoe, vente", func(u *order.User) { u.Role = order.Sales }, false,
		},
		{
			"a password", func(c store.UserChange) error { return r.GivePassword(ctx, c, "new") },
			"user.rekeyed", "zoe", func(u *order.User) { u.Password = "new" }, true,
		},
		{
			"closed", func(c store.UserChange) error { return r.CloseUser(ctx, c) },
			"user.closed", "zoe", func(u *order.User) { u.Closed = true }, true,
		},
		{
			"open again", func(c store.UserChange) error { return r.ReopenUser(ctx, c) },
			"user.reopened", "zoe", func(u *order.User) { u.Closed = false }, false,
		},
		{
			"a full name", func(c store.UserChange) error { return r.Rename(ctx, c, "zoe", "Zoé Petit") },
			"user.renamed", "zoe, zoe", func(u *order.User) { u.FullName = "Zoé Petit" }, false,
		},
	} {
		if !want.Closed {
			r.enter("hers", "zoe")
			want.EnteredAt = noon()
		}
		c := r.change("zoe")
		if err := tt.change(c); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		r.wantLast(tt.verb, tt.detail)
		events := len(r.audited(0))
		wantError(t, tt.name+", seen before", tt.change(c), store.ErrRevision)
		c.User = "nobody"
		wantError(t, tt.name+", of nobody", tt.change(c), store.ErrNotFound)
		r.die()
		wantEqual(t, tt.name+": lines of the audit", len(r.audited(0)), events)
		tt.expect(&want)
		want.Revision++
		wantEqual(t, tt.name, r.user("zoe"), want)
		if tt.ends || want.Closed {
			r.wantSession("hers", "")
		} else if tt.name != "open again" { // her session had ended before
			r.wantSession("hers", "zoe")
		}
	}
}

// testLastAdmin: somebody is always left who manages the users.
func testLastAdmin(t *testing.T, r *rig) {
	ctx := t.Context()
	r.addUsers(order.User{Name: "ada", Role: order.Admin, CreatedAt: noon()},
		order.User{Name: "bea", Role: order.Admin, CreatedAt: noon()},
		order.User{Name: "zoe", Role: order.Sales, CreatedAt: noon()})
	if err := r.CloseUser(ctx, r.change("bea")); err != nil {
		t.Fatal(err)
	}
	r.die()
	wantError(t, "close the last", r.CloseUser(ctx, r.change("ada")), store.ErrLastAdmin)
	wantError(t, "demote the last", r.SetRole(ctx, r.change("ada"), order.Sales), store.ErrLastAdmin)
	if err := errors.Join(r.SetRole(ctx, r.change("ada"), order.Admin), r.CloseUser(ctx, r.change("zoe")),
		r.ReopenUser(ctx, r.change("bea"))); err != nil {
		t.Fatal(err)
	}
	if err := r.SetRole(ctx, r.change("ada"), order.Sales); err != nil {
		t.Errorf("demote one of two: %v", err)
	}
	wantError(t, "demote the other", r.SetRole(ctx, r.change("bea"), order.Reading), store.ErrLastAdmin)
}

// testRename: what a user has goes along, what was done stays.
func testRename(t *testing.T, r *rig) {
	ctx := t.Context()
	codes := r.opened(2)
	r.addUsers(order.User{Name: "claire", Role: order.Sales, CreatedAt: noon()},
		order.User{Name: "paul", Role: order.Sales, CreatedAt: noon()})
	r.enter("hers", "claire")
	r.enter("his", "paul")
	for i, name := range []string{"claire", "paul"} {
		r.decide(order.Decision{
			Kind: order.ActHand, Case: codes[i], Revision: 1, Actor: name, At: noon(), State: order.Waiting,
			Note: name, Holder: &name,
		})
	}
	before := r.audited(0)
	if err := r.Rename(ctx, r.change("claire"), "claire.morel", "Claire Morel"); err != nil {
		t.Fatal(err)
	}
	r.wantLast("user.renamed", "claire, claire.morel")
	r.die()
	wantEqual(t, "user", r.user("claire.morel"), order.User{
		Name: "claire.morel", FullName: "Claire Morel", Role: order.Sales, CreatedAt: noon(), EnteredAt: noon(),
		Revision: 2, Former: []string{"claire"},
	})
	_, err := r.User(ctx, "claire")
	wantError(t, "the old name", err, store.ErrNotFound)
	r.wantSession("hers", "claire.morel")
	r.wantSession("his", "paul")
	wantEqual(t, "the audit of before", r.audited(0)[:len(before)], before)
	for i, holder := range []string{"claire.morel", "paul"} {
		k := r.aCase(codes[i])
		wantEqual(t, "holder", k.Holder, holder)
		wantEqual(t, "revision", k.Revision, uint64(2))
		rows, err := r.CaseRows(ctx, store.CaseFilter{Holder: holder}, "", 9)
		if err != nil || len(rows) != 1 || rows[0].Code != codes[i] {
			t.Errorf("cases of %s: got %+v and error %v, want %s", holder, rows, err, codes[i])
		}
	}
	if acts := r.aCase(codes[0]).Acts; acts[0].Actor != "claire" {
		t.Errorf("got an act by %q, want it signed as it was", acts[0].Actor)
	}
	// One may have one's own name back.
	if err := r.Rename(ctx, r.change("claire.morel"), "claire", "Claire Morel"); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "names of before", r.user("claire").Former, []string{"claire.morel"})
}

func testSessions(t *testing.T, r *rig) {
	claire := order.User{Name: "claire", Role: order.Sales, CreatedAt: noon()}
	session := func(id order.Hash, begins time.Duration) order.Session {
		return order.Session{ID: id, User: "claire", At: after(begins), Until: after(begins + time.Hour)}
	}
	wantError(t, "enter as nobody", r.Enter(t.Context(), session("1", 0)), store.ErrNotFound)
	r.addUsers(claire)
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
	claire.Revision, claire.EnteredAt = 1, after(30*time.Minute)
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
	if err := r.CloseUser(t.Context(), r.change("claire")); err != nil {
		t.Fatal(err)
	}
	_, _, err = r.Session(t.Context(), "3", after(2*time.Hour))
	wantError(t, "of a closed user", err, store.ErrNotFound)
	wantError(t, "enter, closed", r.Enter(t.Context(), session("4", 0)), store.ErrNotFound)
}

func testPassword(t *testing.T, r *rig) {
	claire := order.User{Name: "claire", Role: order.Sales, Password: "old", CreatedAt: noon()}
	paul := order.User{Name: "paul", Role: order.Sales, Password: "old", CreatedAt: noon()}
	r.addUsers(claire, paul)
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
	claire.Password, claire.Revision, claire.EnteredAt = "new", 1, noon()
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

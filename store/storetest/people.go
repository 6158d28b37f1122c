package storetest

import (
	"testing"
	"time"

	"bdc/order"
	"bdc/store"
)

func peopleTests() []test {
	return []test{
		{"users", testUsers},
		{"sessions", testSessions},
	}
}

func testUsers(t *testing.T, r *rig) {
	_, err := r.User(t.Context(), "claire")
	wantError(t, "nobody", err, store.ErrNotFound)
	claire := order.User{Name: "claire", FullName: "Claire Morel", Role: order.Sales, Password: "$argon2id$…", CreatedAt: noon()}
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

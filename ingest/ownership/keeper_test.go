package ownership

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bdc/ingest/mailbox"
	"bdc/store"
)

const (
	oneRecord     = "11111111111111111111111111111111"
	anotherRecord = "22222222222222222222222222222222"
)

// record is a store that has nothing but its ownership.
type record struct {
	mu      sync.Mutex
	o       store.Ownership         // but for the doubt
	copy    bool                    // the doubt Copied
	mailbox store.Doubt             // Unasked, Behind or Foreign
	listing bool                    // the doubt Restored
	end     func(step string) error // after a step: an error stands for the death of the program
}

func newRecord(identity string) *record {
	return &record{o: store.Ownership{Record: identity}}
}

// copied returns what cp makes of the record's file.
func (r *record) copied() *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &record{o: r.o, copy: r.copy, mailbox: r.mailbox, listing: r.listing}
}

func (r *record) after(step string) error {
	if r.end == nil {
		return nil
	}
	return r.end(step)
}

// doubt returns the gravest.
func (r *record) doubt() store.Doubt {
	switch {
	case r.copy:
		return store.Copied
	case r.mailbox == store.Behind, r.mailbox == store.Foreign:
		return r.mailbox
	case r.listing:
		return store.Restored
	}
	return r.mailbox
}

func (r *record) Ownership(context.Context) (store.Ownership, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.o
	o.Doubt = r.doubt()
	return o, nil
}

// now returns the ownership as it is.
func (r *record) now() store.Ownership {
	o, _ := r.Ownership(context.Background()) // it never fails
	return o
}

// change changes the record, and ends the step of that name.
func (r *record) change(step string, f func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	return r.after(step)
}

func (r *record) ask() {
	if r.mailbox == store.NoDoubt {
		r.mailbox = store.Unasked
	}
}

func (r *record) takeOver() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.o.Committed, r.o.Intended, r.o.Words = store.Generation{}, store.Generation{}, ""
	r.o.Restores++
	r.copy, r.mailbox, r.listing = false, store.NoDoubt, true
}

func (r *record) Intend(_ context.Context, g store.Generation) error {
	if d := r.now().Doubt; d == store.Copied || d == store.Behind || d == store.Foreign {
		return store.ErrNotOwner
	}
	return r.change("intended", func() { r.o.Intended = g })
}

func (r *record) Commit(_ context.Context, g store.Generation) error {
	if r.now().Intended != g {
		return store.ErrRevision
	}
	return r.change("committed", func() { r.o.Committed, r.o.Intended = g, store.Generation{} })
}

func (r *record) Confirm(context.Context, time.Time) error {
	return r.change("confirmed", func() { r.mailbox, r.o.Words = store.NoDoubt, "" })
}

func (r *record) Disown(_ context.Context, d store.Doubt, words string, _ time.Time) error {
	return r.change("disowned", func() { r.mailbox, r.o.Words = d, words })
}

func (r *record) RaiseRestores(_ context.Context, atLeast uint64) error {
	return r.change("counted", func() { r.o.Restores = max(r.o.Restores, atLeast) })
}

// box is a mailbox with the folder of the deeds.
type box struct {
	mu      sync.Mutex
	gone    bool // nobody has made the folder
	next    uint32
	kept    []mailbox.Kept
	refuse  string // which verbs the server refuses
	broken  error  // every call fails with it
	asked   int    // how often the state was asked for
	read    int    // how often the folder was read
	arrival func() // called by the next Append before the message arrives
}

func (b *box) fault(verb string) error {
	if b.broken != nil {
		return b.broken
	}
	if strings.Contains(b.refuse, verb) {
		return fmt.Errorf("%w: %s", mailbox.ErrRefused, verb)
	}
	return nil
}

// line is a connection to a box.
type line struct {
	*box
	end func(step string) error
}

func (b *box) dial(context.Context) (*line, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fault("create"); err != nil {
		return nil, err
	}
	b.gone = false
	return &line{box: b}, nil
}

func (b *line) Close() error { return nil }

func (b *line) State(context.Context) (mailbox.ShelfState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.gone {
		return mailbox.ShelfState{}, nil
	}
	return mailbox.ShelfState{Validity: 1, Next: b.next + 1, Messages: uint32(len(b.kept))}, b.fault("state")
}

func (b *line) Read(context.Context) ([]mailbox.Kept, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.box.read++
	return slices.Clone(b.kept), b.fault("read")
}

func (b *line) Append(_ context.Context, raw []byte, _ bool) error {
	b.mu.Lock()
	if f := b.arrival; f != nil {
		b.arrival = nil
		b.mu.Unlock()
		f()
		b.mu.Lock()
	}
	defer b.mu.Unlock()
	if err := b.fault("append"); err != nil {
		return err
	}
	b.next++
	b.kept = append(b.kept, mailbox.Kept{UID: b.next, Raw: raw})
	if b.end != nil {
		return b.end("appended")
	}
	return nil
}

func (b *line) Remove(_ context.Context, uids []uint32) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = slices.DeleteFunc(b.kept, func(k mailbox.Kept) bool { return slices.Contains(uids, k.UID) })
	if b.end != nil && len(uids) > 0 {
		return b.end("removed")
	}
	return nil
}

// empty is what a person does who deletes all messages of the folder, or the folder.
func (b *box) empty(folder bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept, b.gone = nil, folder
}

// deed returns the deed that counts.
func (b *box) deed() Deed {
	b.mu.Lock()
	defer b.mu.Unlock()
	return current(deedsOf("INBOX", b.kept))
}

// reads returns how often the folder was read.
func (b *box) reads() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read
}

func (b *box) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.kept)
}

// begin starts a program on a record and a mailbox.
func begin(r *record, b *box) *Keeper {
	r.ask()
	return &Keeper{
		Dial: func(ctx context.Context) (Shelf, error) {
			l, err := b.dial(ctx)
			if err != nil {
				return nil, err
			}
			l.end = r.after
			return l, nil
		},
		Store: r, Inbox: "INBOX", Address: "orders@example.org", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

func wantDoubt(t *testing.T, what string, r *record, want store.Doubt) {
	t.Helper()
	if got := r.now(); got.Doubt != want {
		t.Errorf("%s: the doubt is %q (%s), want %q", what, got.Doubt, got.Words, want)
	}
}

// wantOwner says that the mailbox names the record, at its committed generation.
func wantOwner(t *testing.T, what string, r *record, b *box) {
	t.Helper()
	if d, o := b.deed(), r.now(); d.Record != o.Record || d.Generation != o.Committed ||
		o.Intended != (store.Generation{}) || d.Restores != o.Restores {
		t.Errorf("%s: the mailbox has %+v, and the record %+v", what, d, o)
	}
}

func connect(t *testing.T, k *Keeper, want error) {
	t.Helper()
	if err := k.Connect(t.Context()); !errors.Is(err, want) {
		t.Errorf("Connect: got %v, want %v", err, want)
	}
}

// A new record takes an inbox that nobody owns. A start raises the generation, and so does
// each hour and each backup; in between, nothing is read.
func TestGenerationIsRaised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, b := newRecord(oneRecord), &box{gone: true}
		for start := range 3 {
			k := begin(r, b)
			connect(t, k, nil)
			wantDoubt(t, "started", r, store.NoDoubt)
			wantOwner(t, "started", r, b)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			before, read := r.now().Committed.Number, b.reads()
			go func() { done <- k.Run(ctx) }()
			time.Sleep(59*time.Minute + time.Second)
			synctest.Wait()
			if now, reads := r.now().Committed.Number, b.reads(); now != before || reads != read {
				t.Errorf("start %d: within an hour generation %d became %d, and the folder was read %d times",
					start, before, now, reads-read)
			}
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			if got := r.now().Committed.Number; got != before+1 {
				t.Errorf("start %d: after an hour generation %d became %d, want the next", start, before, got)
			}
			k.Wake()
			synctest.Wait()
			if got := r.now().Committed.Number; got != before+2 {
				t.Errorf("start %d: after a backup generation %d became %d, want the second next", start, before, got)
			}
			wantOwner(t, "in the end", r, b)
			if n := b.count(); n != 1 {
				t.Errorf("start %d: %d messages are in the folder, want 1", start, n)
			}
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		}
	})
}

// Whatever a file says and whatever the mailbox names: what the record may do at its start.
func TestStandings(t *testing.T) {
	for _, test := range []struct {
		name string
		// prepare changes a record that owned the inbox, and its mailbox, while nothing runs.
		// It returns the record that is started then, or nil for the same.
		prepare func(r *record, b *box) *record
		want    store.Doubt
		raises  bool // the mailbox names the record afterwards
	}{
		{"as it was", func(*record, *box) *record { return nil }, store.NoDoubt, true},
		{"a file from before the last raise", func(r *record, b *box) *record {
			old := r.copied()
			_ = begin(r, b).Connect(context.Background())
			return old
		}, store.Behind, false},
		{"the same, started again", func(r *record, b *box) *record {
			old := r.copied()
			_ = begin(r, b).Connect(context.Background())
			_ = begin(old, b).Connect(context.Background())
			return old
		}, store.Behind, false},
		{"another record", func(*record, *box) *record { return newRecord(anotherRecord) }, store.Foreign, false},
		{"a copy", func(r *record, _ *box) *record { r.copy = true; return nil }, store.Copied, false},
		{"a copy, and no message", func(r *record, b *box) *record {
			b.empty(false)
			r.copy = true
			return nil
		}, store.Copied, false},
		{"the message deleted", func(_ *record, b *box) *record { b.empty(false); return nil }, store.NoDoubt, true},
		{"the folder deleted", func(_ *record, b *box) *record { b.empty(true); return nil }, store.NoDoubt, true},
		{"another record, and the message deleted then", func(_ *record, b *box) *record {
			r := newRecord(anotherRecord)
			_ = begin(r, b).Connect(context.Background())
			b.empty(false)
			return r
		}, store.Foreign, false},
		{"behind, and the mailbox put back", func(r *record, b *box) *record {
			old, kept := r.copied(), slices.Clone(b.kept)
			_ = begin(r, b).Connect(context.Background())
			_ = begin(old, b).Connect(context.Background())
			b.kept = kept
			return old
		}, store.NoDoubt, true},
		{"the mailbox put back", func(r *record, b *box) *record {
			kept := slices.Clone(b.kept)
			_ = begin(r, b).Connect(context.Background())
			b.kept = kept
			return nil
		}, store.Behind, false},
		{"taken over", func(r *record, b *box) *record {
			old := r.copied()
			r.o.Restores = 7
			_ = begin(r, b).Connect(context.Background())
			old.takeOver()
			return old
		}, store.Restored, true},
		{"taken over from another record", func(*record, *box) *record {
			r := newRecord(anotherRecord)
			r.takeOver()
			return r
		}, store.Restored, true},
		{"taken over, and no message", func(r *record, b *box) *record {
			b.empty(true)
			r.takeOver()
			return nil
		}, store.Restored, true},
		{"other mail in the folder", func(_ *record, b *box) *record {
			for _, raw := range []string{"Subject: hello\r\n\r\n", "", "X-Bdc-Record: x\r\n\r\n", "no header"} {
				b.next++
				b.kept = append(b.kept, mailbox.Kept{UID: b.next, Raw: []byte(raw)})
			}
			return nil
		}, store.NoDoubt, true},
		{"another inbox of the account", func(_ *record, b *box) *record {
			k := begin(newRecord(anotherRecord), b)
			k.Inbox = "Commandes"
			_ = k.Connect(context.Background())
			return nil
		}, store.NoDoubt, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, b := newRecord(oneRecord), &box{gone: true}
			connect(t, begin(r, b), nil)
			if started := test.prepare(r, b); started != nil {
				r = started
			}
			restores, named := r.o.Restores, b.deed()
			k := begin(r, b)
			for range 2 { // the second time changes nothing
				want := store.ErrNotOwner
				if test.want == store.NoDoubt {
					want = nil
				}
				connect(t, k, want)
				wantDoubt(t, "after", r, test.want)
				if test.raises {
					wantOwner(t, "after", r, b)
				} else if got := b.deed(); got != named {
					t.Errorf("the mailbox names %+v, want %+v as before", got, named)
				}
			}
			if test.want == store.Restored && named.Record != "" && r.o.Restores != max(restores, named.Restores+1) {
				t.Errorf("the restore count is %d, want it above the mailbox's %d", r.o.Restores, named.Restores)
			}
		})
	}
}

// Of two programs on two files, which both own the inbox or both find nobody there, exactly
// one works on: the one whose message the server took first. The other one ends, if it
// worked before.
func TestOneOfTwoWorks(t *testing.T) {
	for _, test := range []struct {
		name string
		twin func(r *record, b *box) *record

		claims bool // the second one takes the inbox over, whoever owns it
	}{
		{"two new records", func(r *record, b *box) *record {
			r.o.Committed, r.mailbox = store.Generation{}, store.NoDoubt
			b.empty(true)
			return newRecord(anotherRecord)
		}, false},
		{"two files that were taken over", func(r *record, _ *box) *record {
			r.takeOver()
			return r.copied()
		}, true},
		{"a file and its copy by cp", func(r *record, _ *box) *record { return r.copied() }, false},
		{"copies of a file with a raise broken off", func(r *record, _ *box) *record {
			r.o.Intended = store.Generation{Number: r.o.Committed.Number + 1, Nonce: oneRecord}
			return r.copied()
		}, false},
	} {
		for _, within := range []bool{false, true} { // one raises while the other's message is on its way
			t.Run(fmt.Sprintf("%s, interleaved %t", test.name, within), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					first, b := newRecord(oneRecord), &box{gone: true}
					connect(t, begin(first, b), nil)
					second := test.twin(first, b)
					one, two := begin(first, b), begin(second, b)
					if within {
						b.arrival = func() { _ = two.Connect(context.Background()) }
					}
					_ = one.Connect(t.Context())
					_ = two.Connect(t.Context())
					ended := make(chan error, 2)
					ctx, cancel := context.WithCancel(t.Context())
					go func() { ended <- one.Run(ctx) }()
					go func() { ended <- two.Run(ctx) }()
					for _, later := range []time.Duration{2 * time.Minute, 3 * time.Hour} {
						time.Sleep(later)
						synctest.Wait()
						wins, loses := first, second
						if within || test.claims {
							wins, loses = second, first
						}
						wantOwner(t, "the one that works", wins, b)
						if d := loses.now().Doubt; d != store.Behind && d != store.Foreign {
							t.Errorf("after %v both work: %+v and %+v", later, first.now(), second.now())
						}
						if d := wins.now().Doubt; d != store.NoDoubt && d != store.Restored {
							t.Errorf("after %v none works: %+v and %+v", later, first.now(), second.now())
						}
					}
					cancel()
					for range 2 {
						if err := <-ended; err != nil && !errors.Is(err, ErrLost) {
							t.Errorf("Run: %v", err)
						}
					}
				})
			})
		}
	}
}

// errDead stands for kill -9.
var errDead = errors.New("the program died")

// A program that dies after any step of a raise is the owner at once when it starts again,
// also if a message that it had sent arrives only then.
func TestDeathsWithinARaise(t *testing.T) {
	for _, step := range []string{"intended", "appended", "committed", "removed", "confirmed"} {
		for _, late := range []bool{false, true} {
			for nth := 1; nth <= 3; nth++ {
				t.Run(fmt.Sprintf("%s %d, late %t", step, nth, late), func(t *testing.T) {
					r, b := newRecord(oneRecord), &box{gone: true}
					connect(t, begin(r, b), nil)
					left := nth
					var way []mailbox.Kept // messages on their way
					r.end = func(s string) error {
						if s != step {
							return nil
						}
						if left--; left > 0 {
							return nil
						}
						return errDead
					}
					for range nth {
						if err := begin(r, b).Connect(t.Context()); left <= 0 && !errors.Is(err, errDead) {
							t.Fatalf("Connect: got %v, want the death", err)
						}
					}
					if left > 0 {
						t.Fatalf("the step was met %d times too few", left)
					}
					r.end = nil
					if late && step == "appended" {
						last := len(b.kept) - 1
						way, b.kept = slices.Clone(b.kept[last:]), b.kept[:last]
					}
					if late && step == "intended" { // the message is sent, and the program dies before it knows
						way = []mailbox.Kept{{Raw: Deed{
							Record: oneRecord, Inbox: "INBOX", Generation: r.o.Intended,
						}.message("a@example.org", time.Now())}}
					}
					b.arrival = func() {
						for _, k := range way {
							b.next++
							b.kept = append(b.kept, mailbox.Kept{UID: b.next, Raw: k.Raw})
						}
					}
					for range 2 {
						k := begin(r, b)
						connect(t, k, nil)
						wantDoubt(t, "started again", r, store.NoDoubt)
						wantOwner(t, "started again", r, b)
					}
					if n := b.count(); n != 1 {
						t.Errorf("%d messages are in the folder, want 1", n)
					}
				})
			}
		}
	}
}

// A program dies as it raises, and again as it starts; only then the message arrives that it
// had sent first.
func TestMessageArrivesAfterTwoDeaths(t *testing.T) {
	r, b := newRecord(oneRecord), &box{gone: true}
	connect(t, begin(r, b), nil)
	before := slices.Clone(b.kept)
	for range 2 {
		r.end = func(step string) error {
			if step == "appended" {
				return errDead
			}
			return nil
		}
		connect(t, begin(r, b), errDead)
		r.end = nil
		if len(before) == 1 {
			before = append(before, b.kept[len(b.kept)-1]) // the first message of ours
		}
		b.kept = slices.Clone(before[:1])
	}
	b.kept = before
	connect(t, begin(r, b), nil)
	wantOwner(t, "started again", r, b)
}

// While the mailbox names another, and the server lets us write nothing, a record that was
// taken over does not own the inbox: the other may work.
func TestAnothersInboxIsNotOwned(t *testing.T) {
	for _, test := range []struct {
		refuse string
		want   bool
	}{{"append", false}, {"read", true}, {"nothing", true}} {
		r, b := newRecord(oneRecord), &box{gone: true}
		connect(t, begin(newRecord(anotherRecord), b), nil)
		r.takeOver()
		b.refuse = test.refuse
		k := begin(r, b)
		connect(t, k, store.ErrNotOwner)
		if got := k.Owned(); got != test.want {
			t.Errorf("the server refuses to %s: owned %t, want %t", test.refuse, got, test.want)
		}
	}
}

// A server that keeps nothing of ours is served all the same; only a doubt that there was
// before stays. It is asked again at the next connection.
func TestServerRefuses(t *testing.T) {
	for _, refuse := range []string{"create", "state", "read", "append"} {
		for _, doubt := range []store.Doubt{store.NoDoubt, store.Behind, store.Copied} {
			t.Run(fmt.Sprintf("%s, doubt %q", refuse, doubt), func(t *testing.T) {
				r, b := newRecord(oneRecord), &box{gone: true, refuse: refuse}
				r.copy = doubt == store.Copied
				if doubt == store.Behind {
					r.mailbox = doubt
				}
				k := begin(r, b)
				want := store.ErrNotOwner
				if doubt == store.NoDoubt {
					want = nil
				}
				for range 3 {
					if err := k.Look(t.Context()); !errors.Is(err, want) {
						t.Errorf("Look: got %v, want %v", err, want)
					}
				}
				wantDoubt(t, "refused", r, doubt)
				if doubt == store.NoDoubt && (!strings.Contains(k.State().Refused, refuse) || b.asked > 4) {
					t.Errorf("got state %+v after %d questions", k.State(), b.asked)
				}
				b.refuse = ""
				connect(t, k, want)
				if doubt == store.NoDoubt {
					wantOwner(t, "no longer refused", r, b)
				}
				if got := k.State().Refused; got != "" {
					t.Errorf("no longer refused: the state has %q", got)
				}
			})
		}
	}
}

// While the mailbox can't be asked nothing is taken in, and nothing is concluded.
func TestMailboxFails(t *testing.T) {
	r, b := newRecord(oneRecord), &box{gone: true}
	b.broken = errors.New("the mail server is silent")
	k := begin(r, b)
	connect(t, k, b.broken)
	wantDoubt(t, "not asked", r, store.Unasked)
	b.broken = nil
	connect(t, k, nil)
	b.broken = errors.New("the mail server is silent")
	if err := k.Look(t.Context()); !errors.Is(err, b.broken) || k.State().Error == "" {
		t.Errorf("Look: got %v and state %+v, want that the server is silent", err, k.State())
	}
	wantDoubt(t, "silent", r, store.NoDoubt)
	b.broken = nil
	if err := k.Look(t.Context()); err != nil || k.State().Error != "" {
		t.Errorf("Look: got %v and state %+v, want all well", err, k.State())
	}
}

// A deed that somebody removes while the daemon runs is written again, and State says so.
func TestDeedIsDeleted(t *testing.T) {
	for _, folder := range []bool{false, true} {
		r, b := newRecord(oneRecord), &box{gone: true}
		k := begin(r, b)
		connect(t, k, nil)
		b.empty(folder)
		if err := k.Look(t.Context()); err != nil {
			t.Errorf("Look: got %v, want nil", err)
		}
		wantOwner(t, "after", r, b)
		if k.State().Rewritten.IsZero() {
			t.Errorf("folder %t: got state %+v, want that it was written again", folder, k.State())
		}
	}
}

// Another daemon of the same record raises the generation: neither ends the other.
func TestDaemonsOfOneRecord(t *testing.T) {
	r, b := newRecord(oneRecord), &box{gone: true}
	one := begin(r, b)
	connect(t, one, nil)
	two := begin(r, b)
	connect(t, two, nil)
	for range 3 {
		for _, k := range []*Keeper{one, two} {
			k.raised = time.Time{}
			if err := k.Look(t.Context()); err != nil {
				t.Fatalf("Look: got %v, want nil", err)
			}
		}
	}
	wantOwner(t, "in the end", r, b)
}

// A record that is taken over while its daemon runs is owned at the next Wake, and has no
// doubt once the folders are listed.
func TestTakenOverWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, b := newRecord(oneRecord), &box{gone: true}
		connect(t, begin(newRecord(anotherRecord), b), nil)
		k := begin(r, b)
		connect(t, k, store.ErrNotOwner)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- k.Run(ctx) }()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if k.Owned() {
			t.Error("the inbox is owned before it is taken over")
		}
		r.takeOver()
		k.Wake()
		synctest.Wait()
		if !k.Owned() {
			t.Error("the inbox is not owned after it was taken over")
		}
		wantOwner(t, "taken over", r, b)
		if err := r.change("", func() { r.listing = false }); err != nil {
			t.Fatal(err)
		}
		if err := k.Look(t.Context()); err != nil {
			t.Errorf("Look: got %v, want nil", err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// The owner is taken over while it works: it ends, and starts in doubt.
func TestOwnerIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, b := newRecord(oneRecord), &box{gone: true}
		k := begin(r, b)
		connect(t, k, nil)
		done := make(chan error, 1)
		go func() { done <- k.Run(t.Context()) }()
		other := newRecord(anotherRecord)
		other.takeOver()
		connect(t, begin(other, b), store.ErrNotOwner)
		if err := k.Look(t.Context()); !errors.Is(err, ErrLost) {
			t.Errorf("Look: got %v, want %v", err, ErrLost)
		}
		if err := <-done; !errors.Is(err, ErrLost) {
			t.Errorf("Run: got %v, want %v", err, ErrLost)
		}
		wantDoubt(t, "the former owner", r, store.Foreign)
		connect(t, begin(r, b), store.ErrNotOwner)
		wantOwner(t, "the new owner", other, b)
	})
}

func FuzzParse(f *testing.F) {
	f.Add(Deed{
		Record: oneRecord, Inbox: "À traiter", Restores: 3,
		Generation: store.Generation{Number: 7, Nonce: anotherRecord},
	}.message("orders@example.org", time.Unix(0, 0)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, ok := parse(mailbox.Kept{UID: 5, Raw: raw})
		if !ok {
			return
		}
		again, ok := parse(mailbox.Kept{UID: 5, Raw: d.message("orders@example.org", time.Unix(0, 0))})
		if !ok || again != d {
			t.Errorf("got %+v, want %+v", again, d)
		}
	})
}

package registers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/registers"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/validate/registry"
)

// limited is a store of registers that takes so many writes and refuses all others,
// as a disk that is full.
type limited struct {
	store.Registers
	left, writes int
}

var errFull = errors.New("the disk is full")

func (l *limited) write() error {
	if l.writes++; l.writes > l.left {
		return errFull
	}
	return nil
}

func (l *limited) Swap(ctx context.Context, register string, data []byte, imported order.Import) error {
	if err := l.write(); err != nil {
		return err
	}
	return l.Registers.Swap(ctx, register, data, imported)
}

func (l *limited) Revert(
	ctx context.Context, register string, revision uint64, data []byte, imported order.Import,
) error {
	if err := l.write(); err != nil {
		return err
	}
	return l.Registers.Revert(ctx, register, revision, data, imported)
}

func (l *limited) Amend(ctx context.Context, register string, revision uint64, data []byte, e order.Event) error {
	if err := l.write(); err != nil {
		return err
	}
	return l.Registers.Amend(ctx, register, revision, data, e)
}

func open(t *testing.T) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "bdc.db"), boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// verbs are those of all events in the record.
func verbs(t *testing.T, s *boltstore.Store) string {
	t.Helper()
	events, err := s.Audit(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range events {
		all = append(all, e.Verb)
	}
	return strings.Join(all, " ")
}

func newAccount() order.AccountEdit {
	return order.AccountEdit{
		Number: "01009009", New: true, Add: []string{"neuve@neuve.test"}, Facts: &order.Facts{Name: "Neuve"},
		Actor: "claire", At: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
	}
}

// The first account, where no file of accounts was ever imported, is created in one
// transaction: when it succeeds there was one write, and when that write fails there
// is no account, no empty list of accounts, and no event.
func TestFirstAccountIsOneTransaction(t *testing.T) {
	for _, tt := range []struct {
		left  int
		want  error
		found bool
		verbs string
	}{
		{0, errFull, false, ""},
		{1, nil, true, "account.created"},
		{2, nil, true, "account.created"},
	} {
		s := open(t)
		full := &limited{Registers: s, left: tt.left}
		r := registers.New(full)
		if _, err := r.Amend(t.Context(), newAccount()); !errors.Is(err, tt.want) {
			t.Errorf("%d writes left: got error %v, want %v", tt.left, err, tt.want)
		}
		if full.writes != 1 {
			t.Errorf("%d writes left: got %d writes, want 1", tt.left, full.writes)
		}
		if got := r.Current().Has(registry.Accounts); got != tt.found {
			t.Errorf("%d writes left: got accounts in use %t, want %t", tt.left, got, tt.found)
		}
		_, imported, err := s.Register(t.Context(), registry.Accounts)
		if got := err == nil; got != tt.found || !got && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%d writes left: got the register %+v, error %v, want it found %t", tt.left, imported, err,
				tt.found)
		}
		if got := verbs(t, s); got != tt.verbs {
			t.Errorf("%d writes left: got the events %q, want %q", tt.left, got, tt.verbs)
		}
	}
}

// What is imported and edited is in use at once, and still there after a restart. What
// is refused changes nothing.
func TestImportAndAmend(t *testing.T) {
	ctx, s := t.Context(), open(t)
	r := registers.New(s)
	if err := r.Load(ctx, s); err != nil || r.Current().Has(registry.Accounts) {
		t.Fatalf("an empty store: got error %v and accounts %t, want neither", err, r.Current().Has(registry.Accounts))
	}
	again := 0
	r.Again = func(context.Context) (int, error) { again++; return 3, nil }
	const accounts = "Compte;Nom;E-mails\n01002001;Librairie d’essai;shop@librairie.test\n"
	send := func(register, name, text string) (order.Import, error) {
		q := registers.Request{Register: register, Name: name, Actor: "ada"}
		p, err := r.Import(ctx, q, strings.NewReader(text))
		return p.Import, err
	}
	report, err := send(registry.Accounts, "libraires.csv", accounts)
	if err != nil || report.Entries != 1 || report.Accepted != 3 || report.Actor != "ada" || again != 1 {
		t.Errorf("accounts: got %+v, error %v, %d calls of Again, want one entry and three orders accepted", report,
			err, again)
	}
	report, err = send(registry.Directory, "annuaire.csv",
		"UAI;Nom;Type;CP;Commune\n0750647W;Lycée Turgot;Lycée;75003;Paris\n")
	if err != nil || report.Entries != 1 || report.Accepted != 0 || again != 1 {
		t.Errorf("directory: got %+v, error %v, %d calls of Again, want no order examined for it", report, err, again)
	}
	_, err = send(registry.Accounts, "autre.csv", "Nom;Ville\nTurgot;Paris\n")
	if file := (*registry.FileError)(nil); !errors.As(err, &file) || again != 1 {
		t.Errorf("another file: got error %v, %d calls of Again, want a refusal", err, again)
	}
	if _, err := send("prix", "prix.csv", accounts); err == nil {
		t.Error("no such register: got no error")
	}

	accepted, err := r.Amend(ctx, newAccount())
	if err != nil || accepted != 3 {
		t.Errorf("a new account: got %d accepted, error %v, want 3", accepted, err)
	}
	_, err = r.Amend(ctx, newAccount())
	if edit := (*registry.EditError)(nil); !errors.As(err, &edit) {
		t.Errorf("the same again: got error %v, want a refusal", err)
	}
	restarted := registers.New(s)
	if err := restarted.Load(ctx, s); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*registers.Registers{"now": r, "after a restart": restarted} {
		for _, number := range []string{"01002001", "01009009"} {
			if _, ok := r.Snapshot().Account(number); !ok {
				t.Errorf("%s: account %s is not known", name, number)
			}
		}
	}
}

// An import that removes more than a tenth changes nothing unless it is forced; a preview
// never does; and the last imports can be undone, until none is left.
func TestGuardAndUndo(t *testing.T) {
	ctx, s := t.Context(), open(t)
	r := registers.New(s)
	if err := r.Load(ctx, s); err != nil {
		t.Fatal(err)
	}
	file := func(n int) io.Reader {
		text := "Compte;Nom;E-mails\n"
		for i := range n {
			text += fmt.Sprintf("%d;Librairie %d;l%d@x.test\n", 1001+i, i, i)
		}
		return strings.NewReader(text)
	}
	for _, tt := range []struct {
		name     string
		accounts int
		q        registers.Request
		done     bool
		err      error
	}{
		{"a preview of the first", 20, registers.Request{Preview: true}, false, nil},
		{"the first", 20, registers.Request{}, true, nil},
		{"two of twenty removed", 18, registers.Request{}, true, nil},
		{"two of eighteen removed", 16, registers.Request{}, false, nil},
		{"a preview, forced", 16, registers.Request{Preview: true, Force: true}, false, nil},
		{"seen before another change", 16, registers.Request{Force: true, Seen: 1}, false, store.ErrRevision},
		{"forced", 16, registers.Request{Force: true, Seen: 2}, true, nil},
		{"more", 20, registers.Request{}, true, nil},
		{"the same again", 20, registers.Request{}, true, nil},
	} {
		before, _, _ := s.Register(ctx, registry.Accounts)
		var rows int
		var octets int64
		tt.q.Register, tt.q.Name, tt.q.Actor = registry.Accounts, tt.name, "ada"
		tt.q.Progress = func(n int, o int64) { rows, octets = n, o }
		p, err := r.Import(ctx, tt.q, file(tt.accounts))
		if p.Done != tt.done || !errors.Is(err, tt.err) || rows != tt.accounts || octets == 0 {
			t.Errorf("%s: got done %t, %d rows, %d octets, error %v, want %t, %d rows, error %v", tt.name, p.Done, rows,
				octets, err, tt.done, tt.accounts, tt.err)
		}
		after, _, _ := s.Register(ctx, registry.Accounts)
		if !tt.done && !bytes.Equal(before, after) {
			t.Errorf("%s: the register was changed", tt.name)
		}
	}
	if _, err := r.Undo(ctx, registry.Accounts, "ada", 1); !errors.Is(err, store.ErrRevision) {
		t.Errorf("seen before another change: got error %v, want store.ErrRevision", err)
	}
	for i, want := range []int{20, 16, 18} {
		report, err := r.Undo(ctx, registry.Accounts, "ada", 0)
		if err != nil || report.Entries != want || report.Undoes.IsZero() {
			t.Errorf("undo %d: got %+v, error %v, want %d entries", i, report, err, want)
		}
		if got := len(r.Current().AccountsBeyond("", "", 99)); got != want {
			t.Errorf("undo %d: got %d accounts in use, want %d", i, got, want)
		}
	}
	if _, err := r.Undo(ctx, registry.Accounts, "ada", 0); !errors.Is(err, registers.ErrNothing) {
		t.Errorf("a fourth: got error %v, want ErrNothing", err)
	}
	want := strings.Repeat("register.imported ", 5) + strings.Repeat("register.undone ", 3)
	if got := verbs(t, s); got != strings.TrimSpace(want) {
		t.Errorf("got the events %q, want %q", got, want)
	}
}

// When only the waiting orders cannot be examined again, the change stands, and the
// error says so.
func TestUnfinished(t *testing.T) {
	s, broken := open(t), errors.New("broken")
	r := registers.New(s)
	r.Again = func(context.Context) (int, error) { return 1, broken }
	accepted, err := r.Amend(t.Context(), newAccount())
	if accepted != 1 || !errors.Is(err, registers.ErrUnfinished) || !errors.Is(err, broken) {
		t.Errorf("got %d accepted, error %v, want 1, and ErrUnfinished with its cause", accepted, err)
	}
	if _, _, err := s.Register(t.Context(), registry.Accounts); err != nil || !r.Current().Has(registry.Accounts) {
		t.Errorf("got error %v, want the account recorded and in use", err)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one, two := file("a.csv", "first"), file("b.csv", "second")
	for _, tt := range []struct {
		name  string
		paths []string
		size  int64
		want  map[string]string // by name
	}{
		{"one", []string{one}, 5, map[string]string{"given": "first"}},
		{"two", []string{one, two}, 11, map[string]string{"a.csv": "first", "b.csv": "second"}},
	} {
		content, size, err := registers.Open(tt.paths)
		if err != nil || size != tt.size {
			t.Fatalf("%s: got %d octets, error %v, want %d", tt.name, size, err, tt.size)
		}
		got := map[string]string{}
		err = registry.Unpack(content, "given", func(r io.Reader, name string) error {
			data, err := io.ReadAll(r)
			got[name] = string(data)
			return err
		})
		if err != nil || len(got) != len(tt.want) {
			t.Errorf("%s: got %q, error %v, want %q", tt.name, got, err, tt.want)
		}
		for name, want := range tt.want {
			if got[name] != want {
				t.Errorf("%s: got %q as %s, want %q", tt.name, got[name], name, want)
			}
		}
		if err := content.Close(); err != nil {
			t.Errorf("%s: Close: got %v, want nil", tt.name, err)
		}
	}
	if _, _, err := registers.Open([]string{one, filepath.Join(dir, "absent.csv")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: got error %v, want fs.ErrNotExist", err)
	}
}

// reads counts how often a register was read.
type reads struct {
	store.Registers
	n int
}

func (r *reads) Register(ctx context.Context, name string) ([]byte, order.Import, error) {
	r.n++
	return r.Registers.Register(ctx, name)
}

// TestRefresh: what another daemon of the record has imported is in use once the pulse tells
// of it, and what this one has imported or changed is not read again.
func TestRefresh(t *testing.T) {
	s := open(t)
	counted := &reads{Registers: s}
	here, there := registers.New(counted), registers.New(s)
	refresh := func(r *registers.Registers) (read int) {
		t.Helper()
		p, err := s.Pulse(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := counted.n
		if err := r.Refresh(t.Context(), p.Registers); err != nil {
			t.Fatal(err)
		}
		return counted.n - before
	}
	create := func(r *registers.Registers, number string) {
		t.Helper()
		if _, err := r.Amend(t.Context(), order.AccountEdit{
			Number: number, New: true, Facts: &order.Facts{Name: "Librairie " + number},
			Add: []string{number + "@librairie.example"}, Actor: "claire",
			At: time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC),
		}); err != nil {
			t.Fatal(err)
		}
	}
	create(here, "01000001")
	if n := refresh(here); n != 0 {
		t.Errorf("after its own edit: got %d reads, want none", n)
	}
	create(there, "01000002")
	refresh(there)
	if n := refresh(here); n == 0 {
		t.Error("after another's edit: got no read")
	}
	for _, r := range []*registers.Registers{here, there} {
		for _, number := range []string{"01000001", "01000002"} {
			if _, ok := r.Current().Account(number); !ok {
				t.Errorf("account %s is not known everywhere", number)
			}
		}
	}
	if n := refresh(here); n != 0 {
		t.Errorf("when nothing has changed: got %d reads, want none", n)
	}
}

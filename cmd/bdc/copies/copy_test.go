package copies

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

func open(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, boltstore.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// names are the names in a folder.
func names(t *testing.T, folder string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestWriteRefuses: a copy replaces an earlier copy and nothing else, and what is refused
// stays as it is.
func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "bdc.db")
	s := open(t, data)
	other := filepath.Join(dir, "other.db") // another record, that no program has open
	if err := open(t, other).Close(); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(dir, "taken.db") // another record, that a program has open
	open(t, taken)
	served := filepath.Join(dir, "served.db") // nothing, but a daemon answers beside it
	if err := os.WriteFile(served, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := control.Listen(t.Context(), control.SocketPath(served))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, err := range []error{
		os.Symlink(data, at("symlink")), os.Link(data, at("hardlink")), os.Mkdir(at("folder"), 0o700),
		os.Symlink(dir, at("dirlink")), os.WriteFile(at("letter.txt"), []byte("Bonjour"), 0o600),
		os.WriteFile(at("empty"), nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	before := names(t, dir)
	for file, want := range map[string]string{
		data:                                   "the data file itself",
		at("symlink"):                          "the data file itself",
		at("hardlink"):                         "the data file itself",
		filepath.Join(at("dirlink"), "bdc.db"): "the data file itself",
		at("folder"):                           "is no file",
		other:                                  "no copy that bdc backup wrote",
		at("letter.txt"):                       "no copy that bdc backup wrote",
		at("empty"):                            "no copy that bdc backup wrote",
		taken:                                  "in use by another process",
		served:                                 "of a daemon that runs",
		filepath.Join(dir, "none", "copy.db"):  "no such file or directory",
	} {
		content, _ := os.ReadFile(file)
		if err := Write(t.Context(), s, data, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one that says %q", file, err, want)
		}
		if after, _ := os.ReadFile(file); string(after) != string(content) {
			t.Errorf("%s: it was changed", file)
		}
	}
	if after := names(t, dir); !slices.Equal(after, before) {
		t.Errorf("got the files %q, want %q as before", after, before)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}

	for range 2 { // the second replaces the first
		if err := Write(t.Context(), s, data, at("copy.db")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("copy.db", at("latest")); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), s, data, at("latest")); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(at("latest")); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link to a copy: got %v, %v, want it to be there still", info.Mode(), err)
	}
	if info, err := os.Stat(at("copy.db")); err != nil || info.Mode() != 0o600 {
		t.Errorf("got a copy of mode %v (%v), want 0600", info.Mode(), err)
	}
}

// sources of copies that are no good.
type cut struct{ *boltstore.Store }

func (c cut) Backup(ctx context.Context, w io.Writer) error {
	return c.Store.Backup(ctx, &limited{w: w, left: 100_000}) // and says nothing
}

type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	if _, err := l.w.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

type garbled struct{ *boltstore.Store }

func (g garbled) Backup(ctx context.Context, w io.Writer) error {
	return g.Store.Backup(ctx, garbler{w})
}

type garbler struct{ w io.Writer }

func (g garbler) Write(b []byte) (int, error) {
	c := slices.Clone(b)
	for i := 30_000; i < len(c); i += 1000 {
		c[i] ^= 0x55
	}
	return g.w.Write(c)
}

type broken struct{ *boltstore.Store }

func (broken) Backup(_ context.Context, w io.Writer) error {
	_, _ = w.Write(make([]byte, 5000))
	return errors.New("no space left on device")
}

// TestWriteIsWholeOrNot: what is not whole and sound does not get the name, and what had it
// stays.
func TestWriteIsWholeOrNot(t *testing.T) {
	dir := t.TempDir()
	data, file := filepath.Join(dir, "bdc.db"), filepath.Join(dir, "copy.db")
	s := open(t, data)
	if err := s.Keep(t.Context(), [][]byte{make([]byte, 300_000)}); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), s, data, file); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before := names(t, dir)
	for name, source := range map[string]Source{"cut": cut{s}, "garbled": garbled{s}, "broken": broken{s}} {
		if err := Write(t.Context(), source, data, file); err == nil {
			t.Errorf("%s: got no error", name)
		}
		if err := Send(t.Context(), source, refuser{t}); err == nil {
			t.Errorf("%s: sent: got no error", name)
		}
		left, err := os.ReadFile(file)
		if err != nil || string(left) != string(good) || !slices.Equal(names(t, dir), before) {
			t.Errorf("%s: got the files %q (%v), want those of before, unchanged", name, names(t, dir), err)
		}
	}
	var sent strings.Builder
	if err := Send(t.Context(), s, &sent); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(sent.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sound(t.Context(), file); err != nil {
		t.Errorf("what was sent: %v", err)
	}
}

// refuser gets nothing of a copy that is no good.
type refuser struct{ t *testing.T }

func (r refuser) Write(b []byte) (int, error) {
	r.t.Errorf("got %d octets of a copy that is no good", len(b))
	return len(b), nil
}

// TestClean removes what was being written when a program was killed, and nothing that still
// is.
func TestClean(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".bdc-copy-1.partial", ".bdc-copy-2.partial", "bdc.db", ".partial"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	busy, err := os.OpenFile(filepath.Join(dir, ".bdc-copy-2.partial"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if err := share(busy); err != nil {
		t.Fatal(err)
	}
	Clean(dir)
	if got, want := names(t, dir), []string{".bdc-copy-2.partial", ".partial", "bdc.db"}; !slices.Equal(got, want) {
		t.Errorf("got %q left, want %q", got, want)
	}
}

// faulty is a store whose copies fail for a while.
type faulty struct {
	*boltstore.Store
	until time.Time
}

func (f faulty) Backup(ctx context.Context, w io.Writer) error {
	if time.Now().Before(f.until) {
		return errors.New("no space left on device")
	}
	return f.Store.Backup(ctx, w)
}

// TestRegular makes a copy at each turn and keeps the last few, and none of another kind of
// name is removed. What fails is told, tried again, and removes no old copy.
func TestRegular(t *testing.T) {
	dir := t.TempDir()
	data, folder := filepath.Join(dir, "bdc.db"), filepath.Join(dir, "copies")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bdc-2026-mine.db", "bdc-1999-01-01T00-00-00.db", ".bdc-copy-7.partial"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s := open(t, data)
		defer s.Close()
		began := time.Now()
		f := &faulty{s, began.Add(3 * time.Hour)}
		r := &Regular{
			Store: f, Data: data, Folder: folder, Every: 24 * time.Hour, Keep: 3, Clock: time.Now,
			Log: slog.New(slog.DiscardHandler),
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Run(ctx)
		}()
		time.Sleep(2 * time.Hour)
		if s := r.State(); !strings.Contains(s.Error, "no space") || !s.Since.Equal(began.UTC()) || !s.Good.IsZero() ||
			s.Next.After(time.Now().Add(retryMost)) {
			t.Errorf("while it fails: got %+v, want the fault since the beginning, and a next try within the hour", s)
		}
		if got := names(t, folder); !slices.Equal(got, []string{"bdc-1999-01-01T00-00-00.db", "bdc-2026-mine.db"}) {
			t.Errorf("while it fails: got %q, want what was there but the partial one", got)
		}
		time.Sleep(10 * 24 * time.Hour)
		state := r.State()
		if state.Error != "" || time.Since(state.Good) > 25*time.Hour || !state.Next.After(time.Now()) {
			t.Errorf("got %+v, want a good copy of the last day", state)
		}
		stop()
		<-done
		got := names(t, folder)
		if len(got) != 4 || got[3] != "bdc-2026-mine.db" || got[2] != "bdc-"+state.Good.Format(stamp)+".db" {
			t.Errorf("got %q, want the last three and the one that is not ours", got)
		}
		for _, name := range got[:3] {
			if err := sound(t.Context(), filepath.Join(folder, name)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if status, err := s.Status(t.Context()); err != nil || !status.BackedUp.Equal(state.Good) {
			t.Errorf("got the last backup at %v (%v), want %v", status.BackedUp, err, state.Good)
		}
		// Another start goes on where the last one ended.
		f.until = time.Time{}
		again := &Regular{
			Store: f, Data: data, Folder: folder, Every: 24 * time.Hour, Keep: 3, Clock: time.Now,
			Log: slog.New(slog.DiscardHandler),
		}
		ctx, stop = context.WithCancel(t.Context())
		done = make(chan struct{})
		go func() {
			defer close(done)
			again.Run(ctx)
		}()
		time.Sleep(time.Minute)
		if s := again.State(); !s.Good.Equal(state.Good) || !s.Next.Equal(state.Next) {
			t.Errorf("after another start: got %+v, want %+v", s, state)
		}
		stop()
		<-done
	})
}

// TestKeeperSavesWhatWouldBeLost: when the data file leaves its place, what the open one has is
// saved beside it, once, and can be put back.
func TestKeeperSavesWhatWouldBeLost(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "bdc.db")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, data)
		if err := s.AddUser(t.Context(), order.User{Name: "claire", Role: order.Admin}, "bdc", time.Now()); err != nil {
			t.Fatal(err)
		}
		k := &Keeper{Store: s, Data: data, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			k.Run(ctx)
		}()
		time.Sleep(time.Minute)
		if k.Saved() != "" || !s.Trouble().IsZero() {
			t.Errorf("in its place: got %q and %+v, want nothing", k.Saved(), s.Trouble())
		}
		if err := os.Remove(data); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * look)
		saved := k.Saved()
		if trouble := s.Trouble(); !trouble.Replaced || !strings.HasPrefix(saved, data+".saved-") {
			t.Errorf("removed: got %+v and %q, want trouble and a saved file", trouble, saved)
		}
		time.Sleep(time.Hour)
		stop()
		<-done
		if got := names(t, dir); len(got) != 1 {
			t.Errorf("got the files %q, want what was saved alone", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := os.Rename(saved, data); err != nil {
			t.Fatal(err)
		}
		again := open(t, data)
		defer again.Close()
		if copied, err := again.Copied(t.Context()); err != nil || copied {
			t.Errorf("put back: got copied %v (%v), want the record itself", copied, err)
		}
		if users, err := again.Users(t.Context()); err != nil || len(users) != 1 {
			t.Errorf("put back: got users %v (%v), want the one", users, err)
		}
	})
}

// TestKeeperSavesAtTheEnd: a file that is replaced just before the program ends is saved too.
func TestKeeperSavesAtTheEnd(t *testing.T) {
	data := filepath.Join(t.TempDir(), "bdc.db")
	s := open(t, data)
	k := &Keeper{Store: s, Data: data, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(t.Context())
	if err := os.Rename(data, data+".old"); err != nil {
		t.Fatal(err)
	}
	stop()
	k.Run(ctx)
	if k.Saved() == "" {
		t.Error("nothing was saved")
	}
}

// mended is a data file that can't be written for a while.
type mended struct {
	until  time.Time
	since  time.Time
	probes int
}

func (m *mended) Trouble() store.Trouble {
	if time.Now().Before(m.until) {
		return store.Trouble{Error: "disk full", Since: m.since}
	}
	return store.Trouble{}
}

func (m *mended) Probe(context.Context) error {
	m.probes++
	if time.Now().Before(m.until) {
		return store.ErrDataFile
	}
	return nil
}

func (*mended) Rescue(context.Context, io.Writer) error { return errors.New("not asked for") }

// TestKeeperProbes tries again and again, less and less often.
func TestKeeperProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		m := &mended{since: time.Now(), until: time.Now().Add(time.Hour)}
		k := &Keeper{Store: m, Data: "bdc.db", Clock: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		k.Run(ctx)
		if m.probes < 50 || m.probes > 80 {
			t.Errorf("got %d probes within an hour, want one a minute in the end", m.probes)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
			t.Errorf("got %d lines about one trouble:\n%s", n, &log)
		}
	})
}

// Package restore puts a copy of the data file in the place of the data file.
//
// The copy is verified first, and nothing is touched if it has any fault. It is then taken
// over, by store.Owner.TakeOver: order numbers go on above every million that the copy or
// the replaced file knows of, and neither orders nor replies leave before the daemon has
// looked through the folders of the mailbox for what the copy does not know. The file that
// was in the place is kept beside it. A crash leaves the old file in its place or the new
// one, and never half of one.
package restore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"bdc/cmd/bdc/control"
	"bdc/order"
	"bdc/store"
	"bdc/store/boltstore"
)

// Request says what to restore.
type Request struct {
	Copy  string           // the file that bdc backup wrote; it is only read
	Data  string           // the data file, which may be damaged or missing
	Actor string           // who restores, for the audit
	Clock func() time.Time // the current time
	Out   io.Writer        // gets a line of words about each step, for people
}

// partSuffix is behind the name of the data file while the copy is not in its place yet.
const partSuffix = ".restoring"

// Run restores. If it returns an error, the data file is as it was: also a damaged one, or
// none.
func Run(ctx context.Context, r Request) error {
	if err := idle(ctx, r.Data); err != nil {
		return err
	}
	if err := r.different(); err != nil {
		return err
	}
	about, err := boltstore.Peek(r.Copy)
	if err != nil {
		return refused(r.Copy, err)
	}
	old, replaced := peekOld(r.Data)
	if errors.Is(replaced, store.ErrLocked) {
		return running(r.Data)
	}
	unlock, err := lock(r.Data)
	if err != nil {
		return err
	}
	defer unlock()

	r.say("%s: of %s, with %d orders; it is read and verified", r.Copy, moment(about.Changed), about.Orders)
	part := r.Data + partSuffix
	defer removeAll(part) // gone already where all went well
	if err := copyFile(ctx, r.Copy, part); err != nil {
		return fmt.Errorf("copy %s: %w; nothing was changed", r.Copy, err)
	}
	restores := 1 + max(about.Restores, old.Restores)
	if err := r.takeOver(ctx, part, about, restores); err != nil {
		return err
	}
	kept, err := place(part, r.Data, r.Clock())
	if err != nil {
		return fmt.Errorf("put the copy in place: %w; nothing was changed", err)
	}
	r.tell(about, old, replaced, kept, restores)
	return nil
}

// idle refuses to restore under a daemon that has the data file open.
func idle(ctx context.Context, data string) error {
	client, err := control.Dial(ctx, control.SocketPath(data))
	if err != nil {
		return nil
	}
	return errors.Join(running(data), client.Close())
}

func running(data string) error {
	return fmt.Errorf("%s is in use: stop the daemon first (systemctl stop bdc, or Ctrl-C where it runs), "+
		"then call bdc restore again", data)
}

// different refuses to restore the data file from itself.
func (r Request) different() error {
	from, err := os.Stat(r.Copy)
	if err != nil {
		return err
	}
	if at, err := os.Stat(r.Data); err == nil && os.SameFile(from, at) {
		return fmt.Errorf("%s is the data file itself: name a copy that bdc backup wrote", r.Copy)
	}
	return nil
}

// peekOld reads what the file in the place knows. The error says why it can't be read:
// there may be none.
func peekOld(data string) (boltstore.Glance, error) {
	facts, err := boltstore.Peek(data)
	if errors.Is(err, fs.ErrNotExist) {
		err = fs.ErrNotExist
	}
	return facts, err
}

// refused says why a file is no copy to restore.
func refused(file string, err error) error {
	switch {
	case errors.Is(err, store.ErrLocked):
		return fmt.Errorf("%s is in use by another process: name a copy that bdc backup wrote", file)
	case errors.Is(err, store.ErrFormat):
		return fmt.Errorf("%w; restore it by the bdc that wrote it, or by a later one", err)
	case errors.Is(err, store.ErrDamaged):
		return fmt.Errorf("%w; it is not a whole copy that bdc backup wrote, and nothing was changed", err)
	}
	return err
}

// copyFile copies a file, durably.
func copyFile(ctx context.Context, from, to string) (err error) {
	removeAll(to) // left by a restore that was killed
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, reader{ctx, in})
	return errors.Join(err, out.Sync(), out.Close())
}

// reader ends when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

// takeOver verifies the copy at part, and makes it the record that goes on.
func (r Request) takeOver(ctx context.Context, part string, about boltstore.Glance, restores uint64) error {
	s, err := boltstore.Open(part, boltstore.Options{Clock: r.Clock})
	if err != nil {
		return refused(r.Copy, err)
	}
	if err := s.Check(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s has faults, and nothing was changed; try another copy:\n%w", r.Copy, err),
			s.Close())
	}
	err = s.TakeOver(ctx, store.Takeover{
		Restores: restores, CopiedAt: about.Changed, Actor: r.Actor, At: r.Clock().UTC(),
	})
	return errors.Join(err, s.Close())
}

// place gives the file at part the name of the data file, and returns under which name the
// file that was there is kept; "" if there was none. At no moment is there no data file.
func place(part, data string, now time.Time) (kept string, err error) {
	stamp := data + ".replaced-" + now.UTC().Format("2006-01-02T15-04-05")
	for i := 1; ; i++ {
		kept = stamp
		if i > 1 {
			kept += "-" + strconv.Itoa(i)
		}
		err = os.Link(data, kept)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kept = ""
	case err != nil: // a file system without links
		if err := moveAside(data, kept); err != nil {
			return "", err
		}
	}
	if err := os.Rename(part, data); err != nil {
		return kept, err
	}
	return kept, syncDir(filepath.Dir(data))
}

// moveAside renames a file to a name that no other file has.
func moveAside(from, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fs.ErrExist, err)
	}
	return os.Rename(from, to)
}

// syncDir makes the names of the files in a folder durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// removeAll removes a file that is not in its place yet, and what was kept beside it when
// it was brought up to date: the copy is still where it was.
func removeAll(part string) {
	names, _ := filepath.Glob(escaped(part) + "*")
	for _, name := range names {
		_ = os.Remove(name)
	}
}

// escaped is a path as a pattern that only this path matches.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// tell says what happened, and what comes next.
func (r Request) tell(about, old boltstore.Glance, replaced error, kept string, restores uint64) {
	if kept != "" {
		r.say("%s: the file that was there is kept as %s", r.Data, kept)
	}
	switch {
	case errors.Is(replaced, fs.ErrNotExist):
		r.say("%s: there was none; what it knew of restores is asked of the mailbox", r.Data)
	case replaced != nil:
		r.say("%s could not be read (%v); what it knew of restores is asked of the mailbox", kept, replaced)
	case old.Record != "" && about.Record != "" && old.Record != about.Record:
		r.say("%s: another record than that of the file that was there", r.Copy)
	}
	r.say("%s: the copy is in place; new orders get numbers from %s on, or higher ones if the mailbox says so",
		r.Data, order.Number(order.Year(r.Clock()), restores*store.RestoreSpan+1))
	if !about.Changed.IsZero() {
		r.say("what people did since %s (openings, cancellations, erasures) is not in it", moment(about.Changed))
	}
	r.say("next: start the daemon. It looks through the folders of the mailbox for messages that the copy does not " +
		"know, and opens a case « À reprendre » for each; until then no order gets a number and no reply leaves. " +
		"Replies that the copy holds as unsent wait in the console: send or drop each. bdc status shows how far it is")
}

func (r Request) say(format string, args ...any) { fmt.Fprintf(r.Out, format+"\n", args...) }

// moment is a time as people read it here.
func moment(at time.Time) string {
	if at.IsZero() {
		return "an unknown moment"
	}
	return at.Local().Format("2006-01-02 15:04")
}

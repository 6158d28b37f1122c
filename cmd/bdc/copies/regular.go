package copies

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"bdc/store"
)

// Regular makes a copy of the data file now and then, and removes the oldest ones. Its fields
// are set before Run and not changed after; Run is called once.
type Regular struct {
	Store interface {
		Source
		BackedUp(ctx context.Context, at time.Time) error
		Status(ctx context.Context) (store.Status, error)
	}
	Data   string        // the path of the data file
	Folder string        // where the copies go; it must be there
	Every  time.Duration // from one copy to the next
	Keep   int           // how many copies are kept, at least 1
	Clock  func() time.Time
	Log    *slog.Logger

	mu    sync.Mutex
	state State
}

// State says how the regular copies fare.
type State struct {
	Folder string    `json:"folder"`         // where they go
	Good   time.Time `json:"good,omitzero"`  // when the last good one was made; zero for never
	Error  string    `json:"error"`          // why the last attempt failed; "" if it did not
	Since  time.Time `json:"since,omitzero"` // when the first attempt failed in a row; zero while Error is ""
	Next   time.Time `json:"next"`           // when the next one is made
}

// How long to wait after a copy that failed: the time doubles.
const (
	retryFirst = time.Minute
	retryMost  = time.Hour
)

// State returns how the copies fare now. It may be called from any goroutine.
func (r *Regular) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state
	s.Folder = r.Folder
	return s
}

func (r *Regular) update(change func(*State)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.state)
}

// Run makes copies until ctx is done. The first is due at once if the last one that bdc backup
// or an earlier Run made is older than Every. What fails is logged and tried again.
func (r *Regular) Run(ctx context.Context) {
	Clean(r.Folder)
	next := r.Clock()
	if status, err := r.Store.Status(ctx); err == nil && !status.BackedUp.IsZero() {
		r.update(func(s *State) { s.Good = status.BackedUp })
		if due := status.BackedUp.Add(r.Every); due.After(next) {
			next = due
		}
	}
	delay := time.Duration(0)
	for {
		r.update(func(s *State) { s.Next = next.UTC() })
		timer := time.NewTimer(next.Sub(r.Clock()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		began := r.Clock()
		err := r.backUp(ctx, began)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			delay = min(max(2*delay, retryFirst), retryMost, max(r.Every, retryFirst))
			next = r.Clock().Add(delay)
			r.update(func(s *State) {
				if s.Error == "" {
					s.Since = began.UTC()
				}
				s.Error = err.Error()
			})
			r.Log.Error("backup failed", "err", err, "next_attempt", next.UTC())
		default:
			delay, next = 0, began.Add(r.Every)
			r.update(func(s *State) { s.Good, s.Error, s.Since = began.UTC(), "", time.Time{} })
		}
	}
}

// backUp makes one copy, and then removes the oldest.
func (r *Regular) backUp(ctx context.Context, now time.Time) error {
	file := filepath.Join(r.Folder, r.begin()+now.UTC().Format(stamp)+".db")
	if err := Write(ctx, r.Store, r.Data, file); err != nil {
		return err
	}
	if err := r.Store.BackedUp(ctx, now.UTC()); err != nil {
		return fmt.Errorf("%s is written, but the data file does not know: %w", file, err)
	}
	r.Log.Info("backup", "file", file, "after", r.Clock().Sub(now).Round(time.Millisecond))
	return r.prune(file)
}

// stamp is the moment in a copy's name, UTC: such as in bdc-2026-11-30T17-00-00.db.
const stamp = "2006-01-02T15-04-05"

// begin is what the names of the copies of a data file begin with: "bdc-" for bdc.db.
func (r *Regular) begin() string {
	base := filepath.Base(r.Data)
	return strings.TrimSuffix(base, filepath.Ext(base)) + "-"
}

// prune removes all copies but the latest few. It touches no file that has another kind of
// name, and never the one that was just made.
func (r *Regular) prune(made string) error {
	ours := regexp.MustCompile(`^` + regexp.QuoteMeta(r.begin()) + `\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.db$`)
	entries, err := os.ReadDir(r.Folder)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if ours.MatchString(e.Name()) && e.Type() == fs.FileMode(0) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-r.Keep)] {
		if name == filepath.Base(made) {
			continue
		}
		if err := os.Remove(filepath.Join(r.Folder, name)); err != nil {
			return fmt.Errorf("remove an old copy: %w", err)
		}
	}
	return nil
}

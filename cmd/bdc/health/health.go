// Package health says how the daemon is doing: as one JSON object, in words for a person
// at a terminal, as metrics for Prometheus, and as the readings of which staff are told.
//
// It only shows what the other packages report of themselves, and looks at nothing but
// the disk.
package health

import (
	"fmt"
	"time"

	"bdc/cmd/bdc/copies"
	"bdc/cmd/bdc/token"
	"bdc/ingest"
	"bdc/ingest/ownership"
	"bdc/ingest/sent"
	"bdc/notify"
	"bdc/store"
)

// Build says which program this is.
type Build struct {
	Version string `json:"version,omitempty"`
	Commit  string `json:"commit,omitempty"` // "-dirty" is added where files differed from it
	Go      string `json:"go,omitempty"`
}

// Line returns the build in one line: "bdc 0.3.0 (commit c7f1e83, go1.26)".
func (b Build) Line() string {
	return fmt.Sprintf("bdc %s (commit %s, %s)", b.Version, b.Commit, b.Go)
}

// Health says how the daemon is doing and what its store holds. It is the object that
// bdc status --json writes. If no daemon runs, it has the store alone.
type Health struct {
	Build                 // of the daemon that runs
	Running bool          `json:"running"`          // false: no daemon runs
	Shadow  bool          `json:"shadow"`           // it runs with --shadow
	Started time.Time     `json:"started,omitzero"` // UTC; zero if no daemon runs
	Inbox   *ingest.State `json:"inbox"`            // nil if no daemon runs
	Owner   *Owner        `json:"owner"`            // nil in shadow
	Outbox  *notify.State `json:"outbox"`           // nil if no daemon runs, and in shadow
	Copies  *sent.State   `json:"copies"`           // nil if no daemon runs, in shadow, and where no copies are kept
	Backups *copies.State `json:"backups"`          // nil if no daemon runs, and where it makes no backups
	Data    *Data         `json:"data"`             // nil if no daemon runs
	SignIn  *token.State  `json:"sign_in"`          // nil if no daemon runs, and where it signs in by password
	Disk    *Disk         `json:"disk"`             // nil if no daemon runs
	Store   store.Status  `json:"store"`
}

// Owner says whether the record owns its inbox.
type Owner struct {
	Record     string      `json:"record"`          // the record's identity
	Generation uint64      `json:"generation"`      // the number of its last raise
	Restores   uint64      `json:"restores"`        // how often it was restored or claimed
	Doubt      store.Doubt `json:"doubt"`           // why it may not own the inbox; "" if it does
	Words      string      `json:"words,omitempty"` // more about the doubt, in French

	ownership.State // zero if no daemon runs
}

// NewOwner returns what the store and the mailbox's keeper tell. The keeper's state is zero
// if no daemon runs.
func NewOwner(o store.Ownership, s ownership.State) *Owner {
	return &Owner{o.Record, o.Committed.Number, o.Restores, o.Doubt, o.Words, s}
}

// Troubled reports that somebody has to end a doubt, or that it is not certain whether the
// folders are ever listed after which a doubt ends by itself.
func (o *Owner) Troubled() bool {
	return o != nil && o.Doubt != store.NoDoubt && o.Doubt != store.Unasked
}

// Data says what is wrong with the data file; the zero Data, that nothing is.
type Data struct {
	store.Trouble
	Next  time.Time `json:"next,omitzero"`   // when the intake tries again; zero if it does not wait
	Saved string    `json:"saved,omitempty"` // where the content of a file was saved that is not in its place
}

// NewData returns what is wrong with the data file, of which the store and the inbox may each
// know something.
func NewData(t store.Trouble, inbox ingest.State, saved string) *Data {
	d := Data{Trouble: t, Saved: saved}
	if inbox.DataError == "" {
		return &d
	}
	d.Next = inbox.DataNext.UTC()
	if since := inbox.DataSince.UTC(); d.Error == "" || since.Before(d.Since) {
		d.Since = since
	}
	if d.Error == "" {
		d.Error = inbox.DataError
	}
	return &d
}

// Disk says how large the data file is, and how much it can still grow.
type Disk struct {
	Free int64 `json:"free"` // octets that we may still write
	Size int64 `json:"size"` // octets of the data file
}

// LowDisk is the free space, in octets, below which a disk is a fault. The data file grows
// by 16 MiB at a time.
const LowDisk = 512 << 20

// Low reports that the disk is a fault. It is false where nothing was measured.
func (d *Disk) Low() bool { return d != nil && d.Free < LowDisk }

// Troubled reports that something keeps the daemon from its work, or will do so soon: a
// fault, a pause, a disk that is almost full, or a sign-in that ends.
func (h Health) Troubled(now time.Time) bool {
	return h.Owner.Troubled() || !h.Store.OutboxPause.IsZero() || !h.Store.IntakePause.IsZero() || h.Disk.Low() ||
		h.Inbox != nil && (h.Inbox.Error+h.Inbox.MoveError != "" || h.Inbox.LeftAlone > 0) ||
		h.Data != nil && h.Data.Error != "" || h.Backups != nil && h.Backups.Error != "" ||
		h.Outbox != nil && h.Outbox.Error != "" ||
		h.SignIn != nil && h.SignIn.Error+h.SignIn.Ending(now) != ""
}

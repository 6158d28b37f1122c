package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors of the data file. Each of them is ErrDataFile too, as errors.Is finds.
var (
	// ErrDataFile: the data file can't be used, as on a full disk, or one that may only be
	// read. An error of a method that wraps it means that the method had no effect, and it is
	// safe to call it again.
	ErrDataFile = errors.New("the data file can't be written")
	// ErrDamaged: the data file cannot be read. Nothing was changed in it.
	ErrDamaged error = dataFileError("the data file is damaged")
	// ErrReplaced: the file that the engine has open is no longer the one at its path, because
	// somebody removed it or put another in its place. Nothing is written to either.
	ErrReplaced error = dataFileError("the data file is no longer in its place")
)

type dataFileError string

func (e dataFileError) Error() string { return string(e) }

func (dataFileError) Is(target error) bool { return target == ErrDataFile }

// Trouble says what is wrong with the data file. The zero Trouble means that nothing is.
type Trouble struct {
	Error    string    `json:"error"`              // what the system said; "" for no trouble
	Since    time.Time `json:"since,omitzero"`     // when it was first seen, UTC
	Damaged  bool      `json:"damaged,omitempty"`  // a part of the file can't be read; other parts can be written
	Replaced bool      `json:"replaced,omitempty"` // the file is no longer in its place
}

// IsZero reports whether nothing is wrong.
func (t Trouble) IsZero() bool { return t == Trouble{} }

// DataFile tells whether the data file can be used.
//
// While the file is not in its place, only mails to staff go on: Claim gives no others, and
// every other method that writes returns ErrReplaced.
type DataFile interface {
	// Trouble returns what is wrong with the data file, as far as earlier calls found out. A
	// write that failed is trouble until as much can be written again; a file that is not in
	// its place, until it is put back; damage, until the engine is opened again.
	Trouble() Trouble

	// Probe finds out whether the data file is in its place and, if a write has failed, whether
	// it can be written again: it writes as much as that write did, and takes it back. The
	// error wraps ErrDataFile. Damage is none. Without trouble, Probe is cheap: it may be called
	// each second.
	Probe(ctx context.Context) error
}

// UnreadableError names orders that can't be read. It wraps ErrDamaged.
type UnreadableError struct{ Numbers []string }

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%v: can't read %s", ErrDamaged, strings.Join(e.Numbers, ", "))
}

// Unwrap returns ErrDamaged.
func (e *UnreadableError) Unwrap() error { return ErrDamaged }

package registry

import (
	"encoding/json"
	"fmt"
	"hash/maphash"

	"bdc/order"
)

// Diff counts what changes when the new entries of a register replace the old ones. It
// sets Added, Changed, Closed and Removed of the report, which count UAIs, EANs or
// account numbers: a school counts once, however many of its sites changed. A school
// that closes counts as closed and not as changed. For accounts, Diff also sets
// Overruled: a line in French for each account whose changes by hand are lost.
func Diff[E Entry](old, new []E, report *order.Import) error {
	_, _, err := diff(old, new, report)
	return err
}

// Compare does what Diff does, and returns examples of the differences.
func Compare[E Entry](old, new []E, report *order.Import) (order.Examples, error) {
	before, after, err := diff(old, new, report)
	if err != nil {
		return order.Examples{}, err
	}
	return examplesOf(old, new, before, after), nil
}

func diff[E Entry](old, new []E, report *order.Import) (before, after map[string]summary, err error) {
	if accounts, ok := any(old).([]order.Account); ok {
		report.Overruled = overruled(accounts, any(new).([]order.Account))
	}
	seed := maphash.MakeSeed()
	if before, err = summarize(old, seed); err != nil {
		return nil, nil, err
	}
	if after, err = summarize(new, seed); err != nil {
		return nil, nil, err
	}
	report.Added, report.Changed, report.Closed, report.Removed = 0, 0, 0, 0
	for key, now := range after {
		was, known := before[key]
		switch now.since(was, known) {
		case added:
			report.Added++
		case closed:
			report.Closed++
		case changedNow:
			report.Changed++
		}
	}
	for key := range before {
		if _, kept := after[key]; !kept {
			report.Removed++
		}
	}
	return before, after, nil
}

// difference is what an import does to the entries with one key.
type difference uint8

const (
	same difference = iota
	added
	changedNow
	closed
)

// since returns the difference from what there was before, if there was anything.
func (now summary) since(was summary, known bool) difference {
	switch {
	case !known:
		return added
	case was.open && !now.open:
		return closed
	case was.sum != now.sum:
		return changedNow
	}
	return same
}

// summary is what Diff compares of the entries with one key.
type summary struct {
	sum  uint64 // of the entries' hashes, so that their order makes no difference
	open bool   // at least one entry is a school that is open, or no school
}

func summarize[E Entry](entries []E, seed maphash.Seed) (map[string]summary, error) {
	all := make(map[string]summary, len(entries))
	for i := range entries {
		text, err := json.Marshal(&entries[i])
		if err != nil {
			return nil, fmt.Errorf("compare register %q: %w", nameOf[E](), err)
		}
		key, open := keyOf(&entries[i])
		s := all[key]
		s.sum += maphash.Bytes(seed, text)
		s.open = s.open || open
		all[key] = s
	}
	return all, nil
}

// keyOf returns the UAI, EAN or account number of an entry. It reports whether the
// entry is open: only schools are ever closed.
func keyOf[E Entry](entry *E) (key string, open bool) {
	switch e := any(entry).(type) {
	case *order.School:
		return e.UAI.String(), e.Closed.IsZero()
	case *order.Title:
		return e.EAN.String(), true
	case *order.Account:
		return e.Number, true
	}
	panic("unreachable: Entry has no other types")
}

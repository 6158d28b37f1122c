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
	if accounts, ok := any(old).([]order.Account); ok {
		report.Overruled = overruled(accounts, any(new).([]order.Account))
	}
	seed := maphash.MakeSeed()
	before, err := summarize(old, seed)
	if err != nil {
		return err
	}
	after, err := summarize(new, seed)
	if err != nil {
		return err
	}
	report.Added, report.Changed, report.Closed, report.Removed = 0, 0, 0, 0
	for key, now := range after {
		was, known := before[key]
		switch {
		case !known:
			report.Added++
		case was.open && !now.open:
			report.Closed++
		case was.sum != now.sum:
			report.Changed++
		}
	}
	for key := range before {
		if _, kept := after[key]; !kept {
			report.Removed++
		}
	}
	return nil
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

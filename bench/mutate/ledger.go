package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// entry is a line of the ledger: what became of a mutant.
type entry struct {
	Key     string `json:"key"`
	Package string `json:"package"`
	Place   string `json:"place"`
	Change  string `json:"change"`
	Outcome string `json:"outcome"`
	By      string `json:"by,omitempty"`
	Own     bool   `json:"own,omitempty"` // killed by the tests of its own package
}

// ledger keeps the outcomes in a file, a JSON object a line, so that a run that
// was ended goes on where it was.
type ledger struct {
	mu   sync.Mutex
	file *os.File
	done map[string]entry
}

// openLedger reads what the file holds, where there is one, and opens it to add to
// it. A last line that was cut short is dropped. The caller closes it.
func openLedger(name string) (*ledger, error) {
	l := &ledger{done: map[string]entry{}}
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	whole := 0
	for number, rest := 1, text; ; number++ {
		n, line, _ := bufio.ScanLines(rest, false)
		if n == 0 {
			break
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, number, err)
		}
		l.done[e.Key] = e
		whole, rest = whole+n, rest[n:]
	}
	if l.file, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		return nil, err
	}
	_, seekErr := l.file.Seek(int64(whole), 0)
	if err := errors.Join(l.file.Truncate(int64(whole)), seekErr); err != nil {
		return nil, errors.Join(err, l.file.Close())
	}
	return l, nil
}

// add writes an entry at once. It may be called concurrently.
func (l *ledger) add(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[e.Key] = e
	_, err = l.file.Write(append(line, '\n'))
	return err
}

func (l *ledger) get(key string) (entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.done[key]
	return e, ok
}

func (l *ledger) Close() error { return l.file.Close() }

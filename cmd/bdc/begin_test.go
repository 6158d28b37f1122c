package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/demo"
	"bdc/store"
)

// begun starts a daemon as bdc serve would, until the inbox is asked; it returns whose the
// record is and what it thinks of its inbox.
func begun(t *testing.T, config string, fresh bool) (store.Ownership, error) {
	t.Helper()
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	d, err := daemon.New(t.Context(), cfg, daemon.Options{New: fresh, Log: log})
	if err != nil {
		return store.Ownership{}, err
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	var o store.Ownership
	for tick := time.NewTicker(5 * time.Millisecond); ; <-tick.C {
		if o, err = d.Store.Ownership(ctx); err != nil || o.Doubt != store.Unasked && !o.Committed.IsZero() {
			break
		}
	}
	stop()
	return o, errors.Join(err, <-ended, d.Close())
}

// A record that was lost is not begun anew without a word: only with --new, and then above
// all numbers of before.
func TestServeWithoutDataFile(t *testing.T) {
	_, config := demoServers(t)
	data := filepath.Join(filepath.Dir(config), "bdc.db")
	first, err := begun(t, config, false) // the mailbox knows no record
	if err != nil || first.Doubt != store.NoDoubt || first.Restores != 0 {
		t.Fatalf("first start: got %+v and error %v, want a record that owns the inbox", first, err)
	}
	if _, err := begun(t, config, true); err == nil || !strings.Contains(err.Error(), "was served before") {
		t.Errorf("--new over a data file: got error %v", err)
	}
	if err := os.Rename(data, data+".lost"); err != nil {
		t.Fatal(err)
	}
	_, err = begun(t, config, false)
	if !errors.Is(err, store.ErrMissing) || !strings.Contains(err.Error(), first.Record) ||
		!strings.Contains(err.Error(), "--new") {
		t.Errorf("without the data file: got error %v, want one that names the record, and what to do", err)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a data file was made all the same (%v)", err)
	}
	schools, err := demo.Register("annuaire")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "annuaire.csv")
	if err := os.WriteFile(file, schools, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, "import", "annuaire", file, "-c", config) // as one does before the start
	second, err := begun(t, config, true)
	if err != nil || second.Record == first.Record || second.Restores == 0 ||
		second.Committed.Number <= first.Committed.Number {
		t.Errorf("--new: got %+v and error %v, want another record that has claimed the inbox of %+v", second, err,
			first)
	}
	if err := os.Rename(data+".lost", data); err != nil {
		t.Fatal(err)
	}
	if back, err := begun(t, config, false); err != nil || back.Record != first.Record || back.Doubt != store.Foreign {
		t.Errorf("with the lost file put back: got %+v and error %v, want it to wait", back, err)
	}
}

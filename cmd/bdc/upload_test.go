package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bdc/cmd/bdc/daemon"
	"bdc/cmd/bdc/registers"
	"bdc/order"
	"bdc/review"
	"bdc/store"
	"bdc/validate/registry"
)

// TestConsoleChangesRegisters: what the console imports and changes is what forms are checked
// against from then on, and stays.
func TestConsoleChangesRegisters(t *testing.T) {
	_, config := demoServers(t)
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemon.New(t.Context(), cfg, daemon.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx, dir := t.Context(), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lycees := file("lycees.csv", "UAI;Nom;Type;CP;Commune\n0750647W;Lycée Turgot;Lycée;75003;Paris\n")
	colleges := file("colleges.csv", "UAI;Nom;Type;CP;Commune\n0770930T;Collège Henri IV;Collège;77100;Meaux\n")
	other := file("autre.csv", "Nom;Ville\nTurgot;Paris\n")
	accounts := file("libraires.csv", "Compte;Nom;E-mails\n01002001;Librairie d’essai;shop@librairie.test\n")
	var read, total int64
	send := func(register string, paths ...string) (order.Import, error) {
		p, err := d.Console.Import(ctx, review.Upload{
			Register: register, Paths: paths, Actor: "ada",
			Progress: func(_ int, done, all int64) { read, total = done, all },
		})
		return p.Import, err
	}
	for _, tt := range []struct {
		name, register string
		paths          []string
		file           string // as the import names it; "" where it is refused
		words          string // of the refusal
	}{
		{"nothing of a directory", registry.Directory, []string{other}, "", "« UAI »"},
		{"two files of the directory", registry.Directory, []string{lycees, colleges}, "2 fichiers", ""},
		{"a bad one of two", registry.Directory, []string{colleges, other}, "", "« autre.csv »"},
		{"two files of accounts", registry.Accounts, []string{accounts, accounts}, "", "un seul fichier"},
		{"accounts", registry.Accounts, []string{accounts}, "libraires.csv", ""},
	} {
		read, total = 0, 1
		imported, err := send(tt.register, tt.paths...)
		var refused review.Refused
		switch {
		case tt.file == "":
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, tt.words) {
				t.Errorf("%s: got error %v, want a refusal that says %q", tt.name, err, tt.words)
			}
		case err != nil || imported.File != tt.file || imported.Actor != "ada" || read != total:
			t.Errorf("%s: got %+v, %d of %d read, error %v, want it imported as %q", tt.name, imported, read, total,
				err, tt.file)
		}
	}
	if _, known := d.Registers.Current().Schools(mustUAI(t, "0750647W")); !known {
		t.Error("a school that was imported is not known")
	}

	add := order.AccountEdit{
		Number: "01002001", Add: []string{"sam@ailleurs.test"}, Actor: "claire",
		At: time.Now().UTC(),
	}
	for range 2 { // again changes nothing
		if _, err := d.Console.Amend(ctx, add); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		edit order.AccountEdit
		want error
	}{
		{"no account", order.AccountEdit{Number: "9", Add: add.Add}, store.ErrNotFound},
		{"seen otherwise", order.AccountEdit{
			Number: "01002001", Facts: &order.Facts{Name: "Neuve"},
			Seen: order.Facts{Name: "Autre"},
		}, store.ErrRevision},
		{
			"no address",
			order.AccountEdit{Number: "01002001", Add: []string{"sam"}},
			review.Refused{Reason: "« sam » n’est pas une adresse e-mail."},
		},
	} {
		if _, err := d.Console.Amend(ctx, tt.edit); !errors.Is(err, tt.want) {
			t.Errorf("%s: got error %v, want %v", tt.name, err, tt.want)
		}
	}
	created := order.AccountEdit{
		Number: "01009009", New: true, Add: []string{"neuve@neuve.test"},
		Facts: &order.Facts{Name: "Neuve"}, Actor: "claire", At: time.Now().UTC(),
	}
	if _, err := d.Console.Amend(ctx, created); err != nil {
		t.Fatal(err)
	}
	var refused review.Refused
	if _, err := d.Console.Amend(ctx, created); !errors.As(err, &refused) ||
		!strings.Contains(refused.Reason, "existe déjà") {
		t.Errorf("created twice: got error %v, want a refusal", err)
	}
	if found := d.Registers.Current().Accounts("sam@ailleurs.test"); len(found) != 1 {
		t.Errorf("got %d accounts of the address registered, want one at once", len(found))
	}
	if _, err := send(registry.Accounts, accounts); err != nil {
		t.Fatal(err)
	}
	again := registers.New(d.Store)
	if err := again.Load(ctx, d.Store); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*registers.Registers{"now": d.Registers, "after a restart": again} {
		if found := r.Current().Accounts("sam@ailleurs.test"); len(found) != 1 {
			t.Errorf("%s: got %d accounts of the address registered, want it kept by the import", name, len(found))
		}
		if _, known := r.Current().Account("01009009"); !known {
			t.Errorf("%s: the account that was created is not kept by the import", name)
		}
	}
	events, err := d.Store.Audit(ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	changes := slices.DeleteFunc(events, func(e order.Event) bool { return !strings.HasPrefix(e.Verb, "account.") })
	if len(changes) != 2 || changes[0].Verb != "account.changed" || changes[0].Actor != "claire" ||
		changes[0].Detail != "01002001: +sam@ailleurs.test" || changes[1].Verb != "account.created" {
		t.Errorf("got %+v in the audit, want the change and the creation", changes)
	}
}

// The first account may be created before any list of them was imported.
func TestFirstAccountIsCreated(t *testing.T) {
	_, config := demoServers(t)
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemon.New(t.Context(), cfg, daemon.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	bad := order.AccountEdit{
		Number: "01009009", New: true, Facts: &order.Facts{Name: "Neuve"}, Actor: "claire",
		At: time.Now().UTC(),
	}
	if _, err := d.Console.Amend(t.Context(), bad); err == nil || d.Registers.Current().Has(registry.Accounts) {
		t.Errorf("without an address: got error %v, want it refused and no list begun", err)
	}
	good := bad
	good.Add = []string{"neuve@neuve.test"}
	if _, err := d.Console.Amend(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	again := registers.New(d.Store)
	if err := again.Load(t.Context(), d.Store); err != nil {
		t.Fatal(err)
	}
	if found := again.Current().Accounts("neuve@neuve.test"); len(found) != 1 {
		t.Errorf("after a restart: got %d accounts of the address, want the one", len(found))
	}
}

func mustUAI(t *testing.T, text string) order.UAI {
	t.Helper()
	uai, err := order.ParseUAI(text)
	if err != nil {
		t.Fatal(err)
	}
	return uai
}

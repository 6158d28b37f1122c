package review_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/review"
	"bdc/store"
	"bdc/store/boltstore"
	"bdc/validate/registry"
)

// books are the registers of a rig. Its forms are checked against the accounts only.
type books struct {
	store  *boltstore.Store
	known  atomic.Pointer[registry.Registry]
	listed atomic.Pointer[registry.Registry]
}

func newBooks(t testing.TB, s *boltstore.Store) *books {
	t.Helper()
	var lovelace, galois, annexe order.School
	must(t, errors.Join(lovelace.UAI.UnmarshalText([]byte("0990011Z")), galois.UAI.UnmarshalText([]byte("0990066J"))))
	lovelace.Name, lovelace.Kind, lovelace.Address, lovelace.Postcode, lovelace.Town = "Collège Ada Lovelace",
		"Collège", "1 rue du Tilleul", "99010", "Valmorin"
	lovelace.Pupils = 480
	must(t, lovelace.SIRET.UnmarshalText([]byte("19990011700012")))
	lovelace.Sector, lovelace.Phone, lovelace.Email = "public", "01 99 00 00 01", "ce.0990011z@test.local"
	galois.Name, galois.Kind, galois.Address, galois.Postcode, galois.Town = "Lycée Évariste Galois", "Lycée",
		"3 chemin des Noyers", "99020", "Saint-Aubin"
	galois.Sector, galois.Contract = "privé", "CONTRAT D’ASSOCIATION"
	galois.Closed = time.Date(2025, 8, 31, 0, 0, 0, 0, time.UTC)
	annexe = galois
	annexe.Address = "5 chemin des Noyers"
	var maths, paper order.Title
	var offer order.Offer
	must(t, errors.Join(maths.EAN.UnmarshalText([]byte("3133091001018")),
		paper.EAN.UnmarshalText([]byte("9782090000313")), offer.EAN.UnmarshalText([]byte("9782091194264"))))
	maths.Name, maths.Publisher, maths.Distributor = "Maths 6e", "Éditions du Chêne", "CNS"
	offer.Reference, offer.Duration, offer.Licence, offer.Adopter, offer.Minimum, offer.Price,
		offer.VAT = "3133091001018_001", "1 an", "élève", true, 20, 590, order.SingleVAT(55)
	maths.Offers = []order.Offer{offer}
	maths.Author, maths.Level, maths.Ark = "A. Martin", "6e", "ark:/49591/CNS000000101.p"
	paper.Name, paper.Publisher, paper.Physical = "Français 1re", "Éditions du Hêtre", true
	accounts := []order.Account{
		{
			Number: "01002001", Name: "Librairie d’essai", Emails: []string{"shop@test.local"}, Domains: []string{},
			Address: "2 place du Marché", Postcode: "99010", Town: "Valmorin",
		},
		{
			Number: "01003000", Name: "Au bon livre", Emails: []string{}, Domains: []string{"bonlivre.test"},
			Inactive: true,
		},
	}
	b := &books{store: s}
	data, err := registry.Encode(accounts)
	must(t, err)
	must(t, s.Swap(t.Context(), registry.Accounts, data,
		order.Import{
			Register: registry.Accounts, At: time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC), Actor: "ada",
			File: "libraires.csv", Rows: 2, Entries: 2, Added: 2,
		}))
	b.use(registry.New([]order.School{lovelace, galois, annexe}, []order.Title{maths, paper}, accounts), accounts)
	return b
}

func (b *books) use(listed *registry.Registry, accounts []order.Account) {
	b.listed.Store(listed)
	b.known.Store(registry.New(nil, nil, accounts))
}

func (b *books) accounts(ctx context.Context) ([]order.Account, order.Import, error) {
	data, imported, err := b.store.Register(ctx, registry.Accounts)
	if err != nil {
		return nil, imported, err
	}
	list, err := registry.Decode[order.Account](data)
	return list, imported, err
}

// amend changes an account as the daemon does.
func (r *rig) amend(ctx context.Context, e order.AccountEdit) (int, error) {
	accounts, imported, err := r.books.accounts(ctx)
	if err != nil {
		return 0, err
	}
	accounts, detail, err := registry.Amend(accounts, e)
	var refused *registry.EditError
	switch {
	case errors.As(err, &refused):
		return 0, review.Refused{Reason: refused.Reason}
	case errors.Is(err, registry.ErrChanged):
		return 0, store.ErrRevision
	case errors.Is(err, registry.ErrNoAccount):
		return 0, store.ErrNotFound
	case err != nil || detail == "":
		return 0, err
	}
	data, err := registry.Encode(accounts)
	if err != nil {
		return 0, err
	}
	verb := "account.changed"
	if e.New {
		verb = "account.created"
	}
	if err := r.store.Amend(ctx, registry.Accounts, imported.Revision, data,
		order.Event{At: e.At, Actor: e.Actor, Verb: verb, Detail: detail}); err != nil {
		return 0, err
	}
	r.books.use(r.books.listed.Load().WithAccounts(accounts), accounts)
	return r.again(ctx)
}

func (r *rig) again(ctx context.Context) (int, error) {
	return (&ingest.Waiting{Store: r.store, Examiner: r.exam, Clock: r.clock, Log: r.c.Log}).Reexamine(ctx)
}

// upload imports a file of accounts as the daemon does.
func (r *rig) upload(ctx context.Context, u review.Upload) (p order.Preview, err error) {
	file, err := os.Open(u.Paths[0])
	if err != nil {
		return p, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return p, err
	}
	if u.Register != registry.Accounts {
		return p, errors.New("the rig imports accounts only")
	}
	imported, report, err := registry.Read[order.Account](ctx, file, filepath.Base(u.Paths[0]),
		func(rows int, octets int64) { u.Progress(rows, octets, info.Size()) })
	var refused *registry.FileError
	if errors.As(err, &refused) {
		return p, review.Refused{Reason: refused.Error()}
	}
	if err != nil {
		return p, err
	}
	old, last, err := r.books.accounts(ctx)
	if err != nil {
		return p, err
	}
	if u.Seen != 0 && u.Seen != last.Revision {
		return p, store.ErrRevision
	}
	p.Replaced = registry.Replaced(old, imported)
	imported = registry.Complete(old, imported)
	report.At, report.Actor, report.File = r.clock(), u.Actor, filepath.Base(u.Paths[0])
	report.Entries, report.Revision = len(imported), last.Revision
	p.Examples, err = registry.Compare(old, imported, &report)
	if p.Import = report; err != nil || u.Preview || p.Drastic() && !u.Force {
		return p, err
	}
	data, err := registry.Encode(imported)
	if err != nil {
		return p, err
	}
	if err := r.store.Swap(ctx, registry.Accounts, data, report); err != nil {
		return p, err
	}
	r.books.use(r.books.listed.Load().WithAccounts(imported), imported)
	p.Done = true
	p.Import.Accepted, err = r.again(ctx)
	return p, err
}

// undo undoes an import of accounts as the daemon does.
func (r *rig) undo(ctx context.Context, register, actor string, seen uint64) (order.Import, error) {
	undoable, err := r.store.Undoable(ctx, register)
	if err != nil {
		return order.Import{}, err
	}
	if len(undoable) == 0 {
		return order.Import{}, review.Refused{Reason: "Aucun import ne peut plus être annulé."}
	}
	data, err := r.store.Before(ctx, register)
	if err != nil {
		return order.Import{}, err
	}
	before, err := registry.Decode[order.Account](data)
	if err != nil {
		return order.Import{}, err
	}
	now, last, err := r.books.accounts(ctx)
	if err != nil {
		return order.Import{}, err
	}
	if last.Revision != seen {
		return order.Import{}, store.ErrRevision
	}
	undone := registry.Undo(before, now)
	report := order.Import{
		Register: register, At: r.clock(), Actor: actor, File: undoable[0].File, Undoes: undoable[0].At,
		Entries: len(undone),
	}
	data, err = registry.Encode(undone)
	if err := errors.Join(err, registry.Diff(now, undone, &report)); err != nil {
		return report, err
	}
	if err := r.store.Revert(ctx, register, last.Revision, data, report); err != nil {
		return report, err
	}
	r.books.use(r.books.listed.Load().WithAccounts(undone), undone)
	report.Accepted, err = r.again(ctx)
	return report, err
}

// grow adds so many schools to the directory: as many as the whole country has.
func (b *books) grow(t testing.TB, schools int) {
	t.Helper()
	list := slices.Clone(b.listed.Load().SchoolsBeyond("", order.UAI{}, 9))
	for i := range schools {
		var s order.School
		must(t, s.UAI.UnmarshalText(fmt.Appendf(nil, "%07d%c", i, "ABCDEFGHJKLMNPRSTUVWXYZ"[i%23])))
		s.Name, s.Kind, s.Address, s.Postcode, s.Town = fmt.Sprint("École élémentaire ", i), "École",
			fmt.Sprint(i%200, " rue de l’Église"), fmt.Sprintf("%05d", i), fmt.Sprint("Ville ", i%997)
		list = append(list, s)
	}
	accounts, _, err := b.accounts(t.Context())
	must(t, err)
	b.listed.Store(registry.New(list, b.listed.Load().TitlesBeyond("", order.EAN{}, 9), accounts))
}

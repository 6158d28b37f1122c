package review_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"bdc/store"
)

// brokenStore is a store whose data file gets into trouble.
type brokenStore struct {
	store.Store
	err error // nil for none
}

func (b *brokenStore) CaseRows(
	ctx context.Context, f store.CaseFilter, beyond string, limit int,
) ([]store.CaseRow, error) {
	if b.err != nil {
		return nil, fmt.Errorf("cases: %w", b.err)
	}
	return b.Store.CaseRows(ctx, f, beyond, limit)
}

func (b *brokenStore) Waiting(ctx context.Context) (n int, oldest time.Time, err error) {
	if b.err != nil {
		return 0, time.Time{}, fmt.Errorf("waiting: %w", b.err)
	}
	return b.Store.Waiting(ctx)
}

// Trouble of the data file is said in a sentence that names it, even where it keeps us from
// reading what stands around each page.
func TestTroubleOfTheDataFileIsSaid(t *testing.T) {
	broken := &brokenStore{}
	r := newRigWith(t, func(r *rig) { broken.Store = r.store; r.c.Store = broken })
	claire := r.as("claire")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%w: no space left on device", store.ErrDataFile), "Le fichier de données ne peut pas être écrit"},
		{fmt.Errorf("%w: page 7", store.ErrDamaged), "Le fichier de données est abîmé"},
		{fmt.Errorf("%w: removed", store.ErrReplaced), "Le fichier de données a été retiré ou remplacé"},
	} {
		broken.err = tt.err
		claire.get("/a-traiter").want(t, http.StatusServiceUnavailable, tt.want)
	}
	broken.err = nil
	claire.get("/a-traiter").want(t, http.StatusOK, "À traiter")
}

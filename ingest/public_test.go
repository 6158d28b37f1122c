package ingest

import (
	"testing"
	"time"

	"bdc/order"
	"bdc/validate"
	"bdc/validate/registry"
)

// The public examiner has the same findings as the daemon's, by the schools and catalogue
// of the given day, but none about accounts.
func TestPublic(t *testing.T) {
	var school order.School
	if err := school.UAI.UnmarshalText([]byte("0990011Z")); err != nil {
		t.Fatal(err)
	}
	school.Name, school.Kind, school.Postcode, school.Town = "Collège Ada Lovelace", "Collège", "99010", "Valmorin"
	school.Closed = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	known := registry.New([]order.School{school}, []order.Title{},
		[]order.Account{{Number: "01002001", Name: "Librairie d’essai", Inactive: true}})
	worker := newExaminer(t)
	worker.AnySender, worker.Registry = false, func() validate.Registry { return known }
	codes := func(account string, at time.Time) map[order.Code]bool {
		forms := worker.Public(at).OpenFiles(
			File{Name: "BdC.xlsx", Data: filled(t, map[string]string{order.FieldAccount: account}, "28")}).Forms
		if len(forms) != 1 || forms[0].Draft == nil {
			t.Fatalf("got %d forms, want one that is read", len(forms))
		}
		found := map[order.Code]bool{}
		for _, f := range forms[0].Findings {
			found[f.Code] = true
		}
		return found
	}
	for _, account := range []string{"01002001", "1002001", "999"} {
		got := codes(account, at)
		if len(got) != 2 || !got["uai.closed"] || !got["line.ean.unknown"] {
			t.Errorf("account %s: got %v, want what the directory and the catalogue say", account, got)
		}
	}
	if got := codes("999", at.AddDate(0, 0, -7)); got["uai.closed"] {
		t.Errorf("the week before: got %v, want the school open", got)
	}
	if worker.AnySender || worker.Registry() != known || !worker.Policy.Today.IsZero() {
		t.Error("making a public examiner changed the worker's")
	}
}

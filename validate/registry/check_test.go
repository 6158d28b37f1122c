package registry_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bdc/order"
	"bdc/templates"
	"bdc/validate"
	"bdc/validate/registry"
)

// allData is a registry of all there is: 70,000 schools, the real titles, and two
// thousand accounts.
func allData(b *testing.B) (*registry.Registry, []order.Title) {
	b.Helper()
	open := func(name string) *os.File {
		f, err := os.Open(filepath.Join("../../../shared/data", name))
		if os.IsNotExist(err) {
			b.Skipf("the test data %s is not beside the repository", name)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { f.Close() })
		return f
	}
	schools, _, err := registry.ImportDirectory(context.Background(),
		open("annuaire/fr-en-annuaire-education-lycees.csv"), "lycees.csv", nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; len(schools) < 70_000; i++ {
		s := schools[i]
		s.UAI, err = order.ParseUAI(fmt.Sprintf("%07d%c", 3_000_000+i, "ABCDEFGHJKLMNPRSTUVWXYZ"[(3_000_000+i)%23]))
		if err != nil {
			b.Fatal(err)
		}
		schools = append(schools, s)
	}
	titles, _, err := registry.ImportCatalogue(context.Background(), open("catalogue/idf-2021-titres.csv"),
		"titres.csv", nil)
	if err != nil {
		b.Fatal(err)
	}
	accounts := make([]order.Account, 2000)
	for i := range accounts {
		accounts[i] = order.Account{
			Number: fmt.Sprintf("%08d", i),
			Emails: []string{fmt.Sprintf("commandes@librairie-%d.example", i)},
		}
	}
	return registry.New(schools, titles, accounts), titles
}

// BenchmarkCheck judges an order of 30 lines with all data loaded.
func BenchmarkCheck(b *testing.B) {
	form, err := templates.Form()
	if err != nil {
		b.Fatal(err)
	}
	reg, titles := allData(b)
	draft := &order.Draft{Sheet: "BdC", Template: form.Version, Fields: map[string]order.Cell{}}
	for id, text := range map[string]string{
		order.FieldBookseller: "Librairie", order.FieldAccount: "00001500",
		order.FieldBookMail: "commandes@librairie-1500.example", order.FieldReference: "CMD-42",
		order.FieldUAI: "0932030B", order.FieldEstablishment: "LPO M. Utrillo",
		order.FieldAddress: "152 rue Jean Durand", order.FieldPostcode: "93240",
		order.FieldTown: "STAINS", order.FieldSchoolMail: "ce.0932030b@ac-creteil.fr", "contact_nom": "Dupont",
	} {
		draft.Fields[id] = order.Cell{Sheet: "BdC", Ref: "C3", Text: text}
	}
	for i := 0; len(draft.Lines) < 30; i++ {
		if titles[i].Physical || titles[i].Elsewhere {
			continue
		}
		row := 31 + len(draft.Lines)
		draft.Lines = append(draft.Lines, order.DraftLine{Sheet: "BdC", Row: row, Cells: map[string]order.Cell{
			order.ColumnEAN:      {Ref: fmt.Sprint("B", row), Text: titles[i].EAN.String()},
			order.ColumnTitle:    {Ref: fmt.Sprint("C", row), Text: titles[i].Name},
			order.ColumnQuantity: {Ref: fmt.Sprint("D", row), Text: "30", Kind: order.KindNumber},
		}})
	}
	sender := validate.Sender{Email: "commandes@librairie-1500.example"}
	policy := validate.Policy{Today: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	if _, findings, v := validate.Check(form, draft, reg, sender, policy); v != order.Accepted {
		b.Fatalf("got %s with %v, want accepted", v, findings)
	}
	b.ReportAllocs()
	for b.Loop() {
		validate.Check(form, draft, reg, sender, policy)
	}
}

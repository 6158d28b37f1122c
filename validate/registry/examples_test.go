package registry

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bdc/order"
)

const formats = "../../docs/formats"

// example imports an example file of docs/formats.md whole.
func example[E Entry](t *testing.T, name string) []E {
	t.Helper()
	f, err := os.Open(filepath.Join(formats, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries, report, err := Read[E](context.Background(), f, name, nil)
	if err != nil || report.SkippedN+report.DroppedN > 0 {
		t.Fatalf("%s: got skipped %q, dropped %q, error %v, want all of it taken", name, report.Skipped, report.Dropped,
			err)
	}
	return entries
}

// TestExampleFiles: the examples of docs/formats.md import whole, and every column that an
// importer wants has a value in the example of its register.
func TestExampleFiles(t *testing.T) {
	schools := example[order.School](t, "annuaire.csv")
	if len(schools) != 3 || schools[1].Pupils != 1140 || schools[0].SIRET.String() != "19990011700012" ||
		schools[2].Nature != 302 || schools[2].Closed.IsZero() {
		t.Errorf("annuaire.csv: got %+v", schools)
	}
	titles := example[order.Title](t, "catalogue.csv")
	if len(titles) != 3 || len(titles[0].Offers) != 2 || len(titles[1].Offers[0].VAT) != 2 || !titles[2].Physical ||
		titles[0].Ark == "" || titles[0].Cover == "" || titles[0].Level != "6e" {
		t.Errorf("catalogue.csv: got %+v", titles)
	}
	fromXML := example[order.Title](t, "catalogue.xml")
	if len(fromXML) != 2 || fromXML[0].Author != titles[0].Author || fromXML[0].Ark != titles[0].Ark ||
		fromXML[1].Offers[0].Price != titles[1].Offers[0].Price || len(fromXML[1].Offers[0].VAT) != 2 {
		t.Errorf("catalogue.xml: got %+v, want what the CSV says", fromXML)
	}
	accounts := example[order.Account](t, "libraires.csv")
	if len(accounts) != 3 || len(accounts[1].Emails) != 2 || len(accounts[1].Domains) != 1 || !accounts[2].Inactive {
		t.Errorf("libraires.csv: got %+v", accounts)
	}
}

// TestFormatsNameTheColumns: docs/formats.md names a header of every column.
func TestFormatsNameTheColumns(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	words := order.FoldKey(string(page))
	for _, columns := range [][]column{directoryColumns(), catalogueColumns(), accountColumns()} {
		for _, c := range columns {
			found := false
			for _, h := range c.headers {
				found = found || strings.Contains(words, h)
			}
			if !found {
				t.Errorf("docs/formats.md names no header of %q, such as %s", c.key, c.headers[0])
			}
		}
	}
}

package form

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"bdc/order"
	"bdc/sheet/sheettest"
)

// exported are two orders: one with hostile texts and two lines, one without lines.
func exported(t *testing.T) []order.Order {
	t.Helper()
	uai, err := order.ParseUAI("0750647W")
	if err != nil {
		t.Fatal(err)
	}
	ean, err := order.ParseEAN("3133091234560")
	if err != nil {
		t.Fatal(err)
	}
	price := order.Cents(123450)
	return []order.Order{
		{
			Number: "CNS-2026-000001", Status: order.Received, Verdict: order.Accepted,
			ReceivedAt: time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC), // next year in Paris
			Account:    "01002001", Reference: "=HYPERLINK(\"http://x\")", UAI: uai,
			Establishment: "Lycée « Turgot » ; Paris", Postcode: "01000", Town: "@Paris", Sector: "public",
			Lines: []order.Line{
				{
					EAN: ean, Offer: "+1", Quantity: 30, Title: "-2+3", Publisher: "\tNathan", Duration: "1 an",
					Licence: "Élève", UnitPrice: &price,
					VAT: order.VAT{{Rate: 55, Share: 700}, {Rate: 200, Share: 300}},
				},
				{EAN: ean, Quantity: 1, Title: "Deux\nlignes", Publisher: "\rRetz"},
			},
		},
		{
			Number: "CNS-2026-000002", Status: order.Cancelled, Verdict: order.Held,
			ReceivedAt: time.Date(2026, 7, 1, 6, 5, 0, 0, time.UTC),
		},
	}
}

func sequence(orders []order.Order, end error) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for _, o := range orders {
			if !yield(o, nil) {
				return
			}
		}
		if end != nil {
			yield(order.Order{}, end)
		}
	}
}

func TestExportCSV(t *testing.T) {
	var b bytes.Buffer
	if err := ExportCSV(&b, sheettest.Form(t), sequence(exported(t), nil)); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff" + strings.Join([]string{
		`Commande;Reçue le;État;Décision;N° de compte Interforum;Référence de commande;UAI (ex-RNE);Nom de ` +
			`l’établissement;Code postal;Ville;Statut;EAN13;Référence ` +
			`d’offre;Titre;Éditeur;Quantité;Durée;Licence;Prix unitaire HT;Total HT;TVA`,
		`CNS-2026-000001;01/01/2027 00:30;Reçue;Acceptée;01002001;"'=HYPERLINK(""http://x"")";0750647W;"Lycée « ` +
			`Turgot » ; Paris";01000;'@Paris;public;3133091234560;'+1;'-2+3;'` + "\tNathan" +
			";30;1 an;Élève;1234,50;37035,00;5,5\u00a0% (70\u00a0%) + 20\u00a0% (30\u00a0%)",
		`CNS-2026-000001;01/01/2027 00:30;Reçue;Acceptée;01002001;"'=HYPERLINK(""http://x"")";0750647W;"Lycée « ` +
			`Turgot » ; Paris";01000;'@Paris;public;3133091234560;;"Deux` + "\r\n" + `lignes";"'Retz";1;;;;;`,
		`CNS-2026-000002;01/07/2026 08:05;Annulée;À examiner;;;;;;;;;;;;0;;;;;`,
		``,
	}, "\r\n")
	if got := b.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestExport(t *testing.T) {
	var b bytes.Buffer
	if err := Export(&b, sheettest.Form(t), sequence(exported(t), nil)); err != nil {
		t.Fatal(err)
	}
	f := opened(t, b.Bytes())
	rows, err := f.GetRows(exportSheet)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 {
		t.Fatalf("got %d rows, want a header and 3", len(rows))
	}
	const text, number = excelize.CellTypeInlineString, excelize.CellTypeUnset
	for cell, want := range map[string]struct {
		value string
		kind  excelize.CellType
	}{
		"A1": {"Commande", text},
		"A2": {"CNS-2026-000001", text},
		"B2": {"46388.020833333336", number}, // 1 January 2027, 00:30
		"E2": {"01002001", text},
		"F2": {`=HYPERLINK("http://x")`, text},
		"I2": {"01000", text},
		"J2": {"@Paris", text},
		"L2": {"3133091234560", text},
		"N2": {"-2+3", text},
		"P2": {"30", number},
		"S2": {"1234.5", number},
		"S3": {"", number},
		"T2": {"37035", number},
		"A4": {"CNS-2026-000002", text},
		"C4": {"Annulée", text},
	} {
		got, err := f.GetCellValue(exportSheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		kind, err := f.GetCellType(exportSheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		formula, err := f.GetCellFormula(exportSheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		if got != want.value || kind != want.kind || formula != "" {
			t.Errorf("%s: got %q, kind %d, formula %q; want %q, kind %d", cell, got, kind,
				formula, want.value, want.kind)
		}
	}
	sheet := part(t, b.Bytes(), "xl/worksheets/sheet1.xml")
	if got := between(sheet, "<autoFilter", ">"); !strings.Contains(got, "A1:U4") &&
		!strings.Contains(got, "$A$1:$U$4") {
		t.Errorf("got filter %q, want one over A1:U4", got)
	}
	if got := between(sheet, "<pane ", ">"); !strings.Contains(got, `state="frozen"`) {
		t.Errorf("got pane %q, want a frozen header", got)
	}
	if strings.Contains(sheet, "<dimension") {
		t.Error("got a dimension that cannot be right")
	}
}

func TestExportsEndWithTheOrdersError(t *testing.T) {
	broken := errors.New("disk gone")
	for name, export := range map[string]func(*bytes.Buffer) error{
		"xlsx": func(b *bytes.Buffer) error { return Export(b, sheettest.Form(t), sequence(exported(t), broken)) },
		"csv":  func(b *bytes.Buffer) error { return ExportCSV(b, sheettest.Form(t), sequence(exported(t), broken)) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := export(&b); !errors.Is(err, broken) {
				t.Errorf("got error %v, want one that wraps %v", err, broken)
			}
			if name == "xlsx" && b.Len() > 0 {
				t.Errorf("got %d bytes of a workbook that has not all orders", b.Len())
			}
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestExportsReportAFullDisk(t *testing.T) {
	if err := Export(full{}, sheettest.Form(t), sequence(exported(t), nil)); err == nil {
		t.Error("xlsx: got no error")
	}
	if err := ExportCSV(full{}, sheettest.Form(t), sequence(exported(t), nil)); err == nil {
		t.Error("csv: got no error")
	}
}

// Where an order's reference was erased, an export says so.
func TestExportErased(t *testing.T) {
	orders := exported(t)
	orders[0].Erase(time.Now())
	var out bytes.Buffer
	if err := ExportCSV(&out, sheettest.Form(t), sequence(orders[:1], nil)); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Count(text, order.ErasedWord) != 2 || strings.Contains(text, "HYPERLINK") {
		t.Errorf("got\n%s\nwant both lines without their reference", text)
	}
}

package templates

import (
	"strings"
	"testing"

	"bdc/order"
)

func TestForm(t *testing.T) {
	f, err := Form()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		order.FieldBookseller, order.FieldAccount, order.FieldBookMail, order.FieldReference, order.FieldDate,
		order.FieldUAI, order.FieldNoUAI,
		order.FieldEstablishment, order.FieldAddress, order.FieldPostcode, order.FieldTown, order.FieldSchoolMail,
		order.FieldSector, order.FieldContactMail,
		order.ColumnEAN, order.ColumnOffer, order.ColumnTitle, order.ColumnPublisher, order.ColumnQuantity,
		order.ColumnDuration, order.ColumnLicence,
		order.ColumnPrice, order.ColumnRemark,
	} {
		if _, ok := f.Field(id); !ok {
			t.Errorf("the form has no field %s", id)
		}
	}
	if f.Rows < 100 {
		t.Errorf("the blank form has %d lines, want at least 100", f.Rows)
	}
}

func TestFormRefusesMistakes(t *testing.T) {
	for name, change := range map[string][2]string{
		"unknown key":       {"rows     = 120", "rows = 120\nrow = 3"},
		"unknown type":      {`type = "uai"`, `type = "rne"`},
		"twice the same id": {`id = "sans_uai"`, `id = "uai"`},
		"unknown section":   {`section = "acces"`, `section = "access"`},
		"unknown other":     {`or = "line_offre"`, `or = "line_offer"`},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(formTOML, change[0]) {
				t.Fatalf("the form has no %q to change", change[0])
			}
			if _, err := parseForm(strings.Replace(formTOML, change[0], change[1], 1)); err == nil {
				t.Error("got no error")
			}
		})
	}
}

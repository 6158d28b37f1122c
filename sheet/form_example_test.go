package sheet_test

import (
	"fmt"
	"log"
	"os"

	"bdc/order"
	"bdc/sheet"
	"bdc/templates"
)

func ExampleBlank() {
	form, err := templates.Form()
	if err != nil {
		log.Fatal(err)
	}
	data, err := sheet.Blank(form)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(templates.BlankName, data, 0o644); err != nil {
		log.Fatal(err)
	}
}

func ExampleFill() {
	form, err := templates.Form()
	if err != nil {
		log.Fatal(err)
	}
	data, err := sheet.Fill(form,
		map[string]string{order.FieldUAI: "0750647W", order.FieldPostcode: "01000"},
		[]map[string]string{{order.ColumnEAN: "3133091234560", order.ColumnQuantity: "30"}})
	if err != nil {
		log.Fatal(err)
	}
	draft := sheet.Read("commande.xlsx", data, form, sheet.DefaultLimits()).Drafts[0]
	fmt.Println(draft.Fields[order.FieldUAI].Text, draft.Fields[order.FieldPostcode].Text)
	fmt.Println(draft.Lines[0].Cells[order.ColumnEAN].Text, draft.Lines[0].Cells[order.ColumnQuantity].Text)
	// Output:
	// 0750647W 01000
	// 3133091234560 30
}

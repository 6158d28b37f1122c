package form_test

import (
	"fmt"
	"log"

	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/form"
	"bdc/templates"
)

func ExampleBlank() {
	definition, err := templates.Form()
	if err != nil {
		log.Fatal(err)
	}
	workbook, err := form.Blank(definition)
	if err != nil {
		log.Fatal(err)
	}
	draft := sheet.Read(templates.BlankName, workbook, definition, sheet.DefaultLimits()).Drafts[0]
	fmt.Println("template:", draft.Template)
	fmt.Println("the UAI goes into", draft.Inputs[order.FieldUAI])
	fmt.Println("filled:", len(draft.Fields), "fields,", len(draft.Lines), "lines")
	// Output:
	// template: BDC-2027.1
	// the UAI goes into C13
	// filled: 0 fields, 0 lines
}

func ExampleFill() {
	definition, err := templates.Form()
	if err != nil {
		log.Fatal(err)
	}
	workbook, err := form.Fill(definition,
		map[string]string{order.FieldUAI: "0750647W", order.FieldPostcode: "01000"},
		[]map[string]string{{order.ColumnEAN: "3133091234560", order.ColumnQuantity: "30"}})
	if err != nil {
		log.Fatal(err)
	}
	draft := sheet.Read("commande.xlsx", workbook, definition, sheet.DefaultLimits()).Drafts[0]
	fmt.Println(draft.Fields[order.FieldUAI].Text, draft.Fields[order.FieldPostcode].Text)
	fmt.Println(draft.Lines[0].Cells[order.ColumnEAN].Text, draft.Lines[0].Cells[order.ColumnQuantity].Text)
	// Output:
	// 0750647W 01000
	// 3133091234560 30
}

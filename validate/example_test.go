package validate_test

import (
	"fmt"

	"bdc/order"
	"bdc/templates"
	"bdc/validate"
)

func ExampleCheck() {
	form, err := templates.Form()
	if err != nil {
		fmt.Println(err)
		return
	}
	draft := &order.Draft{Sheet: "BdC", Fields: map[string]order.Cell{
		order.FieldUAI: {Sheet: "BdC", Ref: "C13", Text: "0750647a"},
	}}
	_, findings, verdict := validate.Check(form, draft, nil, validate.Sender{Any: true}, validate.Policy{})
	fmt.Println(verdict)
	for _, f := range findings {
		if f.Field == order.FieldUAI {
			fmt.Println(f.Severity, f.Code, f.Cell, f.Value, "→", f.Proposal)
		}
	}
	// Output:
	// rejected
	// error uai.key C13 0750647a → 0750647W
}

package templates

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/BurntSushi/toml"

	"bdc/order"
)

//go:embed form.toml
var formTOML string

// Form loads the definition of the order form. It fails only when form.toml is
// wrong, which a test rules out for the one that is embedded.
func Form() (*order.Form, error) { return parseForm(formTOML) }

func parseForm(text string) (*order.Form, error) {
	var f order.Form
	meta, err := toml.Decode(text, &f)
	if err != nil {
		return nil, fmt.Errorf("form definition: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("form definition: unknown key %s", extra[0])
	}
	types := []order.Type{
		order.TypeText, order.TypeUAI, order.TypeEAN, order.TypeAccount, order.TypeCode, order.TypeEmail, order.TypePhone,
		order.TypePostcode, order.TypeDate, order.TypeQuantity, order.TypeMoney, order.TypeChoice, order.TypeFlag,
	}
	seen := map[string]bool{}
	for _, list := range [][]order.Field{f.Fields, f.Columns} {
		for _, field := range list {
			switch {
			case field.ID == "" || seen[field.ID]:
				return nil, fmt.Errorf("form definition: field id %q is missing or twice there", field.ID)
			case field.Label == "":
				return nil, fmt.Errorf("form definition: field %s has no label", field.ID)
			case !slices.Contains(types, field.Type):
				return nil, fmt.Errorf("form definition: field %s has unknown type %q", field.ID, field.Type)
			case !slices.ContainsFunc(f.Sections, func(s order.Section) bool { return s.ID == field.Section }):
				return nil, fmt.Errorf("form definition: field %s is in unknown section %q", field.ID, field.Section)
			}
			seen[field.ID] = true
		}
	}
	for _, list := range [][]order.Field{f.Fields, f.Columns} {
		for _, field := range list {
			if field.Or != "" && !seen[field.Or] {
				return nil, fmt.Errorf("form definition: field %s refers to unknown field %q", field.ID, field.Or)
			}
		}
	}
	return &f, nil
}

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

//go:embed layouts.toml
var layoutsTOML string

// Form returns the definition of the order form (form.toml), together with the other
// layouts in which booksellers send orders (layouts.toml). It returns an error only if
// one of the two embedded files is wrong. The caller owns the result.
func Form() (*order.Form, error) {
	form, err := parseForm(formTOML)
	if err != nil {
		return nil, err
	}
	if form.Layouts, err = parseLayouts(form, layoutsTOML); err != nil {
		return nil, err
	}
	return form, nil
}

// parseForm parses and checks a definition of the form, without layouts.
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
		order.TypeText, order.TypeUAI, order.TypeEAN, order.TypeAccount, order.TypeCode, order.TypeEmail,
		order.TypePhone,
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

// parseLayouts parses layouts, and checks that they refer to fields of the form.
func parseLayouts(form *order.Form, text string) ([]order.Layout, error) {
	var list struct {
		Layout []order.Layout `toml:"layout"`
	}
	meta, err := toml.Decode(text, &list)
	if err != nil {
		return nil, fmt.Errorf("layouts: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("layouts: unknown key %s", extra[0])
	}
	seen := map[string]bool{}
	for _, l := range list.Layout {
		if l.ID == "" || l.Name == "" || seen[l.ID] {
			return nil, fmt.Errorf("layouts: id %q is missing or twice there, or has no name", l.ID)
		}
		seen[l.ID] = true
		ids := map[string]bool{}
		for _, c := range l.Columns {
			if _, ok := form.Field(c.ID); !ok {
				return nil, fmt.Errorf("layout %s: unknown field %q", l.ID, c.ID)
			}
			for id := range c.With {
				if !slices.ContainsFunc(form.Columns, func(f order.Field) bool { return f.ID == id }) {
					return nil, fmt.Errorf("layout %s: unknown column %q", l.ID, id)
				}
			}
			ids[c.ID] = true
		}
		for _, id := range append([]string{order.ColumnEAN, order.ColumnQuantity}, l.Split...) {
			if !ids[id] {
				return nil, fmt.Errorf("layout %s: no column %s", l.ID, id)
			}
		}
	}
	return list.Layout, nil
}

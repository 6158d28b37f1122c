package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/templates"
)

// keys maps each key, such as "mailbox.host", to its field. A field with the tag "-"
// is no key: Load makes it of others.
func keys(v reflect.Value, prefix string, into map[string]reflect.Value) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		tag := field.Tag.Get("toml")
		switch {
		case tag == "-":
		case field.Anonymous:
			keys(value, prefix, into)
		case value.Kind() == reflect.Struct:
			keys(value, prefix+tag+".", into)
		default:
			into[prefix+tag] = value
		}
	}
}

// ruleKeys adds the keys of the rules whose severity may be changed, such as
// "rules.line.price.mismatch", and returns the text of each.
func ruleKeys(known map[string]reflect.Value) map[order.Code]*string {
	texts := map[order.Code]*string{}
	for _, code := range templates.Codes() {
		if len(templates.Allowed(code)) > 0 {
			texts[code] = new(string)
			known["rules."+string(code)] = reflect.ValueOf(texts[code]).Elem()
		}
	}
	return texts
}

// rules returns the severities that the configuration changes.
func (f *faults) rules(texts map[order.Code]*string) map[order.Code]order.Severity {
	rules := map[order.Code]order.Severity{}
	for _, code := range slices.Sorted(maps.Keys(texts)) {
		severity := order.Severity(*texts[code])
		switch allowed := templates.Allowed(code); {
		case severity == "":
		case slices.Contains(allowed, severity):
			rules[code] = severity
		default:
			f.add("rules."+string(code), fmt.Sprintf("must be one of %q", allowed))
		}
	}
	return rules
}

// file sets each key that the file has.
func (f *faults) file(known map[string]reflect.Value, prefix string, table map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key, value := prefix+name, table[name]
		if inner, ok := value.(map[string]any); ok {
			f.file(known, key+".", inner)
			continue
		}
		field, ok := known[key]
		switch value := value.(type) {
		case string:
			if ok && field.Kind() == reflect.String {
				field.SetString(value)
				continue
			}
		case int64:
			if ok && field.Kind() == reflect.Int {
				field.SetInt(value)
				continue
			}
		case bool:
			if ok && field.Kind() == reflect.Bool {
				field.SetBool(value)
				continue
			}
		case []any:
			if ok && field.Kind() == reflect.Slice && setTexts(field, value) {
				continue
			}
		}
		if ok {
			f.add(key, "must be "+wanted(field.Kind()))
		} else {
			f.add(key, "unknown key")
		}
	}
}

// wanted names the values that a key of a kind takes.
func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.Int:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list of texts in quotes"
	}
	return "a text in quotes"
}

// setTexts sets a list, and reports whether all in it is text.
func setTexts(field reflect.Value, values []any) bool {
	texts := make([]string, len(values))
	for i, v := range values {
		var ok bool
		if texts[i], ok = v.(string); !ok {
			return false
		}
	}
	field.Set(reflect.ValueOf(texts))
	return true
}

// environment sets each key that has a variable. The texts of a list stand between
// commas.
func (f *faults) environment(known map[string]reflect.Value, environ []string) {
	variables := make(map[string]reflect.Value, len(known))
	for key, field := range known {
		variables["BDC_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = field
	}
	for _, entry := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(entry, "=")
		field, ok := variables[name]
		switch {
		case !strings.HasPrefix(name, "BDC_") || strings.HasPrefix(name, "BDC_TEST_"):
		case !ok:
			f.add(name, "unknown variable")
		case field.Kind() == reflect.Int:
			n, err := strconv.Atoi(value)
			if err != nil {
				f.add(name, "must be a number")
			}
			field.SetInt(int64(n))
		case field.Kind() == reflect.Bool:
			yes, err := strconv.ParseBool(value)
			if err != nil {
				f.add(name, "must be true or false")
			}
			field.SetBool(yes)
		case field.Kind() == reflect.Slice:
			field.Set(reflect.ValueOf(strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })))
		default:
			field.SetString(value)
		}
	}
}

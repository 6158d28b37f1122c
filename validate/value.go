package validate

import "bdc/order"

// reading is what a normaliser makes of one input.
type reading struct {
	value    string     // normalised; as typed where there is a fault; "" where nothing was given
	fixed    bool       // a person sees the difference to what was typed
	code     order.Code // what is wrong, or ""
	severity order.Severity
	args     map[string]string
	proposal string // what might be meant instead
}

// taken is the reading of a text that means value.
func taken(value, text string) reading { return reading{value: value, fixed: value != text} }

// faulty is the reading of a text that means nothing to its normaliser.
func faulty(code order.Code, severity order.Severity) reading {
	return reading{code: code, severity: severity}
}

// read normalises an input by the type of its field. A cell that holds an Excel
// error (#N/A), or no letter and no digit ("-"), holds nothing.
func read(field *order.Field, cell order.Cell) reading {
	if cell.Kind == order.KindError {
		return reading{}
	}
	text := shown(cell)
	if field.Type == order.TypeFlag {
		return normalizeFlag(text, field.Choices)
	}
	if isBlank(text) {
		return reading{}
	}
	r := normalize(field, text, cell.Kind)
	if r.code != "" {
		r.value = cell.Text
	}
	return r
}

// normalize reads a text that is not blank.
func normalize(field *order.Field, text string, kind order.Kind) reading {
	switch field.Type {
	case order.TypeUAI:
		return normalizeUAI(text)
	case order.TypeEAN:
		return normalizeEAN(text)
	case order.TypeAccount:
		return normalizeAccount(text)
	case order.TypeCode:
		return normalizeOffer(text)
	case order.TypeEmail:
		return normalizeEmail(text)
	case order.TypePhone:
		return normalizePhone(text, kind)
	case order.TypePostcode:
		return normalizePostcode(text)
	case order.TypeDate:
		return normalizeDate(text)
	case order.TypeQuantity:
		return normalizeQuantity(text)
	case order.TypeMoney:
		return normalizeMoney(text, kind)
	case order.TypeChoice:
		return normalizeChoice(text, field.Choices)
	default:
		return reading{value: text}
	}
}

// finding is what the reading of a field has to say, if anything; its place and
// value are for the caller to fill in. The values, by id, tell whether a field
// that does instead of an empty one is filled.
func (r *reading) finding(field *order.Field, values map[string]string) (order.Finding, bool) {
	f := order.Finding{Field: field.ID}
	switch {
	case r.code != "":
		f.Code, f.Severity, f.Args, f.Proposal = r.code, r.severity, r.args, r.proposal
	case r.fixed:
		f.Code, f.Severity, f.Proposal = CodeNormalized, order.Fixed, r.value
	case r.value == "" && field.Required && (field.Or == "" || values[field.Or] == ""):
		f.Code, f.Severity = missing(field.ID), order.Error
	default:
		return f, false
	}
	return f, true
}

// missing is the code of a required field that is empty.
func missing(id string) order.Code {
	switch id {
	case order.FieldUAI:
		return CodeUAIMissing
	case order.ColumnEAN:
		return CodeEANMissing
	case order.ColumnQuantity:
		return CodeQuantityMissing
	default:
		return CodeMissing
	}
}

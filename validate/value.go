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
		return unreadable(field)
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

// unreadable is the reading of an Excel error: nothing, which is said where it
// might have mattered. A required field is reported as missing; texts and prices
// only describe what is ordered, and are often looked up by formulas.
func unreadable(field *order.Field) reading {
	if field.Required || field.Type == order.TypeText || field.Type == order.TypeMoney {
		return reading{}
	}
	return faulty(CodeError, order.Warning)
}

// normalize reads a text that is not blank.
func normalize(field *order.Field, text string, kind order.Kind) reading {
	switch field.Type {
	case order.TypeUAI:
		return normalizeUAI(text)
	case order.TypeEAN:
		return normalizeEAN(text, kind)
	case order.TypeAccount:
		return normalizeAccount(text, kind)
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

// readings are those of the header block or of a line, side by side with their
// fields.
type readings struct {
	fields []order.Field
	list   []reading
}

func newReadings(fields []order.Field) readings {
	return readings{fields, make([]reading, len(fields))}
}

// of is the reading of the field of that id.
func (rs *readings) of(id string) reading {
	for i := range rs.fields {
		if rs.fields[i].ID == id {
			return rs.list[i]
		}
	}
	return reading{}
}

// value is the value of the field of that id, typed or normalised.
func (rs *readings) value(id string) string { return rs.of(id).value }

// sound is the value of the field of that id where there is one without a fault.
func (rs *readings) sound(id string) (value string, ok bool) {
	if r := rs.of(id); r.code == "" && r.value != "" {
		return r.value, true
	}
	return "", false
}

// finding is what there is to say about the field at i, if anything; its place
// and value are for the caller to fill in.
func (rs *readings) finding(i int) (order.Finding, bool) {
	field, r := &rs.fields[i], &rs.list[i]
	f := order.Finding{Field: field.ID}
	switch {
	case r.code != "":
		f.Code, f.Severity, f.Args, f.Proposal = r.code, r.severity, r.args, r.proposal
	case r.fixed:
		f.Code, f.Severity, f.Proposal = CodeNormalized, order.Fixed, r.value
	case r.value == "" && field.Required && (field.Or == "" || rs.value(field.Or) == ""):
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

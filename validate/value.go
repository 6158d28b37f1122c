package validate

import "bdc/order"

// reading is what a normaliser makes of one input.
type reading struct {
	value    string     // normalised; the text as typed where code is set; "" for an empty input
	fixed    bool       // the value looks different from the text as typed
	code     order.Code // what is wrong, or ""
	severity order.Severity
	args     map[string]string
	proposal string // what may be meant instead
}

// taken returns the reading of a text that means value.
func taken(value, text string) reading { return reading{value: value, fixed: value != text} }

// faulty returns the reading of a text that its normaliser cannot read.
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

// unreadable returns the reading of an Excel error, whose value is empty. It is a
// fault, except where the field is required, and so reported as missing, and in texts
// and prices: these only describe what is ordered, and formulas often look them up.
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
		r := normalizeQuantity(text)
		if kind == order.KindDate {
			r.proposal = serial(text)
		}
		return r
	case order.TypeMoney:
		return normalizeMoney(text, kind)
	case order.TypeChoice:
		return normalizeChoice(text, field.Choices)
	default:
		return reading{value: text}
	}
}

// readings holds the readings of the header block or of a line, each at the index of
// its field.
type readings struct {
	fields []order.Field
	list   []reading
}

func newReadings(fields []order.Field) readings {
	return readings{fields, make([]reading, len(fields))}
}

// of returns the reading of the field with this id.
func (rs *readings) of(id string) reading {
	for i := range rs.fields {
		if rs.fields[i].ID == id {
			return rs.list[i]
		}
	}
	return reading{}
}

// value returns the value of the field with this id: normalised, or as typed where it
// is faulty.
func (rs *readings) value(id string) string { return rs.of(id).value }

// sound returns the value of the field with this id. It reports false where the field
// is empty or faulty.
func (rs *readings) sound(id string) (value string, ok bool) {
	if r := rs.of(id); r.code == "" && r.value != "" {
		return r.value, true
	}
	return "", false
}

// finding returns the finding about the field at i, and false where there is none. The
// caller sets its Sheet, Cell and Value.
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

// missing returns the code of the finding that a required field is empty.
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

package validate

import (
	"strings"
	"testing"

	"bdc/order"
)

// readCase is one input and what is made of it: a value, and whether it is said
// to be fixed, or a code and the text as typed.
type readCase struct {
	text  string
	kind  order.Kind
	value string
	fixed bool
	code  order.Code
}

// testRead holds a type's normaliser against a table.
func testRead(t *testing.T, field order.Field, tests []readCase) {
	t.Helper()
	for _, tt := range tests {
		want := tt.value
		if tt.code != "" && want == "" {
			want = tt.text
		}
		got := read(&field, order.Cell{Text: tt.text, Kind: tt.kind})
		if got.value != want || got.fixed != tt.fixed || got.code != tt.code {
			t.Errorf("%s %q: got %q, fixed %t, code %q; want %q, %t, %q", field.Type, tt.text, got.value, got.fixed,
				got.code, want, tt.fixed, tt.code)
		}
		if (got.code == "") != (got.severity == "") {
			t.Errorf("%s %q: got code %q with severity %q", field.Type, tt.text, got.code, got.severity)
		}
	}
}

func TestReadNothing(t *testing.T) {
	for _, typ := range allTypes() {
		testRead(t, order.Field{Type: typ, Choices: []string{"Oui"}}, []readCase{
			{text: ""}, {text: "  \u00a0\u200b\n"}, {text: "-"}, {text: "/"}, {text: "…"},
		})
	}
}

func TestReadExcelError(t *testing.T) {
	for _, tt := range []struct {
		typ      order.Type
		required bool
		want     order.Code
	}{
		{order.TypeEmail, false, CodeError},
		{order.TypeChoice, false, CodeError},
		{order.TypeCode, false, CodeError},
		{order.TypeText, false, ""},
		{order.TypeMoney, false, ""},
		{order.TypeUAI, true, ""}, // it is missing then, and said to be
	} {
		got := read(&order.Field{Type: tt.typ, Required: tt.required}, order.Cell{Text: "#N/A", Kind: order.KindError})
		if got.value != "" || got.code != tt.want {
			t.Errorf("%s: got %q, code %q; want nothing, code %q", tt.typ, got.value, got.code, tt.want)
		}
	}
}

func TestReadText(t *testing.T) {
	testRead(t, order.Field{Type: order.TypeText}, []readCase{
		{text: "Lycée Turgot", value: "Lycée Turgot"},
		{text: "\ufeff Lycée\u00a0 Turgot\r\n", value: "Lycée Turgot"},
		{text: "Lyce\u0301e", value: "Lycée"},
		{text: "soft\u00adhyphen \u202eetc", value: "softhyphen etc"},
		{text: "69, rue\nde Turbigo", value: "69, rue de Turbigo"},
		{text: "4.2E1", kind: order.KindNumber, value: "42"},
		{text: "4.2E1", value: "4.2E1"},
		{text: "TRUE", kind: order.KindBool, value: "TRUE"},
		{text: "bad \xff byte", value: "bad \ufffd byte"},
	})
}

func TestPlainNumber(t *testing.T) {
	for _, tt := range []struct{ input, want string }{
		{"0", "0"},
		{"1000", "1000"},
		{"9.782090000313E12", "9782090000313"},
		{"9.782090000313e+12", "9782090000313"},
		{"4.5999999999999996", "4.6"},
		{"9.9999999999999982", "10"},
		{"1E-3", "0.001"},
		{"-12.5", "-12.5"},
		{"999999999999999", "999999999999999"},   // fifteen digits
		{"1000000000000000", "1000000000000000"}, // sixteen: more than Excel keeps
		{"1E15", "1E15"},
		{"1E400", "1E400"},
		{"Inf", "Inf"},
		{"0x10", "0x10"},
		{"", ""},
	} {
		if got := plainNumber(tt.input); got != tt.want {
			t.Errorf("plainNumber(%q): got %q, want %q", tt.input, got, tt.want)
		}
	}
}

func allTypes() []order.Type {
	return []order.Type{
		order.TypeText, order.TypeUAI, order.TypeEAN, order.TypeAccount, order.TypeCode, order.TypeEmail,
		order.TypePhone,
		order.TypePostcode, order.TypeDate, order.TypeQuantity, order.TypeMoney, order.TypeChoice, order.TypeFlag,
	}
}

// FuzzRead: no input of any type makes its normaliser panic, and what came out
// sound comes out the same when it goes in again, with nothing to say.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"0750647w", "9,78E+12", "978-2-09-119426-4", "01 002 001", "9782091194264_001", "Dupont <h.dupont@ac-paris.fr>",
		"01.42.72.00.00",
		"F-75003 Paris", "1000", "lundi 15 juin 2026", "10 ex.", "1 120,0", "12,50 €", "1 an", "☑", "#N/A", "\u200b",
		"\xff", "e\u0301", "4.5999999999999996",
	} {
		for kind := order.KindText; kind <= order.KindError; kind++ {
			f.Add(text, uint8(kind))
		}
	}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		for _, typ := range allTypes() {
			field := order.Field{Type: typ, Choices: []string{"Élève", "Enseignant", "1 an", "2 ans"}}
			r := read(&field, order.Cell{Text: text, Kind: order.Kind(kind % 5)})
			if r.code != "" {
				continue
			}
			if strings.TrimSpace(r.value) != r.value {
				t.Errorf("%s %q: got %q, want it trimmed", typ, text, r.value)
			}
			again := read(&field, order.Cell{Text: r.value})
			if again.value != r.value || again.fixed || again.code != "" {
				t.Errorf("%s %q, read as %q and read again: got %+v, want it unchanged", typ, text, r.value, again)
			}
		}
	})
}

package validate

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"bdc/order"
)

// Codes about a line's article number.
const (
	CodeEANMissing order.Code = "line.ean.missing"
	CodeEANFormat  order.Code = "line.ean.format" // not thirteen digits; Args of a cell with several: first, second
	CodeEANKey     order.Code = "line.ean.key"    // its check digit is wrong
	CodeEANLost    order.Code = "line.ean.lost"   // Excel rounded it: digits are lost
)

// scientific is a number as Excel shows it where its column is too narrow or
// its format General: 9,78209E+12.
var scientific = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]*))?[Ee]\+?([0-9]{1,3})$`)

// rounded is the end of an EAN of which only the six digits are left that Excel shows.
const rounded = "0000000"

// normalizeEAN reads thirteen digits, in groups or not, with a label or a title beside them or
// not. Excel destroys them in two ways: a text "9,78E+12" lacks most digits; and typed into a
// cell it becomes the number 9780000000000.
func normalizeEAN(text string, kind order.Kind) reading {
	if kind != order.KindText && !isDigits(text) {
		return faulty(CodeEANFormat, order.Error) // in a fraction or a date, punctuation does not group digits
	}
	code := text
	if codes := thirteens(text); len(codes) > 1 {
		return several(CodeEANFormat, codes)
	}
	if !isDigits(text) {
		var sure bool
		if code, sure = eanIn(text); !sure {
			return faulty(CodeEANFormat, order.Error)
		}
	}
	if m := scientific.FindStringSubmatch(strings.ReplaceAll(code, " ", "")); m != nil {
		if len(m[2]) != 12 || m[3] != "12" {
			return faulty(CodeEANLost, order.Error)
		}
		code = m[1] + m[2]
	}
	code = squeeze(code)
	_, err := order.ParseEAN(code)
	switch {
	case strings.HasSuffix(code, rounded) && len(code) == 13:
		return faulty(CodeEANLost, order.Error) // even where the last zero happens to be the right check digit
	case err == nil:
		return taken(code, text)
	case errors.Is(err, order.ErrEANKey) && strings.HasSuffix(code, "000000"):
		return faulty(CodeEANLost, order.Error)
	case errors.Is(err, order.ErrEANKey):
		return faulty(CodeEANKey, order.Error)
	default:
		return faulty(CodeEANFormat, order.Error)
	}
}

// eanIn is the code in the text of a cell: its only word of thirteen digits, or else all of it but
// the labels in front. It is not sure if there are several such words, or others put it in doubt.
func eanIn(text string) (code string, sure bool) {
	b := apart(text, isEANShape, isEANLabel)
	switch {
	case b.code == "" && slices.ContainsFunc(b.words, isEANShape):
		return text, false
	case b.code == "":
		return unlabelled(text, isEANLabel), true
	case b.doubts(text, isEANLabel):
		return text, false
	}
	// A number alone beside the code may be a quantity.
	named := strings.ContainsFunc(strings.Join(b.words, ""), unicode.IsLetter)
	return b.code, named || b.only(isEANLabel)
}

// thirteens returns the different numbers of thirteen digits in a text, if it has several. Spaces,
// dots and hyphens may group the digits of each.
func thirteens(text string) []string {
	if len(text) < 26 {
		return nil
	}
	if s := squeeze(text); isDigits(s) && len(s) == 26 { // two, with no more than spaces between them
		return slices.Compact([]string{s[:13], s[13:]})
	}
	var list []string
	for i := 0; i < len(text); i++ {
		if i > 0 && isDigits(text[i-1:i]) {
			continue
		}
		if code, n := thirteen(text[i:]); n > 0 {
			if !slices.Contains(list, code) {
				list = append(list, code)
			}
			i += n - 1
		}
	}
	return list
}

// thirteen returns the thirteen digits that a text begins with, and how many octets they take
// with what groups them; "" and 0 if it does not begin with just so many.
func thirteen(text string) (code string, n int) {
	for n < len(text) && len(code) < 13 {
		switch {
		case isDigits(text[n : n+1]):
			code += text[n : n+1]
		case code == "" || !strings.Contains(" .-", text[n:n+1]):
			return "", 0
		}
		n++
	}
	if len(code) < 13 || n < len(text) && isDigits(text[n:n+1]) {
		return "", 0
	}
	return code, n
}

// several returns the reading of a cell that has several codes. Only the bookseller knows which
// of them is meant, so that none is proposed.
func several(code order.Code, codes []string) reading {
	r := faulty(code, order.Error)
	r.args = map[string]string{"first": codes[0], "second": codes[1]}
	return r
}

// isSeveral reports whether a finding is about a cell that has several codes.
func isSeveral(f order.Finding) bool { return f.Args["second"] != "" }

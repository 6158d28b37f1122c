package school

import (
	"strings"

	"bdc/order"
)

// maxCode is the greatest length of a code that is looked at. A UAI has eight
// characters; one more is a typing error, but two more are something else.
const maxCode = 9

// Neighbours returns the UAIs that differ by at most one typing error from a code that
// somebody typed. A typing error is a character changed, left out, added, or swapped
// with the next one. Two differences do not count as errors: a letter in the place of
// a digit that looks like it (O for 0), and a wrong or missing check letter after the
// seven digits.
func Neighbours(code string) []order.UAI {
	code = unlettered(strings.ToUpper(code))
	if len(code) < 6 || len(code) > maxCode {
		return nil
	}
	seen := map[string]bool{code: true}
	var found []order.UAI
	try := func(b []byte) {
		if len(b) != 8 || seen[string(b)] {
			return
		}
		seen[string(b)] = true
		if uai, err := order.ParseUAI(string(b)); err == nil {
			found = append(found, uai)
		}
	}
	if len(code) == 8 {
		if uai, err := order.ParseUAI(code); err == nil {
			found = append(found, uai)
		}
	}
	var b [maxCode + 1]byte
	for i := range len(code) {
		for j := '0'; j <= '9' && i < 7; j++ { // changed
			copy(b[:], code)
			b[i] = byte(j)
			try(b[:len(code)])
		}
		copy(b[:], code[:i]) // one too many
		copy(b[i:], code[i+1:])
		try(b[:len(code)-1])
		if i > 0 { // swapped
			copy(b[:], code)
			b[i-1], b[i] = b[i], b[i-1]
			try(b[:len(code)])
		}
	}
	for i := 0; i <= len(code) && len(code) == 7; i++ { // one left out
		for j := '0'; j <= '9'; j++ {
			copy(b[:], code[:i])
			b[i] = byte(j)
			copy(b[i+1:], code[i:])
			try(b[:8])
		}
	}
	if len(code) >= 7 { // the wrong letter, or none
		for j := 'A'; j <= 'Z'; j++ {
			copy(b[:], code[:7])
			b[7] = byte(j)
			try(b[:8])
		}
	}
	return found
}

// unlettered replaces each letter among the first seven characters that looks like a
// digit by that digit.
func unlettered(code string) string {
	b := []byte(code)
	for i := range min(7, len(b)) {
		switch b[i] {
		case 'O', 'Q', 'D':
			b[i] = '0'
		case 'I', 'L':
			b[i] = '1'
		case 'Z':
			b[i] = '2'
		case 'S':
			b[i] = '5'
		case 'G':
			b[i] = '6'
		case 'B':
			b[i] = '8'
		}
	}
	return string(b)
}

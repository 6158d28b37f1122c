package school

import (
	"strings"

	"bdc/order"
)

// maxCode bounds the codes that are looked at: one too many or too few
// characters is a typing error, more is something else.
const maxCode = 9

// Neighbours returns the UAIs that somebody may have meant who typed a code: those
// that differ from it by one typing error, which is a character changed, left out,
// added, or swapped with the next. A letter that looks like a digit (O for 0) is read
// as that digit first and counts as no error; nor does a wrong or missing check letter
// behind seven digits. Where the code itself is a UAI, it is in the list.
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

// unlettered reads the letters among the first seven characters that look like
// digits as those.
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

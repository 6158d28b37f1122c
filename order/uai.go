package order

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of ParseUAI.
var (
	ErrUAIFormat = errors.New("a UAI is seven digits and a letter")
	ErrUAIKey    = errors.New("the UAI's check letter does not fit its digits")
)

// uaiKeys holds the check letter of each remainder of the number by 23: the
// alphabet less I, O and Q, which are read as digits too easily.
const uaiKeys = "ABCDEFGHJKLMNPRSTUVWXYZ"

// UAI is the code of a school in the national directory (unité administrative
// immatriculée, formerly RNE): seven digits and a check letter, "0750647W".
// The zero UAI stands for "none"; every other UAI is made by ParseUAI.
type UAI struct{ code string }

// ParseUAI reads a UAI, with its letter in upper or lower case. It accepts no spaces:
// whoever removes what was typed around a UAI reports that as a finding. It refuses no
// prefix, since the first three digits are not always a department (620 and 720 are
// Corsica).
//
// The error wraps ErrUAIFormat or ErrUAIKey.
func ParseUAI(s string) (UAI, error) {
	if len(s) != 8 {
		return UAI{}, fmt.Errorf("%w: %q", ErrUAIFormat, s)
	}
	n := 0
	for i := range 7 {
		if s[i] < '0' || s[i] > '9' {
			return UAI{}, fmt.Errorf("%w: %q", ErrUAIFormat, s)
		}
		n = n*10 + int(s[i]-'0')
	}
	code := strings.ToUpper(s)
	if c := code[7]; c < 'A' || c > 'Z' {
		return UAI{}, fmt.Errorf("%w: %q", ErrUAIFormat, s)
	}
	if code[7] != uaiKeys[n%23] {
		return UAI{}, fmt.Errorf("%w: %q ends in %c", ErrUAIKey, s, uaiKeys[n%23])
	}
	return UAI{code}, nil
}

// String is the UAI in upper case, or "" for the zero UAI.
func (u UAI) String() string { return u.code }

// IsZero reports whether there is no UAI.
func (u UAI) IsZero() bool { return u.code == "" }

// MarshalText returns the UAI in upper case, and "" for the zero UAI.
func (u UAI) MarshalText() ([]byte, error) { return []byte(u.code), nil }

// UnmarshalText reads what MarshalText returned. Its errors are those of ParseUAI.
func (u *UAI) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*u = UAI{}
		return nil
	}
	*u, err = ParseUAI(string(b))
	return err
}

package order

import (
	"errors"
	"fmt"
)

// Errors of ParseEAN.
var (
	ErrEANFormat = errors.New("an EAN is thirteen digits")
	ErrEANKey    = errors.New("the EAN's check digit does not fit the others")
)

// EAN is an EAN13, the article number of a title or of one of its offers. It need not
// be an ISBN: most digital schoolbooks are sold under numbers that begin with 3133091.
// The zero EAN stands for "none"; every other EAN is made by ParseEAN.
type EAN struct{ code string }

// ParseEAN reads thirteen digits whose last is the GS1 check digit. The error
// wraps ErrEANFormat or ErrEANKey.
func ParseEAN(s string) (EAN, error) {
	if len(s) != 13 {
		return EAN{}, fmt.Errorf("%w: %q", ErrEANFormat, s)
	}
	sum := 0
	for i := range 13 {
		if s[i] < '0' || s[i] > '9' {
			return EAN{}, fmt.Errorf("%w: %q", ErrEANFormat, s)
		}
		sum += int(s[i]-'0') * (1 + 2*(i%2))
	}
	if sum%10 != 0 {
		return EAN{}, fmt.Errorf("%w: %q", ErrEANKey, s)
	}
	return EAN{s}, nil
}

// String is the thirteen digits, or "" for the zero EAN.
func (e EAN) String() string { return e.code }

// IsZero reports whether there is no EAN.
func (e EAN) IsZero() bool { return e.code == "" }

// MarshalText returns the thirteen digits, and "" for the zero EAN.
func (e EAN) MarshalText() ([]byte, error) { return []byte(e.code), nil }

// UnmarshalText reads what MarshalText returned. Its errors are those of ParseEAN.
func (e *EAN) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*e = EAN{}
		return nil
	}
	*e, err = ParseEAN(string(b))
	return err
}

package order

import (
	"errors"
	"fmt"
	"strconv"
)

// ErrSIRETFormat is the error of ParseSIRET.
var ErrSIRETFormat = errors.New("a SIRET is fourteen digits")

// SIRET is the number under which the State knows an establishment: fourteen digits. The
// zero SIRET stands for "none"; every other SIRET is made by ParseSIRET.
type SIRET struct{ number uint64 }

// ParseSIRET reads fourteen digits. It does not check the last one: the directory has
// real numbers with a wrong check digit. The error wraps ErrSIRETFormat.
func ParseSIRET(s string) (SIRET, error) {
	if len(s) != 14 {
		return SIRET{}, fmt.Errorf("%w: %q", ErrSIRETFormat, s)
	}
	var n uint64
	for i := range 14 {
		if s[i] < '0' || s[i] > '9' {
			return SIRET{}, fmt.Errorf("%w: %q", ErrSIRETFormat, s)
		}
		n = n*10 + uint64(s[i]-'0')
	}
	if n == 0 {
		return SIRET{}, fmt.Errorf("%w: %q", ErrSIRETFormat, s)
	}
	return SIRET{n}, nil
}

// String is the fourteen digits, or "" for the zero SIRET.
func (s SIRET) String() string {
	b, _ := s.MarshalText()
	return string(b)
}

// IsZero reports whether there is no SIRET.
func (s SIRET) IsZero() bool { return s.number == 0 }

// MarshalText returns the fourteen digits, and "" for the zero SIRET.
func (s SIRET) MarshalText() ([]byte, error) {
	if s.number == 0 {
		return nil, nil
	}
	const leading = 100_000_000_000_000 // so that zeros in front are written
	return strconv.AppendUint(nil, leading+s.number, 10)[1:], nil
}

// UnmarshalText reads what MarshalText returned. Its errors are those of ParseSIRET.
func (s *SIRET) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*s = SIRET{}
		return nil
	}
	*s, err = ParseSIRET(string(b))
	return err
}

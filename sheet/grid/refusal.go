package grid

import (
	"archive/zip"
	"errors"
	"fmt"
	"strconv"

	"bdc/order"
)

// Refusal is the error of a file that is not read. It says why.
type Refusal struct {
	Code order.Code        // "form.unreadable.…" or "form.limit.…"
	Args map[string]string // what the words of that finding need, as the code's documentation says
}

// Error is the refusal in words for staff.
func (r *Refusal) Error() string { return fmt.Sprintf("%s %v", r.Code, r.Args) }

// Finding is the refusal as a finding: an error, about the file as a whole.
func (r *Refusal) Finding() order.Finding {
	return order.Finding{Code: r.Code, Severity: order.Error, Args: r.Args}
}

// refusalOf makes any error of reading a file a Refusal; nil stays nil.
func refusalOf(err error) error {
	var r *Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &r):
		return r
	}
	return damaged("%v", err)
}

// Exceeded is the refusal of a file that goes beyond a limit, named as Limits name
// it. Counting stops there: actual is what had been counted, and may be less than
// what the file holds.
func Exceeded(limit string, highest, actual int64) error {
	return &Refusal{order.Code("form.limit." + limit), map[string]string{
		"limit":  strconv.FormatInt(highest, 10),
		"actual": strconv.FormatInt(actual, 10),
	}}
}

// damaged refuses a file whose contents are not as they must be. The detail is
// for staff: booksellers are told only that the file is damaged.
func damaged(format string, args ...any) error {
	return &Refusal{"form.unreadable.damaged", map[string]string{"detail": fmt.Sprintf(format, args...)}}
}

// inPart makes err, met while reading a part of the package, a refusal that
// names the part.
func inPart(part string, err error) error {
	var r *Refusal
	switch {
	case errors.As(err, &r):
	case errors.Is(err, zip.ErrChecksum):
		r = &Refusal{Code: "form.unreadable.crc", Args: map[string]string{}}
	default:
		r = &Refusal{Code: "form.unreadable.damaged", Args: map[string]string{"detail": err.Error()}}
	}
	if r.Args["limit"] == "" {
		r.Args["part"] = part
	}
	return r
}

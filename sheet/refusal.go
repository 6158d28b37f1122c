package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"strconv"

	"bdc/order"
)

// refusal is the error that carries why a file is not read to its finding.
type refusal struct {
	code order.Code
	args map[string]string
}

func (r *refusal) Error() string { return fmt.Sprintf("%s %v", r.code, r.args) }

// finding is the refusal as the bookseller's reply will tell it.
func (r *refusal) finding() order.Finding {
	return order.Finding{Code: r.code, Severity: order.Error, Args: r.args}
}

// exceeded refuses a file that goes beyond the named limit. Counting stops
// there, so that actual is a lower bound.
func exceeded(limit string, highest, actual int64) error {
	return &refusal{order.Code("form.limit." + limit), map[string]string{
		"limit":  strconv.FormatInt(highest, 10),
		"actual": strconv.FormatInt(actual, 10),
	}}
}

// damaged refuses a file whose contents are not as they must be. The detail is
// for staff: booksellers are told only that the file is damaged.
func damaged(format string, args ...any) error {
	return &refusal{"form.unreadable.damaged", map[string]string{"detail": fmt.Sprintf(format, args...)}}
}

// inPart makes err, met while reading a part of the package, a refusal that
// names the part.
func inPart(part string, err error) error {
	var r *refusal
	switch {
	case errors.As(err, &r):
	case errors.Is(err, zip.ErrChecksum):
		r = &refusal{code: "form.unreadable.crc", args: map[string]string{}}
	default:
		r = &refusal{code: "form.unreadable.damaged", args: map[string]string{"detail": err.Error()}}
	}
	if r.args["limit"] == "" {
		r.args["part"] = part
	}
	return r
}

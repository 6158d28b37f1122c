package grid

import (
	"archive/zip"
	"errors"
	"fmt"
	"strconv"

	"bdc/order"
)

// Refusal is the error of a file that cannot be read. It says why, in the codes of
// findings.
type Refusal struct {
	Code order.Code        // begins with "form.unreadable." or "form.limit."
	Args map[string]string // becomes Finding.Args; "detail" and "part" are for staff
}

// Error returns the code and the arguments.
func (r *Refusal) Error() string { return fmt.Sprintf("%s %v", r.Code, r.Args) }

// Finding returns the finding to report: of severity order.Error, about the file as a
// whole.
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

// Exceeded returns the *Refusal of a file that goes beyond a limit. The limit is named
// as in the comments of Limits. Counting stops at the limit: the file may hold more than
// actual.
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

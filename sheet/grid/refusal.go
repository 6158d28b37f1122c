package grid

import (
	"archive/zip"
	"errors"
	"fmt"
	"strconv"

	"bdc/order"
)

// Refusal is the error for a file that cannot be read. It says why by the code of a finding.
type Refusal struct {
	Code order.Code        // begins with "form.unreadable." or "form.limit."
	Args map[string]string // the arguments of the finding; "detail" and "part" are for staff only
}

// Error returns the code and the arguments.
func (r *Refusal) Error() string { return fmt.Sprintf("%s %v", r.Code, r.Args) }

// Finding returns the finding to report. It has the severity order.Error, and is about the
// file as a whole.
func (r *Refusal) Finding() order.Finding {
	return order.Finding{Code: r.Code, Severity: order.Error, Args: r.Args}
}

// refusalOf turns any error of reading a file into a *Refusal. It returns nil for nil.
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

// Exceeded returns a *Refusal for a file that exceeds a limit, given by the name that stands
// in quotes in the comments of Limits. The figure actual is what was counted before reading
// stopped; the file may hold more.
func Exceeded(limit string, highest, actual int64) error {
	return &Refusal{order.Code("form.limit." + limit), map[string]string{
		"limit":  strconv.FormatInt(highest, 10),
		"actual": strconv.FormatInt(actual, 10),
	}}
}

// damaged returns a *Refusal for a damaged file. The detail is for staff; booksellers are only
// told that the file is damaged.
func damaged(format string, args ...any) error {
	return &Refusal{"form.unreadable.damaged", map[string]string{"detail": fmt.Sprintf(format, args...)}}
}

// inPart turns an error of reading a part into a *Refusal that names the part.
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

package validate

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// CodeDate says that a text is no date. It is only a warning, since the date of an
// order is the day on which the mail was received.
const CodeDate order.Code = "date.format"

// CodeDateYear says that the form is dated in another school year: it may be an old one that
// was sent again.
const CodeDateYear order.Code = "date.year" // Args: date

// year reports a form that is dated in another school year than that of policy.Today.
func (c *checker) year() {
	value, ok := c.header.sound(order.FieldDate)
	day, err := time.Parse(time.DateOnly, value)
	if !ok || err != nil || c.policy.Today.IsZero() {
		return
	}
	today := c.policy.Today.In(order.Paris)
	if today.Sub(day).Abs() > nearYear && schoolYear(day) != schoolYear(today) {
		c.add(CodeDateYear, order.Hold, order.FieldDate, map[string]string{"date": value})
	}
}

// schoolYear is the calendar year in which the school year begins that is ordered for on a
// day. From May on, that is the coming one.
func schoolYear(t time.Time) int {
	if t.Month() < time.May {
		return t.Year() - 1
	}
	return t.Year()
}

var (
	isoDate    = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]+Z?)?$`)
	frenchDate = regexp.MustCompile(`^(?:\pL+ )?([0-9]{1,2})(?:er)?[-/. ]` +
		`([0-9]{1,2}|\pL{3,9}\.?)[-/. ]([0-9]{4}|[0-9]{2})$`)
)

// plainDate matches a day in digits with a year of four digits. Its normalisation is
// not reported, since nobody sees it as a change.
var plainDate = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+Z?)?$|` +
	`^[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{4}$`)

// normalizeDate reads a day, as Excel stores it or as the French write it
// ("15/6/26", "lundi 15 juin 2026"), into "2026-06-15".
func normalizeDate(text string) reading {
	var y, m, d string
	if iso := isoDate.FindStringSubmatch(text); iso != nil {
		y, m, d = iso[1], iso[2], iso[3]
	} else if fr := frenchDate.FindStringSubmatch(text); fr != nil {
		y, m, d = fr[3], fr[2], fr[1]
	}
	if len(y) == 2 {
		y = "20" + y
	}
	year, _ := strconv.Atoi(y)
	day, _ := strconv.Atoi(d)
	t := time.Date(year, month(m), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || t.Month() != month(m) || year < 2000 || year >= 2100 {
		return faulty(CodeDate, order.Warning)
	}
	return reading{value: t.Format(time.DateOnly), fixed: !plainDate.MatchString(text)}
}

// month reads a month's number or French name, in full or by three letters and
// more; 0 is no month.
func month(s string) time.Month {
	if n, err := strconv.Atoi(s); err == nil {
		return time.Month(n)
	}
	s = order.FoldKey(s)
	for i, name := range []string{
		"janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
		"decembre",
	} {
		if len(s) > 3 && strings.HasPrefix(name, s) || s == name || s == name[:3] && s != "jui" {
			return time.Month(i + 1)
		}
	}
	return 0
}

// serial is the number that Excel shows as a day where a date format is set for its cell: "30" for
// "1900-01-30". It is "" for a day from 1904 on, from when the number depends on the workbook.
func serial(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() >= 1904 {
		return ""
	}
	n := int(t.Sub(time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	if n <= 60 {
		n-- // Excel counts 29 February 1900, which never was
	}
	if n < 1 {
		return ""
	}
	return strconv.Itoa(n)
}

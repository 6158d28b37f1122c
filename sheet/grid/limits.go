package grid

import (
	"strconv"
	"time"
)

// Limits bound the memory and the time that reading a file may take. Each is the
// highest figure that is still read. A file that exceeds one is refused with the code
// "form.limit." followed by the name that stands in quotes below. The refusal's Args
// are then "limit" and "actual".
type Limits struct {
	Entries  int           // "entries": files in the zip
	Unzipped int64         // "unzipped": bytes inflated, of the parts that are read
	Ratio    int64         // "ratio": bytes inflated for each byte of the file
	Text     int64         // "text": bytes of text in all cells; a shared string counts each time it is used
	String   int           // "string": characters in one cell
	Cells    int           // "cells": cells stored in the workbook, empty ones too
	Rows     int           // "rows": rows stored in the workbook, and the number of the last row with a filled cell
	Columns  int           // "columns": the number of the last column with a filled cell
	Width    int64         // "width": the number of the last stored column, added up over all rows
	Merges   int           // "merges": merged areas in the workbook
	Wall     time.Duration // time for the whole file; the code is form.unreadable.timeout

	// Now is the clock that Wall is measured by; nil stands for time.Now.
	Now func() time.Time
}

// DefaultLimits are the limits for mail. They are far beyond an honest order form, and
// a hostile file is read in less than 256 MiB of memory. The longest string is the one
// that Excel allows.
func DefaultLimits() Limits {
	return Limits{
		Entries:  2_000,
		Unzipped: 64 << 20,
		Ratio:    200,
		Text:     16 << 20,
		String:   32_767,
		Cells:    200_000,
		Rows:     20_000,
		Columns:  256,
		Width:    300_000,
		Merges:   5_000,
		Wall:     5 * time.Second,
	}
}

// Watch measures the time that reading a file takes.
type Watch struct {
	now   func() time.Time
	began time.Time
	wall  time.Duration
}

// Watch starts a Watch for one file, which may take the time Wall.
func (l *Limits) Watch() Watch {
	now := l.Now
	if now == nil {
		now = time.Now
	}
	return Watch{now, now(), l.Wall}
}

// Overdue returns a *Refusal if the file has taken too long, and else nil.
func (w *Watch) Overdue() error {
	if spent := w.now().Sub(w.began); spent > w.wall {
		return &Refusal{
			"form.unreadable.timeout",
			map[string]string{"limit": seconds(w.wall), "actual": seconds(spent)},
		}
	}
	return nil
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}

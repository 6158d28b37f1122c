package grid

import (
	"strconv"
	"time"
)

// Limits bound the memory and the time that reading a file may take. A figure that is
// equal to its limit is allowed. A file that exceeds a limit is refused: the code of the
// *Refusal is "form.limit." followed by the name that stands in quotes below, and its Args
// are "limit" and "actual".
type Limits struct {
	Entries  int   // "entries": files in the zip
	Unzipped int64 // "unzipped": bytes inflated from all parts that are read
	Ratio    int64 // "ratio": bytes inflated for each byte of the file
	Text     int64 // "text": bytes of text in all cells; a shared string counts in each cell that has it
	String   int   // "string": characters in one cell
	Cells    int   // "cells": cells stored in the workbook, filled or empty
	Rows     int   // "rows": rows stored in the workbook; also the highest number of a row with a filled cell
	Columns  int   // "columns": the highest number of a column with a filled cell
	Width    int64 // "width": the number of the last column stored in a row, added up over all rows
	Merges   int   // "merges": merged areas in the workbook

	// Wall is the time for the whole file. The code of the refusal is
	// "form.unreadable.timeout".
	Wall time.Duration

	// Now is the clock by which Wall is measured; nil stands for time.Now.
	Now func() time.Time
}

// DefaultLimits returns the limits for files that strangers mail. They are far beyond an
// honest order form, and keep the memory that a hostile file takes below 256 MiB. String is
// Excel's own limit.
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

// Watch measures the time that reading one file takes.
type Watch struct {
	now   func() time.Time
	began time.Time
	wall  time.Duration
}

// Watch starts to measure the time for one file, which may take Wall.
func (l *Limits) Watch() Watch {
	now := l.Now
	if now == nil {
		now = time.Now
	}
	return Watch{now, now(), l.Wall}
}

// Overdue returns a *Refusal if the file has taken longer than Wall, and else nil.
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

package grid

import (
	"strconv"
	"time"
)

// packLimits bound what reading a stranger's file may take. Each is the highest
// figure that is still read. A file that exceeds one is refused with the code
// "form.limit." and the name given here; the refusal's Args are "limit" and
// "actual".
type Limits struct {
	Entries  int           // "entries": files in the zip
	Unzipped int64         // "unzipped": bytes inflated, of the parts that are read
	Ratio    int64         // "ratio": bytes inflated for each byte of the file
	Text     int64         // "text": bytes of text in all cells; a shared string counts each time it is used
	String   int           // "string": characters in one cell
	Cells    int           // "cells": cells stored in the workbook, empty ones too
	Rows     int           // "rows": rows stored in the workbook; the highest row with a filled cell, too
	Columns  int           // "columns": the highest column with a filled cell
	Width    int64         // "width": the sum, over all rows, of the highest stored column
	Merges   int           // "merges": merged areas in the workbook
	Wall     time.Duration // time for the whole file; beyond it the code is form.unreadable.timeout

	// Now is the clock that Wall is measured by; nil stands for time.Now.
	Now func() time.Time
}

// defaultLimits are far beyond an honest order form, and keep the reading of a
// hostile file under 256 MiB of memory. The longest string is Excel's own limit.
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

// Watch measures the time that a file takes.
type Watch struct {
	now   func() time.Time
	began time.Time
	wall  time.Duration
}

// Watch begins to measure the time that the limits allow for a file.
func (l *Limits) Watch() Watch {
	now := l.Now
	if now == nil {
		now = time.Now
	}
	return Watch{now, now(), l.Wall}
}

// Overdue is the refusal of a file that has taken too long, or nil.
func (w *Watch) Overdue() error {
	if spent := w.now().Sub(w.began); spent > w.wall {
		return &Refusal{"form.unreadable.timeout", map[string]string{"limit": seconds(w.wall), "actual": seconds(spent)}}
	}
	return nil
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}

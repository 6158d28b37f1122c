package sheet

import (
	"strconv"
	"time"
)

// Limits bound what Read does with a stranger's file. Each is the highest
// figure that is still read; the one that is exceeded is named by the finding
// form.limit.<name>, with Args "limit" and "actual".
type Limits struct {
	Entries  int           // files in the zip: "entries"
	Unzipped int64         // bytes inflated, of the parts that are read: "unzipped"
	Ratio    int64         // bytes inflated for each byte of the file: "ratio"
	Text     int64         // bytes of text in all cells, a shared string counted each time it is used: "text"
	String   int           // characters in one cell; Excel's own limit: "string"
	Cells    int           // cells stored in the workbook, empty ones too: "cells"
	Rows     int           // rows stored in the workbook, and the highest row with a filled cell: "rows"
	Columns  int           // the highest column with a filled cell: "columns"
	Width    int64         // sum over the rows of their highest stored column: "width"
	Merges   int           // merged ranges in the workbook: "merges"
	Lines    int           // order lines of one order: "lines"
	Orders   int           // orders in the workbook: "orders"
	Wall     time.Duration // time for the whole workbook; exceeded, the finding is form.unreadable.timeout

	// Now is the clock that Wall is measured by; nil stands for time.Now.
	Now func() time.Time
}

// DefaultLimits are far beyond an honest form, and keep a hostile one under
// 256 MiB of memory.
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
		Lines:    2_000,
		Orders:   200,
		Wall:     5 * time.Second,
	}
}

// watch is the time that a file has taken, and may take.
type watch struct {
	now   func() time.Time
	began time.Time
	wall  time.Duration
}

func (l *Limits) watch() watch {
	now := l.Now
	if now == nil {
		now = time.Now
	}
	return watch{now, now(), l.Wall}
}

// overdue refuses a file that has taken too long.
func (w *watch) overdue() error {
	if spent := w.now().Sub(w.began); spent > w.wall {
		return &refusal{"form.unreadable.timeout", map[string]string{"limit": seconds(w.wall), "actual": seconds(spent)}}
	}
	return nil
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}

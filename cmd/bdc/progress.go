package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress draws a bar of how much of something is done.
type progress struct {
	w     io.Writer // a terminal
	name  string
	words string // what stands behind the bar; ""
	total int64
	done  int64
	drawn time.Time
	now   func() time.Time
}

// between is the shortest time between two drawings of the bar.
const between = 100 * time.Millisecond

// reached draws how much has been done.
func (p *progress) reached(done, total int64) {
	p.done, p.total = done, total
	p.redraw(done == total)
}

// imported draws how many rows and octets of a file have been read. Several files have a
// total of octets that is known before, and of rows that is not.
func (p *progress) imported(rows int, octets, total int64) {
	const mega = 1e6
	p.words = fmt.Sprintf("  %d rows, %.1f of %.1f MB", rows, float64(min(octets, total))/mega, float64(total)/mega)
	p.reached(min(octets, total), total)
}

// redraw draws the bar, unless it was drawn a moment ago and this is not the end.
func (p *progress) redraw(end bool) {
	if now := p.now(); now.Sub(p.drawn) >= between || end {
		p.drawn = now
		p.draw()
	}
}

// clear makes room for a line where the bar was drawn.
func (p *progress) clear() {
	if !p.drawn.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func (p *progress) draw() {
	const width = 30
	part := 1.0
	if p.total > 0 {
		part = min(1, float64(p.done)/float64(p.total))
	}
	full := int(part * width)
	fmt.Fprintf(p.w, "\r%s  [%s%s] %3.0f%%%s", p.name, strings.Repeat("#", full), strings.Repeat(".", width-full),
		part*100, p.words)
}

// end ends the line of the bar, if one was drawn.
func (p *progress) end() {
	if !p.drawn.IsZero() {
		fmt.Fprintln(p.w)
	}
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress is a reader that passes a file through, and draws a bar of how much of it has
// been read.
type progress struct {
	r     io.Reader
	w     io.Writer // a terminal
	name  string
	total int64
	done  int64
	drawn time.Time
	now   func() time.Time
}

// between is the shortest time between two drawings of the bar.
const between = 100 * time.Millisecond

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.done += int64(n)
	p.redraw(err == io.EOF)
	return n, err
}

// reached draws how much of something else than r has been done.
func (p *progress) reached(done, total int64) {
	p.done, p.total = done, total
	p.redraw(done == total)
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
	fmt.Fprintf(p.w, "\r%s  [%s%s] %3.0f%%", p.name, strings.Repeat("#", full), strings.Repeat(".", width-full),
		part*100)
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

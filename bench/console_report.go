package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// pageFigures are the figures of one page, over all users.
type pageFigures struct {
	name        string
	median, p99 time.Duration // until the page was read
	size        int           // the largest that was seen, in octets
	looks       int           // how many times it was opened
}

// pages returns the figures of each page, sorted by name.
func (f *consoleFigures) pages() (list []pageFigures) {
	byName := map[string][]look{}
	for _, l := range f.looks {
		byName[l.page] = append(byName[l.page], l)
	}
	for name, looks := range byName {
		slices.SortFunc(looks, func(a, b look) int { return int(a.took - b.took) })
		p := pageFigures{
			name: name, median: looks[len(looks)/2].took, p99: looks[len(looks)*99/100].took, looks: len(looks),
		}
		for _, l := range looks {
			p.size = max(p.size, l.size)
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b pageFigures) int { return strings.Compare(a.name, b.name) })
	return list
}

// left returns at which part of its usual rate bdc takes mail in while users browse.
func (f *consoleFigures) left() float64 {
	wall := func(m figures) time.Duration { return m.wall }
	return median(f.alone, wall).Seconds() / median(f.along, wall).Seconds()
}

// print writes the table of the pages.
func (f *consoleFigures) print(w io.Writer) {
	fmt.Fprintf(w,
		"\n**The console**: %d orders, %d cases, %d users, a page every %s each\n\n"+
			"| page | median | p99 | size | seen |\n|---|---:|---:|---:|---:|\n",
		f.orders, f.orders/5, users, reading)
	for _, p := range f.pages() {
		fmt.Fprintf(w, "| %s | %.1f ms | %.1f ms | %.1f KB | %d |\n",
			p.name, ms(p.median), ms(p.p99), float64(p.size)/1000, p.looks)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// verdicts checks the slowest page, the largest page and the rate of taking mail in
// against the bounds.
func (f *consoleFigures) verdicts() []verdict {
	var worst pageFigures
	for _, p := range f.pages() {
		worst.median, worst.p99 = max(worst.median, p.median), max(worst.p99, p.p99)
		worst.size = max(worst.size, p.size)
	}
	return []verdict{
		{
			"slowest page, median", fmt.Sprintf("< %.0f ms", ms(mostMedian)), fmt.Sprintf("%.1f ms", ms(worst.median)),
			worst.median < mostMedian,
		},
		{
			"slowest page, p99", fmt.Sprintf("< %.0f ms", ms(mostP99)), fmt.Sprintf("%.1f ms", ms(worst.p99)),
			worst.p99 < mostP99,
		},
		{
			"largest page", fmt.Sprintf("< %d KB", mostPage>>10), fmt.Sprintf("%.1f KB", float64(worst.size)/1000),
			worst.size < mostPage,
		},
		{
			fmt.Sprintf("ingestion while %d users browse, part of its rate", users), fmt.Sprintf("> %.2f", leastLeft),
			fmt.Sprintf("%.2f", f.left()), f.left() > leastLeft,
		},
	}
}

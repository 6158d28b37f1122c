package review

import (
	"fmt"
	"strings"

	"bdc/templates"
)

// plot is a bar chart over time, drawn as SVG. Each bar is a stack of one part for each
// kind. The page stretches the chart over the place that it has for it, and repeats
// the numbers in a table.
type plot struct {
	ID      string // of its HTML element
	Title   string
	Summary string // for people who cannot see it
	Kinds   []kind // from the bottom of the stack
	Slots   []slot
	Top     int // the number at the upper edge: at least that of the highest bar, and even
}

// kind is what parts of one colour count.
type kind struct {
	Label string
	Class string // the CSS class that colours them
}

// slot is one bar: a day or a week.
type slot struct {
	Label  string // « 21 novembre 2026 »
	Short  string // "21/11"
	Counts []int  // for each kind
	Parts  []part // set by newPlot
}

// part is a rectangle of a bar, in units of the plot.
type part struct {
	Class               string
	X, Y, Width, Height float64
}

// Sizes in units of the plot.
const (
	slotWide = 10  // a bar, with the gap beside it
	plotHigh = 100 // the plot
)

// newPlot computes the parts of the bars.
func newPlot(id, title string, kinds []kind, slots []slot) plot {
	p := plot{ID: id, Title: title, Kinds: kinds, Slots: slots}
	most := 0
	for _, s := range slots {
		most = max(most, s.Total())
	}
	p.Top = evenTop(most)
	for i := range slots {
		s := &slots[i]
		below := 0
		for k, n := range s.Counts {
			if n > 0 {
				below += n
				s.Parts = append(s.Parts, part{
					Class: kinds[k].Class, X: float64(i*slotWide) + 1.2, Width: slotWide - 2.4,
					Y:      plotHigh - float64(below)*plotHigh/float64(p.Top),
					Height: float64(n) * plotHigh / float64(p.Top),
				})
			}
		}
	}
	p.Summary = p.summary()
	return p
}

// evenTop is the smallest number that is at least most, even and round: 2, 4, 6, 8, 10,
// 20, 30, 40, 50, 60, 80, 100, 200…
func evenTop(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, digit := range []int{2, 3, 4, 5, 6, 8, 10} {
			if top := digit * unit; top >= most && top%2 == 0 {
				return top
			}
		}
	}
}

// summary says in French the sum of each kind, and which bar is the highest.
func (p plot) summary() string {
	sums := make([]int, len(p.Kinds))
	highest := slot{}
	for _, s := range p.Slots {
		for k, n := range s.Counts {
			sums[k] += n
		}
		if s.Total() > highest.Total() {
			highest = s
		}
	}
	var words []string
	for k, n := range sums {
		words = append(words, p.Kinds[k].Label+"\u00a0: "+templates.FrenchNumber(n))
	}
	text := strings.Join(words, ", ") + "."
	if highest.Total() > 0 {
		text += fmt.Sprintf(" Le plus\u00a0: %s, %s.", templates.FrenchNumber(highest.Total()), highest.Label)
	}
	return text
}

// Total is the sum of a bar's counts.
func (s slot) Total() int {
	sum := 0
	for _, n := range s.Counts {
		sum += n
	}
	return sum
}

// Box is the viewBox of the SVG.
func (p plot) Box() string { return fmt.Sprintf("0 0 %d %d", len(p.Slots)*slotWide, plotHigh) }

// Wide is the width of the plot, in its units.
func (p plot) Wide() int { return len(p.Slots) * slotWide }

// Half is the number at half the height of the plot.
func (p plot) Half() int { return p.Top / 2 }

// Marks are the labels below the plot: those of the first, the middle and the last bar.
func (p plot) Marks() []string {
	if len(p.Slots) < 3 {
		return nil
	}
	return []string{p.Slots[0].Short, p.Slots[len(p.Slots)/2].Short, p.Slots[len(p.Slots)-1].Short}
}

// Latest are the bars that count anything, the latest first.
func (p plot) Latest() []slot {
	var list []slot
	for i := len(p.Slots) - 1; i >= 0; i-- {
		if p.Slots[i].Total() > 0 {
			list = append(list, p.Slots[i])
		}
	}
	return list
}

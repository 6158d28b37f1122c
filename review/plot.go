package review

import (
	"fmt"
	"strings"

	"bdc/templates"
)

// plot is stacked bars over time. It is drawn without units, to be stretched over
// its box, and says its numbers in a table beside.
type plot struct {
	ID      string
	Title   string
	Summary string // what a person who does not see it should know
	Kinds   []kind
	Slots   []slot
	Top     int // the number at the upper edge: even
}

// kind is what bars of one colour stand for.
type kind struct{ Label, Class string }

// slot is one bar, with a count of each kind.
type slot struct {
	Label  string // of the day or week, in full
	Short  string
	Counts []int
	Parts  []part
}

// part is one colour of a bar, in units of the plot.
type part struct {
	Class               string
	X, Y, Width, Height float64
}

// A plot is slotWide units a bar wide, and plotHigh high.
const (
	slotWide = 10
	plotHigh = 100
)

// newPlot lays bars out.
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

// evenTop is the next round number, and its half is whole.
func evenTop(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, digit := range []int{2, 3, 4, 5, 6, 8, 10} {
			if top := digit * unit; top >= most && top%2 == 0 {
				return top
			}
		}
	}
}

// summary is the sum of each kind, and the highest bar.
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

// Total is the height of a bar.
func (s slot) Total() int {
	sum := 0
	for _, n := range s.Counts {
		sum += n
	}
	return sum
}

// Box is the part of the plane that the plot fills.
func (p plot) Box() string { return fmt.Sprintf("0 0 %d %d", len(p.Slots)*slotWide, plotHigh) }

// Wide is the width of the box.
func (p plot) Wide() int { return len(p.Slots) * slotWide }

// Half is the number at mid-height.
func (p plot) Half() int { return p.Top / 2 }

// Marks are the labels below: of the first bar, the middle one and the last.
func (p plot) Marks() []string {
	if len(p.Slots) < 3 {
		return nil
	}
	return []string{p.Slots[0].Short, p.Slots[len(p.Slots)/2].Short, p.Slots[len(p.Slots)-1].Short}
}

// Latest are the slots in which anything was counted, the last first.
func (p plot) Latest() []slot {
	var list []slot
	for i := len(p.Slots) - 1; i >= 0; i-- {
		if p.Slots[i].Total() > 0 {
			list = append(list, p.Slots[i])
		}
	}
	return list
}

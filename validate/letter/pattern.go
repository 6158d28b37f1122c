package letter

import (
	"fmt"
	mathbits "math/bits"
	"strings"

	"bdc/order"
)

// pattern is one rule, ready to be looked for.
type pattern struct {
	kind   string
	source string // as the list has it
	elems  []element
	needs  []int // the elements without which it is in no sentence
}

// element is one step of a pattern.
type element struct {
	id       int // by which tokens say that they match it; -1 for a step that takes none
	optional bool
	not      bool // the next token does not match; none is taken
	gap      int  // as many tokens as this may be passed over; -1 all of the rest of the clause
	wide     bool // the gap goes over commas too
	start    bool // here the sentence begins
	end      bool // here it ends
}

// bits is a set of elements.
type bits []uint64

func (b bits) has(id int) bool { return b[id>>6]&(1<<(id&63)) != 0 }
func (b bits) add(id int)      { b[id>>6] |= 1 << (id & 63) }
func (b bits) union(o bits) {
	for i := range o {
		b[i] |= o[i]
	}
}

// steps are the elements of all patterns, and how tokens match them.
type steps struct {
	ids     map[string]int   // by the text of the element
	words   map[string][]int // by word
	ofStem  map[string][]int // by stem
	ofClass [][]int          // by class
	longest int              // of the stems
}

// step returns the id of an element with the given alternatives.
func (w *Words) step(text string) (int, error) {
	s := &w.steps
	if s.ids == nil {
		s.ids, s.words, s.ofStem = map[string]int{}, map[string][]int{}, map[string][]int{}
		s.ofClass = make([][]int, 128)
	}
	if id, ok := s.ids[text]; ok {
		return id, nil
	}
	id := len(s.ids)
	s.ids[text] = id
	for _, alt := range strings.Split(text, "|") {
		switch {
		case strings.HasPrefix(alt, "<") && strings.HasSuffix(alt, ">"):
			bit, ok := w.classes[alt[1:len(alt)-1]]
			if !ok {
				return 0, fmt.Errorf("letter: no class %s", alt)
			}
			s.ofClass[bit] = append(s.ofClass[bit], id)
		case strings.HasSuffix(alt, "*"):
			stem := strings.TrimSuffix(alt, "*")
			s.ofStem[stem] = append(s.ofStem[stem], id)
			s.longest = max(s.longest, len(stem))
		default:
			s.words[alt] = append(s.words[alt], id)
		}
	}
	return id, nil
}

// matches finds the elements that each token matches, and returns those of all tokens.
func (w *Words) matches(list []token) bits {
	n := (len(w.steps.ids) + 63) / 64
	all := make(bits, (len(list)+1)*n)
	of := func(i int) bits { return all[i*n : (i+1)*n : (i+1)*n] }
	for i := range list {
		t := &list[i]
		t.steps = of(i)
		for _, id := range w.steps.words[t.text] {
			t.steps.add(id)
		}
		for n := 1; n <= min(len(t.text), w.steps.longest); n++ {
			for _, id := range w.steps.ofStem[t.text[:n]] {
				t.steps.add(id)
			}
		}
		for half, bits := range t.set {
			for ; bits != 0; bits &= bits - 1 {
				for _, id := range w.steps.ofClass[half*64+mathbits.TrailingZeros64(bits)] {
					t.steps.add(id)
				}
			}
		}
		of(len(list)).union(t.steps)
	}
	return of(len(list))
}

// compile reads the pattern of a rule.
func (w *Words) compile(r order.LetterRule) (pattern, error) {
	p := pattern{kind: r.Kind, source: r.Pattern}
	for _, f := range strings.Fields(r.Pattern) {
		e := element{id: -1}
		switch f {
		case "^":
			e.start = true
		case "$":
			e.end = true
		case "..":
			e.gap = 3
		case "...":
			e.gap = 9
		case "....":
			e.gap, e.wide = 16, true
		case "~":
			e.gap = -1
		default:
			if rest, ok := strings.CutPrefix(f, "!"); ok && rest != "" {
				e.not, f = true, rest
			}
			if rest, ok := strings.CutSuffix(f, "?"); ok && rest != "" {
				e.optional, f = true, rest
			}
			var err error
			if e.id, err = w.step(f); err != nil {
				return p, fmt.Errorf("%q: %w", r.Pattern, err)
			}
			if !e.not && !e.optional {
				p.needs = append(p.needs, e.id)
			}
		}
		p.elems = append(p.elems, e)
	}
	if len(p.elems) == 0 {
		return p, fmt.Errorf("letter: a rule of kind %s is empty", r.Kind)
	}
	return p, nil
}

// possible reports whether a sentence has all that a pattern needs.
func (p *pattern) possible(sentence bits) bool {
	for _, id := range p.needs {
		if !sentence.has(id) {
			return false
		}
	}
	return true
}

// begins reports whether a pattern may begin with a token.
func (p *pattern) begins(t *token) bool {
	first := &p.elems[0]
	return first.id < 0 || first.optional || first.not || first.matches(t)
}

func (e *element) matches(t *token) bool { return t.steps.has(e.id) }

// maxSteps bounds the work on one pattern from one place.
const maxSteps = 400

// match reports whether a pattern matches from a place, and how far. It passes no token
// that is used, if free is set, but in gaps. A short gap passes over nothing of the classes in bar.
func (p *pattern) match(list []token, from int, free bool, bar set, taken []int) (end int, _ []int, ok bool) {
	m := matcher{list: list, free: free, bar: bar, taken: taken[:0]}
	end, ok = m.step(p.elems, from)
	return end, m.taken, ok
}

type matcher struct {
	list  []token
	free  bool
	bar   set   // what no gap passes over
	taken []int // the tokens that elements other than gaps took
	steps int
}

func (m *matcher) step(elems []element, at int) (int, bool) {
	if m.steps++; m.steps > maxSteps {
		return at, false
	}
	if len(elems) == 0 {
		return at, true
	}
	e, rest := &elems[0], elems[1:]
	switch {
	case e.start:
		if !m.begins(at) {
			return at, false
		}
		return m.step(rest, at)
	case e.end:
		for i := at; i < len(m.list); i++ {
			if !m.list[i].mark {
				return at, false
			}
		}
		return m.step(rest, at)
	case e.gap < 0:
		end, n := at, len(m.taken)
		for end < len(m.list) && !m.ends(end) {
			m.taken = append(m.taken, end)
			end++
		}
		if end, ok := m.step(rest, end); ok {
			return end, true
		}
		m.taken = m.taken[:n]
		return at, false
	case e.gap > 0:
		for n := 0; n <= e.gap && at+n <= len(m.list); n++ {
			if end, ok := m.step(rest, at+n); ok {
				return end, true
			}
			if at+n < len(m.list) && (m.list[at+n].mark && !passes(m.list[at+n].text, e.wide) ||
				!e.wide && m.list[at+n].set.meets(m.bar)) {
				break
			}
		}
		return at, false
	case e.not:
		if at < len(m.list) && e.matches(&m.list[at]) {
			return at, false
		}
		return m.step(rest, at)
	}
	if at < len(m.list) && e.matches(&m.list[at]) && !(m.free && m.list[at].used) {
		n := len(m.taken)
		m.taken = append(m.taken, at)
		if end, ok := m.step(rest, at+1); ok {
			return end, true
		}
		m.taken = m.taken[:n]
	}
	if e.optional {
		return m.step(rest, at)
	}
	return at, false
}

// begins reports whether nothing but signs stands before a place.
func (m *matcher) begins(at int) bool {
	for i := at - 1; i >= 0; i-- {
		t := &m.list[i]
		if !t.mark {
			return false
		}
	}
	return true
}

// ends reports whether a clause ends before a token.
func (m *matcher) ends(at int) bool {
	t := &m.list[at]
	switch t.text {
	case ",", ";", ":", "(", ")", "!", "?", "mais", "donc", "sauf", "hormis", "excepte":
		return true
	}
	return false
}

// passes reports whether a gap may pass over a sign.
func passes(sign string, wide bool) bool {
	switch sign {
	case ";", "?", "!":
		return false
	case ",", ":", "(", ")", ".":
		return wide
	}
	return true
}

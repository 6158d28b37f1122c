package letter

import (
	"fmt"
	mathbits "math/bits"
	"slices"
	"strings"
	"unicode/utf8"

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
func (b bits) addAll(ids []int, all bits) {
	for _, id := range ids {
		b.add(id)
		all.add(id)
	}
}

// steps are the elements of all patterns.
type steps struct {
	trie    trie             // of their words
	ids     map[string]int   // by the text of the element
	signs   map[string][]int // by sign
	ofClass [][]int          // by class
}

// step returns the id of an element with the given alternatives.
func (w *Words) step(text string) (int, error) {
	s := &w.steps
	if id, ok := s.ids[text]; ok {
		return id, nil
	}
	id := len(s.ids)
	s.ids[text] = id
	for _, alt := range strings.Split(text, "|") {
		stem, isStem := strings.CutSuffix(alt, "*")
		switch {
		case strings.HasPrefix(alt, "<") && strings.HasSuffix(alt, ">"):
			bit, ok := w.classes[alt[1:len(alt)-1]]
			if !ok {
				return 0, fmt.Errorf("letter: no class %s", alt)
			}
			s.ofClass[bit] = append(s.ofClass[bit], id)
		case stem != "" && order.FoldKey(stem) == stem:
			s.trie.addStep(stem, id, isStem)
		case utf8.RuneCountInString(alt) == 1:
			s.signs[alt] = append(s.signs[alt], id)
		default:
			return 0, fmt.Errorf("letter: %q is no folded word", alt)
		}
	}
	return id, nil
}

// matches finds the elements that each token matches, and returns those of all tokens. They
// are kept in room, which is returned for the next sentence.
func (w *Words) matches(list []token, room bits) (all, _ bits) {
	n := (len(w.steps.ids) + 63) / 64
	if need := (len(list) + 1) * n; cap(room) < need {
		room = make(bits, need+need/2)
	} else {
		room = room[:need]
		clear(room)
	}
	all = room[len(list)*n:][:n]
	for i := range list {
		t := &list[i]
		t.steps = room[i*n:][:n]
		if t.mark {
			t.steps.addAll(w.steps.signs[t.text], all)
		} else {
			w.steps.trie.steps(t.text, t.steps, all)
		}
		for half, bits := range t.set {
			for ; bits != 0; bits &= bits - 1 {
				t.steps.addAll(w.steps.ofClass[half*64+mathbits.TrailingZeros64(bits)], all)
			}
		}
	}
	return all, room
}

// rules are patterns in their order, each to be found by one element that it needs.
type rules struct {
	list   []pattern
	by     [][]int // by element
	keys   bits    // the elements that by has rules for
	always []int   // those that need none
}

// index makes rules findable, each by the element that it needs that matches fewest words.
func (w *Words) index(list []pattern) rules {
	r := rules{list: list, by: make([][]int, len(w.steps.ids)), keys: make(bits, (len(w.steps.ids)+63)/64)}
	const asClass = 20 // a class stands for as many words
	words := make([]int, len(w.steps.ids))
	for text, id := range w.steps.ids {
		words[id] = 1 + strings.Count(text, "|") + asClass*strings.Count(text, "<")
	}
	for i := range list {
		needs := list[i].needs
		if len(needs) == 0 {
			r.always = append(r.always, i)
			continue
		}
		id := slices.MinFunc(needs, func(a, b int) int { return words[a] - words[b] })
		r.by[id] = append(r.by[id], i)
		r.keys.add(id)
	}
	return r
}

// candidates appends to found, in their order, the rules that a sentence with the given
// elements may match.
func (r *rules) candidates(has bits, found []int) []int {
	found = append(found, r.always...)
	for half, word := range has {
		for word &= r.keys[half]; word != 0; word &= word - 1 {
			for _, i := range r.by[half*64+mathbits.TrailingZeros64(word)] {
				if r.list[i].possible(has) {
					found = append(found, i)
				}
			}
		}
	}
	slices.Sort(found)
	return found
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

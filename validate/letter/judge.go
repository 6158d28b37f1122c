package letter

import (
	"strings"
	"unicode"
)

// Place is where in a message some words stand.
type Place string

// The places.
const (
	Subject Place = "subject"
	Own     Place = "own"     // what the sender wrote
	History Place = "history" // what is quoted below it
)

// The kinds of doubts that no rule has, and the kinds of ordinary rules that have a meaning of
// their own.
const (
	Unclear = "unclear" // a sentence that is not understood, and has a sign of doubt
	CutOff  = "cut"     // the end of the text is missing
	Struck  = "struck"  // something about the order is struck out
	asks    = "question"
	points  = "pointer" // at what is quoted below
	apart   = "aside"   // a sentence about something other than this order
	notices = "notice"  // a sentence that lawyers and programs put below letters
)

// Message is what is judged.
type Message struct {
	Subject string // without "Re:" and our own tags; "" where it is ours
	Own     string // the sender's own text
	History string // the mails quoted below it; they count only where the sender's own words point to them
	Cut     bool   // the end of the text is missing
}

// Remark is a sentence that staff should see.
type Remark struct {
	Quote string // the sentence as typed
	Kind  string // of the rule that found it, or Unclear or CutOff
	Place Place
}

// Judgement is what a letter comes to.
type Judgement struct {
	Doubts    []Remark // each must be read by a person before the form is ordered
	Questions []Remark // what is asked without changing the form
}

// Limits of what is judged of a message. Whoever writes more is read by a person.
const (
	maxSentences = 400
	maxTokens    = 160 // of one sentence
	maxDoubts    = 5
)

// Judge judges a message beside what is known of its forms.
func (w *Words) Judge(m Message, k Known) Judgement { return w.Beside(k).Judge(m) }

// Reader judges several messages beside the same forms. It may be used concurrently.
type Reader struct {
	words *Words
	facts *facts
}

// Beside returns a reader of what stands beside some forms.
func (w *Words) Beside(k Known) *Reader { return &Reader{w, k.ready()} }

// Judge judges a message.
func (r *Reader) Judge(m Message) Judgement {
	j := judge{words: r.words, facts: r.facts}
	j.all(m)
	return j.Judgement
}

// all judges all of a message.
func (j *judge) all(m Message) {
	j.sentence(m.Subject, Subject)
	j.text(m.Own, Own)
	if j.pointed {
		j.text(m.History, History)
	}
	if m.Cut {
		j.doubt(Remark{Kind: CutOff, Place: Own})
	}
}

// maxFarewell is how many words and signs a leave-taking has at most.
const maxFarewell = 8

// judge is the state of one judgement.
type judge struct {
	Judgement
	words   *Words
	facts   *facts
	pointed bool // the sender's own words point to what is quoted below
	noticed bool // the sentence before, in the same line, is a notice
	left    bool // the sender has taken leave: names follow
	has     bits // the elements of patterns that the sentence's words match

	// room that is used again for each sentence
	list  []token
	room  bits
	taken []int
	maybe []int // the rules that may match

	found func(string) // tells a test by what a sentence doubts
}

// tell tells a test by what a sentence doubts.
func (j *judge) tell(why string) {
	if j.found != nil {
		j.found(why)
	}
}

func (j *judge) doubt(r Remark) {
	if len(j.Doubts) < maxDoubts {
		j.Doubts = append(j.Doubts, r)
	}
}

// text judges each sentence of a text.
func (j *judge) text(text string, place Place) {
	text, struck := unstruck(text)
	for _, s := range struck {
		j.struckOut(s, place)
	}
	list := sentences(text, maxSentences)
	if len(list) == maxSentences {
		j.doubt(Remark{Kind: CutOff, Place: place})
	}
	j.left = false
	for _, s := range list {
		j.noticed = j.noticed && !s.first
		j.sentence(strings.TrimLeft(s.text, "> "), place)
	}
}

// sentence judges one sentence.
func (j *judge) sentence(s string, place Place) {
	w := j.words
	if j.list == nil {
		j.list = make([]token, 0, maxTokens/2)
	}
	j.list = w.tokens(s, j.list[:0])
	list := j.list
	if len(list) == 0 {
		return
	}
	if len(list) > maxTokens {
		list = list[:maxTokens]
		j.doubt(Remark{s, Unclear, place})
	}
	w.recognise(list, s, j.facts)
	w.numbers(list, j.facts)
	list = spoken(list)
	if j.left && w.signature(list) {
		return
	}
	j.left = j.left || len(list) <= maxFarewell && list[0].set.has(w.known.farewell)
	j.has, j.room = w.matches(list, j.room)
	asked := false
	j.maybe = w.ordinary.candidates(j.has, j.maybe[:0])
	for _, i := range j.maybe {
		p := &w.ordinary.list[i]
		if j.explain(p, list) {
			switch p.kind {
			case notices:
				j.noticed = true
				return
			case asks:
				asked = true
			case apart:
				if !meets(list, w.acts) && !w.orders(list) {
					use(list)
				}
			case points:
				j.pointed = j.pointed || place != History
			}
		}
	}
	if j.noticed && !meets(list, w.links) { // a notice goes on to the end of its line
		return
	}
	if kind := j.first(&w.told, list); kind != "" {
		j.doubt(Remark{s, kind, place})
		return
	}
	w.bygone(list)
	w.chatter(list)
	w.objects(list)
	if kind := j.first(&w.doubts, list); kind != "" {
		j.doubt(Remark{s, kind, place})
		return
	}
	if sign := j.sign(list, place); sign != "" {
		j.tell("sign " + sign)
		j.doubt(Remark{s, Unclear, place})
		return
	}
	if asked || strings.Contains(s, "?") {
		j.Questions = append(j.Questions, Remark{s, asks, place})
	}
}

// first returns the kind of the first rule that finds something, or "".
func (j *judge) first(rules *rules, list []token) string {
	j.maybe = rules.candidates(j.has, j.maybe[:0])
	for _, i := range j.maybe {
		if p := &rules.list[i]; j.finds(p, list) {
			return p.kind
		}
	}
	return ""
}

// spoken returns the tokens without the signs that mean nothing to a pattern.
func spoken(list []token) []token {
	kept := list[:0]
	for _, t := range list {
		if t.mark && t.set.empty() {
			switch t.text {
			case ",", ";", ":", ".", "!", "?", "(", ")", "€", "%", "+", "=":
			default:
				continue
			}
		}
		kept = append(kept, t)
	}
	return kept
}

// explain takes away what an ordinary pattern finds. It reports whether it found any.
func (j *judge) explain(p *pattern, list []token) bool {
	found := false
	for i := range list {
		if !p.begins(&list[i]) {
			continue
		}
		_, taken, ok := p.match(list, i, false, j.words.negation, j.taken)
		j.taken = taken
		if !ok {
			continue
		}
		for _, at := range taken {
			list[at].used = true
		}
		found = true
	}
	return found
}

// finds reports whether a pattern of doubt is in what is left of a sentence.
func (j *judge) finds(p *pattern, list []token) bool {
	for i := range list {
		if !p.begins(&list[i]) {
			continue
		}
		_, taken, ok := p.match(list, i, true, set{}, j.taken)
		j.taken = taken
		if ok {
			j.tell(p.kind + ": " + p.source)
			return true
		}
	}
	return false
}

// recognise gives tokens the classes that come from the form and from how they are written.
func (w *Words) recognise(list []token, s string, f *facts) {
	at := 0
	shouts := !strings.ContainsFunc(s, unicode.IsLower)
	for i := range list {
		t := &list[i]
		if t.mark {
			if t.text == "@" && i > 0 && i+1 < len(list) && !(f.names[list[i-1].text] && f.names[list[i+1].text]) {
				t.set.add(w.known.address)
			}
			if t.text == "°" && i > 0 && list[i-1].text == "n" {
				list[i-1].set = set{}
				list[i-1].set.add(w.known.label)
			}
			continue
		}
		word := level(t.text)
		switch {
		case f.lines[word] != 0:
			t.set.add(w.known.title)
		case t.set.has(w.known.subject), t.set.has(w.known.level) && !f.levels[word]:
			t.set.add(w.known.other)
		}
		if isPast(t.text) {
			t.set.add(w.known.past)
		}
		if f.schools[t.text] {
			t.set.add(w.known.school)
		}
		if f.names[t.text] {
			t.set.add(w.known.name)
		}
		// find the word as typed, to see whether it has a capital
		for at < len(s) && !isLetterByte(s[at]) {
			at++
		}
		if at < len(s) {
			first := at == 0
			t.upper = s[at] >= 'A' && s[at] <= 'Z' || s[at] == 0xc3 && at+1 < len(s) && s[at+1] < 0xa0
			if t.upper && !first && !shouts && !t.set.has(w.known.digits) {
				t.set.add(w.known.capital)
				if len(t.text) > 3 && !t.set.has(w.known.name) && !t.set.has(w.known.title) &&
					!t.set.has(w.known.month) {
					t.set.add(w.known.stranger)
				}
			} else if t.strange {
				t.set.union(w.trie.guess(t.text))
			}
			for n := 0; n < len(t.text) && at < len(s) && isLetterByte(s[at]); n++ {
				if s[at] >= 0xc0 {
					at++
					for at < len(s) && s[at]&0xc0 == 0x80 {
						at++
					}
				} else {
					at++
				}
			}
		}
	}
	for i := range list {
		if t := &list[i]; t.set.has(w.known.place) && w.otherPlace(list, i, f) {
			t.set.add(w.known.otherschool)
		}
	}
}

// isPast reports whether a word looks like a verb of the past: it ends in -ait or -aient,
// but not like a conditional.
func isPast(word string) bool {
	stem, ok := strings.CutSuffix(word, "aient")
	if !ok {
		stem, ok = strings.CutSuffix(word, "ait")
	}
	if !ok || len(stem) < 3 || strings.HasSuffix(stem, "r") {
		return false
	}
	switch stem {
	case "parf", "souh", "satisf", "forf", "bienf", "conn", "ref", "def", "imparf", "stupef", "contref":
		return false
	}
	return true
}

// otherPlace reports whether a school is named that is not the form's: another kind of
// school, as a college is for a lycée.
func (w *Words) otherPlace(list []token, i int, f *facts) bool {
	named := false
	for j := i + 1; j < min(len(list), i+6); j++ {
		t := &list[j]
		if f.schools[t.text] || t.mark {
			break
		}
		if t.set.has(w.known.stranger) {
			named = true
			break
		}
	}
	switch list[i].text {
	case "lycee", "college", "ecole", "lp", "erea", "cfa", "mfr":
		return named || len(f.schools) > 0 && !f.schools[list[i].text]
	}
	return false
}

func isLetterByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || c >= 0xc0 && c < 0xe2
}

// sign returns the first sign of doubt that nothing explains, or "". A sign counts in a
// clause that is about the order, or in a short sentence.
func (j *judge) sign(list []token, place Place) string {
	w := j.words
	for from := 0; from < len(list); {
		end, topic := from, false
		for ; end < len(list) && (end == from || !clauseEnds(&list[end])); end++ {
			t := &list[end]
			topic = topic || t.set.meets(w.topics) && !t.used
		}
		words := 0
		for i := range list {
			if !list[i].mark {
				words++
			}
		}
		for i := from; i < end; i++ {
			t := &list[i]
			switch {
			case t.used:
			case t.set.has(w.known.number) && place == Subject && !w.amounts(list, i): // a reference
			case t.set.meets(w.sign):
				if t.set.without(w.negation).meets(w.sign) && topic && words <= maxSign ||
					topic && words <= maxNegation || words <= 4 ||
					t.set.has(w.known.number) && !small(t) && w.counts(list, i) {
					return t.text
				}
			case w.imperative(list, i) && (topic || words <= 6):
				return t.text
			}
		}
		from = end
	}
	return ""
}

// maxNegation is how many words a sentence has at most in which a negation counts that no
// rule knows. In longer ones most negations are of other things.
const maxNegation = 14

// maxSign is the same for other signs.
const maxSign = 30

// small reports whether a number is one of the few that are words of any text.
func small(t *token) bool { return t.value >= 0 && t.value <= 3 && !isDigit(t.text[0]) }

// counts reports whether a number may be a quantity: something that is ordered stands
// beside it, or nothing.
func (w *Words) counts(list []token, i int) bool {
	if i+1 >= len(list) || list[i+1].mark {
		return true
	}
	for j := i + 1; j < min(len(list), i+4); j++ {
		if list[j].set.meets(w.topics) || list[j].set.has(w.known.money) ||
			list[j].text == "en" || list[j].text == "pour" {
			return true
		}
	}
	return false
}

// amounts reports whether a number of a subject may be a quantity: what is ordered stands
// close before it, or behind it.
func (w *Words) amounts(list []token, i int) bool {
	for j := max(0, i-3); j < i; j++ {
		if list[j].set.has(w.known.title) || list[j].set.has(w.known.other) || list[j].set.has(w.known.unit) {
			return true
		}
	}
	return i+1 < len(list) && !list[i+1].mark && w.counts(list, i)
}

// orders reports whether a word of a sentence looks like an imperative.
func (w *Words) orders(list []token) bool {
	for i := range list {
		if w.imperative(list, i) {
			return true
		}
	}
	return false
}

// imperative reports whether a word looks like an imperative of the second person: it
// ends in -ez, and no "vous" stands before it.
func (w *Words) imperative(list []token, i int) bool {
	t := &list[i]
	if t.mark || len(t.text) < 5 || !strings.HasSuffix(t.text, "ez") || t.upper && i > 0 {
		return false
	}
	for n := i - 1; n >= max(0, i-3); n-- {
		switch list[n].text {
		case "vous", "que", "qui":
			return false
		}
	}
	return i+1 >= len(list) || list[i+1].text != "vous"
}

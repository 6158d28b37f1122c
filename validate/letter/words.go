package letter

import (
	"fmt"
	"slices"
	"strings"

	"bdc/order"
)

// Words are the words and rules of [order.LetterWords], made ready to be looked for.
// They do not change, and may be used concurrently.
type Words struct {
	classes  map[string]int // the bit of each class
	trie     trie           // of the words of classes
	steps    steps
	ordinary rules
	told     rules
	doubts   rules
	topics   set // the classes of words about the order
	links    set // the classes of words that tie a clause to the order
	acts     set // the classes of what is done to an order
	beside   set // the classes of words that stand beside names
	notNames set // the classes of words that are no names even if written as such
	negation set
	sign     set // the classes of words that no sentence passes with, unless a rule takes them away
	known    commonClasses
}

// mostClasses is how many classes of words a set can have.
const mostClasses = 128

// set is a set of classes of words.
type set [mostClasses / 64]uint64

func (s set) has(bit int) bool      { return s[bit>>6]&(1<<(bit&63)) != 0 }
func (s *set) add(bit int)          { s[bit>>6] |= 1 << (bit & 63) }
func (s *set) union(o set)          { s[0] |= o[0]; s[1] |= o[1] }
func (s set) meets(o set) bool      { return s[0]&o[0]|s[1]&o[1] != 0 }
func (s set) empty() bool           { return s[0]|s[1] == 0 }
func (s *set) remove(o set)         { s[0] &^= o[0]; s[1] &^= o[1] }
func (s set) without(o set) (t set) { t = s; t.remove(o); return t }

// commonClasses are the classes that the code itself speaks of.
type commonClasses struct {
	number, ordinal, date, hour, year, title, level, other, school, fact, imperative, name   int
	negation, condition, request, contrast, restrict                                         int
	subject, unit, street, month, weekday, label, money                                      int
	line, digits, duration, foreign, place, past, capital, stranger, otherschool, strangeUAI int
	address, life, file, cancelled, ordinals, mail, farewell                                 int
}

// made are the classes that no list has words for: the code gives them to tokens.
var made = []string{
	"number", "ordinal", "date", "hour", "year", "title", "other", "imperative", "name", "digits", "foreign", "capital",
	"stranger", "otherschool", "address", "ownschool", "fact", "strangeuai",
}

// New makes rules and words ready. The error names the first entry that is wrong.
func New(data *order.LetterWords) (*Words, error) {
	w := &Words{classes: map[string]int{}, trie: newTrie()}
	w.steps = steps{
		trie: newTrie(), ids: map[string]int{}, signs: map[string][]int{}, ofClass: make([][]int, mostClasses),
	}
	for _, name := range made {
		w.classes[name] = len(w.classes)
	}
	names := make([]string, 0, len(data.Words))
	for name := range data.Words {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, twice := w.classes[name]; !twice {
			w.classes[name] = len(w.classes)
		}
	}
	if len(w.classes) > mostClasses {
		return nil, fmt.Errorf("letter: %d classes of words, at most %d", len(w.classes), mostClasses)
	}
	for _, name := range names {
		for _, word := range data.Words[name] {
			stem, isStem := strings.CutSuffix(word, "*")
			if order.FoldKey(stem) != stem || stem == "" {
				return nil, fmt.Errorf("letter: class %s: %q is no folded word", name, word)
			}
			w.trie.add(stem, w.classes[name], isStem)
		}
	}
	w.common()
	ordinary, err := w.compileAll(data.Ordinary)
	if err != nil {
		return nil, err
	}
	told, err := w.compileAll(data.Told)
	if err != nil {
		return nil, err
	}
	doubts, err := w.compileAll(data.Doubt)
	if err != nil {
		return nil, err
	}
	if len(w.trie.nodes) > mostNodes || len(w.steps.trie.nodes) > mostNodes {
		return nil, fmt.Errorf("letter: too many words, at most %d letters", mostNodes)
	}
	w.ordinary, w.told, w.doubts = w.index(ordinary), w.index(told), w.index(doubts)
	return w, nil
}

// common looks up the classes that the code speaks of.
func (w *Words) common() {
	c := func(name string) int {
		bit, ok := w.classes[name]
		if !ok {
			bit = len(w.classes)
			w.classes[name] = bit
		}
		return bit
	}
	w.known = commonClasses{
		number: c("number"), ordinal: c("ordinal"), date: c("date"), hour: c("hour"), year: c("year"),
		title: c("title"), level: c("level"), other: c("other"), school: c("ownschool"), fact: c("fact"),
		imperative: c("imperative"), name: c("name"), digits: c("digits"), foreign: c("foreign"),
		negation: c("negation"), condition: c("condition"), request: c("request"), contrast: c("contrast"),
		restrict: c("restrict"), subject: c("subject"), unit: c("unit"),
		street: c("street"), month: c("month"), weekday: c("weekday"), label: c("label"), money: c("money"),
		line:     c("line"),
		duration: c("duration"), place: c("place"), past: c("past"), capital: c("capital"), stranger: c("stranger"),
		otherschool: c("otherschool"), address: c("address"), strangeUAI: c("strangeuai"), life: c("life"),
		file: c("file"), cancelled: c("cancelled"), ordinals: c("ordinals"), mail: c("mail"), farewell: c("farewell"),
	}
	w.negation.add(w.known.negation)
	for _, name := range []string{
		"order", "file", "line", "unit", "title", "other", "cancel", "wait", "serve", "quote", "test", "paper", "terms",
		"complaint", "otherschool", "matter",
	} {
		w.topics.add(c(name))
	}
	for _, name := range []string{
		"role", "label", "street", "place", "month", "weekday", "hour", "year", "fact", "date", "level",
	} {
		w.beside.add(c(name))
	}
	for _, name := range []string{
		"order", "file", "line", "unit", "title", "other", "cancelled", "quote", "test", "discount", "serve", "handle",
		"already", "otherschool", "number", "duration", "terms", "complaint", "pay",
	} {
		w.notNames.add(c(name))
	}
	for _, name := range []string{"cancel", "drop", "change", "add", "wait"} {
		w.acts.add(c(name))
	}
	for _, name := range []string{
		"order", "file", "line", "unit", "title", "other", "level", "subject", "ownschool", "otherschool", "place",
		"quote", "pay", "terms", "discount", "paper", "serve", "test", "money", "duration", "tie",
	} {
		w.links.add(c(name))
	}
	for _, bit := range []int{
		w.known.number, w.known.negation, w.known.condition, w.known.request, w.known.contrast, w.known.restrict,
		w.known.imperative,
	} {
		w.sign.add(bit)
	}
}

func (w *Words) compileAll(rules []order.LetterRule) ([]pattern, error) {
	list := make([]pattern, len(rules))
	for i, r := range rules {
		var err error
		if list[i], err = w.compile(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

package letter

// trie finds the classes of a word, and the elements of patterns that it matches: those of
// the words that it is, and of the stems that it begins with.
type trie struct {
	nodes []node
	lists [][]int // of elements, by number from 1 on
}

// node is small, so that a walk stays in the processor's memory.
type node struct {
	next               [36]uint16 // by letter or digit; 0 for none
	wordList, stemList uint16     // the elements that the word that ends here, or what begins so, matches
	words              set        // the classes of the word that ends here
	stems              set        // the classes of the words that begin so
}

// mostNodes is how many nodes a trie can have.
const mostNodes = 1 << 16

// newTrie returns a trie without words.
func newTrie() trie { return trie{nodes: make([]node, 1)} }

// child returns the node after one letter, or 0.
func (t *trie) child(at uint16, c byte) uint16 {
	switch {
	case 'a' <= c && c <= 'z':
		return t.nodes[at].next[c-'a']
	case '0' <= c && c <= '9':
		return t.nodes[at].next[c-'0'+26]
	}
	return 0
}

// add adds a word or a stem to a class.
func (t *trie) add(word string, class int, stem bool) {
	if at := t.reach(word); stem {
		t.nodes[at].stems.add(class)
	} else {
		t.nodes[at].words.add(class)
	}
}

// addStep adds a word or a stem that an element of patterns matches.
func (t *trie) addStep(word string, id int, stem bool) {
	n := &t.nodes[t.reach(word)]
	list := &n.wordList
	if stem {
		list = &n.stemList
	}
	if *list == 0 {
		t.lists = append(t.lists, nil)
		*list = uint16(len(t.lists))
	}
	t.lists[*list-1] = append(t.lists[*list-1], id)
}

// reach returns the node where a word of letters and digits ends. It makes what is missing.
func (t *trie) reach(word string) uint16 {
	at := uint16(0)
	for i := range len(word) {
		next := t.child(at, word[i])
		if next == 0 {
			next = uint16(len(t.nodes))
			t.nodes = append(t.nodes, node{})
			c := word[i] - 'a'
			if word[i] <= '9' {
				c = word[i] - '0' + 26
			}
			t.nodes[at].next[c] = next
		}
		at = next
	}
	return at
}

// steps adds the elements that a word matches to b, and to all.
func (t *trie) steps(word string, b, all bits) {
	at := uint16(0)
	for i := range len(word) {
		if at = t.child(at, word[i]); at == 0 {
			return
		}
		if list := t.nodes[at].stemList; list != 0 {
			b.addAll(t.lists[list-1], all)
		}
	}
	if list := t.nodes[at].wordList; list != 0 {
		b.addAll(t.lists[list-1], all)
	}
}

// find returns the classes of a word, as written.
func (t *trie) find(word string) set {
	var found set
	at := uint16(0)
	for i := range len(word) {
		at = t.child(at, word[i])
		if at == 0 {
			return found
		}
		found.union(t.nodes[at].stems)
	}
	found.union(t.nodes[at].words)
	return found
}

// Words are known with one wrong letter from minSlip letters on; from minOther on it may be
// another letter: shorter words are then other words, as denis is for devis.
const (
	minSlip  = 5
	minOther = 8
)

// guess returns the classes of the words that differ from the given one by one letter
// within it: one too many, one missing, another, or two exchanged. The first letter and
// the last two are right, since a French word has many endings.
func (t *trie) guess(word string) set {
	var found set
	if len(word) < minSlip {
		return found
	}
	at := t.child(0, word[0])
	for i := 1; at != 0 && i < len(word)-2; i++ {
		rest := word[i:]
		same := t.child(at, rest[0])
		for _, next := range &t.nodes[at].next {
			if next == 0 || next == same {
				continue
			}
			t.exact(next, rest, i+1, minStem, &found) // one is missing
			if len(word) >= minOther {
				t.exact(next, rest[1:], i+1, len(word), &found) // another
			}
			if next == t.child(at, rest[1]) {
				if swapped := t.child(next, rest[0]); swapped != 0 {
					t.exact(swapped, rest[2:], i+2, minStem, &found)
				}
			}
		}
		t.exact(at, rest[1:], i, minStem, &found) // one too many
		at = same
	}
	return found
}

// minStem is the length of a stem that is known with a wrong letter in it.
const minStem = 6

// exact adds the classes of words that go on from a node, at some depth, with the rest,
// and those of stems of at least some length.
func (t *trie) exact(at uint16, rest string, depth, stem int, found *set) {
	for {
		if depth >= stem {
			found.union(t.nodes[at].stems)
		}
		if rest == "" {
			if depth >= minSlip {
				found.union(t.nodes[at].words)
			}
			return
		}
		if at = t.child(at, rest[0]); at == 0 {
			return
		}
		rest, depth = rest[1:], depth+1
	}
}

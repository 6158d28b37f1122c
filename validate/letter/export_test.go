package letter

// Trace judges a message, and returns the rules that matched.
func (w *Words) Trace(m Message, k Known) (Judgement, []string) {
	var j judge
	j.words, j.facts, j.trace = w, k.ready(), true
	j.all(m)
	return j.Judgement, append(j.hits, j.taken_...)
}

// Tokens shows how a sentence is taken, for whoever mends a rule.
func (w *Words) Tokens(s string, k Known) string {
	list := w.tokens(s)
	f := k.ready()
	w.recognise(list, s, f)
	w.numbers(list, f)
	out := ""
	for i := range list {
		t := &list[i]
		out += t.text + "["
		for name, bit := range w.classes {
			if t.set.has(bit) {
				out += name + " "
			}
		}
		if t.used {
			out += "USED"
		}
		out += "] "
	}
	return out
}

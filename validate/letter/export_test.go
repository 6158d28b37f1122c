package letter

// Finds reports whether the only rule of doubt is found in a sentence.
func (w *Words) Finds(s string, k Known) bool {
	j := judge{words: w, facts: k.ready()}
	for _, s := range sentences(s, maxSentences) {
		s := s.text
		list := w.tokens(s, nil)
		w.recognise(list, s, j.facts)
		w.numbers(list, j.facts)
		list = spoken(list)
		for i := range list {
			list[i].used = false
		}
		j.has, _ = w.matches(list, nil)
		if j.first(&w.doubts, list) != "" {
			return true
		}
	}
	return false
}

// Trace judges a message, and returns why each of its doubts is one.
func (w *Words) Trace(m Message, k Known) (Judgement, []string) {
	var hits []string
	j := judge{words: w, facts: k.ready(), found: func(rule string) { hits = append(hits, rule) }}
	j.all(m)
	return j.Judgement, hits
}

package letter

// bygone takes away the clauses that tell of the past.
func (w *Words) bygone(list []token) {
	all := false
	for from := 0; from < len(list); {
		end, past := from, all
		for ; end < len(list) && (end == from || !clauseEnds(&list[end])); end++ {
			t := &list[end]
			past = past || t.set.has(w.known.past)
			if end > from && end <= from+4 &&
				(t.text == "dernier" || t.text == "derniere" || t.text == "passe" || t.text == "passee") {
				switch list[end-1].text {
				case "an", "annee", "fois", "rentree", "printemps", "ete":
					past = true
					all = all || from == 0
				}
			}
		}
		if past {
			for i := from; i < end; i++ {
				list[i].used = true
			}
		}
		from = end
	}
}

// chatter takes away what is about life and not about the order: the whole sentence, or
// clauses of it. What asks something of the reader stays.
func (w *Words) chatter(list []token) {
	if w.idle(list) {
		return
	}
	for from := 0; from < len(list); {
		end := from + 1
		for end < len(list) && !clauseEnds(&list[end]) {
			end++
		}
		w.idle(list[from:end])
		from = end
	}
}

// meets reports whether a word is of one of some classes.
func meets(list []token, classes set) bool {
	for i := range list {
		if list[i].set.meets(classes) {
			return true
		}
	}
	return false
}

// idle takes words away if they are chatter, and reports whether they are.
func (w *Words) idle(list []token) bool {
	life := false
	for i := range list {
		t := &list[i]
		life = life || t.set.has(w.known.life)
		if t.set.meets(w.links) && !t.set.has(w.known.life) ||
			t.text == "veuillez" || t.text == "merci" || w.imperative(list, i) {
			return false
		}
	}
	if life {
		use(list)
	}
	return life
}

// use takes words away.
func use(list []token) {
	for i := range list {
		list[i].used = true
	}
}

// clauseEnds reports whether a clause ends before a token.
func clauseEnds(t *token) bool {
	switch t.text {
	case ",", ";", ":", "(", ")", "mais", "donc", "puis", "car", "parce":
		return true
	}
	return false
}

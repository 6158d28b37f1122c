package letter

// objects explains the verbs of a sentence whose object is none of the order: who annuls
// a meeting or takes back a word says nothing of the form. An object is a noun behind an
// article or a possessive; a pronoun may mean the order, and so does no object at all.
func (w *Words) objects(list []token) {
	for i := range list {
		t := &list[i]
		switch {
		case t.mark || t.used || t.set.meets(w.links):
		case t.set.meets(w.acts) && w.foreignObject(list, i),
			t.set.has(w.known.cancelled) && w.foreignSubject(list, i):
			t.used = true
		}
	}
}

// foreignObject reports whether the object of the verb at a place is a noun that has
// nothing to do with an order.
func (w *Words) foreignObject(list []token, at int) bool {
	i := at + 1
	for n := 0; n < 3 && i < len(list) && isAdverb(list[i].text); n++ {
		i++
	}
	if i < len(list) && (list[i].text == "a" || list[i].text == "de") {
		i++
	}
	if i >= len(list) || !isArticle(list[i].text) && list[i].text != "au" && list[i].text != "aux" {
		return false
	}
	return w.foreignNoun(list, i+1)
}

// foreignSubject reports the same of the subject of the participle at a place: the first
// noun of its clause.
func (w *Words) foreignSubject(list []token, at int) bool {
	from := at
	for from > 0 && !clauseEnds(&list[from-1]) {
		from--
	}
	for i := from; i+1 < at; i++ {
		if isArticle(list[i].text) {
			return w.foreignNoun(list, i+1)
		}
	}
	return false
}

// foreignNoun reports whether none of the words at a place, up to the next but two, is of
// an order.
func (w *Words) foreignNoun(list []token, at int) bool {
	if at >= len(list) || list[at].mark {
		return false
	}
	for i := at; i < min(len(list), at+3) && !clauseEnds(&list[i]); i++ {
		t := &list[i]
		if t.set.meets(w.links) || t.set.meets(w.topics) || t.set.has(w.known.ordinals) || t.set.has(w.known.level) ||
			t.set.has(w.known.mail) || t.value >= 0 || t.set.has(w.known.ordinal) || t.set.has(w.known.school) {
			return false
		}
		if i > at && isArticle(t.text) || t.text == "et" {
			break
		}
	}
	switch list[at].text {
	case "precedent", "precedente", "ancien", "ancienne", "tout", "toute", "tous", "toutes", "reste", "deux", "meme",
		"autre", "autres", "dernier", "derniere", "processus", "procedure", "achat", "achats", "envoi", "traitement",
		"saisie", "vente", "enregistrement", "activation", "ouverture":
		return false
	}
	return true
}

func isArticle(word string) bool {
	switch word {
	case "le", "la", "les", "l", "un", "une", "des", "mon", "ma", "mes", "ton", "ta", "tes", "son", "sa", "ses",
		"notre", "nos", "votre", "vos", "leur", "leurs", "chaque", "ce", "cet", "cette", "ces":
		return true
	}
	return false
}

func isAdverb(word string) bool {
	switch word {
	case "donc", "svp", "bien", "aussi", "plutot", "vite", "egalement", "simplement", "meme", "enfin", "deja":
		return true
	}
	return false
}

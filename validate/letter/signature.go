package letter

// signature reports whether a sentence below the leave-taking is a line of a signature:
// all of its words are names that the form or the sender's address has, or it has the
// shape of one, names and what stands beside names, and no word that could be about the
// order.
func (w *Words) signature(list []token) bool {
	named, shaped := true, true
	for i := range list {
		t := &list[i]
		if t.mark {
			continue
		}
		named = named && t.set.has(w.known.name)
		shaped = shaped && (t.upper || t.used || t.set.has(w.known.name) || t.set.meets(w.beside)) &&
			(t.used || !t.set.meets(w.sign)) && !t.set.meets(w.acts) && !t.set.meets(w.notNames)
	}
	return named || shaped
}

package letter

import "strings"

// strike stands before and after what is struck out in a text.
const strike = "~~"

// unstruck returns a text without what is struck out in it, and the parts that are. A
// strike that nothing ends strikes nothing; nor does a line of tildes.
func unstruck(text string) (plain string, struck []string) {
	parts := strings.Split(text, strike)
	if len(parts) < 3 {
		return text, nil
	}
	var b strings.Builder
	for i, part := range parts {
		switch {
		case i%2 == 0:
			b.WriteString(part)
		case i == len(parts)-1:
			b.WriteString(strike + part)
		default:
			b.WriteByte(' ')
			if part = strings.TrimSpace(part); strings.IndexFunc(part, isWord) >= 0 {
				struck = append(struck, part)
			}
		}
	}
	return b.String(), struck
}

// struckOut doubts where what is struck out is about the order: its writer has changed
// their mind, and may not have changed the form.
func (j *judge) struckOut(s string, place Place) {
	w := j.words
	list := w.tokens(s, j.list[:0])
	w.recognise(list, s, j.facts)
	for i := range list {
		t := &list[i]
		if t.set.meets(w.links) || t.set.meets(w.topics) || t.set.meets(w.acts) ||
			t.set.has(w.known.cancelled) || t.set.has(w.known.number) {
			j.doubt(Remark{strike + s + strike, Struck, place})
			return
		}
	}
}

package letter

import "strings"

// numbers explains the numbers of a sentence that are no quantities, and those that agree
// with the form. What stays a number doubts.
func (w *Words) numbers(list []token, f *facts) {
	compose(list, w)
	for i := range list {
		t := &list[i]
		if t.text == "sept" && i > 0 && list[i-1].set.has(w.known.date) {
			t.set.remove(w.sign)
			t.value = -1
		}
		switch {
		case t.value < 0 || t.used:
		case t.set.has(w.known.digits) && w.figures(list, i, f):
		case t.set.has(w.known.number):
			w.counted(list, i, f)
		}
	}
	for i := range list {
		if t := &list[i]; t.value == f.orders && f.orders > 1 { // "deux commandes"
			t.used = true
		}
		if t := &list[i]; t.value == max(1, f.orders) && i+1 < len(list) && list[i+1].set.has(w.known.file) {
			t.used = true
		}
		if t := &list[i]; small(t) && !(i+1 < len(list) && !list[i+1].mark && w.counts(list, i)) {
			t.set.remove(w.sign)
		}
		if t := &list[i]; t.set.has(w.known.number) && !t.used && w.agrees(list, i, f) {
			t.used = true
		}
	}
}

// compose makes one number of those that are written in several words: "trente-trois".
func compose(list []token, w *Words) {
	for i := 0; i < len(list); i++ {
		if list[i].set.has(w.known.digits) && len(list[i].text) <= 2 && list[i].value > 0 && i+1 < len(list) &&
			list[i+1].set.has(w.known.number) && len(list[i+1].text) == 3 && (i == 0 || list[i-1].value < 0) &&
			(i+2 == len(list) || !list[i+2].set.has(w.known.digits)) { // "1 200"
			list[i].text += list[i+1].text
			list[i].value = list[i].value*1000 + list[i+1].value
			list[i+1].value, list[i+1].set, list[i+1].used = -1, set{}, true
			continue
		}
		if list[i].value < 0 || list[i].set.has(w.known.digits) {
			continue
		}
		n, last := list[i].value, i
		for j := i + 1; j < len(list); j++ {
			t := &list[j]
			switch {
			case t.mark && t.text == "-" || t.text == "et" && n >= 20:
				continue
			case t.value == 20 && n%100 == 4:
				n += 76
			case n < 10 && t.value >= 10 &&
				(strings.HasPrefix(t.text, "dizaine") || strings.HasPrefix(t.text, "douzaine")):
				n *= t.value
			case t.value == 100 && n > 1 && n < 10:
				n *= 100
			case t.value > 0 && t.value < 20 && n >= 20 && n%10 == 0 && !t.set.has(w.known.digits),
				t.value > 0 && t.value < 100 && n >= 100 && n%100 == 0 && !t.set.has(w.known.digits),
				t.value > 6 && t.value < 10 && n%100 == 10:
				n += t.value
			case (t.text == "un" || t.text == "une") && n >= 20 && n%10 == 0 && j > 0 && list[j-1].text == "et":
				n++
			default:
				j = len(list)
				continue
			}
			last = j
		}
		list[i].value = n
		for j := i + 1; j <= last; j++ {
			list[j].value, list[j].set = -1, set{}
			list[j].used = true
		}
	}
}

// figures explains a number in digits by its shape and its neighbours: a telephone
// number, a date, a time, a year, an address, a reference. It reports whether it did.
func (w *Words) figures(list []token, i int, f *facts) bool {
	t := &list[i]
	if w.explained(t, f) {
		return true
	}
	if len(t.text) == 7 && i+1 < len(list) && len(list[i+1].text) == 1 && !list[i+1].mark {
		t.set.remove(w.sign)
		t.set.add(w.known.strangeUAI)
		return true
	}
	for j := i - 1; j >= max(0, i-3); j-- {
		if list[j].text == "compte" || list[j].text == "interforum" {
			return true // another account than the form's
		}
	}
	// a run of digits with signs between: 01 00 00 22 10, 978-2-…, 30/11/2026, 14:30
	end, digits, parts := i+1, len(t.text), 1
	sign := ""
	for end < len(list) {
		j := end
		if list[j].mark && isJoint(list[j].text) && j+1 < len(list) && list[j+1].set.has(w.known.digits) {
			sign = list[j].text
			j++
		} else if list[j].mark || sign != "" && sign != "." && sign != "-" {
			break
		}
		if !list[j].set.has(w.known.digits) || list[j].set.has(w.known.ordinal) {
			break
		}
		digits += len(list[j].text)
		parts++
		end = j + 1
	}
	use := func(class int) bool {
		for j := i; j < end; j++ {
			list[j].set.remove(w.sign)
			list[j].set.add(class)
			list[j].used = class == w.known.fact
		}
		return true
	}
	switch {
	case parts == 1 && digits == 13 || parts > 1 && digits == 13 && sign == "-":
		text := ""
		for j := i; j < end; j++ {
			if !list[j].mark {
				text += list[j].text
			}
		}
		if f.lines[text] != 0 {
			return use(w.known.title)
		}
		t.set.add(w.known.other)
		return true
	case digits >= 8 && parts >= 3, digits == 10 && t.text[0] == '0', digits >= 9 && digits != 13 && parts <= 3:
		return use(w.known.fact) // a telephone number, a SIRET, an IBAN
	case parts >= 2 && sign == "/" && t.value <= 31, parts == 3 && (sign == "-" || sign == ".") && digits >= 6:
		return use(w.known.date)
	case parts == 2 && sign == ":" && len(list[i+2].text) == 2 && t.value < 25:
		return use(w.known.hour)
	case len(t.text) == 4 && t.value >= 1900 && t.value < 2060 && !w.priced(list, end):
		return use(w.known.year)
	case parts == 2 && sign == "-" && w.labelled(list, i):
		return use(w.known.fact)
	case parts == 2 && (sign == "," || sign == ".") && (end < len(list) || len(list[i+2].text) == 2): // an amount
		cents := t.value*100 + atoi((list[i+2].text + "0")[:2])
		list[i+2].set.remove(w.sign)
		if f.amounts[cents] {
			return use(w.known.fact)
		}
		return true
	}
	next := func(n int) *token {
		if i+n < len(list) {
			return &list[i+n]
		}
		return &token{}
	}
	before := func(n int) *token {
		if i-n >= 0 {
			return &list[i-n]
		}
		return &token{}
	}
	end = i + 1
	switch {
	case i == 0 && (next(1).text == "." || next(1).text == ")" || next(1).text == "|"), // in a list
		len(t.text) > 1 && t.text[0] == '0', before(1).text == ":" && len(list) <= 8 &&
			next(1).text == "" && t.value <= 1:
		return use(w.known.fact)
	case next(1).set.has(w.known.month):
		return use(w.known.date)
	case before(1).set.has(w.known.weekday) && t.value <= 31:
		return use(w.known.date)
	case before(1).text == "du" && next(1).text == "au" && t.value <= 31,
		before(1).text == "au" && before(2).set.has(w.known.date):
		return use(w.known.date)
	case next(1).text == "°":
		return use(w.known.fact)
	case before(1).text == "du" && t.value <= 31 && i+1 < len(list) && !next(1).set.meets(w.topics),
		before(1).text == "au" && t.value <= 31 && (next(1).mark || next(1).text == ""):
		return use(w.known.date)
	case before(1).text == "le" && t.value <= 31 && (next(1).mark || next(1).text == ""):
		return use(w.known.date)
	case next(1).text == "h" || next(1).text == "heures" || next(1).text == "heure":
		return use(w.known.hour)
	case next(1).set.has(w.known.street), next(1).text == "," && next(2).set.has(w.known.street),
		(next(1).text == "bis" || next(1).text == "ter") &&
			(next(2).set.has(w.known.street) || next(3).set.has(w.known.street)):
		return use(w.known.fact)
	case len(t.text) == 5 && (next(1).upper || next(1).text == ""), next(1).text == "cedex":
		return use(w.known.fact)
	case w.labelled(list, i):
		return use(w.known.fact)
	case before(1).text == "(" && next(1).text == ")" && len(t.text) != 1 && len(t.text) != 3:
		// a département, or a code
		return use(w.known.fact)
	case w.priced(list, i+1):
		if f.amounts[t.value*100] {
			return use(w.known.fact)
		}
		t.set.add(w.known.money)
		return true
	}
	return false
}

// explained reports whether a number is one of the form's names: its account, postal
// code or reference.
func (w *Words) explained(t *token, f *facts) bool {
	if len(t.text) >= 4 && (f.names[t.text] || len(t.text) >= 6 && t.text[0] == '0' && f.names[t.text[1:]]) {
		t.used = true
		return true
	}
	return false
}

// priced reports whether a unit of money stands at a place.
func (w *Words) priced(list []token, at int) bool {
	return at < len(list) && list[at].set.has(w.known.money)
}

// labelled reports whether a label such as "n°" or "facture" stands before a number,
// perhaps with letters between: "facture FA-2026-118".
func (w *Words) labelled(list []token, i int) bool {
	for j := i - 1; j >= max(0, i-5); j-- {
		t := &list[j]
		switch {
		case t.set.has(w.known.label):
			return true
		case t.mark && (isJoint(t.text) || t.text == "°" || t.text == "#"), t.set.has(w.known.digits):
		case len(t.text) <= 4 && t.upper:
		default:
			return false
		}
	}
	return false
}

func isJoint(sign string) bool {
	switch sign {
	case ".", "-", "/", ":", ",":
		return true
	}
	return false
}

// counted explains a number by what it counts: hours, colleagues, years that the form
// says.
func (w *Words) counted(list []token, i int, f *facts) {
	t := &list[i]
	first := i + 1
	for first < len(list) && (list[first].used && list[first].value < 0 || list[first].text == "-") { // its other words
		first++
	}
	for j := first; j < min(len(list), first+3); j++ {
		next := &list[j]
		switch {
		case next.set.has(w.known.duration):
			if f.durations[duration(t.value, next.text)] {
				t.used = true
			}
			return
		case next.set.has(w.known.foreign):
			t.used = true
			if strings.HasPrefix(next.text, "heure") && j+1 < len(list) && list[j+1].value >= 0 { // "dix heures trente"
				list[j+1].used = true
			}
			return
		case next.set.has(w.known.money) && f.amounts[t.value*100]:
			t.set.add(w.known.fact)
			t.used = true
			return
		case next.text == "dizaines":
			t.value *= 10
			next.used = true
			return
		case next.mark, next.set.has(w.known.unit), next.set.has(w.known.line), next.value >= 0, next.text == "en",
			next.text == "pour":
			return
		}
	}
}

// agrees reports whether a number is a quantity as the form says it: of the title or
// level that is named beside it, or of any line where none is.
func (w *Words) agrees(list []token, i int, f *facts) bool {
	n := list[i].value
	if !f.any(n) || i+1 < len(list) && list[i+1].set.has(w.known.duration) {
		return false
	}
	right, strange := w.about(list, i, 1, f)
	left, strange2 := w.about(list, i, -1, f)
	switch {
	case right == 0 && !strange && f.total() == n, right != 0 && f.has(right, n), left != 0 && f.has(left, n):
		return true
	case right != 0 || left != 0 || strange || strange2:
		return false
	}
	return true
}

// about returns the lines whose titles or levels stand on one side of a number, up to the
// next number; strange is whether a title or level stands there that the form does not
// have.
func (w *Words) about(list []token, i, step int, f *facts) (lines uint64, strange bool) {
	joined := step > 0
	for j := i + step; j >= 0 && j < len(list); j += step {
		t := &list[j]
		if t.set.has(w.known.number) && t.value >= 0 {
			if joined {
				continue // "28 et 12 pour les premières"
			}
			break
		}
		joined = joined && (t.text == "et" || t.text == "," || t.text == "+")
		if bits := f.lines[level(t.text)]; bits != 0 && !t.mark {
			if lines&bits != 0 {
				lines &= bits
			} else {
				lines |= bits
			}
		} else if t.set.has(w.known.other) {
			strange = true
		}
	}
	return lines, strange
}

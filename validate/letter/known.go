package letter

import (
	"strconv"
	"strings"

	"bdc/order"
)

// Known is what the form, or the forms, beside a letter say. A letter that says the same
// is ordinary.
type Known struct {
	Orders []*order.Order
	Sender string // the sender's name
}

// facts are what the forms say, made ready to be compared with.
type facts struct {
	quantities []int
	lines      map[string]uint64 // which lines a word of a title, a level or an EAN means
	names      map[string]bool   // words of the school, the bookseller and the contact, and numbers that name them
	schools    map[string]bool   // words of the school's name and town
	amounts    map[int]bool      // in cents
	durations  map[string]bool   // "1 an"
	orders     int               // how many there are
	levels     map[string]bool   // "2de"
	teachers   bool              // all lines are for teachers
	pupils     bool              // all lines are for pupils
}

// ready returns the facts of what is known.
func (k Known) ready() *facts {
	f := &facts{
		lines: map[string]uint64{}, names: map[string]bool{}, schools: map[string]bool{}, amounts: map[int]bool{},
		durations: map[string]bool{}, levels: map[string]bool{}, teachers: true, pupils: true,
	}
	f.name(k.Sender)
	total := 0
	f.orders = len(k.Orders)
	for _, o := range k.Orders {
		sum := 0
		for _, l := range o.Lines {
			f.line(l)
			sum += l.Quantity
			if p := l.Price(); p != nil {
				total += int(*p) * l.Quantity
			}
		}
		for _, field := range o.Fields {
			f.name(field)
		}
		f.name(o.Establishment)
		for _, word := range strings.FieldsFunc(order.Fold(o.Establishment+" "+o.Town), notWord) {
			switch word {
			case "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "sous", "sur":
			default:
				f.schools[word] = true
			}
		}
		f.name(o.Reference)
		f.name(o.UAI.String())
		f.names[strings.TrimRight(order.Fold(o.UAI.String()), "abcdefghijklmnopqrstuvwxyz")] = true
		f.names[strings.TrimLeft(o.Account, "0")] = true
		f.amounts[int(o.Total)] = true
		f.amounts[int(o.Total)/100*100] = true
	}
	f.amounts[total] = true
	f.amounts[(total*1055+500)/1000] = true // with the tax of books
	f.amounts[(total*12+5)/10] = true       // with the tax of services
	return f
}

func notWord(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
}

// name adds the words of a name to those that are known.
func (f *facts) name(s string) {
	for _, word := range strings.FieldsFunc(order.Fold(s), notWord) {
		f.names[word] = true
	}
}

// line adds what a line of the form says.
func (f *facts) line(l order.Line) {
	n := len(f.quantities)
	f.quantities = append(f.quantities, l.Quantity)
	bit := uint64(1) << min(n, 63)
	for _, word := range strings.FieldsFunc(order.Fold(l.Title), notWord) {
		if len(word) > 2 || word[0] <= '9' {
			f.lines[level(word)] |= bit
			f.levels[level(word)] = true
		}
	}
	f.lines[l.EAN.String()] |= bit
	for _, p := range []*order.Cents{l.Price(), l.UnitPrice} {
		if p != nil {
			f.amounts[int(*p)] = true
			f.amounts[int(*p)*l.Quantity] = true
		}
	}
	f.durations[order.Fold(l.Duration)] = true
	licence := order.Fold(l.Licence)
	f.teachers = f.teachers && strings.Contains(licence, "enseignant")
	f.pupils = f.pupils && strings.Contains(licence, "eleve")
}

// has reports whether some lines have a quantity: one of them, or all together.
func (f *facts) has(lines uint64, quantity int) bool {
	sum := 0
	for i, q := range f.quantities {
		if lines&(1<<min(i, 63)) != 0 {
			if q == quantity {
				return true
			}
			sum += q
		}
	}
	return sum == quantity
}

// total is the sum of all quantities.
func (f *facts) total() int {
	sum := 0
	for _, q := range f.quantities {
		sum += q
	}
	return sum
}

// any reports whether a number is one of the form's quantities, their sum, the sum of
// two of them or how many lines there are.
func (f *facts) any(n int) bool {
	for i, q := range f.quantities {
		if q == n {
			return true
		}
		for _, other := range f.quantities[:min(i, 50)] {
			if q+other == n {
				return true
			}
		}
	}
	return n == f.total() || n == len(f.quantities)
}

// level returns the one way in which a level of classes is written.
func level(word string) string {
	switch word {
	case "seconde", "secondes", "2nde", "2ndes", "2des", "2nd", "2nds", "2ds", "2d":
		return "2de"
	case "premiere", "premieres", "1ere", "1eres", "1res":
		return "1re"
	case "terminale", "terminales", "tles", "term", "terms", "termin":
		return "tle"
	case "sixieme", "sixiemes", "6eme", "6emes", "6es":
		return "6e"
	case "cinquieme", "cinquiemes", "5eme", "5emes", "5es":
		return "5e"
	case "quatrieme", "quatriemes", "4eme", "4emes", "4es":
		return "4e"
	case "troisieme", "troisiemes", "3eme", "3emes", "3es":
		return "3e"
	}
	return word
}

// duration is a number of years or months as a form says it.
func duration(n int, unit string) string {
	switch {
	case strings.HasPrefix(unit, "mois") && n%12 == 0 && n > 0:
		n /= 12
	case strings.HasPrefix(unit, "mois"):
		return strconv.Itoa(n) + " mois"
	}
	if n == 1 {
		return "1 an"
	}
	return strconv.Itoa(n) + " ans"
}

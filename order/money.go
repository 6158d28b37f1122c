package order

import "strconv"

// Cents is an amount of money in euro cents: before tax (hors taxes, HT) unless a
// comment says otherwise.
type Cents int64

// String is the amount as French prints it: "1 234,50 €", with narrow no-break
// spaces between thousands and a no-break space before the sign.
func (c Cents) String() string {
	var digits [20]byte
	n := uint64(c)
	text := make([]byte, 0, 48)
	if c < 0 {
		n = -n
		text = append(text, '-')
	}
	euros := strconv.AppendUint(digits[:0], n/100, 10)
	for i, d := range euros {
		if i > 0 && (len(euros)-i)%3 == 0 {
			text = append(text, "\u202f"...)
		}
		text = append(text, d)
	}
	text = append(text, ',', byte('0'+n%100/10), byte('0'+n%10))
	return string(append(text, "\u00a0€"...))
}

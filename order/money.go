package order

import "fmt"

// Cents is an amount in euro cents, before tax (HT) unless said otherwise.
type Cents int64

// String is the amount as French prints it: "1 234,50 €", with narrow no-break
// spaces between thousands and a no-break space before the sign.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	euros := fmt.Sprint(int64(c) / 100)
	for i := len(euros) - 3; i > 0; i -= 3 {
		euros = euros[:i] + "\u202f" + euros[i:]
	}
	return fmt.Sprintf("%s%s,%02d\u00a0€", sign, euros, int64(c)%100)
}

package order

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// VAT is how an offer is taxed. Most offers have one rate; the price of a title that
// combines a book with something else is split over several. A nil VAT means that the
// catalogue does not say.
type VAT []VATShare

// VATShare is the part of a price before tax that is taxed at one rate.
type VATShare struct {
	Rate  int `json:"rate"`  // thousandths: 55 is 5.5%
	Share int `json:"share"` // thousandths of the price; the shares of one VAT are AllShares together
}

// AllShares is what the shares of one VAT are together.
const AllShares = 1000

// SingleVAT is the VAT of an offer that is taxed at one rate, in thousandths.
func SingleVAT(rate int) VAT { return VAT{{rate, AllShares}} }

// String writes the rates in percent, each with its share of the price where there are
// several: "5,5 %", or "5,5 % (70 %) + 20 % (30 %)", as a catalogue has it; "" for nil.
func (v VAT) String() string {
	var parts []string
	for _, s := range v {
		part := Percent(s.Rate)
		if len(v) > 1 {
			part += " (" + Percent(s.Share) + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " + ")
}

// Percent writes thousandths as French prints them: 55 is "5,5 %", with a no-break space.
func Percent(thousandths int) string {
	return strings.Replace(strconv.FormatFloat(float64(thousandths)/10, 'f', -1, 64), ".", ",", 1) + "\u00a0%"
}

// UnmarshalJSON reads a list of shares. It also reads a number, the single rate in
// thousandths, as registers had it before they knew of shares; 0 meant that there was
// none.
func (v *VAT) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] != '[' && b[0] != 'n' {
		var rate int
		err := json.Unmarshal(b, &rate)
		if *v = nil; rate != 0 {
			*v = SingleVAT(rate)
		}
		return err
	}
	return json.Unmarshal(b, (*[]VATShare)(v))
}

// Equal reports whether two offers are the same in everything.
func (o Offer) Equal(other Offer) bool {
	return o.Reference == other.Reference && o.EAN == other.EAN && o.Duration == other.Duration &&
		o.Licence == other.Licence && o.Adopter == other.Adopter && o.Minimum == other.Minimum &&
		o.Price == other.Price && slices.Equal(o.VAT, other.VAT) &&
		o.From.Equal(other.From) && o.Until.Equal(other.Until)
}

package validate

import (
	"errors"
	"strings"

	"bdc/order"
)

// Codes about the school's code.
const (
	CodeUAIMissing order.Code = "uai.missing"
	CodeUAIFormat  order.Code = "uai.format"
	CodeUAIKey     order.Code = "uai.key" // Args: letter, the one that fits
	CodeUAIUnknown order.Code = "uai.unknown"
	CodeUAINone    order.Code = "uai.none"
)

func normalizeUAI(text string) reading {
	code := strings.ToUpper(squeeze(text))
	_, err := order.ParseUAI(code)
	switch {
	case err == nil:
		return taken(code, text)
	case errors.Is(err, order.ErrUAIKey):
		letter := fittingLetter(code[:7])
		r := faulty(CodeUAIKey, order.Error)
		r.args = map[string]string{"letter": letter}
		r.proposal = code[:7] + letter // if it is the letter that is wrong
		return r
	default:
		return faulty(CodeUAIFormat, order.Error)
	}
}

// fittingLetter is the check letter of seven digits.
func fittingLetter(digits string) string {
	for c := 'A'; c <= 'Z'; c++ {
		if _, err := order.ParseUAI(digits + string(c)); err == nil {
			return string(c)
		}
	}
	return ""
}

// withoutUAI reports whether the form says that the school has no UAI, and
// gives none. A UAI wins over the box.
func (c *checker) withoutUAI() bool {
	return c.header.value(order.FieldUAI) == "" && c.header.value(order.FieldNoUAI) != ""
}

// school fills in what identifies the school and looks its UAI up. A UAI with
// the right key that the directory lacks is for a person to decide: directories
// lag behind openings.
func (c *checker) school() {
	o := &c.order
	o.Establishment = o.Fields[order.FieldEstablishment]
	o.Postcode = o.Fields[order.FieldPostcode]
	o.Town = o.Fields[order.FieldTown]
	o.Sector = sectorOf(o.Fields[order.FieldSector])
	if c.withoutUAI() {
		c.add(CodeUAINone, order.Hold, order.FieldNoUAI, nil)
		return
	}
	uai, ok := c.header.sound(order.FieldUAI)
	if !ok {
		return
	}
	o.UAI, _ = order.ParseUAI(uai) // it is sound
	if !c.reg.Has(Directory) {
		return
	}
	sites, known := c.reg.Schools(o.UAI)
	if !known {
		c.add(CodeUAIUnknown, order.Hold, order.FieldUAI, nil)
		return
	}
	if o.Sector == "" {
		o.Sector = sites[0].Sector // one UAI is one legal body, whatever its sites
	}
}

// sectorOf reads "Public", "privé sous contrat" and the like; "" is neither.
func sectorOf(status string) string {
	switch status = fold(status); {
	case strings.HasPrefix(status, "publi"):
		return "public"
	case strings.HasPrefix(status, "priv"):
		return "privé"
	default:
		return ""
	}
}

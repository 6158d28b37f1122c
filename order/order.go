package order

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // so that Paris is known on any machine
)

// Status says how far we have come with an accepted order.
type Status string

// The statuses of an order.
const (
	Received  Status = "received"  // it has its number
	Checked   Status = "checked"   // a person has checked it
	Opened    Status = "opened"    // the school has its service
	Cancelled Status = "cancelled" // it keeps its number, and nothing is done about it
)

// French is the status as people read it: « Reçue ».
func (s Status) French() string {
	switch s {
	case Received:
		return "Reçue"
	case Checked:
		return "Vérifiée"
	case Opened:
		return "Ouverte"
	case Cancelled:
		return "Annulée"
	}
	return string(s)
}

// Step is one change of an order's status.
type Step struct {
	Status Status    `json:"status"`         // the new one
	At     time.Time `json:"at"`             // UTC
	Actor  string    `json:"actor"`          // a user's name
	Note   string    `json:"note,omitempty"` // the person's words, or ""
}

// May reports whether an order of status s may be given the status next. That may be the
// status after s; the status before s, to take back a step; or Cancelled, which is final.
func (s Status) May(next Status) bool {
	switch s {
	case Received:
		return next == Checked || next == Cancelled
	case Checked:
		return next == Opened || next == Received || next == Cancelled
	case Opened:
		return next == Checked || next == Cancelled
	}
	return false
}

// Line is one line of an order, with its values normalised.
type Line struct {
	EAN       EAN    `json:"ean"`             // of the title or of the offer; zero where only Offer was given
	Offer     string `json:"offer,omitempty"` // offer reference
	Quantity  int    `json:"quantity"`
	Title     string `json:"title"`                // as typed, else the catalogue's
	ListTitle string `json:"list_title,omitempty"` // the catalogue's; "" where it is Title, or not known
	Publisher string `json:"publisher,omitempty"`
	Duration  string `json:"duration"`                   // how long it may be used: "1 an"
	Licence   string `json:"licence,omitempty"`          // who may use it: "Élève"
	UnitPrice *Cents `json:"unit_price_cents"`           // before tax, as typed; nil where none was typed
	ListPrice *Cents `json:"list_price_cents,omitempty"` // before tax, of the catalogue; nil where it is not known
	VAT       VAT    `json:"vat,omitempty"`              // the catalogue's when the line was read; nil: not known
	Remark    string `json:"remark,omitempty"`
	Sheet     string `json:"sheet"`
	Row       int    `json:"row"`
}

// Price is the line's unit price before tax: that of the catalogue, else the one that
// was typed, else nil.
func (l Line) Price() *Cents {
	if l.ListPrice != nil {
		return l.ListPrice
	}
	return l.UnitPrice
}

// Gist says in short what a line asks for: its EAN, or its offer reference where it has no
// EAN, and the quantity, as in "3133091001018 × 28".
func (l Line) Gist() string {
	what := l.Offer
	if !l.EAN.IsZero() {
		what = l.EAN.String()
	}
	return what + " × " + strconv.Itoa(l.Quantity)
}

// Order is one order for one school, with its values normalised. A draft that fails its
// checks is made into an Order too, as far as it could be read, for people to look at;
// it has no number.
type Order struct {
	Number        string            `json:"number"` // "CNS-2026-000001"; "" until recorded
	Status        Status            `json:"status"`
	Verdict       Verdict           `json:"verdict"`
	ReceivedAt    time.Time         `json:"received_at"` // UTC
	MessageID     string            `json:"message_id"`
	From          string            `json:"from"`
	Account       string            `json:"account"`   // Interforum account number
	Reference     string            `json:"reference"` // the bookseller's own
	UAI           UAI               `json:"uai"`
	Establishment string            `json:"establishment"`
	Postcode      string            `json:"postcode"`
	Town          string            `json:"town"`
	Sector        string            `json:"sector"` // "public", "privé" or "": decides the way of invoicing
	Fields        map[string]string `json:"fields"` // the value of every form field, by its id
	Lines         []Line            `json:"lines"`
	Total         Cents             `json:"total_cents,omitempty"` // before tax, of the lines whose price is known
	Part          string            `json:"part,omitempty"`        // the attachment it was read from
	Workbook      Hash              `json:"workbook,omitempty"`    // the hash of that attachment
	Findings      []Finding         `json:"findings,omitempty"`
	Message       *Key              `json:"message,omitempty"` // the message that it came with
	Case          string            `json:"case,omitempty"`    // the code of the case in which it was accepted, or ""
	Steps         []Step            `json:"steps,omitempty"`   // the changes of its status, oldest first
	Erased        *Erased           `json:"erased,omitempty"`  // that its fields of people are gone; nil before
}

// Identity returns a key that two orders have in common exactly when they ask for the
// same thing: they have the same account, UAI (or the same name and postal code of the
// school, where there is no UAI), reference and lines. The order of the lines does not
// matter. Erasing an order does not change its Identity.
func (o *Order) Identity() string {
	if o.Erased != nil {
		return o.Erased.Identity
	}
	lines := make([]string, len(o.Lines))
	for i, l := range o.Lines {
		line := []string{l.EAN.String(), l.Offer, strconv.Itoa(l.Quantity), l.Duration, l.Licence}
		lines[i] = strings.Join(line, "\x1f")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(o.ReferenceKey() + "\x1e" + strings.Join(lines, "\x1e")))
	return hex.EncodeToString(sum[:16])
}

// Gists returns the Gist of each line of the order, sorted.
func (o *Order) Gists() []string {
	gists := make([]string, len(o.Lines))
	for i, l := range o.Lines {
		gists[i] = l.Gist()
	}
	slices.Sort(gists)
	return gists
}

// Ends returns when the last licence of the order ends, if each begins on the day on which the
// order was received. A year has 365 days, and one that has begun counts whole. A line whose
// duration is not known counts as one of a year.
func (o *Order) Ends() time.Time {
	years := 1
	for _, l := range o.Lines {
		years = max(years, yearsIn(l.Duration))
	}
	return o.ReceivedAt.Add(time.Duration(years) * 365 * 24 * time.Hour)
}

// yearsIn returns the number of years that a duration such as "3 ans" or "36 mois" says, or 0.
func yearsIn(duration string) int {
	n, rest := 0, strings.TrimSpace(duration)
	for rest != "" && rest[0] >= '0' && rest[0] <= '9' && n < 100 {
		n, rest = 10*n+int(rest[0]-'0'), rest[1:]
	}
	switch unit := strings.ToLower(strings.TrimSpace(rest)); {
	case strings.HasPrefix(unit, "an"):
		return n
	case strings.HasPrefix(unit, "mois"):
		return (n + 11) / 12
	}
	return 0
}

// ReferenceKey returns a key that two orders have in common when they have the same
// account, school and reference, whatever their lines. Letter case does not matter.
func (o *Order) ReferenceKey() string {
	school := o.UAI.String()
	if school == "" {
		school = strings.ToLower(o.Establishment) + "\x1f" + o.Postcode
	}
	return o.Account + "\x1f" + school + "\x1f" + strings.ToLower(o.Reference)
}

// ReferenceSum returns the hash of the order's ReferenceKey, or "" for an order without a
// reference. Erasing an order does not change it.
func (o *Order) ReferenceSum() Hash {
	switch {
	case o.Erased != nil:
		return o.Erased.Reference
	case o.Reference == "":
		return ""
	}
	return Sum([]byte(o.ReferenceKey()))
}

// Number formats an order number: the year in which it was given, in Europe/Paris, and
// its rank among the numbers of that year, from 1.
func Number(year int, rank uint64) string { return fmt.Sprintf("CNS-%d-%06d", year, rank) }

// Year is the year in which the moment t falls in Europe/Paris.
func Year(t time.Time) int { return t.In(Paris).Year() }

// Paris is the time zone of every date that people read.
var Paris = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic("order: embedded time zone data: " + err.Error())
	}
	return loc
}()

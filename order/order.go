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

// Status is how far the service of an accepted order has come.
type Status string

// The statuses of an order.
const (
	Received  Status = "received"
	Checked   Status = "checked"
	Opened    Status = "opened"
	Cancelled Status = "cancelled"
)

// French says a status: « Reçue ».
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
	Status Status    `json:"status"`
	At     time.Time `json:"at"` // UTC
	Actor  string    `json:"actor"`
	Note   string    `json:"note,omitempty"`
}

// May reports whether an order goes from a status to another: on by one, back by
// one where somebody was too quick, or away for good.
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

// Line is one line of an order, normalised.
type Line struct {
	EAN       EAN    `json:"ean"`             // of the title or of the offer; zero where only Offer was given
	Offer     string `json:"offer,omitempty"` // offer reference
	Quantity  int    `json:"quantity"`
	Title     string `json:"title"`
	Publisher string `json:"publisher,omitempty"`
	Duration  string `json:"duration"`
	Licence   string `json:"licence,omitempty"`
	UnitPrice *Cents `json:"unit_price_cents"`           // HT, as typed; nil where none was
	ListPrice *Cents `json:"list_price_cents,omitempty"` // HT, of the offer in the catalogue, which counts; nil where it is not known
	Remark    string `json:"remark,omitempty"`
	Sheet     string `json:"sheet"`
	Row       int    `json:"row"`
}

// Price is the line's unit price HT: the catalogue's, else the one typed, else nil.
func (l Line) Price() *Cents {
	if l.ListPrice != nil {
		return l.ListPrice
	}
	return l.UnitPrice
}

// Gist is what a line asks for, and how many: "3133091001018 × 28".
func (l Line) Gist() string {
	what := l.Offer
	if !l.EAN.IsZero() {
		what = l.EAN.String()
	}
	return what + " × " + strconv.Itoa(l.Quantity)
}

// Order is one order for one school, normalised. A draft that fails its checks
// still makes one, as far as it could be read, for people to look at.
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
	Sector        string            `json:"sector"` // "public", "privé" or "": who is invoiced how
	Fields        map[string]string `json:"fields"` // every form field by its id, normalised
	Lines         []Line            `json:"lines"`
	Total         Cents             `json:"total_cents,omitempty"` // HT, of the lines whose price is known
	Part          string            `json:"part,omitempty"`        // the attachment it was read from
	Workbook      Hash              `json:"workbook,omitempty"`    // that attachment's bytes
	Findings      []Finding         `json:"findings,omitempty"`
	Message       *Key              `json:"message,omitempty"` // that it came with
	Case          string            `json:"case,omitempty"`    // the code of the case that it came of
	Steps         []Step            `json:"steps,omitempty"`   // of its status since it was received
}

// Identity is the same for two orders that ask for the same thing: account,
// UAI (else the school's name and postal code), reference and lines, in any
// order of the lines.
func (o *Order) Identity() string {
	lines := make([]string, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = l.EAN.String() + "\x1f" + l.Offer + "\x1f" + strconv.Itoa(l.Quantity) + "\x1f" + l.Duration + "\x1f" + l.Licence
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(o.ReferenceKey() + "\x1e" + strings.Join(lines, "\x1e")))
	return hex.EncodeToString(sum[:16])
}

// Gists are those of the order's lines, sorted.
func (o *Order) Gists() []string {
	gists := make([]string, len(o.Lines))
	for i, l := range o.Lines {
		gists[i] = l.Gist()
	}
	slices.Sort(gists)
	return gists
}

// ReferenceKey is the same for two orders under the same reference of the same
// account for the same school, whatever their lines.
func (o *Order) ReferenceKey() string {
	school := o.UAI.String()
	if school == "" {
		school = strings.ToLower(o.Establishment) + "\x1f" + o.Postcode
	}
	return o.Account + "\x1f" + school + "\x1f" + strings.ToLower(o.Reference)
}

// Number formats an order number of the year in which it was given (in
// Europe/Paris) and its rank in that year, from 1.
func Number(year int, rank uint64) string { return fmt.Sprintf("CNS-%d-%06d", year, rank) }

// Year is the year of a moment in France.
func Year(t time.Time) int { return t.In(Paris).Year() }

// Paris is the zone of every date that people read.
var Paris = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic("order: embedded time zone data: " + err.Error())
	}
	return loc
}()

package order

import "time"

// School is one site of an establishment in the directory of schools (annuaire). Several
// sites may have the same UAI.
type School struct {
	UAI      UAI       `json:"uai"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind,omitempty"`   // "Collège", "Lycée"…
	Sector   string    `json:"sector,omitempty"` // "public" or "privé"
	Contract string    `json:"contract,omitempty"`
	Address  string    `json:"address,omitempty"`
	Postcode string    `json:"postcode,omitempty"`
	Town     string    `json:"town,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Email    string    `json:"email,omitempty"`
	Opened   time.Time `json:"opened,omitzero"` // zero where the directory does not say
	Closed   time.Time `json:"closed,omitzero"` // zero while it is open
}

// Offer is one way to buy a title: for how long, for whom, at which price.
type Offer struct {
	Reference string    `json:"reference"` // "9782091194264_001"
	EAN       EAN       `json:"ean"`       // of the offer, where it has one of its own
	Duration  string    `json:"duration,omitempty"`
	Licence   string    `json:"licence,omitempty"`
	Adopter   bool      `json:"adopter,omitempty"` // only for classes that adopted the paper book
	Minimum   int       `json:"minimum,omitempty"` // smallest quantity; 0 means 1
	Price     Cents     `json:"price,omitempty"`   // before tax
	VAT       int       `json:"vat,omitempty"`     // the rate in thousandths: 55 is 5.5%
	From      time.Time `json:"from,omitzero"`     // when it can first be ordered; zero: no bound
	Until     time.Time `json:"until,omitzero"`    // when it can last be ordered; zero: no bound
}

// Title is one entry of the catalogue, with its offers.
type Title struct {
	EAN         EAN     `json:"ean"`
	Name        string  `json:"name"`
	Publisher   string  `json:"publisher,omitempty"`
	Distributor string  `json:"distributor,omitempty"`
	Physical    bool    `json:"physical,omitempty"`  // a paper book, which is ordered through Dilicom and not here
	Elsewhere   bool    `json:"elsewhere,omitempty"` // not sold through the CNS
	Offers      []Offer `json:"offers,omitempty"`
}

// Account is a bookseller's account (compte Libraire).
type Account struct {
	Number   string   `json:"number"` // Interforum account number
	Name     string   `json:"name"`
	Emails   []string `json:"emails"`  // addresses that may order for it, lower case
	Domains  []string `json:"domains"` // domains of which every address may order for it, lower case
	Address  string   `json:"address,omitempty"`
	Postcode string   `json:"postcode,omitempty"`
	Town     string   `json:"town,omitempty"`
	Inactive bool     `json:"inactive,omitempty"`
	Hand     *Hand    `json:"hand,omitempty"` // what people changed; nil where nobody changed anything
}

// Hand is what people changed of an account by hand, on top of the imported file.
//
// What they added to the senders of an account, or took from these, stays so whatever is
// imported later, and an account that they created stays. The other facts are again
// those of the file with the next import that has the account.
type Hand struct {
	Created bool      `json:"created,omitempty"` // no imported file has had the account yet
	Added   []string  `json:"added,omitempty"`   // senders that the file lacks: addresses, or domains as "@example.org"
	Struck  []string  `json:"struck,omitempty"`  // senders that the file has and that may not order, in the same form
	Facts   bool      `json:"facts,omitempty"`   // the account's Facts are not those of the file
	Actor   string    `json:"actor"`             // who made the last change: a user's name
	At      time.Time `json:"at"`                // when that was, UTC
}

// Facts are what an account says of its bookseller besides who may order.
type Facts struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Postcode string `json:"postcode"`
	Town     string `json:"town"`
	Inactive bool   `json:"inactive"`
}

// Facts returns the account's facts.
func (a Account) Facts() Facts { return Facts{a.Name, a.Address, a.Postcode, a.Town, a.Inactive} }

// AccountEdit is what a person wants to change of an account.
type AccountEdit struct {
	Number string
	New    bool     // the account does not exist yet: it is created with Add and Facts
	Add    []string // senders to add: addresses, or domains as "@example.org"
	Strike []string // senders to take away, in the same form
	Facts  *Facts   // the new facts; nil to leave the account's as they are
	Seen   Facts    // if Facts is not nil: the account's facts as the person saw them
	Actor  string   // a user's name
	At     time.Time
}

// Import says what it changed to replace a register by a file.
type Import struct {
	Register  string    `json:"register"` // "annuaire", "catalogue" or "libraires"
	At        time.Time `json:"at"`
	Actor     string    `json:"actor,omitempty"`     // who imported it: a user's name, or "bdc" for the command line
	File      string    `json:"file,omitempty"`      // the file's name
	Revision  uint64    `json:"revision,omitempty"`  // of the register, given by the store: it rises
	Rows      int       `json:"rows"`                // rows read from the file
	Entries   int       `json:"entries"`             // entries that the register has now
	Added     int       `json:"added"`               // of these, entries that it did not have before
	Changed   int       `json:"changed"`             // entries that it had with other values
	Removed   int       `json:"removed"`             // entries that it had and has no longer
	Closed    int       `json:"closed"`              // entries that were open and are closed now
	Skipped   []string  `json:"skipped,omitempty"`   // rows left out, each with its line and the reason; at most 100
	SkippedN  int       `json:"skipped_rows"`        // how many rows were left out
	Overruled []string  `json:"overruled,omitempty"` // accounts changed by hand that the file changed; at most 100
	SourceSum Hash      `json:"source,omitempty"`    // the hash of the file, or of the hashes of several
	Accepted  int       `json:"accepted,omitempty"`  // waiting orders that were accepted; not stored
}

package order

import "time"

// School is one site of an establishment in the directory (annuaire). A UAI may
// have several.
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
	Opened   time.Time `json:"opened,omitzero"`
	Closed   time.Time `json:"closed,omitzero"` // zero while open
}

// Offer is one way to buy a title.
type Offer struct {
	Reference string    `json:"reference"` // "9782091194264_001"
	EAN       EAN       `json:"ean"`
	Duration  string    `json:"duration,omitempty"`
	Licence   string    `json:"licence,omitempty"`
	Adopter   bool      `json:"adopter,omitempty"` // for classes that adopted the paper book
	Minimum   int       `json:"minimum,omitempty"` // smallest quantity; 0 means 1
	Price     Cents     `json:"price,omitempty"`   // HT
	VAT       int       `json:"vat,omitempty"`     // in thousandths: 55 is 5.5%
	From      time.Time `json:"from,omitzero"`
	Until     time.Time `json:"until,omitzero"`
}

// Title is one entry of the catalogue.
type Title struct {
	EAN         EAN     `json:"ean"`
	Name        string  `json:"name"`
	Publisher   string  `json:"publisher,omitempty"`
	Distributor string  `json:"distributor,omitempty"`
	Physical    bool    `json:"physical,omitempty"`  // a paper book: ordered through Dilicom
	Elsewhere   bool    `json:"elsewhere,omitempty"` // not sold through the CNS
	Offers      []Offer `json:"offers,omitempty"`
}

// Account is a bookseller's account (compte Libraire).
type Account struct {
	Number   string   `json:"number"` // Interforum account number
	Name     string   `json:"name"`
	Emails   []string `json:"emails"`  // addresses that may order for it, lower case
	Domains  []string `json:"domains"` // every address of these may, lower case
	Address  string   `json:"address,omitempty"`
	Postcode string   `json:"postcode,omitempty"`
	Town     string   `json:"town,omitempty"`
	Inactive bool     `json:"inactive,omitempty"`
	Hand     *Hand    `json:"hand,omitempty"` // nil where nobody changed it
}

// Hand is what people changed of an account. What they registered or struck off
// stays so whatever is imported later, and so does an account that they created;
// the rest is the file's again with the next import that has the account.
type Hand struct {
	Created bool      `json:"created,omitempty"` // no file had the account yet
	Added   []string  `json:"added,omitempty"`   // addresses, and domains as "@example.org", that the file lacks
	Struck  []string  `json:"struck,omitempty"`  // likewise, that the file has
	Facts   bool      `json:"facts,omitempty"`   // other than the file's
	Actor   string    `json:"actor"`             // of the last change
	At      time.Time `json:"at"`
}

// Facts are what an account says of its bookseller besides who may order.
type Facts struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Postcode string `json:"postcode"`
	Town     string `json:"town"`
	Inactive bool   `json:"inactive"`
}

// Facts are the account's.
func (a Account) Facts() Facts { return Facts{a.Name, a.Address, a.Postcode, a.Town, a.Inactive} }

// AccountEdit is what a person changes of an account.
type AccountEdit struct {
	Number string
	New    bool     // there is none yet: it is created, of Add and Facts
	Add    []string // addresses, and domains as "@example.org"
	Strike []string // likewise
	Facts  *Facts   // instead of the account's; nil where they stay
	Seen   Facts    // as the person saw them, where they change
	Actor  string
	At     time.Time
}

// Import is what replacing a register by a file changed.
type Import struct {
	Register  string    `json:"register"` // "annuaire", "catalogue" or "libraires"
	At        time.Time `json:"at"`
	Actor     string    `json:"actor,omitempty"`    // who imported: a user's name, or "bdc" for a subcommand
	File      string    `json:"file,omitempty"`     // its name
	Revision  uint64    `json:"revision,omitempty"` // given by the store: rises with each change of the register, from 1
	Rows      int       `json:"rows"`               // read from the file
	Entries   int       `json:"entries"`
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Removed   int       `json:"removed"`
	Closed    int       `json:"closed"`
	Skipped   []string  `json:"skipped,omitempty"` // rows left out, each with its line and reason; at most 100
	SkippedN  int       `json:"skipped_rows"`
	Overruled []string  `json:"overruled,omitempty"` // accounts that people had changed, each with what the file set instead; at most 100
	SourceSum Hash      `json:"source,omitempty"`
	Accepted  int       `json:"accepted,omitempty"` // orders that had waited for it; told to whoever imported, and not kept
}

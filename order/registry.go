package order

import "time"

// School is one site of an establishment in the directory of schools (annuaire). Several
// sites may have the same UAI.
type School struct {
	UAI      UAI       `json:"uai"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind,omitempty"`     // "Collège", "Lycée"…
	Sector   string    `json:"sector,omitempty"`   // "public" or "privé"
	Contract string    `json:"contract,omitempty"` // of a private school with the state, as the directory words it
	Address  string    `json:"address,omitempty"`
	Postcode string    `json:"postcode,omitempty"`
	Town     string    `json:"town,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Email    string    `json:"email,omitempty"`
	SIRET    SIRET     `json:"siret,omitzero"`   // zero where the directory has none
	Nature   int       `json:"nature,omitempty"` // the directory's code of its kind, three digits: 306; 0: unknown
	Pupils   int       `json:"pupils,omitempty"` // of all sites with this UAI together; 0: unknown
	Opened   time.Time `json:"opened,omitzero"`  // zero where the directory does not say
	Closed   time.Time `json:"closed,omitzero"`  // zero while it is open
}

// Offer is one way to buy a title: for how long, for whom, at which price.
type Offer struct {
	Reference string    `json:"reference"`          // "9782091194264_001"
	EAN       EAN       `json:"ean"`                // of the offer, where it has one of its own
	Duration  string    `json:"duration,omitempty"` // how long it may be used, as in the file: "1 an"
	Licence   string    `json:"licence,omitempty"`  // who may use it, as in the file: "Élève"
	Adopter   bool      `json:"adopter,omitempty"`  // only for classes that adopted the paper book
	Minimum   int       `json:"minimum,omitempty"`  // smallest quantity; 0 means 1
	Price     Cents     `json:"price,omitempty"`    // before tax
	VAT       VAT       `json:"vat,omitempty"`      // nil where the catalogue does not say
	From      time.Time `json:"from,omitzero"`      // when it can first be ordered; zero: no bound
	Until     time.Time `json:"until,omitzero"`     // when it can last be ordered; zero: no bound
}

// Title is one entry of the catalogue, with its offers.
type Title struct {
	EAN         EAN     `json:"ean"`
	Name        string  `json:"name"`
	Publisher   string  `json:"publisher,omitempty"`
	Distributor string  `json:"distributor,omitempty"`
	Author      string  `json:"author,omitempty"`
	Level       string  `json:"level,omitempty"`     // for which classes, as in the file: "Seconde"
	Ark         string  `json:"ark,omitempty"`       // its identifier in the GAR: "ark:/49591/CNS000000101.p"
	Cover       string  `json:"cover,omitempty"`     // the address of a picture of its cover, http or https
	Physical    bool    `json:"physical,omitempty"`  // a paper book, which is ordered through Dilicom and not here
	Elsewhere   bool    `json:"elsewhere,omitempty"` // not sold by the CNS (Canal numérique des savoirs), our shop
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
	Inactive bool     `json:"inactive,omitempty"` // it is closed: a person decides about each order under it
	Hand     *Hand    `json:"hand,omitempty"`     // what people changed; nil where nobody changed anything
}

// Hand is what people changed of an account by hand, on top of the imported file.
//
// An import keeps the senders that people added or struck, and the accounts that they
// created. It does not keep the Facts that they changed: if the imported file has the
// account, the account gets the file's facts.
type Hand struct {
	Created bool      `json:"created,omitempty"` // no imported file has had the account yet
	Added   []string  `json:"added,omitempty"`   // senders that the file lacks: addresses, or domains as "@example.org"
	Struck  []string  `json:"struck,omitempty"`  // senders that the file has and that may not order, in the same form
	Facts   bool      `json:"facts,omitempty"`   // the account's Facts are not those of the file
	Actor   string    `json:"actor"`             // who made the last change: a user's name
	At      time.Time `json:"at"`                // when that was, UTC
}

// Facts are the fields of an Account that tell of the bookseller, and not of who may
// order.
type Facts struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Postcode string `json:"postcode"`
	Town     string `json:"town"`
	Inactive bool   `json:"inactive"`
}

// Facts returns the fields of the account that are its facts.
func (a Account) Facts() Facts { return Facts{a.Name, a.Address, a.Postcode, a.Town, a.Inactive} }

// AccountEdit is what a person wants to change of an account.
type AccountEdit struct {
	Number string
	New    bool     // the account does not exist yet: it is created with Add and Facts
	Add    []string // senders to add: addresses, or domains as "@example.org"
	Strike []string // senders to take away, in the same form
	Facts  *Facts   // the new facts; nil to leave the account's as they are
	Seen   Facts    // if Facts is not nil: the facts as the person saw them; the edit is refused if they have changed
	Actor  string   // a user's name
	At     time.Time
}

// Import tells of one replacement of a register by a file, or of an import undone: who did
// it, and how the new entries differ from the old ones.
type Import struct {
	Register  string    `json:"register"` // "annuaire", "catalogue" or "libraires"
	At        time.Time `json:"at"`
	Actor     string    `json:"actor,omitempty"`     // who imported it: a user's name, or "bdc" for the command line
	File      string    `json:"file,omitempty"`      // the file's name
	Undoes    time.Time `json:"undoes,omitzero"`     // the moment of the import that it undid; File is then that one's
	Revision  uint64    `json:"revision,omitempty"`  // of the register, given by the store: it rises
	Rows      int       `json:"rows"`                // rows read from the file
	Entries   int       `json:"entries"`             // entries that the register has now
	Added     int       `json:"added"`               // of these, entries that it did not have before
	Changed   int       `json:"changed"`             // entries that it had with other values
	Removed   int       `json:"removed"`             // entries that it had and has no longer
	Closed    int       `json:"closed"`              // entries that were open and are closed now
	Skipped   []string  `json:"skipped,omitempty"`   // rows left out, each with its line and the reason; at most 100
	SkippedN  int       `json:"skipped_rows"`        // how many rows were left out
	Dropped   []string  `json:"dropped,omitempty"`   // values left out of rows that were taken; at most 100
	DroppedN  int       `json:"dropped_n,omitempty"` // how many values were left out
	Overruled []string  `json:"overruled,omitempty"` // accounts changed by hand that the file changed; at most 100
	SourceSum Hash      `json:"source,omitempty"`    // the hash of the file; of several files, a hash of their hashes
	Accepted  int       `json:"accepted,omitempty"`  // waiting orders that were accepted; not stored
}

// Preview tells what an import changes, or would change, with examples.
type Preview struct {
	// Import is the report of the import. Its Revision is that which the register has
	// before the import; 0 if nothing was ever imported.
	Import Import `json:"import"`
	// Replaced is how many entries the import replaces: those that the register has, or,
	// if the file has only one kind of school, those of this kind.
	Replaced int      `json:"replaced"`
	Examples Examples `json:"examples,omitzero"`
	// Done says that the register was replaced. If it is false, nothing was changed.
	Done bool `json:"done"`
}

// Drastic reports whether the import removes more than a tenth of what it replaces, so
// that somebody has to say that this is meant.
func (p Preview) Drastic() bool { return 10*p.Import.Removed > p.Replaced }

// MaxExamples is how many examples there are of each kind of difference.
const MaxExamples = 10

// Examples are some of the differences that an import makes, at most MaxExamples of each
// kind: of added, changed and closed entries the first of the file, of removed entries the
// first of the register.
type Examples struct {
	Added   []Example `json:"added,omitempty"`
	Changed []Example `json:"changed,omitempty"`
	Closed  []Example `json:"closed,omitempty"`
	Removed []Example `json:"removed,omitempty"`
}

// Example is one entry that an import adds, changes, closes or removes.
type Example struct {
	Key     string        `json:"key"`               // its UAI, EAN or account number
	Name    string        `json:"name"`              // of what is added or changed, the new one
	Changes []ValueChange `json:"changes,omitempty"` // only of a changed entry; at most 12
}

// ValueChange is one value of an entry that an import changes.
type ValueChange struct {
	Field string `json:"field"` // in French: "adresse"
	Was   string `json:"was"`   // "" where there was none
	Now   string `json:"now"`   // "" where there is none any more
}

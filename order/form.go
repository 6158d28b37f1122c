package order

// Type says what kind of value a field of the form has. It decides how the value is
// read, checked and formatted.
type Type string

// The types of a field.
const (
	TypeText     Type = "text"     // any text
	TypeUAI      Type = "uai"      // what ParseUAI reads
	TypeEAN      Type = "ean"      // what ParseEAN reads
	TypeAccount  Type = "account"  // an Interforum account number: digits, leading zeros kept
	TypeCode     Type = "code"     // an offer reference, "9782091194264_001"
	TypeEmail    Type = "email"    // a mail address
	TypePhone    Type = "phone"    // a telephone number
	TypePostcode Type = "postcode" // five digits, leading zeros kept
	TypeDate     Type = "date"     // a day
	TypeQuantity Type = "quantity" // a whole number of at least 1
	TypeMoney    Type = "money"    // euros, two decimals
	TypeChoice   Type = "choice"   // one of Field.Choices
	TypeFlag     Type = "flag"     // a box: ticked or not
)

// Ids of the fields and columns that the code refers to; the form has others. With
// NamePrefix before it, an id is the defined name of the field's cell, or of the column's
// cells, in the blank form.
const (
	FieldBookseller    = "libraire_nom"
	FieldAccount       = "libraire_compte"
	FieldBookMail      = "libraire_email" // the bookseller's address, to which we write about the order
	FieldReference     = "libraire_reference"
	FieldDate          = "libraire_date"
	FieldUAI           = "uai"
	FieldNoUAI         = "sans_uai" // a box that says that the school has no UAI
	FieldEstablishment = "etablissement_nom"
	FieldAddress       = "etablissement_adresse"
	FieldPostcode      = "etablissement_code_postal"
	FieldTown          = "etablissement_ville"
	FieldSchoolMail    = "etablissement_email"
	FieldSector        = "etablissement_statut" // public or private
	FieldContact       = "contact_nom"
	FieldContactMail   = "contact_email"
	FieldAccess        = "acces_mode" // by the ministry's hub (GAR) or on our site

	ColumnEAN       = "line_ean"
	ColumnOffer     = "line_offre"
	ColumnTitle     = "line_titre"
	ColumnPublisher = "line_editeur"
	ColumnQuantity  = "line_quantite"
	ColumnDuration  = "line_duree"
	ColumnLicence   = "line_licence"
	ColumnPrice     = "line_prix_ht"
	ColumnRemark    = "line_observations"
)

// NamePrefix comes before a field's id in the defined names of a workbook.
const NamePrefix = "bdc_"

// NameVersion and NameCase are the defined names of the two hidden cells of a form. The
// first has the version of the form. The second has the code of a case, if we sent the
// workbook back to the bookseller in that case.
const (
	NameVersion = NamePrefix + "version"
	NameCase    = NamePrefix + "dossier"
)

// Field is one input of the form: a cell of the header block, or a column of the order
// lines.
type Field struct {
	ID       string   `toml:"id"`
	Section  string   `toml:"section"`  // the id of its Section
	Label    string   `toml:"label"`    // French, as printed
	Synonyms []string `toml:"synonyms"` // other labels by which it is recognised
	Type     Type     `toml:"type"`
	Required bool     `toml:"required"`
	Or       string   `toml:"or"`      // the id of a field that may be filled in instead of this required one, or ""
	Choices  []string `toml:"choices"` // the values that a TypeChoice may have
	Help     string   `toml:"help"`    // French, shown when the cell is selected
	Example  string   `toml:"example"` // a value that passes the checks
	Width    float64  `toml:"width"`   // of a column, in characters
}

// Section is a titled group of fields. The section "lignes" holds the columns.
type Section struct {
	ID    string `toml:"id"`
	Title string `toml:"title"`
	Hint  string `toml:"hint"`
}

// Form is the one definition of the order form (bon de commande, BdC), loaded
// by package templates. It is read-only once loaded, and safe for concurrent use.
type Form struct {
	Version  string    `toml:"version"` // "BDC-2027.1"
	Title    string    `toml:"title"`
	Subtitle string    `toml:"subtitle"`
	Guide    []string  `toml:"guide"` // how to fill it in, a sentence each
	Rows     int       `toml:"rows"`  // order lines on the blank form
	Sections []Section `toml:"section"`
	Fields   []Field   `toml:"field"`
	Columns  []Field   `toml:"column"`
	Layouts  []Layout  `toml:"-"` // other tables in which orders come; the first that fits is taken
}

// Layout describes a table in which orders come without a form around it. The table may
// have no place for a value that the form requires: such an order is held for a person.
type Layout struct {
	ID      string         `toml:"id"`
	Name    string         `toml:"name"`    // French, with its article: "une liste d’EAN"
	Headers bool           `toml:"headers"` // the columns are found by a row of headers; if false, by their order
	Split   []string       `toml:"split"`   // ids of header fields; rows that differ in one are different orders
	Columns []LayoutColumn `toml:"column"`
}

// LayoutColumn is a column of a layout.
type LayoutColumn struct {
	ID       string   `toml:"id"`       // the form's column or header field whose values it has
	Labels   []string `toml:"labels"`   // headers by which it is found, besides the form's own labels
	Required bool     `toml:"required"` // a row is taken for the headers only if it has this column

	// With are further values of each order line that this column gives, by the id of the
	// form's column: a column "Licences élèves" gives quantities, and the licence "Élève"
	// with each. A column that has With is found by its Labels only.
	With map[string]string `toml:"with"`
}

// Field returns the header field or column of an id, and whether there is one.
func (f *Form) Field(id string) (Field, bool) {
	for _, list := range [][]Field{f.Fields, f.Columns} {
		for i := range list {
			if list[i].ID == id {
				return list[i], true
			}
		}
	}
	return Field{}, false
}

// Label returns the French label of a field, or its id when the form has none.
func (f *Form) Label(id string) string {
	if field, ok := f.Field(id); ok {
		return field.Label
	}
	return id
}

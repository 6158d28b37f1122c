package sheet

import (
	"bytes"
	"strings"
	"unicode"

	"bdc/order"
)

// People name a field or a column by words of few kinds: « Nbre d’ex. commandés ». A name is made
// of such words if it has no others; so « Qté livrée », « EAN papier » and « Stock » are none.

// Ranks of names that are made of words: behind all synonyms of the form.
const (
	rankWords  = 1000
	rankPupils = 2000 // « Nb élèves » may also be how many pupils there are
	rankVague  = 3000 // « Commande » may also be an order's reference; counts only where nothing else does
)

// word is what a word may be in a name: a set of the kinds below.
type word uint32

const (
	joins     word = 1 << iota // of, and
	quantity                   // quantity
	number                     // number of
	unit                       // what a quantity counts
	public                     // who uses a licence
	copies                     // copies of a book: a quantity by itself
	headcount                  // how many there are, or are needed: a quantity by itself, if a vague one
	ordered                    // says that a quantity is the one to be delivered
	code                       // code, number
	ref                        // reference
	ean                        // EAN
	bar                        // of a bar code
	digital                    // that is not on paper
	product                    // what an EAN is of
	uai                        // UAI
	former                     // the UAI was called RNE
	school                     // a school
	client                     // a customer, of whomever
	contact                    // a contact
	person                     // a person, or what one is to a school
	domain                     // what a person deals with
	surname                    // name
	forename                   // first name
	attend                     // says that the person is the one to turn to
	address                    // for the attention of
	account                    // account
	shop                       // bookseller
	maker                      // Interforum
)

var words = func() map[string]word {
	m := map[string]word{}
	for kind, list := range map[word]string{
		joins:    "de d du des la le les l a et en ou votre vos chez",
		quantity: "q qt qte qty qtite quant quantite quantity",
		number:   "nb nbr nbre nombre",
		unit: "licence license lic acce poste utilisateur unite abonnement abonne compte manuel ouvrage copie " +
			"piece pce",
		public:    "eleve enseignant prof professeur lyceen collegien apprenant",
		copies:    "ex expl exemplaire",
		headcount: "effectif volume besoin unite",
		ordered: "commande commandee commander cde cdee cder cmd cmde demande demandee dem souhaite souhaitee voulue " +
			"desire desiree total totale necessaire prevue livrer " +
			"choisie retenue validee definitive finale",
		code:    "code n no num numero identifiant id",
		ref:     "ref reference",
		ean:     "ean ean13 isbn isbn13 gtin gtin13 gencod gencode",
		bar:     "barre",
		digital: "numerique num digital ebook",
		product: "13 978 article produit titre ouvrage manuel livre ressource version libraire editeur licence offre " +
			"commander commande cns chiffre unique e",
		uai:    "uai rne immatriculation",
		former: "ex",
		school: "etablissement etab ets lycee college ecole scolaire clg lyc final",
		client: "client",
		contact: "contact interlocuteur interlocutrice correspondant correspondante referent referente destinataire " +
			"coordonnateur coordonnatrice coordinateur coordinatrice gestionnaire documentaliste",
		person:   "personne responsable",
		domain:   "numerique pedagogique administratif principal gar ent",
		surname:  "nom",
		forename: "prenom",
		attend:   "contacter dans sur place charge dossier acce",
		address:  "attention att attn",
		account:  "compte cpte cpt",
		shop:     "libraire librairie",
		maker:    "interforum editis",
	} {
		for w := range strings.FieldsSeq(list) {
			m[w] |= kind
		}
	}
	return m
}()

// starts are the first two letters of the words, for a quick look at a text.
var starts = func() map[[2]byte]bool {
	m := map[[2]byte]bool{}
	for w := range words {
		for second := byte(' '); second < 128 && len(w) == 1; second++ {
			m[[2]byte{w[0], second}] = true
		}
		if len(w) > 1 {
			m[[2]byte{w[0], w[1]}] = true
		}
	}
	return m
}()

// alone are the kinds of which one word may be a name by itself.
const alone = quantity | number | copies | headcount | ordered | ean | uai | contact

// mayName says quickly whether a text may be a name, by its fold: most texts of a sheet are none.
func mayName(key []byte) bool {
	if len(key) == 1 {
		return words[string(key)]&alone != 0
	}
	if len(key) == 0 || !starts[[2]byte{key[0], key[1]}] {
		return false
	}
	kinds := words[string(key)] | words[string(bytes.TrimSuffix(key, []byte("s")))]
	if kinds != 0 {
		return kinds&alone != 0
	}
	for n := 1; n <= min(len(key), longestWord); n++ {
		if words[string(key[:n])] != 0 {
			return true
		}
	}
	return false
}

// longestWord is the length of the longest of the words, in the plural.
const longestWord = 16

// name is what the words of a text are.
type name struct {
	words []word
	any   word // all kinds of all words
}

// made says whether each word is of one of the kinds.
func (n *name) made(kinds word) bool {
	for _, w := range n.words {
		if w&(kinds|joins) == 0 {
			return false
		}
	}
	return true
}

// has says whether some word may be of one of the kinds.
func (n *name) has(kinds word) bool { return n.any&kinds != 0 }

// longestName is the length in bytes beyond which a text is no name made of words.
const longestName = 60

// named is what a text means by its words, or nil. key is its fold.
func named(text string, key []byte) *meaning {
	if len(text) > longestName || !mayName(key) {
		return nil
	}
	var buf [10]word
	n := name{words: buf[:0]}
	for w := range strings.FieldsFuncSeq(undotted(order.Fold(text)), isBetween) {
		kinds := kindsOf(w)
		if kinds == 0 || len(n.words) == len(buf) {
			return nil
		}
		n.words = append(n.words, kinds)
		n.any |= kinds
	}
	column := func(id string, rank int) *meaning { return &meaning{columns: []label{{id, rank}}} }
	field := func(id string) *meaning { return &meaning{fields: []label{{id, rankWords}}} }
	switch {
	case len(n.words) == 0:
		return nil
	case n.isQuantity():
		m := column(order.ColumnQuantity, rankWords)
		m.public = n.has(public)
		switch {
		case n.has(quantity|unit|copies) && !n.made(headcount):
		case m.public || n.has(headcount):
			m.columns[0].rank = rankPupils
		case !n.has(number):
			m.columns[0].rank = rankVague
		}
		return m
	case n.made(ean|bar|product|digital|public|code|ref) && (n.has(ean) || n.has(bar) && n.has(code)):
		return column(order.ColumnEAN, rankWords)
	case n.isUAI():
		return field(order.FieldUAI)
	case n.isContact():
		return field(order.FieldContact)
	case n.made(account|shop|code|client|maker) && (n.has(account) || n.has(code) && n.has(shop|client|maker)):
		return field(order.FieldAccount)
	}
	return nil
}

func (n *name) isQuantity() bool {
	return n.made(quantity|number|unit|public|copies|headcount|ordered|digital) &&
		(n.has(quantity|number|copies|headcount) || n.has(ordered) && (n.has(unit) || len(n.words) <= 2))
}

func (n *name) isUAI() bool {
	return n.made(uai|code|former|school|client) && (n.has(uai) || n.has(code) && n.has(school) && !n.has(client))
}

func (n *name) isContact() bool {
	return n.made(contact|person|domain|public|surname|forename|attend|address|school|client) &&
		(n.has(surname) || !n.has(forename)) &&
		(n.has(contact) || n.has(person) && n.has(surname|attend|school) || n.has(address) && n.words[0] == joins)
}

// namesPublic says whether a text has a word for the users of a licence.
func namesPublic(text string) bool {
	for w := range strings.FieldsFuncSeq(order.Fold(text), isBetween) {
		if kindsOf(w)&public != 0 {
			return true
		}
	}
	return false
}

// mayChange says whether a header has a word for quantities, and none for how they are packed, kept
// in stock or priced.
func mayChange(text string) bool {
	if len(text) > longestName {
		return false
	}
	says := false
	for w := range strings.FieldsFuncSeq(order.Fold(text), isBetween) {
		for _, start := range [...]string{
			"min", "max", "lot", "colis", "paquet", "carton", "stock", "dispo", "prix", "montant", "tarif",
		} {
			if strings.HasPrefix(w, start) {
				return false
			}
		}
		switch {
		case strings.Trim(w, "0123456789") == "": // another year's
			return false
		case w == "pu", w == "ht", w == "ttc", w == "total":
			return false
		}
		says = says || kindsOf(w)&quantity != 0
	}
	return says
}

// kindsOf are the kinds of a folded word, in the singular or the plural; 0 for any other word.
func kindsOf(w string) word {
	if kinds := words[w]; kinds != 0 {
		return kinds
	}
	return words[strings.TrimSuffix(w, "s")]
}

// isBetween says whether a character stands between words.
func isBetween(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// undotted is a text without the points between letters: « Code U.A.I. » is « Code UAI ».
func undotted(text string) string {
	if i := strings.IndexByte(text, '.'); i < 0 || i+2 >= len(text) || text[i+2] != '.' {
		return text
	}
	return strings.ReplaceAll(text, ".", "")
}

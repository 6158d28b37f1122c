package registry

import (
	"context"
	"errors"
	"io"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bdc/order"
)

func catalogueColumns() []column {
	return []column{
		{"ean", "EAN", true, []string{
			"ean", "ean13", "eantitre", "eandutitre", "eanarticle", "codeean", "gtin", "isbn",
			"isbn13", "eanisbn", "isbnean", "eanressource",
		}},
		{"name", "Titre", true, []string{
			"titre", "title", "designation", "libelle", "intitule", "nom",
			"titredelouvrage", "ressource", "titletext",
		}},
		{"publisher", "", false, []string{
			"editeur", "publisher", "marque", "nomdelediteur", "maisondedition",
			"editeurnom", "editeurlibelle", "publishername",
		}},
		{"distributor", "", false, []string{
			"distributeur", "distributor", "diffuseur", "distributeurnom", "plateforme",
			"venduepar", "vendupar",
		}},
		{"format", "", false, []string{
			"format", "support", "typedeproduit", "typeproduit", "typearticle", "forme",
			"physiquenumerique", "productform", "type",
		}},
		{"author", "", false, []string{"auteur", "auteurs", "auteures", "author", "authors", "contributeurs"}},
		{"level", "", false, []string{
			"niveau", "niveaux", "niveauscolaire", "niveauxscolaires", "classe", "classes", "niveaueducatif", "level",
		}},
		{"ark", "", false, []string{"ark", "identifiantark", "idark", "codeark", "idressource", "idressourcegar"}},
		{"cover", "", false, []string{
			"couverture", "urlcouverture", "urldelacouverture", "visuel", "urlvisuel", "vignette", "urlvignette",
			"image", "urlimage", "cover", "coverurl",
		}},
		{"reference", "", false, []string{
			"referenceoffre", "referencedeloffre", "referencedoffre", "refoffre",
			"codeoffre", "offre", "reference", "ref", "sku",
		}},
		{"offerean", "", false, []string{
			"eanoffre", "eandeloffre", "eanlibraire", "eanlibrairie", "eancommande",
			"eanacommander",
		}},
		{"duration", "", false, []string{
			"duree", "dureedelicence", "dureelicence", "dureedabonnement",
			"dureeabonnement", "duration",
		}},
		{"licence", "", false, []string{
			"licence", "typedelicence", "typelicence", "public", "publicvise", "profil",
			"utilisateur",
		}},
		{"adopter", "", false, []string{"adoptant", "adoptants", "offreadoptant"}},
		{"minimum", "", false, []string{
			"quantiteminimale", "quantiteminimum", "quantitemini", "quantitemin", "qtemini",
			"qtemin", "qteminimum", "minimum", "minimumdecommande",
		}},
		{"price", "", false, []string{
			"prixht", "prixunitaireht", "puht", "tarifht", "unitprice", "prixunitaire",
			"prixhteuros", "prixeuros", "priceamount", "price", "prix", "tarif",
		}},
		{"vat", "", false, []string{"tva", "tauxtva", "tauxdetva", "tva1", "tauxtva1", "tauxdetva1"}},
		{"share", "", false, []string{"parttva1", "partdetva1", "part1", "parttva"}},
		{"vat2", "", false, []string{"tva2", "tauxtva2", "tauxdetva2"}},
		{"share2", "", false, []string{"parttva2", "partdetva2", "part2"}},
		{"from", "", false, []string{
			"datedebut", "datededebut", "disponibledu", "disponibleapartirdu",
			"datedisponibilite", "datededisponibilite", "dateparution", "datedeparution", "debutcommercialisation",
		}},
		{"until", "", false, []string{
			"datefin", "datedefin", "disponiblejusquau", "findecommercialisation",
			"fincommercialisation", "datefincommercialisation", "datefindecommercialisation",
		}},
	}
}

// ImportCatalogue reads an export of the catalogue, in the same formats and with the
// same errors as ImportDirectory. Rows with the same EAN are offers of one title. The
// first of these rows gives the title its name and publisher.
func ImportCatalogue(
	ctx context.Context, r io.Reader, name string, progress func(done int64),
) ([]order.Title, order.Import, error) {
	return catalogueIn(ctx, r, name, octets(progress))
}

func catalogueIn(
	ctx context.Context, r io.Reader, name string, progress Progress,
) ([]order.Title, order.Import, error) {
	t, err := openTable(ctx, r, name, Catalogue, progress, catalogueColumns())
	if err != nil {
		return nil, order.Import{}, err
	}
	c := catalogue{index: map[order.EAN]int{}, refs: map[string]order.EAN{}, eans: map[order.EAN]order.EAN{}}
	for t.next() {
		title, offer, reason := titleOf(t)
		if reason == "" {
			reason = c.add(title, offer)
		}
		if reason != "" {
			t.skip("%s", reason)
		}
	}
	report, err := t.finish(len(c.titles))
	if err != nil {
		return nil, order.Import{}, err
	}
	c.elsewhere()
	return c.titles, report, nil
}

// catalogue collects the titles of a file from its rows.
type catalogue struct {
	titles []order.Title
	index  map[order.EAN]int
	refs   map[string]order.EAN    // the title of each offer, by its reference
	eans   map[order.EAN]order.EAN // the title of each offer, by the offer's EAN
}

// add adds the title and the offer of a row, or returns the reason in French why the
// row is left out. An offer's reference and EAN must be its own, so that each tells
// what is ordered.
func (c *catalogue) add(title order.Title, offer order.Offer) (reason string) {
	if of, taken := c.refs[offer.Reference]; taken {
		return "la référence d’offre « " + cut(offer.Reference, 40) + " » est déjà celle d’une offre du titre " +
			of.String()
	}
	if of, taken := c.eans[offer.EAN]; taken {
		return "l’EAN d’offre " + offer.EAN.String() + " est déjà celui d’une offre du titre " + of.String()
	}
	i, known := c.index[title.EAN]
	switch {
	case !known:
		i = len(c.titles)
		c.index[title.EAN] = i
		c.titles = append(c.titles, title)
	case c.titles[i].Physical != title.Physical:
		return "le titre " + title.EAN.String() + " est physique sur une ligne et numérique sur une autre"
	case offer.Equal(order.Offer{}):
		return "le titre " + title.EAN.String() + " est déjà sur une ligne précédente"
	}
	if offer.Equal(order.Offer{}) {
		return ""
	}
	if slices.ContainsFunc(c.titles[i].Offers, offer.Equal) {
		return "offre identique à celle d’une ligne précédente"
	}
	c.titles[i].Offers = append(c.titles[i].Offers, offer)
	if offer.Reference != "" {
		c.refs[offer.Reference] = title.EAN
	}
	if !offer.EAN.IsZero() {
		c.eans[offer.EAN] = title.EAN
	}
	return ""
}

// elsewhere marks the digital titles that the CNS does not sell: those of other
// distributors, in a file that names the CNS as one, and those without an offer,
// in a file that lists offers. A bare list of titles marks none.
func (c *catalogue) elsewhere() {
	byName := slices.ContainsFunc(c.titles, func(t order.Title) bool { return isCNS(t.Distributor) })
	byOffer := len(c.refs) > 0
	for i := range c.titles {
		t := &c.titles[i]
		other := byName && t.Distributor != "" && !isCNS(t.Distributor)
		t.Elsewhere = !t.Physical && (other || byOffer && len(t.Offers) == 0)
	}
}

func isCNS(distributor string) bool {
	folded := order.FoldKey(distributor)
	return folded == "cns" || folded == "interforum" || strings.Contains(folded, "canalnumeriquedessavoirs")
}

// titleOf returns the title and the offer of a row, or the reason in French why the row
// is left out. The offer is zero where the row says nothing of one.
func titleOf(t *table) (title order.Title, offer order.Offer, reason string) {
	if title.EAN, reason = eanOf(t.text("ean")); reason != "" {
		return title, offer, reason
	}
	if title.Name = t.text("name"); title.Name == "" {
		return title, offer, "le titre " + title.EAN.String() + " n’a pas de nom"
	}
	title.Publisher, title.Distributor = t.text("publisher"), t.text("distributor")
	title.Author, title.Level = shortOf(t, "author", "auteur"), shortOf(t, "level", "niveau")
	title.Ark, title.Cover = arkOf(t), coverOf(t)
	var ok bool
	if title.Physical, ok = isPhysical(t.text("format")); !ok {
		return title, offer, "le format « " + cut(t.text("format"), 40) + " » n’est ni numérique ni physique"
	}
	offer.Reference = strings.ReplaceAll(t.text("reference"), " ", "")
	offer.Duration, offer.Licence = t.text("duration"), t.text("licence")
	if text := t.text("offerean"); text != "" {
		if offer.EAN, reason = eanOf(text); reason != "" {
			return title, offer, reason
		}
	}
	if offer.Adopter, ok = yes(t.text("adopter"), false); !ok {
		return title, offer, unreadable("adoptant", t.text("adopter"))
	}
	if offer.Minimum, ok = wholeOf(t.text("minimum")); !ok {
		return title, offer, unreadable("quantité minimale", t.text("minimum"))
	}
	price, ok := decimalOf(t.text("price"))
	if !ok {
		return title, offer, unreadable("prix", t.text("price"))
	}
	offer.Price = order.Cents(math.Round(price * 100))
	if offer.VAT, ok = vatOf(vatText(t)); !ok {
		return title, offer, unreadable("TVA", vatText(t))
	}
	if offer.From, ok = date(t.text("from")); !ok {
		return title, offer, unreadable("date de début", t.text("from"))
	}
	if offer.Until, ok = date(t.text("until")); !ok {
		return title, offer, unreadable("date de fin", t.text("until"))
	}
	return title, offer, ""
}

// mostShort is the greatest length of a title's author and level, in characters.
const mostShort = 300

// shortOf returns the row's value in a column, or "" where it is too long to be what the
// column says.
func shortOf(t *table, key, what string) string {
	text := t.text(key)
	if utf8.RuneCountInString(text) > mostShort {
		t.drop("%s de plus de %d caractères : « %s »", what, mostShort, cut(text, 40))
		return ""
	}
	return text
}

// ark matches the identifier of a resource: the number of who gave it, and a name.
var ark = regexp.MustCompile(`^ark:/?[0-9a-z]{5,12}/[!-~]{1,100}$`)

// arkOf returns the row's ark, or "".
func arkOf(t *table) string {
	text := t.text("ark")
	if text != "" && !ark.MatchString(text) {
		t.drop("« %s » n’est pas un identifiant ark", cut(text, 60))
		return ""
	}
	return text
}

// mostURL is the greatest length of the address of a cover, in octets.
const mostURL = 2_000

// coverOf returns the address of the picture that the row names, or "".
func coverOf(t *table) string {
	text := t.text("cover")
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(text) > mostURL {
		t.drop("« %s » n’est pas l’adresse d’une couverture", cut(text, 60))
		return ""
	}
	return text
}

// vatText returns what the row says of the VAT in up to four columns, as vatOf reads it
// from one.
func vatText(t *table) string {
	text := t.text("vat")
	for _, c := range []struct{ before, key, after string }{
		{"(", "share", ")"}, {"; ", "vat2", ""}, {"(", "share2", ")"},
	} {
		if more := t.text(c.key); more != "" {
			text += c.before + more + c.after
		}
	}
	return text
}

// rates matches one rate of VAT and, behind it, the share of the price that it is for.
var rates = regexp.MustCompile(`^([0-9.,]+)%?(?:(?:[(:=x×]|pour|sur)([0-9.,]+)%?\)?)?$`)

// vatOf reads one rate of VAT, or several with their shares, in percent or as parts of 1:
// "5,5 %" or "5,5 % (70 %) ; 20 % (30 %)". An empty text is nil, and so is a rate of 0.
func vatOf(text string) (order.VAT, bool) {
	text = strings.ReplaceAll(text, " ", "")
	if text == "" {
		return nil, true
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";|+/", r) })
	vat, all := make(order.VAT, 0, len(parts)), 0
	for _, part := range parts {
		m := rates.FindStringSubmatch(part)
		if m == nil || m[2] == "" && len(parts) > 1 {
			return nil, false
		}
		rate, ok1 := thousandths(m[1])
		share, ok2 := order.AllShares, true
		if m[2] != "" {
			share, ok2 = thousandths(m[2])
		}
		if !ok1 || !ok2 || rate >= 1000 || share == 0 {
			return nil, false
		}
		vat, all = append(vat, order.VATShare{Rate: rate, Share: share}), all+share
	}
	if len(vat) == 1 && vat[0].Rate == 0 {
		return nil, true
	}
	return vat, all == order.AllShares
}

// thousandths reads a number of percent, or a part of 1 if it is below 1.
func thousandths(text string) (int, bool) {
	n, ok := decimalOf(text)
	if n >= 1 {
		n /= 100
	}
	return int(math.Round(n * 1000)), ok && n <= 1
}

func unreadable(what, text string) string { return what + " illisible : « " + cut(text, 40) + " »" }

func eanOf(text string) (ean order.EAN, reason string) {
	ean, err := order.ParseEAN(strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "-", ""))
	switch {
	case errors.Is(err, order.ErrEANKey):
		return ean, "la clé de l’EAN « " + text + " » est fausse"
	case err != nil:
		return ean, "« " + cut(text, 40) + " » n’est pas un EAN"
	}
	return ean, ""
}

// isPhysical reports whether a format means paper, from the words that catalogues use
// or from an ONIX product form (list 150: B… is a book, E… is digital). An empty format
// is digital, since the CNS sells nothing else. ok is false for words that it does not
// know: a paper book taken for a licence would be ordered in the wrong place.
func isPhysical(format string) (physical, ok bool) {
	if len(format) == 2 && format == strings.ToUpper(format) {
		return format[0] == 'B', format[0] == 'B' || format[0] == 'E'
	}
	folded := order.FoldKey(format)
	for _, word := range []string{"numerique", "digital", "licence", "ebook", "epub", "pdf", "enligne", "web"} {
		if strings.Contains(folded, word) {
			return false, true
		}
	}
	for _, word := range []string{"papier", "physique", "broche", "relie", "livre", "imprime", "paper", "poche"} {
		if strings.Contains(folded, word) {
			return true, true
		}
	}
	return false, folded == ""
}

// wholeOf reads a whole number; an empty text is 0.
func wholeOf(text string) (int, bool) {
	n, ok := decimalOf(text)
	return int(n), ok && n == math.Trunc(n)
}

// decimalOf reads a number with a decimal comma or point, which € or % may follow. An
// empty text is 0.
func decimalOf(text string) (float64, bool) {
	text = strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), ",", "."), "€%")
	if text == "" {
		return 0, true
	}
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n < 1e9
}

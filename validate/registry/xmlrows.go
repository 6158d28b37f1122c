package registry

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"bdc/order"
)

// Bounds of an XML file, besides those of any file.
const (
	maxNesting = 40       // elements within each other
	maxToken   = 1 << 20  // bytes of one tag or text
	maxHeld    = 4 << 20  // bytes of values that are kept until their record ends
	maxInner   = 1_000    // elements with values of their own, within one record
	maxNamed   = 60       // names of elements that a FileError lists
	xmlAhead   = 64 << 10 // bytes that may be read ahead of the decoder's position
)

// xmlRows reads the records of an XML file as rows of the wanted columns. It does not
// need to know the names of the elements or how deep they stand: a record is an element
// that has each mandatory column as an attribute or as an element within it. A record
// makes one row, unless it contains offers, or several elements of one name. Then each
// of these makes a row of the record's values, with its own in place of those of the
// same name.
type xmlRows struct {
	file   string
	wanted []column
	joints map[string]string // what joins the values of elements that may be repeated, by the elements' names
	limit  *xmlLimit
	dec    *xml.Decoder
	open   []*element
	held   int
	rows   [][]string // the rows of the last record that next has not returned yet
	line   int        // the line on which that record ended
	found  bool       // there was a record
	names  []string   // the names of the elements so far, while there was no record
}

// element is an element that is open, or one that ended within an open one.
type element struct {
	name   string // as order.FoldKey returns it
	text   strings.Builder
	values map[string]string // of its attributes, and of elements within it that only hold text, by their names
	inner  []*element        // elements within it that have values of their own
	list   bool              // a record ended within it
	size   int               // bytes of its text and values
}

func newXMLRows(r io.Reader, file string, wanted []column) *xmlRows {
	x := &xmlRows{file: file, wanted: wanted, joints: map[string]string{}, limit: &xmlLimit{r: r, file: file}}
	for _, c := range wanted {
		for _, name := range c.headers {
			if joint := c.joint(); joint != "" {
				x.joints[name] = joint
			}
		}
	}
	x.dec = xml.NewDecoder(bufio.NewReaderSize(x.limit, xmlAhead/2))
	x.dec.CharsetReader = charset
	return x
}

// charset returns a reader that decodes a charset that exports use.
func charset(name string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "utf-8":
		return r, nil
	case "iso-8859-1", "latin1", "windows-1252", "us-ascii":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	case "iso-8859-15":
		return charmap.ISO8859_15.NewDecoder().Reader(r), nil
	}
	return nil, errCharset
}

var errCharset = errors.New("unknown charset")

// xmlLimit reads a file, and fails before one token of it, or all of it, fills the
// memory.
type xmlLimit struct {
	r     io.Reader
	file  string
	total int64
	upTo  int64 // the most bytes to be read for now
}

func (l *xmlLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.total += int64(n)
	switch {
	case l.total > maxBytes:
		return 0, &FileError{File: l.file, Reason: fmt.Sprintf("plus de %d Mo une fois décompressé.", maxBytes>>20)}
	case l.total > l.upTo:
		return 0, &FileError{File: l.file, Reason: fmt.Sprintf("un élément XML de plus de %d Mo.", maxToken>>20)}
	}
	return n, err
}

func (x *xmlRows) next() (row []string, line int, err error) {
	for len(x.rows) == 0 {
		if err := x.token(); err != nil {
			return nil, 0, x.fault(err)
		}
	}
	row = x.rows[0]
	x.rows = x.rows[1:]
	return row, x.line, nil
}

func (x *xmlRows) close() {}

// fault returns the *FileError for an error of reading the XML. Other errors it returns
// as they are.
func (x *xmlRows) fault(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case err == io.EOF && !x.found:
		return x.without()
	case errors.As(err, &syntax) && syntax.Msg == "unexpected EOF":
		return &FileError{
			File: x.file, Line: syntax.Line,
			Reason: "le XML est mal formé ou incomplet : le fichier est sans doute coupé dans cette ligne.",
		}
	case errors.As(err, &syntax):
		return &FileError{File: x.file, Line: syntax.Line, Reason: "le XML est mal formé ou incomplet."}
	case errors.Is(err, errCharset):
		return &FileError{
			File:   x.file,
			Reason: "le XML est dans un jeu de caractères que l’import ne lit pas : enregistrez-le en UTF-8.",
		}
	}
	return err
}

// without returns the error that no element of the file is a record.
func (x *xmlRows) without() error {
	var names []string
	for _, c := range x.wanted {
		if c.mandatory {
			names = append(names, "« "+c.name+" »")
		}
	}
	return &FileError{File: x.file, Reason: fmt.Sprintf(
		"aucun élément XML n’a à la fois %s. Éléments trouvés : %s.", strings.Join(names, ", "),
		cut(strings.Join(x.names, ", "), 2000),
	)}
}

func (x *xmlRows) refuse(format string, args ...any) error {
	line, _ := x.dec.InputPos()
	return &FileError{File: x.file, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// token reads one token.
func (x *xmlRows) token() error {
	x.limit.upTo = x.dec.InputOffset() + maxToken + xmlAhead
	tok, err := x.dec.Token()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case xml.Directive:
		return x.refuse("une déclaration DOCTYPE, que l’import n’accepte pas.")
	case xml.StartElement:
		return x.start(tok)
	case xml.CharData:
		// Around the records of a list there is only white space, which is not kept.
		if n := len(x.open); n > 0 && !x.open[n-1].list {
			if err := x.hold(x.open[n-1], len(tok)); err != nil {
				return err
			}
			x.open[n-1].text.Write(tok)
		}
	case xml.EndElement:
		return x.end()
	}
	return nil
}

// hold counts n more bytes that an element keeps, and refuses too many.
func (x *xmlRows) hold(e *element, n int) error {
	e.size += n
	x.held += n
	if x.held > maxHeld {
		return x.refuse("un élément XML de plus de %d Mo.", maxHeld>>20)
	}
	return nil
}

func (x *xmlRows) start(tok xml.StartElement) error {
	if len(x.open) == maxNesting {
		return x.refuse("plus de %d éléments XML l’un dans l’autre.", maxNesting)
	}
	e := &element{name: order.FoldKey(tok.Name.Local), values: map[string]string{}}
	x.meet(tok.Name.Local)
	x.open = append(x.open, e)
	for _, a := range tok.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		x.meet(a.Name.Local)
		if err := x.set(e, order.FoldKey(a.Name.Local), a.Value); err != nil {
			return err
		}
	}
	return nil
}

// meet notes the name of an element, in case the file is refused.
func (x *xmlRows) meet(name string) {
	if !x.found && len(x.names) < maxNamed && !slices.Contains(x.names, name) {
		x.names = append(x.names, cut(name, 60))
	}
}

// set gives an element a value, unless it has one of this name.
func (x *xmlRows) set(e *element, name, value string) error {
	if value = tidy(value); value == "" || e.values[name] != "" {
		return nil
	}
	e.values[name] = value
	return x.hold(e, len(name)+len(value))
}

// end ends the innermost open element. It is a record, or what it holds goes to the
// element around it, or it is of no use.
func (x *xmlRows) end() error {
	n := len(x.open) - 1
	e := x.open[n]
	x.open = x.open[:n]
	text, err := x.ownText(e)
	if err != nil {
		return err
	}
	switch {
	case x.isRecord(e):
		x.emit(e)
	case n > 0:
		if kept, err := x.handOn(x.open[n-1], e, text); kept || err != nil {
			return err
		}
	}
	x.held -= e.size
	if n > 0 && e.list {
		x.open[n-1].list = true
	}
	return nil
}

// ownText returns the text of an element that has ended, "" where it only groups
// others. A unit among its attributes is added: <duree unite="an">1</duree> is "1 an".
// Beside attributes, the text becomes a value of the element, under its own name.
func (x *xmlRows) ownText(e *element) (string, error) {
	text := tidy(e.text.String())
	e.text.Reset()
	if len(e.inner) > 0 || text == "" {
		return "", nil
	}
	if unit := e.values["unite"] + e.values["unit"]; unit != "" {
		text += " " + unit
	}
	if len(e.values) > 0 {
		return text, x.set(e, e.name, text)
	}
	return text, nil
}

// handOn gives what an element holds to the one around it, and reports whether
// that one keeps it. An element that is neither a value nor a part of a record, but
// has a mandatory column, becomes a row: the importer tells what the row lacks.
func (x *xmlRows) handOn(around, e *element, text string) (kept bool, err error) {
	switch {
	case x.joints[e.name] == "; " && len(e.values) > 0: // a rate of VAT, with its share
		return true, x.rate(around, e)
	case text != "":
		return true, x.leaf(around, e, text)
	case len(e.values) == 0 && !e.list: // a list of elements, or empty
		return true, x.adopt(around, e, e.inner...)
	case !e.list && !around.list && len(x.open) > 1:
		return true, x.adopt(around, e, e)
	case !e.list && x.hasSome(e):
		x.emit(e)
	}
	return false, nil
}

// leaf gives e the value of an element within it that only holds text. The value gets
// the name of inner, and also the names of both: <ht> within <prix> sets "ht" and
// "prixht". Attributes of inner are set under its name and their own.
func (x *xmlRows) leaf(e, inner *element, text string) error {
	x.held -= inner.size
	for _, name := range slices.Sorted(maps.Keys(inner.values)) {
		if err := x.set(e, inner.name+name, inner.values[name]); err != nil {
			return err
		}
	}
	if err := x.set(e, e.name+inner.name, text); err != nil {
		return err
	}
	return x.join(e, inner.name, text)
}

// join gives an element a value, as set does, or appends it to the value that the element
// has, if elements of this name may be repeated.
func (x *xmlRows) join(e *element, name, value string) error {
	before, joint := e.values[name], x.joints[name]
	if before == "" || joint == "" {
		return x.set(e, name, value)
	}
	e.values[name] = before + joint + value
	return x.hold(e, len(joint)+len(value))
}

// rate gives e the rate of VAT that an element within it holds, as vatOf reads it: with
// its share behind it, if there is one.
func (x *xmlRows) rate(e, inner *element) error {
	x.held -= inner.size
	first := func(names ...string) string {
		i := slices.IndexFunc(names, func(name string) bool { return inner.values[name] != "" })
		if i < 0 {
			return ""
		}
		return inner.values[names[i]]
	}
	value := first(inner.name, "taux", "rate", "valeur", "value")
	if value == "" {
		return nil
	}
	if share := first("part", "share", "pourcent", "pourcentage", "percent"); share != "" {
		value += "(" + share + ")"
	}
	return x.join(e, inner.name, value)
}

// adopt makes elements those of e, which is the one around the element that has ended.
func (x *xmlRows) adopt(e, ended *element, inner ...*element) error {
	e.inner = append(e.inner, inner...)
	e.size += ended.size
	if len(e.inner) > maxInner {
		return x.refuse("plus de %d éléments dans un enregistrement XML.", maxInner)
	}
	return nil
}

// isOffer reports whether the element's name says that it is an offer.
func (e *element) isOffer() bool {
	return strings.HasPrefix(e.name, "offre") || strings.HasPrefix(e.name, "offer")
}

// isRecord reports whether an element has each mandatory column, and no element around
// it has.
func (x *xmlRows) isRecord(e *element) bool {
	return !e.list && !e.isOffer() && x.hasAll(e) && !slices.ContainsFunc(x.open, x.hasAll)
}

// hasAll reports whether an element has each mandatory column, among its own values or
// in an element within it that is no offer.
func (x *xmlRows) hasAll(e *element) bool {
	for _, c := range x.wanted {
		inGroup := func(i *element) bool { return !i.isOffer() && valueOf(c, i.group()) != "" }
		if c.mandatory && valueOf(c, e.values) == "" && !slices.ContainsFunc(e.inner, inGroup) {
			return false
		}
	}
	return true
}

// hasSome reports whether an element has at least one mandatory column.
func (x *xmlRows) hasSome(e *element) bool {
	return !e.isOffer() && slices.ContainsFunc(x.wanted,
		func(c column) bool { return c.mandatory && valueOf(c, e.values) != "" })
}

// valueOf returns an element's value for a column: the one under the best of the
// column's names that has one.
func valueOf(c column, values map[string]string) string {
	for _, name := range c.headers {
		if v := values[name]; v != "" {
			return v
		}
	}
	return ""
}

// emit makes the rows of a record.
func (x *xmlRows) emit(e *element) {
	x.found, x.names = true, nil
	x.line, _ = x.dec.InputPos()
	if n := len(x.open); n > 0 {
		x.open[n-1].list = true
	}
	count := map[string]int{}
	for _, i := range e.inner {
		count[i.name]++
	}
	record, offers := maps.Clone(e.values), []map[string]string{}
	for _, i := range e.inner {
		if i.isOffer() || count[i.name] > 1 {
			offers = append(offers, i.offer())
			continue
		}
		for name, value := range i.group() {
			if record[name] == "" {
				record[name] = value
			}
		}
	}
	if len(offers) == 0 {
		offers = append(offers, nil)
	}
	for _, offer := range offers {
		values := maps.Clone(record)
		maps.Copy(values, offer)
		row := make([]string, len(x.wanted))
		for i, c := range x.wanted {
			row[i] = valueOf(c, values)
		}
		x.rows = append(x.rows, row)
	}
}

// flat returns the values of an element and of all elements within it.
func (e *element) flat() map[string]string {
	values := maps.Clone(e.values)
	for _, i := range e.inner {
		for name, value := range i.flat() {
			if values[name] == "" {
				values[name] = value
			}
		}
	}
	return values
}

// group returns the values that an element within a record adds to it. Its name, code
// and the like are left out: they are those of the group, such as a publisher, and not
// of the record.
func (e *element) group() map[string]string {
	values := e.flat()
	for _, name := range []string{"nom", "name", "libelle", "code", "id", "type"} {
		delete(values, name)
	}
	return values
}

// offer returns the values of an offer under the names of the offer's columns: its EAN
// and reference are not those of the title. The offer's own name is left out.
func (e *element) offer() map[string]string {
	values := map[string]string{}
	for name, value := range e.flat() {
		switch name {
		case "ean", "ean13", "gtin", "isbn", "codeean":
			name = "eanoffre"
		case "reference", "ref", "id", "code", "sku", "identifiant":
			name = "referenceoffre"
		case "nom", "titre", "libelle", "designation", "intitule", "title", "name", "description", e.name:
			continue
		}
		values[name] = value
	}
	return values
}

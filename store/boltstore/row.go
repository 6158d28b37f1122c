package boltstore

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"

	"bdc/order"
	"bdc/store"
)

// A row is what a list needs of an order or a case. Rows are stored apart from the orders
// and cases, which are ten times as large. A stored row has the moment (eight bytes,
// seconds), the lengths of the three parts that follow (four bytes each), the tags, the
// EANs, the folded text to search, and the JSON to show. The JSON is decoded only of rows
// that are shown. A sketch says which blocks of rows a search has to look at.
type row struct {
	at   time.Time
	tags []string    // looked for whole
	eans []order.EAN // looked for by digits
	text []string    // looked for anywhere
	show any
}

// leastDigits is how many digits a word must have to be looked for in EANs: fewer would be
// found in too many.
const leastDigits = 6

// eanStride is the room of an EAN in a row: its digits, and a line end.
const eanStride = 14

// tagMark stands around each tag. No folded text has it.
const tagMark = "\x1f"

func (r row) encode() ([]byte, error) {
	shown, err := json.Marshal(r.show)
	if err != nil {
		return nil, err
	}
	tags, eans, text := []byte(tagMark), []byte(nil), []byte(nil)
	for _, t := range r.tags {
		tags = append(append(tags, order.Fold(t)...), tagMark...)
	}
	for _, e := range r.eans {
		if e != (order.EAN{}) {
			eans = append(append(eans, e.String()...), '\n')
		}
	}
	for _, t := range r.text {
		text = append(append(text, order.Fold(t)...), '\n')
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(max(r.at.Unix(), 0)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(tags)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(eans)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return slices.Concat(b, tags, eans, text, shown), nil
}

// packed is a row as it is stored.
type packed struct {
	at                     time.Time
	tags, eans, text, show []byte
}

// unpack reads what encode wrote; ok is false for what is no row.
func unpack(b []byte) (p packed, ok bool) {
	const head = 20
	if len(b) < head {
		return packed{}, false
	}
	p.at = time.Unix(int64(seqOf(b[:8])), 0)
	tags, eans, text := int(binary.BigEndian.Uint32(b[8:])), int(binary.BigEndian.Uint32(b[12:])),
		int(binary.BigEndian.Uint32(b[16:]))
	if b = b[head:]; tags+eans+text > len(b) || eans%eanStride != 0 {
		return packed{}, false
	}
	p.tags, b = b[:tags], b[tags:]
	p.eans, b = b[:eans], b[eans:]
	p.text, p.show = b[:text], b[text:]
	return p, true
}

// search is what a row must have: all the words, all the tags and, if the search has EANs,
// one of these.
type search struct {
	words   []word
	tags    [][]byte
	tagBits []uint16 // of the tags, in a sketch
	eans    []word
}

// word is a word to look for in rows. It is looked for by its rarest character first, which
// rules out most places at once.
type word struct {
	text   []byte
	rarest int  // the index in text of its first character that is not in commonest, or -1 for none
	number bool // digits, and enough of them to be looked for in EANs

	inTexts, inEANs []uint16 // the bits that it sets in a sketch if it is in a row's text, or in an EAN
}

// commonest are the most frequent characters in rows.
const commonest = "0123456789 -.'@_easinrtulo"

func newWord(text string) word {
	w := word{text: []byte(text), number: len(text) >= leastDigits && strings.Trim(text, "0123456789") == ""}
	w.inTexts = bitsOf(w.text, seedText, leastRun, shortRun, longRun)
	w.inEANs = bitsOf(w.text, seedEAN, longRun)
	w.rarest = strings.IndexFunc(text,
		func(r rune) bool { return r < utf8.RuneSelf && !strings.ContainsRune(commonest, r) })
	return w
}

// in reports whether the word is in a row.
func (w word) in(p packed) bool {
	switch {
	case w.number && w.among(p.eans):
		return true
	case w.rarest < 0:
		return bytes.Contains(p.text, w.text)
	}
	for at := w.rarest; at < len(p.text); at++ {
		i := bytes.IndexByte(p.text[at:], w.text[w.rarest])
		if i < 0 {
			return false
		}
		if at += i; bytes.HasPrefix(p.text[at-w.rarest:], w.text) {
			return true
		}
	}
	return false
}

// may reports whether the word may be in a row of the block that the sketch is of.
func (w word) may(s sketch) bool { return s.has(w.inTexts) || w.number && s.has(w.inEANs) }

// among reports whether the word is one of the EANs, or a part of one. It compares a whole
// EAN only with whole EANs, which is faster than to look for it everywhere.
func (w word) among(eans []byte) bool {
	if len(w.text) != eanStride-1 {
		return bytes.Contains(eans, w.text)
	}
	const last = eanStride - 2 // the digits that differ most
	for ; len(eans) > 0; eans = eans[eanStride:] {
		if eans[last] == w.text[last] && eans[last-1] == w.text[last-1] && string(eans[:last+1]) == string(w.text) {
			return true
		}
	}
	return false
}

// newSearch makes a search for each word that somebody typed. A number in groups, such as
// an EAN with spaces or hyphens, is one word.
func newSearch(words string) (s search) {
	if digits := strings.NewReplacer(" ", "", "-", "", ".", "", "\u00a0", "").Replace(words); len(digits) >= 8 &&
		strings.Trim(digits, "0123456789") == "" {
		s.words = []word{newWord(digits)}
		return s
	}
	for _, text := range strings.Fields(order.Fold(words)) {
		s.words = append(s.words, newWord(text))
	}
	return s
}

// tag returns the search with a further tag, unless the value is "".
func (s search) tag(name, value string) search {
	if value != "" {
		tag := order.Fold(name + value)
		list := tagBits([]byte(tag))
		s.tags, s.tagBits = append(s.tags, []byte(tagMark+tag+tagMark)), append(s.tagBits, list[:]...)
	}
	return s
}

// lines returns the search with EANs of which a row must have one. With no EANs it changes
// nothing.
func (s search) lines(eans []order.EAN) search {
	for _, ean := range eans {
		s.eans = append(s.eans, newWord(ean.String()))
	}
	return s
}

func (s search) finds(p packed) bool {
	for _, tag := range s.tags {
		if !bytes.Contains(p.tags, tag) {
			return false
		}
	}
	for _, word := range s.words {
		if !word.in(p) {
			return false
		}
	}
	return len(s.eans) == 0 || slices.ContainsFunc(s.eans, func(ean word) bool { return ean.among(p.eans) })
}

// may reports whether the search may find a row of the block that the sketch is of.
func (s search) may(k sketch) bool {
	if !k.has(s.tagBits) {
		return false
	}
	for _, word := range s.words {
		if !word.may(k) {
			return false
		}
	}
	return len(s.eans) == 0 || slices.ContainsFunc(s.eans, func(ean word) bool { return k.has(ean.inEANs) })
}

// saveOrderRow stores the row of an order.
func saveOrderRow(tx *bolt.Tx, key []byte, o *order.Order) error {
	b, err := orderRow(o)
	if err != nil {
		return err
	}
	bucket(tx, bucketOrderRows).FillPercent = 1
	return orderList().put(tx, key, b)
}

// orderRow makes the row of an order.
func orderRow(o *order.Order) ([]byte, error) {
	shown := store.OrderRow{
		Number: o.Number, Status: o.Status, ReceivedAt: o.ReceivedAt, Account: o.Account,
		Bookseller: o.Fields[order.FieldBookseller],
		Reference:  o.Reference, UAI: o.UAI, Establishment: o.Establishment, Town: o.Town, Lines: len(o.Lines),
		Total: o.Total, Erased: o.Erased != nil,
	}
	var eans []order.EAN
	var offers []string
	for _, l := range o.Lines {
		shown.Quantity += l.Quantity
		eans, offers = append(eans, l.EAN), append(offers, l.Offer)
	}
	tags := []string{
		"status:" + string(o.Status), tagAccount + o.Account, tagSchool + o.UAI.String(),
		"identity:" + o.Identity(),
	}
	if sum := o.ReferenceSum(); sum != "" {
		tags = append(tags, "reference:"+string(sum))
	}
	return row{
		at: o.ReceivedAt, tags: tags, eans: eans, show: shown,
		text: append([]string{
			o.Number, o.Account, shown.Bookseller, o.Reference, o.UAI.String(), o.Establishment,
			o.Fields[order.FieldAddress], o.Postcode, o.Town,
			o.From, o.Fields[order.FieldBookMail], o.Fields[order.FieldContactMail], o.Fields[order.FieldSchoolMail],
		}, offers...),
	}.encode()
}

// caseRow makes the row of a case. The bookseller, school and town are those of its last
// attempt that has an order.
func caseRow(c *order.Case) ([]byte, error) {
	shown := store.CaseRow{
		Code: c.Code, State: c.State, Reason: c.Reason, Revision: c.Revision, OpenedAt: c.OpenedAt,
		UpdatedAt: c.UpdatedAt, From: c.From,
		Subject: c.Subject, Reference: c.Reference, UAI: c.UAI, Attempts: len(c.Attempts), Holder: c.Holder,
		Erased: c.Erased != nil,
	}
	text := append([]string{c.Code, c.From, c.Subject, c.Account, c.Reference, c.UAI.String()}, c.Orders...)
	var eans []order.EAN
	account, uai := c.Account, c.UAI
	if c.Reason != "" {
		shown.Findings = []order.Code{c.Reason}
	}
	for i := range c.Attempts {
		for _, f := range c.Attempts[i].Findings {
			if f.Severity != order.Fixed && !slices.Contains(shown.Findings, f.Code) {
				shown.Findings = append(shown.Findings, f.Code)
			}
		}
		o := c.Attempts[i].Order
		if o == nil {
			continue
		}
		if account == "" {
			account = o.Account
		}
		if uai.IsZero() {
			uai = o.UAI
		}
		shown.Bookseller, shown.Establishment, shown.Town = o.Fields[order.FieldBookseller], o.Establishment, o.Town
		if i == len(c.Attempts)-1 {
			text = append(text, shown.Bookseller, o.Establishment, o.Fields[order.FieldAddress], o.Postcode, o.Town,
				o.Fields[order.FieldBookMail])
			for _, l := range o.Lines {
				eans, text = append(eans, l.EAN), append(text, l.Offer)
			}
		}
	}
	holder := c.Holder
	if holder == "" {
		holder = store.Nobody
	}
	return row{
		at: c.OpenedAt, show: shown, eans: eans, text: text,
		tags: []string{
			"state:" + string(c.State), "holder:" + holder, "reason:" + string(c.Reason),
			tagAccount + account, tagSchool + uai.String(),
		},
	}.encode()
}

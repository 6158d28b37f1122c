package order

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Erased says that the fields of people were erased from a value, and when. It keeps what
// the record still compares of them, as hashes.
//
// Fields of people are names, mail addresses, telephone numbers, all that somebody wrote
// (subjects, texts, notes, remarks, references, the names of files and sheets) and the
// values of cells that a finding, a correction or a change repeats. What stays tells of no
// person: numbers, codes, keys, hashes, days, statuses, accounts, the school's name, town
// and UAI, the lines with their EANs, titles and prices, and which user of the console did
// what.
type Erased struct {
	At        time.Time `json:"at"`                  // UTC
	Identity  string    `json:"identity,omitempty"`  // of an order: its Order.Identity
	Reference Hash      `json:"reference,omitempty"` // of an order: its Order.ReferenceSum
}

// ErasedWord is what people read in the place of a field of a person that was erased.
const ErasedWord = "effacé"

// Impersonal reports whether a header field of the form, by its id, tells of the order, the
// account or the school, and not of a person. Erase keeps these fields only.
func Impersonal(field string) bool {
	switch field {
	case FieldAccount, FieldDate, FieldUAI, FieldNoUAI, FieldEstablishment, FieldPostcode, FieldTown, FieldSector:
		return true
	}
	return false
}

// Erase takes the fields of people out of the message. Its files keep their types, sizes
// and hashes. Erasing an erased message changes nothing.
func (m *Message) Erase(at time.Time) {
	if m.Erased != nil {
		return
	}
	kept := Message{
		Key: m.Key, Header: m.Header, Date: m.Date, ReceivedAt: m.ReceivedAt, Parts: erasedParts(m.Parts),
		Erased: &Erased{At: at},
	}
	*m = kept
}

// erasedParts are files without their names.
func erasedParts(parts []Part) []Part {
	parts = slices.Clone(parts)
	for i := range parts {
		parts[i].Name = ""
	}
	return parts
}

// Erase takes the fields of people out of the order. The order keeps its Identity and its
// ReferenceSum. An erased order may have got a note with a step since: that goes too.
func (o *Order) Erase(at time.Time) {
	o.Steps = slices.Clone(o.Steps)
	for i := range o.Steps {
		o.Steps[i].Note = ""
	}
	if o.Erased != nil {
		return
	}
	o.Erased = &Erased{At: at, Identity: o.Identity(), Reference: o.ReferenceSum()}
	o.MessageID, o.From, o.Reference, o.Part = "", "", "", ""
	fields := make(map[string]string)
	for id, value := range o.Fields {
		if Impersonal(id) {
			fields[id] = value
		}
	}
	o.Fields = fields
	o.Lines, o.Findings = erasedLines(o.Lines), erasedFindings(o.Findings)
}

// erasedLines are lines without what was written beside them.
func erasedLines(lines []Line) []Line {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Remark, lines[i].Sheet = "", ""
	}
	return lines
}

// erasedFindings are findings without the values that they are about.
func erasedFindings(findings []Finding) []Finding {
	kept := make([]Finding, len(findings))
	for i, f := range findings {
		kept[i] = Finding{Code: f.Code, Severity: f.Severity, Field: f.Field, Cell: f.Cell}
	}
	return kept
}

// Erase takes the fields of people out of the case, and out of its attempts and acts.
// Erasing an erased case changes nothing.
func (c *Case) Erase(at time.Time) {
	if c.Erased != nil {
		return
	}
	c.Erased = &Erased{At: at}
	c.From, c.Subject, c.Reference, c.Note = "", "", "", ""
	c.Attempts, c.Acts = slices.Clone(c.Attempts), slices.Clone(c.Acts)
	for i := range c.Attempts {
		c.Attempts[i].erase(at)
	}
	for i := range c.Acts {
		if a := &c.Acts[i]; a.Kind != ActUndo && a.Kind != ActHand { // these name a kind of act, and a user
			a.Text = ""
		}
	}
}

func (a *Attempt) erase(at time.Time) {
	kept := Attempt{
		At: a.At, Message: a.Message, Draft: a.Draft, Workbook: a.Workbook, Verdict: a.Verdict,
		Findings: erasedFindings(a.Findings), Parts: erasedParts(a.Parts), Agreed: a.Agreed,
	}
	if a.Order != nil {
		o := *a.Order
		o.Erase(at)
		kept.Order = &o
	}
	for _, c := range a.Corrections {
		kept.Corrections = append(kept.Corrections, Correction{Field: c.Field, Row: c.Row, Actor: c.Actor, At: c.At})
	}
	for _, w := range a.Waivers {
		kept.Waivers = append(kept.Waivers,
			Waiver{Code: w.Code, Field: w.Field, Cell: w.Cell, Actor: w.Actor, At: w.At})
	}
	*a = kept
}

// Erase takes the fields of people out of the reply. Only a reply that is settled may be
// erased: nobody could send it any more. Erasing an erased reply changes nothing.
func (r *Reply) Erase(at time.Time) {
	if r.Erased != nil {
		return
	}
	kept := Reply{
		ID: r.ID, Kind: r.Kind, MessageID: r.MessageID, Message: r.Message, RateLimit: r.RateLimit,
		CreatedAt: r.CreatedAt, Digest: erasedDigest(r.Digest), Erased: &Erased{At: at},
	}
	for _, result := range r.Results {
		kept.Results = append(kept.Results, Result{
			Workbook: result.Workbook, Draft: result.Draft, Outdated: result.Outdated, Kind: result.Kind,
			Order: result.Order, Number: result.Number, Case: result.Case, School: result.School, UAI: result.UAI,
			Lines: erasedLines(result.Lines), Findings: erasedFindings(result.Findings), First: result.First,
			Unlisted: result.Unlisted, Offered: result.Offered,
		})
	}
	if r.Alert != nil {
		kept.Alert = &Alert{Cause: r.Alert.Cause, Begun: r.Alert.Begun, Ended: r.Alert.Ended}
	}
	*r = kept
}

// erasedDigest is a digest without the names, subjects and words in it.
func erasedDigest(d *Digest) *Digest {
	if d == nil {
		return nil
	}
	kept := *d
	for _, rows := range []*[]DigestRow{&kept.Cases, &kept.LateRows, &kept.NearRows} {
		*rows = slices.Clone(*rows)
		for i := range *rows {
			(*rows)[i].Bookseller, (*rows)[i].Subject = "", ""
		}
	}
	kept.Troubles = slices.Clone(kept.Troubles)
	for i := range kept.Troubles {
		kept.Troubles[i].Words = ""
	}
	return &kept
}

// Erase takes out of a line of the audit what may tell of a person: its Detail, and the
// message that it is about. The line of an erasure keeps the Detail, which counts what was
// erased.
func (e *Event) Erase() {
	if strings.HasSuffix(e.Verb, ".erased") {
		return
	}
	e.Detail, e.Message = "", ""
}

// Names reports whether a text names a mail address, in any letter case. The address must
// stand by itself: "lou@example.org" is not in "milou@example.org", nor in
// "lou@example.org.uk". An empty address is in no text.
func Names(text, address string) bool {
	if address == "" {
		return false
	}
	text, address = strings.ToLower(text), strings.ToLower(address)
	for from := 0; ; {
		at := strings.Index(text[from:], address)
		if at < 0 {
			return false
		}
		at += from
		if from = at + len(address); endsApart(text[:at]) && beginsApart(text[from:]) {
			return true
		}
	}
}

// NamesInJSON reports whether a text in a JSON document names a mail address, as Names does.
// A name of a member is no text. What is no JSON names nobody.
func NamesInJSON(document []byte, address string) bool {
	quoted, err := json.Marshal(strings.ToLower(address))
	if err != nil || !bytes.Contains(bytes.ToLower(document), bytes.Trim(quoted, `"`)) {
		return false // most documents: they need not be decoded
	}
	var decoded any
	return json.Unmarshal(document, &decoded) == nil && namesIn(decoded, address)
}

func namesIn(v any, address string) bool {
	switch v := v.(type) {
	case string:
		return Names(v, address)
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return namesIn(e, address) })
	case map[string]any:
		for _, e := range v {
			if namesIn(e, address) {
				return true
			}
		}
	}
	return false
}

// endsApart reports whether an address may begin after a text.
func endsApart(text string) bool {
	r, size := utf8.DecodeLastRuneInString(text)
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._%+-", r)
}

// beginsApart reports whether an address may end before a text. A full stop after it ends
// a sentence, unless the domain goes on behind it.
func beginsApart(text string) bool {
	text = strings.TrimLeft(text, ".")
	r, size := utf8.DecodeRuneInString(text)
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '@'
}

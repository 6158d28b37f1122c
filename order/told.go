package order

import (
	"regexp"
	"strings"
)

// ResultsField is a header field of our replies. It tells what the reply says of each form,
// in the order of Reply.Results: a Told each, with commas between them. By it, a copy of a
// reply tells to which orders numbers were given that no record knows any more.
const ResultsField = "X-BDC-Results"

// Told is what a reply says of one form.
type Told struct {
	Kind   ReplyKind `json:"kind"`
	Number string    `json:"number,omitempty"` // of the order that it acknowledges, or that was ordered before; or ""
	Case   string    `json:"case,omitempty"`   // the code of the form's case, or ""
}

// ToldOf returns what a reply says by a result.
func ToldOf(r Result) Told { return Told{Kind: r.Kind, Number: r.Number, Case: r.Case} }

// String is the kind, the number and the code, with spaces between them, and without those
// that there are not.
func (t Told) String() string {
	return strings.Join(strings.Fields(string(t.Kind)+" "+t.Number+" "+t.Case), " ")
}

// The parts of a Told.
var (
	toldKind   = regexp.MustCompile(`^[a-z]{1,20}$`)
	toldNumber = regexp.MustCompile(`^CNS-20[0-9]{2}-[0-9]{6,12}$`)
	toldCase   = regexp.MustCompile(`^D-[` + caseLetters + `]{6}$`)
)

// ParseTold reads the value of a ResultsField. It leaves out what can't be one of ours.
func ParseTold(value string) []Told {
	var list []Told
	for item := range strings.SplitSeq(value, ",") {
		var t Told
		for i, word := range strings.Fields(item) {
			switch {
			case i == 0 && toldKind.MatchString(word):
				t.Kind = ReplyKind(word)
			case toldNumber.MatchString(word):
				t.Number = word
			case toldCase.MatchString(word):
				t.Case = word
			}
		}
		if t.Kind != "" {
			list = append(list, t)
		}
	}
	return list
}

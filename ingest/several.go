package ingest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"bdc/order"
)

// codeSeveral holds the forms of one mail that are for one school and may be versions of one
// order. Args: file and date (of the first other form; no date where it has none), more (how
// many others there are besides), why (one of the values below), here and there (the lines
// that only the one form has).
const codeSeveral order.Code = "order.several"

// Why two forms of a mail may be versions of one order.
const (
	bySameReference = "reference" // both have it
	byCommonLines   = "lines"     // a third of the articles of the shorter one
	byForward       = "forwarded" // one of them came in a message that the mail contains
	byOlderFile     = "older"     // by its file's name or its date, one of them is a former version
)

// olderAfter is how far apart the dates of two forms are, at least, for one of them to be
// taken for a former version.
const olderAfter = 30 * 24 * time.Hour

// rival is another form of a mail that may be a version of the same order.
type rival struct {
	form *Examined
	why  string
}

// rivals returns, for each form of a mail, those others that may be versions of the same
// order. Forms that ask for the very same are none, since such a form is ordered once. A
// form that is recorded already, such as that of an earlier mail which came along, is one
// only by its reference or its lines.
func (j *judgement) rivals(forms []Examined) [][]rival {
	all := make([][]rival, len(forms))
	if len(forms) < 2 {
		return all
	}
	for a := range forms {
		for b := range forms[:a] {
			recorded := j.window.same(a) != "" || j.window.same(b) != ""
			why := mayBeVersions(&forms[a], &forms[b])
			if why == "" || recorded && (why == byForward || why == byOlderFile) {
				continue
			}
			all[a] = append(all[a], rival{&forms[b], why})
			all[b] = append(all[b], rival{&forms[a], why})
		}
	}
	return all
}

// mayBeVersions returns why two forms of a mail may be versions of one order, or "".
func mayBeVersions(a, b *Examined) string {
	if a.Draft == nil || b.Draft == nil || !sameSchool(&a.Order, &b.Order) ||
		a.Order.Identity() == b.Order.Identity() {
		return ""
	}
	switch reference := order.FoldKey(a.Order.Reference); {
	case reference != "" && reference == order.FoldKey(b.Order.Reference):
		return bySameReference
	case shareAThird(&a.Order, &b.Order):
		return byCommonLines
	case a.forwarded != b.forwarded || a.within != b.within:
		return byForward
	case words().version.MatchString(order.Fold(a.Part.Name)) != words().version.MatchString(order.Fold(b.Part.Name)),
		farApart(&a.Order, &b.Order):
		return byOlderFile
	}
	return ""
}

// sameSchool reports whether two orders are for one school. Where one has no UAI that could
// be read, name and postal code count.
func sameSchool(a, b *order.Order) bool {
	if !a.UAI.IsZero() && !b.UAI.IsZero() {
		return a.UAI == b.UAI
	}
	name := order.FoldKey(a.Establishment)
	return name != "" && name == order.FoldKey(b.Establishment) && a.Postcode == b.Postcode
}

// shareAThird reports whether a third of the lines of the shorter of two orders are for
// articles of the other, whatever the quantities.
func shareAThird(a, b *order.Order) bool {
	here, there := articles(a), articles(b)
	onlyHere, _ := order.Differ(here, there)
	common := len(here) - len(onlyHere)
	return common > 0 && 3*common >= min(len(here), len(there))
}

// articles returns what each line of an order is for, sorted.
func articles(o *order.Order) []string {
	list := make([]string, 0, len(o.Lines))
	for _, l := range o.Lines {
		if !l.EAN.IsZero() {
			list = append(list, l.EAN.String())
		} else if l.Offer != "" {
			list = append(list, l.Offer)
		}
	}
	slices.Sort(list)
	return list
}

// farApart reports whether two orders are dated so far apart that one must be an older one.
func farApart(a, b *order.Order) bool {
	first, err1 := time.Parse(time.DateOnly, a.Fields[order.FieldDate])
	second, err2 := time.Parse(time.DateOnly, b.Fields[order.FieldDate])
	return err1 == nil && err2 == nil && second.Sub(first).Abs() > olderAfter
}

// several returns the finding for a form that has rivals in its mail.
func several(f *Examined, rivals []rival) order.Finding {
	other := rivals[0].form
	args := difference(&f.Order, order.Recent{Lines: other.Order.Gists()})
	args["file"], args["why"] = other.Part.Name, rivals[0].why
	if other.Part.Hash == f.Part.Hash {
		args["file"] = strings.TrimSpace(other.Part.Name + " (" + other.sheet() + ")")
	}
	if day, err := time.Parse(time.DateOnly, other.Order.Fields[order.FieldDate]); err == nil {
		args["date"] = day.Format(time.DateOnly)
	}
	if n := len(rivals) - 1; n > 0 {
		args["more"] = strconv.Itoa(n)
	}
	sheet, cell := f.Draft.Where(order.FieldUAI)
	return order.Finding{
		Code: codeSeveral, Severity: order.Hold, Field: order.FieldUAI, Sheet: sheet, Cell: cell,
		Value: f.Order.UAI.String(), Args: args,
	}
}

func IsSeveral(f order.Finding) bool { return f.Code == codeSeveral }

package ingest

import (
	"encoding/json"
	"slices"
	"strings"

	"bdc/order"
)

// codeEcho is the code of a form that came back unchanged too often: a program may send it.
const codeEcho order.Code = "mail.echo"

// maxEchoes is how many mails of a sender with the same forms we answer, whatever is written
// beside them. Programs can send each other a form for ever, and what tells of it (In-Reply-To,
// References, the subject, the Message-ID) may be lost on the way, so that the next mail is
// known only by its forms. The words of a program may change each time, with a date or a number.
const maxEchoes = 2

// echo returns Query.Echo for an exam. A form is what its cells say, wherever they are, so
// that a workbook is the same after we have marked it. A file that can't be read is its bytes.
func (x *Exam) echo() string {
	if len(x.Forms) == 0 {
		return ""
	}
	said := make([]string, len(x.Forms))
	for i, f := range x.Forms {
		said[i] = string(f.Part.Hash)
		if f.Draft != nil {
			said[i] = saidIn(f.Draft)
		}
	}
	slices.Sort(said)
	return string(order.Sum([]byte(x.Message.From + "\x1f" + strings.Join(said, "\x1f"))))
}

// saidIn returns the filled cells of a form, as JSON without their addresses.
func saidIn(d *order.Draft) string {
	texts := func(cells map[string]order.Cell) map[string]string {
		said := make(map[string]string, len(cells))
		for id, c := range cells {
			said[id] = order.Fold(c.Text)
		}
		return said
	}
	said := []map[string]string{texts(d.Fields)}
	for _, l := range d.Lines {
		said = append(said, texts(l.Cells))
	}
	b, _ := json.Marshal(said) // of strings only: it never fails
	return string(b)
}

// isEcho reports whether a message comes from what seems to be a program that has had enough
// answers. A message that became an order is answered in any case.
func (j *judgement) isEcho() bool { return j.Echo.Times > maxEchoes && len(j.Orders) == 0 }

// silence makes a message that no program answers wait for staff, in the cases of its forms.
func (j *judgement) silence(forms []Examined) {
	why := hold(codeEcho)
	j.Folder, j.Replies = order.FolderAttention, nil
	for i := range j.Continued { // nothing is sent back in any of them
		next := &j.Continued[i]
		next.State, next.Reason, next.Attempt.Proposed = order.Waiting, codeEcho, nil
		next.Attempt.Findings = append(slices.Clip(next.Attempt.Findings), why)
	}
	if len(j.Continued) > 0 {
		j.Cases = nil // one place suffices for forms that are here already
	}
	for i := range j.Cases {
		c := &j.Cases[i]
		c.State, c.Reason, c.Attempts[0].Proposed = order.Waiting, codeEcho, nil
		c.Attempts[0].Findings = append(slices.Clip(c.Attempts[0].Findings), why)
	}
	switch {
	case len(j.Continued)+len(j.Cases) > 0:
	case j.Past.Echo.Thread.Case != "": // the forms are an order's once more
		j.joinCase(j.Past.Echo.Thread, order.Waiting, why)
	default:
		j.newWholeCase(why, forms)
	}
}

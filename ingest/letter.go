package ingest

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"bdc/order"
	"bdc/templates"
	beside "bdc/validate/letter"
)

const (
	// codeLetterDoubt holds a form because of what its sender wrote beside it. Value is
	// the sentence; Args: place ("subject", "own" or "history"), kind.
	codeLetterDoubt order.Code = "letter.doubt"
	// codeLetterQuestion says of an order that the letter beside it asks something. Value
	// is the sentence.
	codeLetterQuestion order.Code = "letter.question"
)

// letterWords are the words by which letters are judged, made ready at the first call.
// An error of the embedded lists is ruled out by a test.
var letterWords = sync.OnceValue(func() *beside.Words {
	words, err := beside.New(templates.LoadLetterWords())
	if err != nil {
		panic(err)
	}
	return words
})

// ourTags finds what our answers put in front of a subject: then the words after it are
// those of an earlier mail.
var ourTags = regexp.MustCompile(`\[[^\[\]]*\b(?:D-[2-9A-Z]{6}|CNS-[0-9]{4}-[0-9]+)\b[^\[\]]*\]`)

// letter judges what the sender of message m wrote beside some of its forms, and adds
// what it finds to each form.
func (e *Examiner) letter(m *order.Message, forms ...*Examined) {
	known := beside.Known{Sender: m.FromName + " " + m.From}
	for _, f := range forms {
		if f.Draft != nil {
			known.Orders = append(known.Orders, &f.Order)
		}
	}
	if len(known.Orders) == 0 || m.Subject == "" && m.Text == "" {
		return
	}
	own, history := parted(m.Text)
	judged := letterWords().Judge(beside.Message{
		Subject: ownSubject(m.Subject, history), Own: own, History: history,
		Cut: len(m.Text) >= e.Mime.TextBytes-3 && e.Mime.TextBytes > 0,
	}, known)
	var findings []order.Finding
	for _, d := range judged.Doubts {
		findings = append(findings, e.weighed(order.Finding{
			Code: codeLetterDoubt, Severity: order.Hold, Value: d.Quote,
			Args: map[string]string{"place": string(d.Place), "kind": d.Kind},
		}))
	}
	for _, q := range judged.Questions {
		findings = append(findings, e.weighed(order.Finding{
			Code: codeLetterQuestion, Severity: order.Warning, Value: q.Quote,
		}))
	}
	if len(findings) == 0 {
		return
	}
	for _, f := range forms {
		if f.Draft != nil {
			f.Findings = append(slices.Clip(f.Findings), findings...)
			f.Verdict = order.Judge(f.Findings)
			f.Order.Findings, f.Order.Verdict = f.Findings, f.Verdict
		}
	}
}

// letters judges the letter beside all forms of a mail at once: it may speak of each.
func (e *Examiner) letters(x *Exam) {
	forms := make([]*Examined, len(x.Forms))
	for i := range x.Forms {
		forms[i] = &x.Forms[i]
	}
	e.letter(&x.Message, forms...)
}

// weighed gives a finding the severity that the deployment wants.
func (e *Examiner) weighed(f order.Finding) order.Finding {
	if e.Policy.Severity != nil {
		f.Severity = e.Policy.Severity(f.Code, f.Severity)
	}
	return f
}

// ownSubject returns the words of a subject that are the sender's: without "Re:" and
// "Tr:", and none where it is the subject of a mail of ours, or of the mail that is quoted
// below.
func ownSubject(subject, history string) string {
	own := strings.TrimSpace(subject)
	for before := ""; before != own; {
		before = own
		own = strings.TrimSpace(words().subjectPrefix.ReplaceAllString(own, ""))
	}
	if ourTags.MatchString(subject) || history != "" && own != strings.TrimSpace(subject) {
		return ""
	}
	return own
}

package ingest

import (
	"regexp"
	"slices"
	"strings"

	"bdc/ingest/mime"
	"bdc/order"
)

// Codes of what a mail without an order form seems to be. Each may have the argument
// number, of the first order that the mail names, except account and agreed.
const (
	codeNoForm   order.Code = "mail.noform"   // an order without the form
	codeAccount  order.Code = "mail.account"  // a request for an account; Args: see applicant
	codeCancel   order.Code = "mail.cancel"   // a request to cancel an order
	codeChange   order.Code = "mail.change"   // a request to change an order
	codeQuestion order.Code = "mail.question" // a question
	codeAgreed   order.Code = "mail.agreed"   // an OK to which no program can react
	codeOther    order.Code = "mail.other"    // anything else
)

// orderNumber finds the numbers of our orders in text.
var orderNumber = regexp.MustCompile(`(?i)\bCNS-20[0-9]{2}-[0-9]{6,9}\b`)

// findingWithoutForm returns the finding of a mail without an order form: a hold whose
// code says what the mail seems to be. That only helps staff to find their way; they
// read every such mail.
func (x *Exam) findingWithoutForm() order.Finding {
	written, numbers := x.written(), x.numbers()
	said := foldLines(x.Message.Subject + "\n" + written)
	f := order.Finding{Code: x.codeWithoutForm(said, len(numbers) > 0), Severity: order.Hold}
	switch {
	case f.Code == codeAgreed:
	case f.Code == codeAccount:
		f.Args = applicant(&x.Message, written)
	case len(numbers) > 0:
		f.Args = map[string]string{"number": numbers[0]}
	}
	return f
}

// codeWithoutForm returns what a mail without an order form seems to be. Said is its
// subject and text, folded; named says that it names the number of an order.
func (x *Exam) codeWithoutForm(said string, named bool) order.Code {
	inCase := len(x.Query.Mentions) > 0
	aboutOrder := named || words().order.MatchString(said)
	var request order.Code
	if aboutOrder {
		request = requested(said)
	}
	switch {
	case x.isOK && inCase:
		return codeAgreed
	case named && request != "":
		return request
	case words().account.MatchString(said):
		return codeAccount
	case request != "":
		return request
	case words().ask.MatchString(said):
		return codeQuestion
	case !named && !inCase && (aboutOrder || x.hasOrderFile()):
		return codeNoForm
	}
	return codeOther
}

// requested returns what a mail asks to do with an order: codeCancel, codeChange or "".
func requested(said string) order.Code {
	switch {
	case words().cancel.MatchString(said):
		return codeCancel
	case words().change.MatchString(said):
		return codeChange
	}
	return ""
}

// hasOrderFile reports whether a file of the mail is named after an order.
func (x *Exam) hasOrderFile() bool {
	return slices.ContainsFunc(x.Message.Parts,
		func(p order.Part) bool { return words().order.MatchString(order.Fold(p.Name)) })
}

// written returns what the sender wrote or, if that is nothing, the whole text with the
// quoted mails; with plain spaces.
func (x *Exam) written() string {
	if x.ownText != "" {
		return plainSpaces(x.ownText)
	}
	return plainSpaces(mime.Cut(x.Message.Text, maxOwn))
}

// numbers returns the numbers of orders in a mail's subject and text.
func (x *Exam) numbers() []string {
	var numbers []string
	for _, n := range orderNumber.FindAllString(x.Message.Subject+"\n"+x.written(), maxMentions) {
		if n = strings.ToUpper(n); !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// foldLines folds each line of a text.
func foldLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = order.Fold(line)
	}
	return strings.Join(lines, "\n")
}

// What a request for an account may tell without a label: an e-mail address, and a
// postal address, by its postcode and town.
var (
	emailLabel = regexp.MustCompile(`(?i)\b[a-z0-9._%+'-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}\b`)
	townLine   = regexp.MustCompile(`(?m)^([^\n:]{3,100})\n[ \t]*([0-9]{5}[ \t]+\pL[^\n:]{1,80})$|` +
		`^[ \t]*([0-9]{1,4}[^\n:]{3,100},?[ \t]+[0-9]{5}[ \t]+\pL[^\n:]{1,60})$`)
)

// applicant finds who asks for an account: name, account number at Interforum, email and
// postal address. What it does not find is left out.
func applicant(m *order.Message, text string) map[string]string {
	args := map[string]string{}
	put := func(key, value string) {
		if value = strings.Join(strings.Fields(value), " "); value != "" && args[key] == "" {
			args[key] = value
		}
	}
	first := func(re *regexp.Regexp) []string {
		found := re.FindStringSubmatch(text)
		if found == nil {
			return []string{"", "", "", ""}
		}
		return found
	}
	put("name", first(words().librairie)[1])
	put("name", m.FromName)
	put("account", strings.NewReplacer(" ", "", ".", "").Replace(first(words().accountNumber)[1]))
	put("email", strings.ToLower(first(emailLabel)[0]))
	put("email", m.From)
	put("address", first(words().postal)[1])
	town := first(townLine)
	put("address", town[1]+" "+town[2]+town[3])
	return args
}

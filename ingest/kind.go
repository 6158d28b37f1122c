package ingest

import (
	"regexp"
	"slices"
	"strings"

	"bdc/ingest/mime"
	"bdc/order"
)

// Codes of what a mail without a form seems to be.
const (
	codeNoForm   order.Code = "mail.noform"   // an order whose form is missing
	codeAccount  order.Code = "mail.account"  // a request for an account; Args: name, account, email, address, if found
	codeCancel   order.Code = "mail.cancel"   // of an order; Args: number, where it is named
	codeChange   order.Code = "mail.change"   // of an order; Args: number, where it is named
	codeQuestion order.Code = "mail.question" // Args: number, of an order that it names
	codeAgreed   order.Code = "mail.agreed"   // OK to what only a person can tell
	codeOther    order.Code = "mail.other"    // Args: number, of an order that it names
)

var orderNumber = regexp.MustCompile(`(?i)\bCNS-20[0-9]{2}-[0-9]{6,9}\b`)

// findingWithoutForm says what a mail without a form seems to be. It only helps people to find
// their way: all such mail is left to them.
func (x *Exam) findingWithoutForm() order.Finding {
	m := &x.Message
	written := x.written()
	said := foldLines(m.Subject + "\n" + written)
	f := order.Finding{Severity: order.Hold}
	numbers := x.numbers()
	named, answers := len(numbers) > 0, len(x.Query.Mentions) > 0
	about := named || words().order.MatchString(said)
	switch {
	case x.yes && answers:
		f.Code = codeAgreed
		return f
	case named && words().cancel.MatchString(said):
		f.Code = codeCancel
	case named && words().change.MatchString(said):
		f.Code = codeChange
	case words().account.MatchString(said):
		f.Code, f.Args = codeAccount, applicant(m, written)
		return f
	case about && words().cancel.MatchString(said):
		f.Code = codeCancel
	case about && words().change.MatchString(said):
		f.Code = codeChange
	case words().ask.MatchString(said):
		f.Code = codeQuestion
	case !named && !answers && (about ||
		slices.ContainsFunc(m.Parts, func(p order.Part) bool { return words().order.MatchString(order.Fold(p.Name)) })):
		f.Code = codeNoForm
	default:
		f.Code = codeOther
	}
	if named {
		f.Args = map[string]string{"number": numbers[0]}
	}
	return f
}

// written is what the sender wrote, or where that is nothing, all that is there;
// with plain spaces.
func (x *Exam) written() string {
	if x.own != "" {
		return plainSpaces(x.own)
	}
	return plainSpaces(mime.Cut(x.Message.Text, maxOwn))
}

// numbers are the orders that a mail names, in its subject and its own text.
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

// Of the four things that an account needs, those that are known without a label.
var (
	emailLabel = regexp.MustCompile(`(?i)\b[a-z0-9._%+'-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}\b`)
	townLine   = regexp.MustCompile(`(?m)^([^\n:]{3,100})\n[ \t]*([0-9]{5}[ \t]+\pL[^\n:]{1,80})$|` +
		`^[ \t]*([0-9]{1,4}[^\n:]{3,100},?[ \t]+[0-9]{5}[ \t]+\pL[^\n:]{1,60})$`)
)

// applicant reads who asks for an account: name, Interforum number, e-mail and
// address, each where it is there.
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

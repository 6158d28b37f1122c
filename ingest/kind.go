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
	codeAccount  order.Code = "mail.account"  // a request for an account; Args: name, account, email, address, as far as they were found
	codeCancel   order.Code = "mail.cancel"   // of an order; Args: number, where it is named
	codeChange   order.Code = "mail.change"   // of an order; Args: number, where it is named
	codeQuestion order.Code = "mail.question" // Args: number, of an order that it names
	codeAgreed   order.Code = "mail.agreed"   // OK to what only a person can tell
	codeOther    order.Code = "mail.other"    // Args: number, of an order that it names
)

// What a mail says, in small letters without accents.
var (
	asksAccount = regexp.MustCompile(`\b(?:ouvrir|ouverture|ouvrez|creer|creation|demande|obtenir|inscri\w+|nouveau|disposer|avoir)\b[^.?!\n]{0,60}\bcomptes?\b`)
	cancels     = regexp.MustCompile(`\b(?:annul\w+|resili\w+|supprim\w+)`)
	changes     = regexp.MustCompile(`\b(?:modifi\w+|rectifi\w+|chang\w+|corrig\w+|correction|remplac\w+|ajout\w+|augment\w+|diminu\w+|retir\w+|erreur)`)
	asks        = regexp.MustCompile(`\?|\b(?:pouvez|pourriez|pourrais|quand|comment|combien|quelle?s?|est-ce|merci de (?:me|nous) (?:dire|indiquer|communiquer|transmettre|envoyer))\b`)
	orders      = regexp.MustCompile(`\b(?:commandes?|bdc|bon de cde)\b`)
)

var orderNumber = regexp.MustCompile(`(?i)\bCNS-20[0-9]{2}-[0-9]{6,9}\b`)

// kind says what a mail without a form seems to be. It only helps people to find
// their way: all such mail is left to them.
func (x *Exam) kind() order.Finding {
	m := &x.Message
	written := x.written()
	said := foldLines(m.Subject + "\n" + written)
	f := order.Finding{Severity: order.Hold}
	numbers := x.numbers()
	named, answers := len(numbers) > 0, len(x.Query.Mentions) > 0
	about := named || orders.MatchString(said)
	switch {
	case x.yes && answers:
		f.Code = codeAgreed
		return f
	case named && cancels.MatchString(said):
		f.Code = codeCancel
	case named && changes.MatchString(said):
		f.Code = codeChange
	case asksAccount.MatchString(said):
		f.Code, f.Args = codeAccount, applicant(m, written)
		return f
	case about && cancels.MatchString(said):
		f.Code = codeCancel
	case about && changes.MatchString(said):
		f.Code = codeChange
	case asks.MatchString(said):
		f.Code = codeQuestion
	case !named && !answers && (about || slices.ContainsFunc(m.Parts, func(p order.Part) bool { return orders.MatchString(order.Fold(p.Name)) })):
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

// The four things that an account needs. A label may be written in many ways;
// what follows its colon is taken as typed.
var (
	nameLabel    = regexp.MustCompile(`(?im)^[\s*•–-]*(?:nom(?: de (?:la|votre|notre) (?:librairie|soci[ée]t[ée]|enseigne))?|raison sociale|librairie|enseigne|soci[ée]t[ée])\s*:[ \t]*(\S[^\n]{1,159})$`)
	accountLabel = regexp.MustCompile(`(?i)(?:compte|interforum|client)[^\n:]{0,40}?[\s:°]+([0-9][0-9 .]{4,14}[0-9])\b`)
	emailLabel   = regexp.MustCompile(`(?i)\b[a-z0-9._%+'-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}\b`)
	addressLabel = regexp.MustCompile(`(?im)^[\s*•–-]*adresse(?: (?:postale|compl[èe]te|de facturation|de (?:la|notre) librairie))?\s*:[ \t]*\n?([^\n]{3,200}(?:\n[^\n:]{0,100}\b[0-9]{5}\b[^\n:]{0,80})?)`)
	townLine     = regexp.MustCompile(`(?m)^([^\n:]{3,100})\n[ \t]*([0-9]{5}[ \t]+\pL[^\n:]{1,80})$|^[ \t]*([0-9]{1,4}[^\n:]{3,100},?[ \t]+[0-9]{5}[ \t]+\pL[^\n:]{1,60})$`)
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
	put("name", first(nameLabel)[1])
	put("name", m.FromName)
	put("account", strings.NewReplacer(" ", "", ".", "").Replace(first(accountLabel)[1]))
	put("email", strings.ToLower(first(emailLabel)[0]))
	put("email", m.From)
	put("address", first(addressLabel)[1])
	town := first(townLine)
	put("address", town[1]+" "+town[2]+town[3])
	return args
}

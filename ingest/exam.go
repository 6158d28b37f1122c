package ingest

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/grid"
	"bdc/validate"
)

// Examiner opens and judges messages. Its fields are set before the first call; its
// methods may be called concurrently.
type Examiner struct {
	Form *order.Form // the definition of the order form

	// Registry returns the current snapshot of the registers: schools, catalogue and
	// booksellers' accounts.
	Registry func() validate.Registry

	// AnySender accepts orders from senders that are registered for no account
	// (accept.senders = "any" in the configuration).
	AnySender bool

	// OwnAddresses are the addresses of our own mailbox, in lower case. Whoever writes
	// from one of them counts as staff.
	OwnAddresses []string

	// StaffAddresses are the addresses of our staff, in lower case. A mail from staff,
	// such as a forwarded order, always becomes a case and is never answered.
	StaffAddresses []string

	// AuthservID is the name of the mail server whose Authentication-Results fields
	// (RFC 8601) prove a sender by DMARC, or mime.UnnamedTopmost. With "", no proof is
	// required, but then nobody can order by an OK to the corrections that we propose.
	AuthservID string

	// DMARCOptional accepts mail from domains that publish no DMARC policy, although
	// AuthservID is set.
	DMARCOptional bool

	Domain string // the domain of the Message-IDs that we make; "" for "localhost"

	// AnswerFormless answers a registered bookseller who writes for the first time and
	// sends no order form: the reply explains how to order.
	AnswerFormless bool

	// SameWithin is how long an order counts as the one that was recorded already, from when
	// that was received to when the form was. 0 stands for DefaultSameWithin.
	SameWithin time.Duration

	// Policy is what the operator decides about the rules. Its Today is replaced by the
	// time at which the message was received, if that is known.
	Policy validate.Policy

	Sheet sheet.Limits // of each workbook, and of each zip file
	Mime  mime.Limits  // of each mail
}

// Examined is one order form of a message, read and checked. It also stands for a
// file that should be an order form but could not be read: then Draft is nil, and
// the first of Findings says why.
type Examined struct {
	Part     order.Part   // the file
	Index    int          // of the form among the forms in the file
	Draft    *order.Draft // the cells as typed; nil if the file could not be read
	Order    order.Order  // as much of the order as could be read
	Findings []order.Finding
	Verdict  order.Verdict

	forwarded int    // how many messages, one within the other, the file came in
	within    string // as mime.File.Within
}

// Exam is a message that was opened and checked. It contains nothing that the record
// knows about the message.
type Exam struct {
	Message order.Message
	Blobs   [][]byte   // the bytes of each of Message.Parts
	Forms   []Examined // in the order of the files

	// Automatic says why we believe that a program wrote the message: one of the values
	// of mime.Message.Automatic, or "own" for a mail of ours that came back, or "loop"
	// for a thread in which we have answered too often. It is "" if a person wrote it.
	Automatic string

	// Bounced reports that the message tells of a mail of ours that was not delivered.
	Bounced bool

	// Unanswerable is the code of the reason for which we must not answer, although a
	// person may have written the message: staff wrote it, or a required proof of its
	// sender is missing. It is "" if there is no such reason.
	Unanswerable order.Code

	Recipient string          // the address that a reply goes to
	Trouble   []order.Finding // one for each limit that the message exceeds
	Query     order.Query     // what to ask the record before Judge is called

	ownText   string     // what the sender wrote, without quoted mails
	proven    bool       // DMARC proves the sender
	accounts  []string   // the accounts that the sender is registered for
	isOK      bool       // the mail says OK and nothing else
	answersID string     // the Message-ID of the latest mail of ours that this one answers, or ""
	offer     *offer     // the corrections that a report about this mail may offer, or nil
	agreed    *agreement // the earlier form with the corrections that this mail says OK to, or nil
}

// sheet is the name of the sheet that has the form's header block; "" if the file
// could not be read.
func (f Examined) sheet() string {
	if f.Draft == nil {
		return ""
	}
	return f.Draft.Sheet
}

const (
	codeTooLarge order.Code = "message.toolarge" // only its header was read
	codePoison   order.Code = "message.poison"   // the program died each time that it examined the message
	codeNoSender order.Code = "mail.nosender"    // it has no readable From
	codeNone     order.Code = "form.none"        // a workbook has nothing of the order form in it
)

// Open unwraps a mail, and reads and checks each order form in it. It returns no
// error: what is wrong with the mail is in the Exam.
func (e *Examiner) Open(mail order.Mail) *Exam {
	x := e.unwrap(mail)
	e.query(x)
	e.propose(x)
	return x
}

func (e *Examiner) unwrap(mail order.Mail) *Exam {
	x := &Exam{Message: order.Message{Key: mail.Key, ReceivedAt: mail.Received.UTC()}}
	read := mime.Read
	if mail.TooLarge {
		read = mime.ReadHeader
	}
	m, err := read(mail.Raw, e.Mime)
	if err != nil { // not a mail, for instance because it is empty
		x.Trouble = append(x.Trouble, order.Finding{Code: codeNoForm, Severity: order.Hold})
		return x
	}
	msg := &x.Message
	msg.MessageID, msg.From, msg.FromName, msg.ReplyTo = m.MessageID, strings.ToLower(m.From), m.FromName, m.ReplyTo
	msg.Header = mime.HeaderHash(mail.Raw)
	msg.Subject, msg.Date, msg.Text = m.Subject, m.Date.UTC(), m.Text
	msg.InReplyTo, msg.References = m.InReplyTo, m.References
	x.Automatic, x.Unanswerable, x.Bounced, x.Trouble = e.automatic(m), e.unanswerable(m), m.Bounced, m.Trouble
	x.ownText = ownText(m.Text)
	x.Recipient, x.proven, x.answersID = e.recipient(msg), e.proven(m), e.latestAnswered(m)
	if x.Automatic != "" {
		x.Query.OriginalIDs, x.Query.Returned = e.originals(m), returned(m)
	}
	if mail.TooLarge {
		x.Trouble = append(x.Trouble, tooLarge(mail.Size))
		return x
	}
	files := make([]File, len(m.Files))
	for i, f := range m.Files {
		files[i] = File{
			Name: f.Name, Data: f.Data, ours: e.isOurs(f.Within), forwarded: f.Forwarded, within: f.Within,
		}
	}
	e.files(x, files)
	e.letters(x)
	x.isOK = len(x.Trouble) == 0 && len(x.Forms) == 0 && x.saysOK()
	return x
}

// File is one file to examine.
type File struct {
	Name string
	Data []byte
	ours bool // it was attached to a mail of ours that came back: it is not a new order

	forwarded int    // as mime.File.Forwarded
	within    string // as mime.File.Within
}

// OpenFiles examines files that came without a mail. It treats each as an order
// form, or as a zip file of order forms, whatever kind of file it is. The exam has no
// Query.
func (e *Examiner) OpenFiles(files ...File) *Exam {
	x := &Exam{}
	for _, f := range files {
		part := x.add(f)
		if part.Type != "zip" || !e.archive(x, part, f) {
			e.form(x, part, f)
		}
	}
	return x
}

// files adds the files of a mail to the exam, and examines those that could be order
// forms.
func (e *Examiner) files(x *Exam, files []File) {
	for _, f := range files {
		part := x.add(f)
		switch {
		case f.ours:
		case part.Type == "zip" && e.archive(x, part, f):
		case couldBeForm(part) && !isCompanion(f):
			e.form(x, part, f)
		}
	}
	// If any file has an order form in it, workbooks without one are ordinary attachments.
	if slices.ContainsFunc(x.Forms, func(f Examined) bool { return !f.foreign() }) {
		x.Forms = slices.DeleteFunc(x.Forms, Examined.foreign)
	}
}

// add makes a file a part of the message.
func (x *Exam) add(f File) order.Part {
	part := order.Part{Name: f.Name, Type: grid.Sniff(f.Data), Size: len(f.Data), Hash: order.Sum(f.Data)}
	x.Message.Parts = append(x.Message.Parts, part)
	x.Blobs = append(x.Blobs, f.Data)
	return part
}

// couldBeForm reports whether a file is a spreadsheet, of a kind that we can read or
// at least name in a reply. Its name counts only if its bytes do not show what it is,
// for instance because it is damaged.
func couldBeForm(p order.Part) bool {
	switch p.Type {
	case "xlsx", "xlsm", "xlsb", "xls", "xml2003", "ods", "encrypted", "csv":
		return true
	case "pdf", "png", "jpeg", "eml", "tnef":
		return false
	}
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".numbers":
		return true
	}
	return false
}

// isCompanion reports whether a file is one that programs create beside a workbook,
// with a similar name: Excel's lock file ("~$" and the name), or the resource fork of
// macOS ("._" and the name; AppleDouble, RFC 1740).
func isCompanion(f File) bool {
	return isCompanionName(f.Name) && !couldBeWorkbook(f.Data) || bytes.HasPrefix(f.Data, []byte("\x00\x05\x16\x07"))
}

func isCompanionName(name string) bool {
	return strings.HasPrefix(name, "._") || strings.HasPrefix(name, "~$")
}

// form reads one file and checks each order form in it.
func (e *Examiner) form(x *Exam, part order.Part, f File) {
	book := sheet.Read(f.Name, f.Data, e.Form, e.Sheet)
	if len(book.Drafts) == 0 {
		x.Forms = append(x.Forms, Examined{Part: part, Findings: book.Findings, Verdict: order.Judge(book.Findings)})
		return
	}
	for i := range book.Drafts {
		draft := &book.Drafts[i]
		if i == 0 { // findings about the whole workbook are reported once, with its first form
			draft.Findings = append(book.Findings, draft.Findings...)
		}
		read := Examined{Part: part, Index: i, Draft: draft, forwarded: f.forwarded, within: f.within}
		e.check(&read, &x.Message)
		x.Forms = append(x.Forms, read)
	}
}

// check validates the draft of f as one that came with message m, and sets f's
// order, findings and verdict.
func (e *Examiner) check(f *Examined, m *order.Message) {
	// A form that staff send on becomes a case, so staff judge who may order by it.
	sender := validate.Sender{Email: m.From, Any: e.AnySender || m.From == "" || e.isStaff(m.From)}
	policy := e.Policy
	if !m.ReceivedAt.IsZero() {
		policy.Today = m.ReceivedAt
	}
	f.Order, f.Findings, f.Verdict = validate.Check(e.Form, f.Draft, e.Registry(), sender, policy)
	e.asides(f)
	f.Order.Part, f.Order.Workbook = f.Part.Name, f.Part.Hash
	f.Order.From, f.Order.MessageID, f.Order.ReceivedAt = m.From, m.MessageID, m.ReceivedAt
	if m.Key != (order.Key{}) {
		f.Order.Message = &m.Key
	}
}

// foreign reports whether the file is a workbook that has nothing of the order form
// in it.
func (f Examined) foreign() bool {
	return f.Draft == nil && len(f.Findings) > 0 && f.Findings[0].Code == codeNone
}

// query sets what to ask the record about the exam.
func (e *Examiner) query(x *Exam) {
	m, q := &x.Message, &x.Query
	q.Content, q.Mentions, q.Numbers, q.Since = m.Content(), e.mentions(m), x.numbers(), m.ReceivedAt.Add(-threadAge)
	q.OrdersSince = m.ReceivedAt.Add(-e.sameWithin())
	for _, a := range e.Registry().Accounts(m.From) {
		x.accounts = append(x.accounts, a.Number)
	}
	// Where proofs are asked for, a sender without one may be somebody else than he claims to
	// be, even where his domain has none to give: the mail must not join a case of that
	// bookseller.
	if e.AuthservID == "" || x.proven {
		q.From, q.Accounts = m.From, x.accounts
	}
	for i := range x.Forms {
		q.Forms = append(q.Forms, x.Forms[i].queryForm())
	}
	q.Echo = x.echo()
}

// queryForm is what to ask the record about a form.
func (f *Examined) queryForm() order.QueryForm {
	like := order.QueryForm{Account: f.Order.Account}
	if f.Draft == nil {
		return like
	}
	like.Case = f.Draft.Case
	if like.Account != "" && !f.Order.UAI.IsZero() && f.Order.Reference != "" {
		like.Thread = f.Order.ReferenceKey()
	}
	if f.Verdict != order.Rejected {
		like.Identity, like.School, like.Lines = f.Order.Identity(), f.Order.UAI, f.Order.Gists()
		if f.Order.Reference != "" {
			like.Reference = f.Order.ReferenceKey()
		}
	}
	return like
}

// threadAge is how far back a case of the same reference is looked for. An older case is
// another matter under the same reference.
const threadAge = 30 * 24 * time.Hour

// caseCode finds the codes of our cases in text.
var caseCode = regexp.MustCompile(`\bD-[2-9A-Z]{6}\b`)

// mentions returns the case codes that a mail names: those in its subject, then those
// in our Message-IDs that it answers, the latest answered mail first.
func (e *Examiner) mentions(m *order.Message) []string {
	codes := caseCode.FindAllString(m.Subject, maxMentions)
	ids := append(slices.Clone(m.References), m.InReplyTo)
	slices.Reverse(ids)
	for _, id := range ids[:min(len(ids), maxMentions)] {
		if strings.HasSuffix(id, "@"+e.domain()+">") {
			code, _, _ := strings.Cut(strings.TrimPrefix(id, "<"), ".")
			if caseCode.MatchString(code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// maxMentions is the most that we look for in one place of a mail: case codes in the
// subject, Message-IDs of ours in its header, numbers of orders in its text.
const maxMentions = 10

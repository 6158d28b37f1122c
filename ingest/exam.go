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

// Examiner opens and judges messages. Its fields are set once; its methods may
// be called concurrently.
type Examiner struct {
	Form           *order.Form
	Registry       func() validate.Registry // the current snapshot of the registers
	AnySender      bool                     // orders are taken from any sender (accept.senders = "any")
	OwnAddresses   []string                 // our own addresses, lower case: mail from them is as mail from staff
	StaffAddresses []string                 // addresses of staff, lower case: what they send on becomes a case
	AuthservID     string                   // whose Authentication-Results we believe, or mime.UnnamedTopmost; "" for none
	DMARCOptional  bool                     // senders whose domain has no DMARC are let in all the same
	Domain         string                   // of the Message-IDs that we make
	AnswerFormless bool                     // registered senders of mail without a form are told how to order
	Policy         validate.Policy          // of the checks; a message is checked by its own day
	Sheet          sheet.Limits
	Mime           mime.Limits
}

// Examined is one form of a message, read and checked; or one file that should
// have been a form and could not be read, with the reason as its finding.
type Examined struct {
	Part     order.Part
	Index    int          // of its draft among those of the file
	Draft    *order.Draft // nil: the file could not be read
	Order    order.Order  // as far as it could be read
	Findings []order.Finding
	Verdict  order.Verdict
}

// Exam is a message opened and checked, before the record was asked about it.
type Exam struct {
	Message      order.Message
	Blobs        [][]byte // the bytes of Message.Parts, in their order
	Forms        []Examined
	Automatic    string          // why a program wrote it, or ""
	Bounced      bool            // it says that a mail was not delivered
	Unanswerable order.Code      // why nobody must answer it, though a person may have written it, or ""
	Recipient    string          // of an answer
	Trouble      []order.Finding // limits that the message itself met
	Query        order.Query     // what to ask the record before it is judged

	own    string     // what its sender wrote, without what is quoted
	proven bool       // its sender is authenticated
	yes    bool       // it says OK, and nothing else
	answer string     // the Message-ID of ours that it answers, or ""
	offer  *offer     // what its report may offer, or nil
	agreed *agreement // what its OK makes of an earlier form, or nil
}

// sheet is where the form's header block stands.
func (f Examined) sheet() string {
	if f.Draft == nil {
		return ""
	}
	return f.Draft.Sheet
}

// Codes of what the message itself is, and of what only the record tells.
const (
	codeTooLarge order.Code = "message.toolarge"
	codePoison   order.Code = "message.poison"
	codeNoSender order.Code = "mail.nosender"
	codeReused   order.Code = "order.reference.reused"
)

// codeNone is the finding of a workbook in which nothing of the form was found.
const codeNone order.Code = "form.none"

// Open unwraps a mail, reads each form in it and checks it. It never fails: what
// is wrong with a mail is in the Exam.
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
	if err != nil { // no message at all, such as one of no bytes
		x.Trouble = append(x.Trouble, order.Finding{Code: codeNoForm, Severity: order.Hold})
		return x
	}
	msg := &x.Message
	msg.MessageID, msg.From, msg.FromName, msg.ReplyTo = m.MessageID, strings.ToLower(m.From), m.FromName, m.ReplyTo
	msg.Subject, msg.Date, msg.InReplyTo, msg.References, msg.Text = m.Subject, m.Date.UTC(), m.InReplyTo, m.References,
		m.Text
	x.Automatic, x.Unanswerable, x.Bounced, x.Trouble = e.automatic(m), e.unanswerable(m), m.Bounced, m.Trouble
	x.own = OwnText(m.Text)
	x.Recipient, x.proven, x.answer = e.recipient(msg), e.proven(m), e.answered(m)
	if x.Automatic != "" {
		x.Query.OriginalIDs = e.returned(m)
	}
	if mail.TooLarge {
		x.Trouble = append(x.Trouble, tooLarge(mail.Size))
		return x
	}
	files := make([]File, len(m.Files))
	for i, f := range m.Files {
		files[i] = File{Name: f.Name, Data: f.Data, ours: e.isOurs(f.Within)}
	}
	e.files(x, files)
	x.yes = len(x.Trouble) == 0 && len(x.Forms) == 0 && x.onlyLogos() && !words().forwarded.MatchString(m.Subject) && assents(x.own) && !annotated(m.Text)
	return x
}

// File is one file to examine.
type File struct {
	Name string
	Data []byte
	ours bool // it came back within a mail of ours: nobody orders by it
}

// OpenFiles examines files that came without a mail, each as a form whatever
// its kind.
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

// files examines those files that could be forms; the others only accompany them.
func (e *Examiner) files(x *Exam, files []File) {
	for _, f := range files {
		part := x.add(f)
		switch {
		case f.ours:
		case part.Type == "zip" && e.archive(x, part, f):
		case couldBeForm(part) && !isShadow(f):
			e.form(x, part, f)
		}
	}
	// A workbook without a form beside one with is an attachment like any other.
	if slices.ContainsFunc(x.Forms, func(f Examined) bool { return !f.foreign() }) {
		x.Forms = slices.DeleteFunc(x.Forms, Examined.foreign)
	}
}

// add keeps a file as a part of the message.
func (x *Exam) add(f File) order.Part {
	part := order.Part{Name: f.Name, Type: grid.Sniff(f.Data), Size: len(f.Data), Hash: order.Sum(f.Data)}
	x.Message.Parts = append(x.Message.Parts, part)
	x.Blobs = append(x.Blobs, f.Data)
	return part
}

// couldBeForm tells a spreadsheet, of a kind that we read or can name, from what
// merely accompanies a form. Bytes decide; a name only speaks for bytes that
// say nothing, such as those of a damaged file.
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

// isShadow tells what programs leave beside a workbook, under its name: the lock of
// Excel, and the resource fork of macOS (RFC 1740).
func isShadow(f File) bool {
	return isShadowName(f.Name) && !couldBeZipped(f.Data) || bytes.HasPrefix(f.Data, []byte("\x00\x05\x16\x07"))
}

func isShadowName(name string) bool {
	return strings.HasPrefix(name, "._") || strings.HasPrefix(name, "~$")
}

// form reads one file and checks each draft in it.
func (e *Examiner) form(x *Exam, part order.Part, f File) {
	book := sheet.Read(f.Name, f.Data, e.Form, e.Sheet)
	if len(book.Drafts) == 0 {
		x.Forms = append(x.Forms, Examined{Part: part, Findings: book.Findings, Verdict: order.Judge(book.Findings)})
		return
	}
	for i := range book.Drafts {
		draft := &book.Drafts[i]
		if i == 0 { // what concerns the whole workbook is said once
			draft.Findings = append(book.Findings, draft.Findings...)
		}
		f := Examined{Part: part, Index: i, Draft: draft}
		e.check(&f, &x.Message)
		x.Forms = append(x.Forms, f)
	}
}

// check judges a draft as one that came with a message.
func (e *Examiner) check(f *Examined, m *order.Message) {
	// What staff send on is a case, and theirs to judge.
	sender := validate.Sender{Email: m.From, Any: e.AnySender || m.From == "" || e.isStaff(m.From)}
	policy := e.Policy
	if !m.ReceivedAt.IsZero() {
		policy.Today = m.ReceivedAt
	}
	f.Order, f.Findings, f.Verdict = validate.Check(e.Form, f.Draft, e.Registry(), sender, policy)
	f.Order.Part, f.Order.Workbook = f.Part.Name, f.Part.Hash
	f.Order.From, f.Order.MessageID, f.Order.ReceivedAt = m.From, m.MessageID, m.ReceivedAt
	if m.Key != (order.Key{}) {
		f.Order.Message = &m.Key
	}
}

// foreign reports a workbook in which nothing of the form was found.
func (f Examined) foreign() bool {
	return f.Draft == nil && len(f.Findings) > 0 && f.Findings[0].Code == codeNone
}

// query asks for what bears on the exam: the same content; for each form the
// case that it goes on with, and where it would be accepted the orders like it.
func (e *Examiner) query(x *Exam) {
	m, q := &x.Message, &x.Query
	q.Content, q.Mentions, q.Numbers, q.Since = m.Content(), e.mentions(m), x.numbers(), m.ReceivedAt.Add(-threadAge)
	if x.Unanswerable != codeUnproven { // who claims to be a bookseller joins no case of his
		q.From = m.From
		for _, a := range e.Registry().Accounts(m.From) {
			q.Accounts = append(q.Accounts, a.Number)
		}
	}
	for i := range x.Forms {
		q.Forms = append(q.Forms, x.Forms[i].queryForm())
	}
}

// queryForm is what tells a form's order apart from others like it.
func (f *Examined) queryForm() order.QueryForm {
	like := order.QueryForm{Account: f.Order.Account}
	if f.Draft == nil {
		return like
	}
	like.Case = f.Draft.Case
	if like.Account != "" && !f.Order.UAI.IsZero() && f.Order.Reference != "" {
		like.Thread = f.Order.ReferenceKey()
	}
	if f.Verdict == order.Accepted {
		like.Identity, like.School, like.Lines = f.Order.Identity(), f.Order.UAI, f.Order.Gists()
		if f.Order.Reference != "" {
			like.Reference = f.Order.ReferenceKey()
		}
	}
	return like
}

// threadAge is how long nothing may have changed in a case for a form of the
// same reference to go on with it.
const threadAge = 30 * 24 * time.Hour

var caseCode = regexp.MustCompile(`\bD-[2-9A-Z]{6}\b`)

// mentions finds the case codes that a mail names: in its subject, and in those
// of our Message-IDs that it answers, the latest first.
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

// maxMentions is the most case codes that are looked for in either place.
const maxMentions = 10

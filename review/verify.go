package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"bdc/ingest"
	"bdc/order"
	"bdc/templates"
)

// Verifier adds public pages to the console, for booksellers who want to check a form
// before they mail it. An uploaded form is checked by the same rules as a mailed one,
// except those that look at accounts, orders and cases, because anybody may use the
// page. What is uploaded stays in memory, and is not kept.
type Verifier struct {
	// Mark marks the errors in the workbooks of an exam, as in the answer to a mail. It
	// returns a file to download: the marked workbook, or an archive of several. It is
	// called only if at least one form has errors.
	Mark func(ctx context.Context, x *ingest.Exam) (Download, error)

	quota  quota
	guests crowd
	checks chan struct{}
	marks  chan struct{}
}

// Download is a file for a browser to save.
type Download struct {
	// Name is the file's name.
	Name string
	// Type is the file's media type.
	Type string
	// Data is the file's content.
	Data []byte
}

// Bounds of the public pages.
const (
	maxVerified   = 10 << 20         // octets of a file
	verifyBurst   = 20               // files that an address may upload at once
	verifyEvery   = 15 * time.Second // after which an address may upload one more
	verifyUploads = 4                // files in memory that are to be checked, and as many that are to be marked
	verifyEach    = 2                // of these, files of one address
	verifyParts   = 8                // values that an upload may have beside its file
	uploadTime    = 30 * time.Second // for an upload
	turnTime      = 10 * time.Second // to wait for the place where files are checked, or that where they are marked
	shownRemarks  = 200              // of all forms of a file
	shownForms    = 50
)

// verifyPattern answers to an uploaded file with what was found in it, and markPattern
// with its marked workbook.
const (
	verifyPattern = "POST /verifier"
	markPattern   = "POST /verifier/classeur"
)

// verifierRoutes are the routes of the public pages; none if there is no Verifier.
func (c *Console) verifierRoutes() []route {
	if c.Verifier == nil {
		return nil
	}
	c.Verifier.quota.burst, c.Verifier.quota.every = verifyBurst, verifyEvery
	// One place for each, so that mail is not slowed down, nor what is checked by what is marked.
	c.Verifier.checks, c.Verifier.marks = make(chan struct{}, 1), make(chan struct{}, 1)
	var routes []route
	for pattern, handle := range map[string]func(*visit) error{
		"GET /verifier": c.verifyForm, verifyPattern: c.verify, markPattern: c.verifyMarked,
		"GET /donnees-obligatoires": c.requiredData, "GET /bon-de-commande.xlsx": c.blankForm,
	} {
		routes = append(routes, route{pattern, "", func(v *visit) error {
			v.public = true
			return handle(v)
		}})
	}
	return routes
}

// verifyPage is the page on which a form is uploaded, and what was found in it.
type verifyPage struct {
	Fault    string // what is wrong with the request, or ""
	Most     int    // the most octets that a file may have
	To       string // the address to which orders are mailed
	File     string // the name of the uploaded file, or ""
	Forms    []verified
	More     int  // how many forms are left out of Forms
	Markable bool // a form has errors that can be marked in its workbook
}

// verified is what was found in one form.
type verified struct {
	Part, Sheet string
	Verdict     order.Verdict
	Readable    bool
	School      string
	UAI         order.UAI
	Reference   string
	Lines       int
	Quantity    int // the sum of all lines
	Errors      int
	Remarks     []verifiedRemark
	More        int // how many findings are left out of Remarks
}

// verifiedRemark is a finding, in words for booksellers.
type verifiedRemark struct {
	templates.Words
	Severity                  order.Severity
	Label, Sheet, Cell, Value string
}

// verifyForm shows the page on which a form is uploaded.
func (c *Console) verifyForm(v *visit) error {
	return v.show(http.StatusOK, "verifier", "Vérifier un bon de commande", c.verifyPage())
}

// verifyPage is the page before anything is uploaded.
func (c *Console) verifyPage() verifyPage {
	p := verifyPage{Most: maxVerified}
	if len(c.Examiner.OwnAddresses) > 0 {
		p.To = c.Examiner.OwnAddresses[0]
	}
	return p
}

// verify shows what was found in the uploaded file.
func (c *Console) verify(v *visit) error {
	return c.withExam(v, func(_ *ingest.Exam, p verifyPage) error {
		return v.showVerify(http.StatusOK, p)
	})
}

// verifyMarked answers with the marked workbook, or with the page if there is nothing
// to mark.
func (c *Console) verifyMarked(v *visit) error {
	return c.withExam(v, func(x *ingest.Exam, p verifyPage) error {
		if !p.Markable {
			return v.showVerify(http.StatusUnprocessableEntity, p)
		}
		leave, err := v.enter(c.Verifier.marks)
		if err != nil {
			return err
		}
		d, err := c.Verifier.Mark(v.r.Context(), x)
		leave()
		if err != nil {
			return err
		}
		v.save(d)
		return nil
	})
}

func (v *visit) showVerify(status int, p verifyPage) error {
	return v.show(status, "verifier", "Vérifier un bon de commande", p)
}

// withExam examines the uploaded file, and calls then with what was found. A refusal of
// the request is shown on the page on which a form is uploaded.
func (c *Console) withExam(v *visit, then func(*ingest.Exam, verifyPage) error) error {
	err := c.examine(v, then)
	var refused refusal
	if errors.As(err, &refused) {
		p := c.verifyPage()
		p.Fault = refused.title + " " + refused.hint
		return v.showVerify(refused.status, p)
	}
	return err
}

// examine does the work of withExam, within bounds that are checked in this order, and
// before anything of the file is read: how often an address may upload, how many files may
// be in memory, of all and of one address, and how many may be examined at the same time.
func (c *Console) examine(v *visit, then func(*ingest.Exam, verifyPage) error) error {
	address := c.client(v.r)
	if wait := c.Verifier.quota.take(c.Clock(), address); wait > 0 {
		return v.later(wait, refusal{
			http.StatusTooManyRequests, "Trop de vérifications à la fois.",
			"Réessayez dans " + frenchWait(wait) + ".",
		})
	}
	leave, ok := c.Verifier.guests.enter(bound{v.r.URL.Path, verifyUploads},
		bound{v.r.URL.Path + " " + network(address), verifyEach})
	if !ok {
		return v.later(turnTime, crowded())
	}
	defer leave()
	file, err := v.readUpload()
	if err != nil {
		return err
	}
	x, err := c.openInTurn(v, file)
	if err != nil {
		return err
	}
	return then(x, c.verifyResult(file.Name, x))
}

// openInTurn examines a file while no other is examined.
func (c *Console) openInTurn(v *visit, file ingest.File) (*ingest.Exam, error) {
	leave, err := v.enter(c.Verifier.checks)
	if err != nil {
		return nil, err
	}
	defer leave()
	return c.Examiner.Public(c.Clock()).OpenFiles(file), nil
}

// crowded is the refusal of a request for which there is no place.
func crowded() refusal {
	return refusal{
		http.StatusServiceUnavailable,
		"Beaucoup de bons sont vérifiés en ce moment.", "Réessayez dans un instant.",
	}
}

// later returns the refusal of a request that may be repeated after wait, and says so
// to programs by the header Retry-After.
func (v *visit) later(wait time.Duration, r refusal) error {
	v.w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	return r
}

// enter waits up to turnTime for one of the places that the capacity of the channel
// allows. The caller calls leave when it no longer needs the place.
func (v *visit) enter(places chan struct{}) (leave func(), err error) {
	patience := time.NewTimer(turnTime)
	defer patience.Stop()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-patience.C:
		return nil, v.later(turnTime, crowded())
	case <-v.r.Context().Done():
		return nil, v.r.Context().Err()
	}
}

// readUpload reads the uploaded file into memory, and writes nothing to disk.
func (v *visit) readUpload() (ingest.File, error) {
	flow := http.NewResponseController(v.w)
	if err := flow.SetReadDeadline(time.Now().Add(uploadTime)); unsettable(err) {
		return ingest.File{}, err
	}
	file, err := v.posted()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large), err == nil && len(file.Data) > maxVerified:
		return ingest.File{}, refusal{
			http.StatusRequestEntityTooLarge, "Ce fichier est trop volumineux.",
			fmt.Sprintf("La limite est de %s.", frenchSize(maxVerified)),
		}
	case errors.Is(err, http.ErrNotMultipart), errors.Is(err, http.ErrMissingBoundary):
		return ingest.File{}, refusal{
			http.StatusUnsupportedMediaType, "Ce n’est pas un envoi de fichier.",
			"Choisissez-le de nouveau, puis réessayez.",
		}
	case err != nil:
		return ingest.File{}, refusal{
			http.StatusBadRequest, "Le fichier n’est pas arrivé.",
			"Choisissez-le de nouveau, puis réessayez.",
		}
	case file.Name == "":
		return ingest.File{}, refusal{
			http.StatusBadRequest, "Il n’y a pas de fichier.",
			"Choisissez d’abord votre bon de commande.",
		}
	}
	// Examining the file has a time limit of its own.
	if err := flow.SetReadDeadline(time.Time{}); unsettable(err) {
		return ingest.File{}, err
	}
	return file, nil
}

// errParts says that an upload has many values beside its file.
var errParts = errors.New("too many parts")

// posted is the file in the posted form. Its name is "" if no file was chosen.
func (v *visit) posted() (file ingest.File, err error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return file, err
	}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return file, nil
		}
		if err == nil && n > verifyParts {
			err = errParts
		}
		if err != nil {
			return file, err
		}
		if part.FormName() == "fichier" && file.Name == "" {
			file.Name = templates.Shown(part.FileName())
			if file.Data, err = io.ReadAll(part); err != nil {
				return file, err
			}
		}
	}
}

// verifyResult is the page with what an exam of the file called name found.
func (c *Console) verifyResult(name string, x *ingest.Exam) verifyPage {
	p := c.verifyPage()
	p.File = name
	room := shownRemarks
	for i := range x.Forms {
		f := &x.Forms[i]
		p.Markable = p.Markable || f.Draft != nil && f.Verdict == order.Rejected
		if len(p.Forms) == shownForms {
			p.More++
			continue
		}
		findings := f.Findings
		if i == 0 {
			findings = slices.Concat(x.Trouble, findings)
		}
		said := c.verified(f, findings, room)
		room -= len(said.Remarks)
		p.Forms = append(p.Forms, said)
	}
	return p
}

// verified is what was found in one form: its findings, the gravest first, of which
// at most room become remarks.
func (c *Console) verified(f *ingest.Examined, findings []order.Finding, room int) verified {
	said := verified{
		Part: templates.Shown(f.Part.Name), Verdict: order.Judge(findings), Readable: f.Draft != nil,
		School: templates.Shown(f.Order.Establishment), UAI: f.Order.UAI,
		Reference: templates.Shown(f.Order.Reference), Lines: len(f.Order.Lines),
	}
	if f.Draft != nil {
		said.Sheet = templates.Shown(f.Draft.Sheet)
	}
	for _, l := range f.Order.Lines {
		said.Quantity += l.Quantity
	}
	findings = slices.Clone(findings)
	slices.SortStableFunc(findings, func(a, b order.Finding) int {
		switch {
		case worse(a.Severity, b.Severity):
			return -1
		case worse(b.Severity, a.Severity):
			return 1
		}
		return 0
	})
	for i, finding := range findings {
		if finding.Severity == order.Error {
			said.Errors++
		}
		if i >= room {
			said.More++
			continue
		}
		r := verifiedRemark{
			Words: templates.Explain(c.Form, finding), Severity: finding.Severity,
			Sheet: templates.Shown(finding.Sheet),
			Cell:  templates.Shown(finding.Cell), Value: templates.Shown(finding.Value),
		}
		if finding.Field != "" {
			r.Label = c.Form.Label(finding.Field)
		}
		said.Remarks = append(said.Remarks, r)
	}
	return said
}

// requiredPage lists the fields of the form, section by section: those that a
// bookseller has to fill in, and the others.
type requiredPage struct {
	To       string
	Sections []requiredSection
}

// requiredSection is the fields of a section of the form.
type requiredSection struct {
	order.Section
	Required []requiredField
	Optional []order.Field
}

// requiredField is a field that has to be filled in.
type requiredField struct {
	order.Field
	Or string // the label of the field that may be filled in instead, or ""
}

// requiredData shows which fields of the form have to be filled in.
func (c *Console) requiredData(v *visit) error {
	p := requiredPage{To: c.verifyPage().To}
	for _, s := range c.Form.Sections {
		section := requiredSection{Section: s}
		for _, f := range slices.Concat(c.Form.Fields, c.Form.Columns) {
			switch {
			case f.Section != s.ID:
			case f.Required:
				r := requiredField{Field: f}
				if f.Or != "" {
					r.Or = c.Form.Label(f.Or)
				}
				section.Required = append(section.Required, r)
			default:
				section.Optional = append(section.Optional, f)
			}
		}
		p.Sections = append(p.Sections, section)
	}
	return v.show(http.StatusOK, "obligatoires", "Données obligatoires", p)
}

// blankForm answers with the blank order form.
func (c *Console) blankForm(v *visit) error {
	v.save(Download{
		templates.BlankName, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		templates.Blank(),
	})
	return nil
}

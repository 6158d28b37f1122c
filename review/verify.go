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

// Verifier is the public page on which booksellers see what would be said of a
// form before they mail it. Nothing of what they hand in is kept, and nothing that
// it says depends on an account, an order or a case.
type Verifier struct {
	// Mark marks the workbooks of an exam whose forms would go back, as the answer
	// to a mail would: one file to download.
	Mark func(ctx context.Context, x *ingest.Exam) (Download, error)

	quota   quota
	uploads chan struct{}
	checks  chan struct{}
}

// Download is a file that a browser saves.
type Download struct {
	Name string
	Type string
	Data []byte
}

// Bounds of the public page.
const (
	maxVerified   = 10 << 20 // octets of a file
	verifyBurst   = 20       // files of an address at once…
	verifyEvery   = 15 * time.Second
	verifyUploads = 8 // files in memory
	verifyChecks  = 1 // of those in hand: mail goes first
	uploadTime    = 30 * time.Second
	turnTime      = 10 * time.Second // to wait for one's turn
	shownRemarks  = 200
	shownForms    = 50
)

// verifyPattern is what a form is posted to, and markPattern what answers with its
// workbook.
const (
	verifyPattern = "POST /verifier"
	markPattern   = "POST /verifier/classeur"
)

// verifierRoutes are those of the public pages; none where there are none.
func (c *Console) verifierRoutes() []route {
	if c.Verifier == nil {
		return nil
	}
	c.Verifier.quota.burst, c.Verifier.quota.every = verifyBurst, verifyEvery
	c.Verifier.uploads, c.Verifier.checks = make(chan struct{}, verifyUploads), make(chan struct{}, verifyChecks)
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

// verifyPage is the page, with what was found in a file.
type verifyPage struct {
	Fault    string
	Most     int // octets
	To       string
	File     string
	Forms    []verified
	More     int // forms that are not shown
	Markable bool
}

// verified is what would be said of one form.
type verified struct {
	Part, Sheet string
	Verdict     order.Verdict
	Readable    bool
	School      string
	UAI         order.UAI
	Reference   string
	Lines       int
	Quantity    int
	Errors      int
	Remarks     []verifiedRemark
	More        int // remarks that are not shown
}

// verifiedRemark is one finding.
type verifiedRemark struct {
	templates.Words
	Severity                  order.Severity
	Label, Sheet, Cell, Value string
}

func (c *Console) verifyForm(v *visit) error {
	return v.show(http.StatusOK, "verifier", "Vérifier un bon de commande", c.verifyPage())
}

func (c *Console) verifyPage() verifyPage {
	p := verifyPage{Most: maxVerified}
	if len(c.Examiner.Own) > 0 {
		p.To = c.Examiner.Own[0]
	}
	return p
}

func (c *Console) verify(v *visit) error {
	return c.withExam(v, func(_ *ingest.Exam, p verifyPage) error { return v.showVerify(http.StatusOK, p) })
}

// verifyMarked answers with the workbook, marked; with the page where there is
// nothing to mark.
func (c *Console) verifyMarked(v *visit) error {
	return c.withExam(v, func(x *ingest.Exam, p verifyPage) error {
		if !p.Markable {
			return v.showVerify(http.StatusUnprocessableEntity, p)
		}
		d, err := c.Verifier.Mark(v.r.Context(), x)
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

// withExam examines the file that was posted, and calls then with what was found.
// What is wrong with the request itself is said on the page.
func (c *Console) withExam(v *visit, then func(*ingest.Exam, verifyPage) error) error {
	err := c.examine(v, then)
	var told refusal
	if errors.As(err, &told) {
		p := c.verifyPage()
		p.Fault = told.title + " " + told.hint
		return v.showVerify(told.status, p)
	}
	return err
}

// bounded is withExam within the bounds of the page: of the address, then of the
// files in memory, then of those that are examined.
func (c *Console) examine(v *visit, then func(*ingest.Exam, verifyPage) error) error {
	if wait := c.Verifier.quota.take(c.Clock(), c.client(v.r)); wait > 0 {
		return v.later(wait, refusal{
			http.StatusTooManyRequests, "Trop de vérifications à la fois.",
			"Réessayez dans " + frenchWait(wait) + ".",
		})
	}
	leave, err := v.enter(c.Verifier.uploads)
	if err != nil {
		return err
	}
	defer leave()
	file, err := v.readUpload()
	if err != nil {
		return err
	}
	if leave, err = v.enter(c.Verifier.checks); err != nil {
		return err
	}
	defer leave()
	x := c.Examiner.Public(c.Clock()).OpenFiles(file)
	return then(x, c.verifyResult(file.Name, x))
}

// later tells a program, too, when to come again.
func (v *visit) later(wait time.Duration, told refusal) error {
	v.w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	return told
}

// enter waits a little for a place. Whoever has one leaves it.
func (v *visit) enter(places chan struct{}) (leave func(), err error) {
	patience := time.NewTimer(turnTime)
	defer patience.Stop()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-patience.C:
		return nil, v.later(turnTime, refusal{
			http.StatusServiceUnavailable,
			"Beaucoup de bons sont vérifiés en ce moment.", "Réessayez dans un instant.",
		})
	case <-v.r.Context().Done():
		return nil, v.r.Context().Err()
	}
}

// upload reads the posted file into memory: nothing is written to a disk.
func (v *visit) readUpload() (ingest.File, error) {
	flow := http.NewResponseController(v.w)
	if err := flow.SetReadDeadline(time.Now().Add(uploadTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
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
	if err := flow.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return ingest.File{}, err
	}
	return file, nil // examining has bounds of its own
}

// posted is the file of the form, without a name where none was chosen.
func (v *visit) posted() (file ingest.File, err error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return file, err
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return file, nil
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

// said is what the page says of an exam.
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

// verified tells of one form, with at most some remarks, the gravest first.
func (c *Console) verified(f *ingest.Examined, findings []order.Finding, room int) verified {
	said := verified{
		Part: templates.Shown(f.Part.Name), Verdict: order.Judge(findings), Readable: f.Draft != nil,
		School: templates.Shown(f.Order.Establishment),
		UAI:    f.Order.UAI, Reference: templates.Shown(f.Order.Reference), Lines: len(f.Order.Lines),
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

// requiredPage is the form's data, section by section.
type requiredPage struct {
	To       string
	Sections []requiredSection
}

type requiredSection struct {
	order.Section
	Required []requiredField
	Optional []order.Field
}

type requiredField struct {
	order.Field
	Or string // the label of the field that does instead
}

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

func (c *Console) blankForm(v *visit) error {
	v.save(Download{
		templates.BlankName, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		templates.Blank(),
	})
	return nil
}

package ingest

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"bdc/ingest/mime"
	"bdc/order"
	"bdc/sheet"
	"bdc/sheet/grid"
)

// archive is a zip file that may contain order forms. The limits of a workbook apply to
// it, since a workbook is a zip file too. A zip file within it is not opened.
type archive struct {
	data     []byte
	lim      sheet.Limits
	most     int   // forms that may be taken out of it
	inflated int64 // octets inflated so far, of all entries
}

// refused is the error for a zip file, or an entry of it, that can't be read or exceeds a
// limit. It carries the finding for its sender.
type refused struct{ order.Finding }

func (r refused) Error() string { return string(r.Code) }

// refuse returns a refused error with a finding of the given code.
func refuse(code order.Code) error {
	return refused{order.Finding{Code: code, Severity: order.Error}}
}

// exceeded returns a refused error for a zip file that exceeds a limit. The finding's code
// is the same as for a workbook.
func exceeded(limit string, most, actual int64) error {
	return refused{order.Finding{
		Code: order.Code("form.limit." + limit), Severity: order.Error,
		Args: map[string]string{
			"limit": strconv.FormatInt(most, 10), "actual": strconv.FormatInt(actual, 10),
		},
	}}
}

// errMany says that a zip file contains more forms than a message may have.
var errMany = errors.New("too many forms")

// zipEntry is the signature of an entry in the directory of a zip file (APPNOTE.TXT,
// 4.3.12).
var zipEntry = []byte("PK\x01\x02")

// forms calls found for each spreadsheet in the zip file, and unreadable for each entry
// that has the name of one but can't be read. It returns a refused error if the zip file
// is damaged or exceeds a limit, and errMany if it contains more than a.most forms. What
// was found before an error counts all the same.
func (a *archive) forms(found func(File), unreadable func(name string, f order.Finding)) error {
	// Count the entries first: archive/zip would allocate some 300 bytes for each.
	if n := bytes.Count(a.data, zipEntry); n > a.lim.Entries {
		return exceeded("entries", int64(a.lim.Entries), int64(n))
	}
	z, err := zip.NewReader(bytes.NewReader(a.data), int64(len(a.data)))
	if err != nil {
		return refuse("form.unreadable.damaged")
	}
	n := 0
	for _, entry := range z.File {
		name := entryName(entry)
		if name == "" {
			continue
		}
		data, err := a.read(entry, name)
		var r refused
		switch {
		case errors.As(err, &r) && strings.HasPrefix(string(r.Code), "form.limit."):
			return err
		case err == nil && data == nil:
			continue
		}
		if n++; n > a.most {
			return errMany
		}
		if err != nil {
			unreadable(name, r.Finding)
		} else {
			found(File{Name: name, Data: data})
		}
	}
	return nil
}

// entryName returns the name of a file in a zip file, and "" for a folder or a file that
// macOS or Excel created beside another. A name that is not UTF-8 is in code page 850, in
// which French Windows writes zip files.
func entryName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 {
		if s, err := charmap.CodePage850.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	if strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") {
		return ""
	}
	name = mime.CleanName(name)
	if isCompanionName(name) {
		return ""
	}
	return name
}

// read returns the bytes of an entry, or nil if it can't be an order form. It inflates
// the entry twice, so as to know its true size before it allocates memory. Its error is a
// refused error.
func (a *archive) read(entry *zip.File, name string) ([]byte, error) {
	const encryptedFlag = 1 // APPNOTE.TXT, 4.4.4
	named := couldBeForm(order.Part{Name: name})
	if entry.Flags&encryptedFlag != 0 {
		if named {
			return nil, refuse("form.unreadable.encrypted")
		}
		return nil, nil
	}
	if !named {
		head, err := a.head(entry)
		if err != nil || !couldBeWorkbook(head) {
			return nil, nil // a picture or a PDF, for instance
		}
	}
	size, err := a.measure(entry)
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	r, err := entry.Open()
	if err == nil {
		_, err = io.ReadFull(r, data)
		err = errors.Join(err, r.Close())
	}
	if err != nil {
		return nil, refuse("form.unreadable.damaged")
	}
	if !couldBeForm(order.Part{Name: name, Type: grid.Sniff(data)}) {
		return nil, nil
	}
	return data, nil
}

// couldBeWorkbook reports whether a file's first octets are those of a zip file (as xlsx)
// or of an OLE file (as xls).
func couldBeWorkbook(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0"))
}

// head returns the first four octets of an entry.
func (a *archive) head(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close() // nothing was written
	head := make([]byte, 4)
	_, err = io.ReadFull(r, head)
	return head, err
}

// measure inflates an entry and returns its size. It stops as soon as the archive exceeds
// a limit.
func (a *archive) measure(entry *zip.File) (int64, error) {
	r, err := entry.Open()
	if err != nil {
		return 0, refuse("form.unreadable.damaged")
	}
	defer r.Close() // nothing was written
	size, buf := int64(0), make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		size += int64(n)
		a.inflated += int64(n)
		switch whole := int64(len(a.data)); {
		case a.inflated > a.lim.Unzipped:
			return 0, exceeded("unzipped", a.lim.Unzipped, a.inflated)
		case a.inflated > a.lim.Ratio*whole:
			return 0, exceeded("ratio", a.lim.Ratio, (a.inflated+whole-1)/whole)
		}
		switch {
		case err == io.EOF:
			return size, nil
		case errors.Is(err, zip.ErrChecksum):
			return 0, refuse("form.unreadable.crc")
		case err != nil:
			return 0, refuse("form.unreadable.damaged")
		}
	}
}

// archive examines the order forms in a zip file. It reports whether it added any form,
// or file that could not be read, to the exam; if not, the zip file is an ordinary
// attachment.
func (e *Examiner) archive(x *Exam, part order.Part, f File) bool {
	before := len(x.Forms)
	a := archive{data: f.Data, lim: e.Sheet, most: e.Mime.Attachments}
	err := a.forms(func(inner File) {
		inner.forwarded, inner.within = f.forwarded, f.within
		e.form(x, x.add(inner), inner)
	}, func(name string, why order.Finding) {
		x.addUnreadable(order.Part{Name: name, Type: "unknown"}, why)
	})
	var r refused
	switch {
	case errors.Is(err, errMany):
		x.Trouble = append(x.Trouble, order.Finding{
			Code: "message.limit.attachments", Severity: order.Hold,
			Args: map[string]string{"limit": strconv.Itoa(a.most)},
		})
	case errors.As(err, &r):
		x.addUnreadable(part, r.Finding)
	}
	return len(x.Forms) > before
}

// addUnreadable adds a file that should be an order form but can't be read.
func (x *Exam) addUnreadable(part order.Part, why order.Finding) {
	findings := []order.Finding{why}
	x.Forms = append(x.Forms, Examined{Part: part, Findings: findings, Verdict: order.Judge(findings)})
}
